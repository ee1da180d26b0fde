import { assertEquals } from "@std/assert";
import type { FoldedScore } from "@/domain/standing.ts";
import { createFakeBoards, FAKE_COMPETITION_ID as ID } from "@/tests/support/fake_boards.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { BOARD_NEWS, type BoardNews, newsOf } from "./board_news.ts";
import { COMMITTED_KEYS, type ScoresCommitted } from "./board_state.ts";
import { createLocalBrokers } from "./local_broker.ts";
import { shareBoards } from "./shared_boards.ts";

/** A node that somebody watches, and another that publishes; calls of the board are noted. */
async function createPair() {
  const time = createManualTime();
  const brokers = createLocalBrokers({ carry: (deliver) => deliver() });
  const own = createFakeBoards(time);
  const other = brokers.join();
  const calls: string[] = [];
  const noted = {
    ...own,
    refresh: () => Promise.resolve(void calls.push("refresh")),
    committed(_id: string, change?: ScoresCommitted) {
      calls.push(change ? `apply ${change.from}-${change.locked.lastSeq}` : "committed");
      // As the board does when it takes a change.
      if (change) own.touch();
      return Promise.resolve();
    },
  };
  const boards = shareBoards(noted, { broker: brokers.join(), clock: time, timers: time });
  const stop = boards.listen(ID, () => {});
  const settle = async () => {
    time.advance(50);
    // A reading and the view after it.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const tell = (news: BoardNews) => other.publish(BOARD_NEWS, ID, news);
  tell({});
  await settle();
  calls.length = 0;
  return { time, own, boards, calls, tell, settle, stop, other };
}

/** The epoch of the fake board. */
const EPOCH = "00000000-0000-4000-8000-00000000000e";
const AFTER: FoldedScore = { score: 7, reachedAt: 1, eventCount: 1, bestEvent: 7 };

function commit(
  from: number,
  to: number,
  { scores = 1, epoch = EPOCH }: { scores?: number; epoch?: string } = {},
): ScoresCommitted {
  const nothing = Object.fromEntries(COMMITTED_KEYS.map((key) => [key, null]));
  const locked = {
    ...nothing,
    ...{ id: ID, slug: "cup", name: "Cup", ownerId: "o", status: "published" },
    ...{ visibility: "public", lastSeq: to, rules: { version: 1 } },
    ...{ registrationClosesAt: 1, startsAt: 0, endsAt: 1, graceMs: 0 },
    epoch,
  } as unknown as ScoresCommitted["locked"];
  const participantId = (n: number) => `p${n}`;
  return {
    ...{ locked, from },
    scores: Array.from({ length: scores }, (_, n) => ({
      participantId: participantId(n),
      after: AFTER,
    })),
  };
}

Deno.test("shareBoards() applies what follows the board, once", async () => {
  const { calls, tell, settle } = await createPair();

  tell(newsOf(commit(0, 1)));
  tell(newsOf(commit(0, 1)));
  tell(newsOf(commit(1, 2)));
  await settle();

  assertEquals(calls, ["apply 0-1", "apply 1-2"]);
});

Deno.test("shareBoards() reads what a gap, another epoch, or a change of anything else left out", async () => {
  for (
    const news of [
      newsOf(commit(5, 6)),
      newsOf(commit(0, 1, { epoch: "another" })),
      newsOf(undefined),
    ]
  ) {
    const { calls, tell, settle } = await createPair();

    tell(news);
    tell(news);
    await settle();

    assertEquals(calls, ["refresh"]);
  }
});

Deno.test("shareBoards() leaves many scores out and has them read", async () => {
  const { calls, tell, settle } = await createPair();
  const news = newsOf(commit(0, 201, { scores: 201 }));

  tell(news);
  await settle();

  assertEquals([news.change?.scores, calls], [undefined, ["refresh"]]);
});

Deno.test("shareBoards() reads at most once in 50 ms however much it hears", async () => {
  const { time, calls, tell } = await createPair();

  for (let n = 0; n < 100; n++) {
    tell({});
    time.advance(5);
  }

  // In 500 ms, both ends included.
  assertEquals(calls.length, 11);
});

Deno.test("shareBoards() tells the others of each commit, and hears only while somebody listens", async () => {
  const { boards, calls, tell, settle, stop, other } = await createPair();
  const heard: unknown[] = [];
  other.subscribe(BOARD_NEWS, ID, { heard: (news) => heard.push(news.change?.from ?? "all") });

  await boards.committed(ID, commit(0, 1));
  await boards.committed(ID);
  stop();
  stop();
  calls.length = 0;
  tell({});
  await settle();

  assertEquals(heard, [0, "all"]);
  assertEquals(calls, []);
});

Deno.test("newsOf() carries a commit so that it is the same at the other end", () => {
  const change = commit(3, 5, { scores: 2 });

  const carried = BOARD_NEWS.schema.parse(JSON.parse(JSON.stringify(newsOf(change))));

  assertEquals(carried.change?.from, 3);
  assertEquals<unknown>(carried.change?.head, change.locked);
  assertEquals(carried.change?.scores, [["p0", 7, 1, 1, 7], ["p1", 7, 1, 1, 7]]);
});
