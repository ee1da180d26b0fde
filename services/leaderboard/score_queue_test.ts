import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import type { Timers } from "@/platform/timers.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import {
  type CommitOptions,
  createScoreQueue,
  type QueuedWork,
  type ScoreQueueLimits,
} from "./score_queue.ts";

interface Work extends QueuedWork {
  id: number;
  isPoison?: boolean;
}

interface Commit {
  ids: number[];
  isPatient: boolean;
  settle: PromiseWithResolvers<readonly (number | "busy")[]>;
}

let lastId = 0;

function work(competitionId: string, more: Partial<Work> = {}): Work {
  return { id: ++lastId, competitionIds: [competitionId], size: 1, isAlone: false, ...more };
}

/** A queue whose commits the test ends by hand. */
function createBench(limits: Partial<ScoreQueueLimits> = {}) {
  const time = createManualTime();
  const commits: Commit[] = [];
  const turns: (() => void)[] = [];
  const queue = createScoreQueue<Work, number>({
    clock: time,
    timers: time,
    nextTurn: (run) => turns.push(run),
    commit(batch, { isPatient }) {
      const settle = Promise.withResolvers<readonly (number | "busy")[]>();
      commits.push({ ids: batch.map(({ id }) => id), isPatient, settle });
      return settle.promise;
    },
    limits,
  });
  return {
    ...{ time, commits, turns, queue },
    /** Lets the loop turn, and what follows from it. */
    async turn() {
      for (const run of turns.splice(0)) run();
      await settled();
    },
    async succeed(index: number) {
      const { ids, settle } = commits[index]!;
      settle.resolve(ids);
      await settled();
    },
    async fail(index: number, error: unknown) {
      commits[index]!.settle.reject(error);
      await settled();
    },
  };
}

/** More promise steps than any answer takes. */
async function settled(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
  return (await assertRejects(() => promise, DomainError)).code;
}

function away(): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the database");
}

Deno.test("ScoreQueue gathers what arrives in a turn and during a commit", async () => {
  const bench = createBench();
  const answers = [1, 2, 3].map(() => bench.queue.submit(work("a")));
  await bench.turn();
  const later = [bench.queue.submit(work("b")), bench.queue.submit(work("a"))];
  await bench.turn();

  const [first] = bench.commits;
  assertEquals(bench.commits.map(({ ids }) => ids.length), [3]);
  await bench.succeed(0);
  assertEquals(await Promise.all(answers), first?.ids);
  await bench.turn();
  await bench.succeed(1);
  assertEquals(bench.commits.map(({ ids }) => ids.length), [3, 2]);
  assertEquals(await Promise.all(later), bench.commits[1]?.ids);
  assertEquals(bench.time.pending, 0);
});

Deno.test("ScoreQueue keeps to the size of a commit and leaves atomic work alone", async () => {
  const bench = createBench({ eventsPerCommitMax: 10 });
  const works = [
    work("a", { size: 6 }),
    work("b", { size: 6 }),
    work("c", { size: 4 }),
    work("d", { isAlone: true }),
    work("d"),
  ];
  const answers = works.map((each) => bench.queue.submit(each));

  for (let flight = 0; flight < 4; flight++) {
    await bench.turn();
    await bench.succeed(flight);
  }

  await Promise.all(answers);
  const [first] = works;
  const batches = bench.commits.map(({ ids }) => ids.map((id) => id - first!.id));
  assertEquals(batches, [[0, 2], [1], [3], [4]]);
});

Deno.test("ScoreQueue tries a failed batch in halves until the fault stands alone", async () => {
  const bench = createBench();
  const works = [work("a"), work("a"), work("a", { isPoison: true }), work("a")];
  const answers = works.map((each) => bench.queue.submit(each));
  answers[2]!.catch(() => {});
  await bench.turn();

  await bench.fail(0, new TypeError("bad row"));
  await bench.succeed(1);
  await bench.fail(2, new TypeError("bad row"));
  await bench.fail(3, new TypeError("bad row"));
  await bench.succeed(4);

  assertEquals(bench.commits.map(({ ids }) => ids.length), [4, 2, 2, 1, 1]);
  await assertRejects(() => answers[2]!, TypeError, "bad row");
  assertEquals(
    await Promise.all([answers[0], answers[1], answers[3]]),
    [works[0]!.id, works[1]!.id, works[3]!.id],
  );
});

