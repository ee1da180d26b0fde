import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalStandings } from "@/domain/standings.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { memberEntry, openBoard, scoreMember } from "@/tests/support/loaded_board.ts";
import { idOf } from "@/tests/support/ranking_conformance.ts";
import { buildBoard } from "./board_state.ts";
import { createLocalRanking } from "./local_ranking.ts";
import type { Ranking } from "./ranking.ts";
import { createRankingFeed } from "./ranking_feed.ts";

const COMPETITION = "00000000-0000-7000-8000-0000000000cc";

async function bytesOf(ranking: Ranking): Promise<string> {
  return canonicalStandings((await ranking.window(COMPETITION, { from: 0, limit: 100 }))!.rows);
}

/** A ranking that answers when the scheduler lets it, fails while it is away, and comes back empty or not. */
function openFlaky(scheduler: fc.Scheduler) {
  let real = createLocalRanking();
  const listeners = new Set<() => void>();
  let isAway = false;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    if (isAway) throw new Error("away");
    const result = await work();
    await scheduler.schedule(Promise.resolve());
    return result;
  };
  const flaky: Ranking = {
    ...real,
    apply: (change, moves) => call(() => real.apply(change, moves)),
    rebuild: (state, rebuilding) => call(() => real.rebuild(state, rebuilding)),
    onReady(tell) {
      listeners.add(tell);
      return () => void listeners.delete(tell);
    },
  };
  return {
    flaky,
    get real() {
      return real;
    },
    leave: () => void (isAway = true),
    back(isEmpty: boolean): void {
      isAway = false;
      if (isEmpty) real = createLocalRanking();
      for (const tell of listeners) tell();
    },
  };
}

type Step =
  | { n: number; value: number }
  | { leave: true }
  | { back: boolean }
  | { reload: true };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ n: fc.nat(4), value: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ leave: true }) },
  { weight: 2, arbitrary: fc.record({ back: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Step>({ reload: true }) },
);

Deno.test("createRankingFeed() ends at the board, however calls are delayed and lost", async () => {
  const law = fc.asyncProperty(fc.scheduler(), fc.array(steps), async (scheduler, steps) => {
    const time = createManualTime();
    const flaky = openFlaky(scheduler);
    using feed = createRankingFeed({ ranking: flaky.flaky, timers: time, membersMin: 0 });
    let board = openBoard({ competitionId: COMPETITION });
    feed.loaded(board);

    for (const step of steps) {
      if ("n" in step) feed.moved(board, scoreMember(board, step.n, step.value), [idOf(step.n)]);
      else if ("leave" in step) flaky.leave();
      else if ("back" in step) flaky.back(step.back);
      else {
        // Another node wrote meanwhile, and this one reads all of it.
        const rows = board.members.index.rows().map((row) => ({ ...memberEntry(0), ...row }));
        const next = buildBoard(
          { ...board.head, lastSeq: board.offset },
          rows.map((row) => ({ ...row, userId: row.participantId })),
        );
        scoreMember(next, 1, 2);
        board = next;
        feed.loaded(board);
      }
      if (scheduler.count() > 0 && "n" in step && step.value === 1) await scheduler.waitOne();
    }
    flaky.back(false);
    const settled = feed.settled();
    await scheduler.waitFor(settled);

    assertEquals(await bytesOf(flaky.real), canonicalStandings(board.members.index.rows()));
    const window = await flaky.real.window(COMPETITION, { from: 0, limit: 1 });
    assertEquals(window?.offset, board.offset);
  });
  await fc.assert(law);
});

Deno.test("createRankingFeed() leaves small boards alone until they grow", async () => {
  const time = createManualTime();
  const ranking = createLocalRanking();
  using feed = createRankingFeed({ ranking, timers: time, membersMin: 6 });
  const board = openBoard({ competitionId: COMPETITION });

  feed.loaded(board);
  await feed.settled();
  const small = await ranking.window(COMPETITION, { from: 0, limit: 1 });
  board.members.set(memberEntry(5));
  const from = board.offset;
  board.offset += 1;
  feed.moved(board, from, [idOf(5)]);
  await feed.settled();

  assertEquals(small, undefined);
  assertEquals(await bytesOf(ranking), canonicalStandings(board.members.index.rows()));
});

Deno.test("createRankingFeed() does not ask a ranking that is away with each commit", async () => {
  const time = createManualTime();
  const local = createLocalRanking();
  let calls = 0;
  const ranking: Ranking = {
    ...local,
    apply() {
      calls += 1;
      return Promise.reject(new Error("away"));
    },
  };
  using feed = createRankingFeed({ ranking, timers: time, membersMin: 0 });
  const board = openBoard({ competitionId: COMPETITION });
  const move = async () => {
    feed.moved(board, scoreMember(board, 1, calls), [idOf(1)]);
    await feed.settled();
  };

  for (let n = 0; n < 5; n++) await move();
  const atOnce = calls;
  time.advance(1000);
  for (let n = 0; n < 5; n++) await move();

  feed[Symbol.dispose]();

  assertEquals([atOnce, calls, time.pending], [1, 2, 0]);
});
