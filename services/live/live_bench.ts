/** The cost of a score on a board in memory, and of telling its viewers. */

import { RankIndex } from "@/domain/rank_index.ts";
import type { Contender } from "@/domain/standing.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { ANONYMOUS, DIRECT_RULES } from "@/tests/support/board_fixture.ts";
import { createFakeBoards, FAKE_COMPETITION_ID } from "@/tests/support/fake_boards.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createLiveService } from "./live.ts";
import { createMeter } from "../meter.ts";

const ids = Array.from({ length: 100_000 }, () => crypto.randomUUID());

function contender(participantId: string, score: number): Contender {
  return {
    ...{ participantId, score, division: null, status: "active", joinedAt: 0 },
    ...{ reachedAt: score, eventCount: 1, bestEvent: score },
  };
}

for (const size of [1_000, 10_000, 100_000]) {
  const members = ids.slice(0, size).map((id, index) => contender(id, index % 5_000));
  const board = new RankIndex(DIRECT_RULES, members);
  let step = 0;
  Deno.bench(
    `a score moves its row and tells its rank, ${size} members`,
    { group: "board" },
    () => {
      step += 1;
      const id = ids[step * 7919 % size]!;
      board.rankOf(board.set(contender(id, step * 104_729 % 5_000)));
    },
  );
}

for (const viewers of [100, 1_000, 5_000]) {
  const time = createManualTime();
  const boards = createFakeBoards(time);
  const live = createLiveService({
    ...{ boards, clock: time, timers: time },
    meter: createMeter({ clock: time }),
    metrics: createMetrics(),
  });
  for (let index = 0; index < 200; index++) boards.score(`P${index}`, 1_000 + index);
  const sink = { send: () => {}, close: () => {}, bufferedAmount: 0 };
  for (let index = 0; index < viewers; index++) {
    await live.open(ANONYMOUS, FAKE_COMPETITION_ID, sink);
  }
  let step = 0;
  Deno.bench(`a tick of the top 100 to ${viewers} viewers, network aside`, { group: "hub" }, () => {
    step += 1;
    boards.score(`P${step % 200}`, 1_000 + step * 31 % 500);
    time.advance(100);
  });
}