Deno.test("ScoreQueue fails a batch whole, and once, when the database is away", async () => {
  const bench = createBench();
  const answers = [bench.queue.submit(work("a")), bench.queue.submit(work("b"))];
  answers.forEach((answer) => answer.catch(() => {}));
  await bench.turn();

  await bench.fail(0, away());

  assertEquals(await Promise.all(answers.map(codeOf)), [
    "SERVICE_UNAVAILABLE",
    "SERVICE_UNAVAILABLE",
  ]);
  assertEquals(bench.commits.length, 1);
});

Deno.test("ScoreQueue lets held competitions wait in a flight of their own", async () => {
  const bench = createBench();
  const [heldWork, freeWork] = [work("held"), work("free")];
  const held = bench.queue.submit(heldWork);
  const free = bench.queue.submit(freeWork);
  await bench.turn();

  bench.commits[0]!.settle.resolve(["busy", freeWork.id]);
  await settled();
  const behind = bench.queue.submit(work("held"));
  await bench.turn();
  const others = [bench.queue.submit(work("free")), bench.queue.submit(work("held"))];
  await bench.turn();

  assertEquals(await free, freeWork.id);
  assertEquals(bench.commits.map(({ isPatient }) => isPatient), [false, true, true]);
  assertEquals(bench.commits.map(({ ids }) => ids.length), [2, 2, 1]);
  await bench.succeed(1);
  assertEquals(await held, heldWork.id);
  await bench.succeed(2);
  await bench.turn();
  await bench.succeed(3);
  await Promise.all([behind, ...others]);
});

Deno.test("ScoreQueue lets others leave beside a slow commit, to a limit", async () => {
  const bench = createBench({ flightsMax: 2, slowAfterMs: 25 });
  const answers = ["a", "a", "b", "c"].map((id, index) => {
    const answer = bench.queue.submit(work(id));
    if (index === 0) bench.turns.splice(0).forEach((run) => run());
    return answer;
  });
  await bench.turn();
  const before = bench.commits.length;
  bench.time.advance(25);
  await bench.turn();
  bench.time.advance(25);
  const late = bench.queue.submit(work("d"));
  await bench.turn();

  assertEquals(before, 1);
  assertEquals(bench.commits.map(({ ids }) => ids.length), [1, 2]);
  for (const flight of [0, 1, 2]) {
    await bench.succeed(flight);
    await bench.turn();
  }
  await Promise.all([...answers, late]);
});

Deno.test("ScoreQueue refuses what is too much, and what waited too long", async () => {
  const bench = createBench({ eventsWaitingMax: 3, waitMaxMs: 5000 });
  const first = bench.queue.submit(work("a"));
  await bench.turn();
  const waiting = bench.queue.submit(work("a", { size: 3 }));
  waiting.catch(() => {});
  const refused = await assertRejects(() => bench.queue.submit(work("a")), DomainError);
  bench.time.advance(4999);
  await settled();
  assertEquals(await codeOf(bench.queue.submit(work("a"))), "SERVICE_UNAVAILABLE");
  bench.time.advance(1);

  assertEquals([refused.code, refused.retryAfterSeconds], ["SERVICE_UNAVAILABLE", 1]);
  assertEquals(await codeOf(waiting), "SERVICE_UNAVAILABLE");
  const again = bench.queue.submit(work("a", { size: 3 }));
  await bench.succeed(0);
  await bench.turn();
  await bench.succeed(1);
  await Promise.all([first, again]);
  assertEquals(bench.commits.length, 2);
});

Deno.test("ScoreQueue stores what is queued before it closes, and takes nothing after", async () => {
  const bench = createBench();
  const first = bench.queue.submit(work("a"));
  await bench.turn();
  const second = bench.queue.submit(work("a"));
  let isClosed = false;

  const closing = bench.queue[Symbol.asyncDispose]().then(() => isClosed = true);
  const late = codeOf(bench.queue.submit(work("a")));
  await bench.succeed(0);
  await bench.turn();
  assert(!isClosed);
  await bench.succeed(1);

  await Promise.all([first, second, closing]);
  assertEquals(await late, "SERVICE_UNAVAILABLE");
  await createBench().queue[Symbol.asyncDispose]();
});

/** What arrives, and where. */
const anyWorks = fc.array(
  fc.record({
    competitionIds: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 }),
    size: fc.integer({ min: 1, max: 4 }),
    isAlone: fc.boolean(),
    isPoison: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
  }),
  { minLength: 1, maxLength: 12 },
);

const LIMITS = { eventsPerCommitMax: 6, flightsMax: 3 };

Deno.test("ScoreQueue stores each good work once, in order, for any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      anyWorks,
      fc.array(fc.constantFrom("", "", "a", "b")),
      checkInterleaving,
    ),
    { numRuns: 300 },
  );
});

async function checkInterleaving(
  scheduler: fc.Scheduler,
  drawn: Omit<Work, "id">[],
  heldAtCommits: string[],
): Promise<void> {
  const store = createStore(scheduler, heldAtCommits);
  const step = () => scheduler.schedule(Promise.resolve());
  const timers: Timers = {
    after(delayMs, run) {
      let isCancelled = delayMs > 1000; // The expiry never comes.
      if (!isCancelled) void step().then(() => isCancelled || run());
      return () => isCancelled = true;
    },
  };
  const queue = createScoreQueue<Work, number>({
    ...{ clock: createManualTime(), timers, limits: LIMITS, commit: store.commit },
    nextTurn: (run) => void step().then(run),
  });
  const submitted: Work[] = [];
  const outcomes = drawn.map(async (seed, id) => {
    await step();
    const given = { ...seed, id };
    submitted.push(given);
    return await queue.submit(given).catch((error: Error) => error.message);
  });

  const answers = await scheduler.waitFor(Promise.all(outcomes));

  const expected = drawn.map(({ isPoison }, id) => isPoison ? "poison" : id);
  assertEquals(answers, expected);
  for (const competitionId of ["a", "b", "c"]) {
    const isOf = (each: Work) => each.competitionIds.includes(competitionId);
    const good = submitted.filter((each) => isOf(each) && !each.isPoison);
    assertEquals(store.stored.filter(isOf).map(({ id }) => id), good.map(({ id }) => id));
  }
}

/** A database that fails whole on poison, and checks what every batch must keep to. */
function createStore(scheduler: fc.Scheduler, heldAtCommits: string[]) {
  const stored: Work[] = [];
  const open = new Set<readonly Work[]>();
  async function commit(batch: readonly Work[], { isPatient }: CommitOptions) {
    checkBatch(batch, [...open].flat());
    open.add(batch);
    assert(open.size <= LIMITS.flightsMax);
    const held = isPatient ? "" : heldAtCommits.shift() ?? "";
    await scheduler.schedule(Promise.resolve());
    open.delete(batch);
    const passed = new Set([held]);
    const tried = batch.filter(({ competitionIds }) => {
      const isFree = !competitionIds.some((id) => passed.has(id));
      if (!isFree) competitionIds.forEach((id) => passed.add(id));
      return isFree;
    });
    if (tried.some(({ isPoison }) => isPoison)) throw new TypeError("poison");
    stored.push(...tried);
    return batch.map((each) => tried.includes(each) ? each.id : "busy" as const);
  }
  return { stored, commit };
}

function checkBatch(batch: readonly Work[], under: readonly Work[]): void {
  assert(batch.length > 0);
  assert(batch.length === 1 || batch.every(({ isAlone }) => !isAlone));
  assert(batch.reduce((sum, { size }) => sum + size, 0) <= LIMITS.eventsPerCommitMax);
  const busy = new Set(under.flatMap(({ competitionIds }) => competitionIds));
  assert(!batch.some(({ competitionIds }) => competitionIds.some((id) => busy.has(id))));
}
