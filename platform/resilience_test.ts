import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DomainError } from "@/domain/error.ts";
import { type BreakerRule, createBreaker } from "./breaker.ts";
import { withDeadline } from "./deadline.ts";
import { createMetrics } from "./metrics.ts";
import { DATABASE_RETRY, OUTSIDE_RETRY, retry, wait, waitMs } from "./retry.ts";

const never = () => new Promise<never>(() => {});

Deno.test("withDeadline() gives the result of work that is in time", async () => {
  assertEquals(
    await withDeadline(() => Promise.resolve(5), { timeoutMs: 1000, action: "x" }),
    5,
  );
});

Deno.test("withDeadline() ends overdue work, whether it listens or not", async () => {
  let aborted: unknown;
  const work = (signal: AbortSignal) => {
    signal.onabort = () => aborted = signal.reason;
    return never();
  };

  const error = await assertRejects(
    () => withDeadline(work, { timeoutMs: 5, action: "reach the database" }),
    DomainError,
    "Cannot reach the database: it took longer than 5 ms",
  );

  assertEquals(error.code, "SERVICE_UNAVAILABLE");
  assertEquals(aborted, error);
});

Deno.test("withDeadline() passes on the caller's own end", async () => {
  const controller = new AbortController();
  const reason = new Error("client left");
  const options = { timeoutMs: 10_000, action: "x", signal: controller.signal };

  const running = withDeadline(never, options);
  controller.abort(reason);

  assertEquals(await assertRejects(() => running), reason);
  assertEquals(await assertRejects(() => withDeadline(never, options)), reason);
});

/** Fails so often, then gives 1; counts the tries and the waits. */
function failing(times: number) {
  const seen = { tries: 0, waits: [] as number[] };
  const work = () => {
    seen.tries += 1;
    return seen.tries <= times ? Promise.reject(new Error("away")) : Promise.resolve(1);
  };
  const sleep = (ms: number) => {
    seen.waits.push(ms);
    return Promise.resolve();
  };
  return { seen, work, sleep, random: () => 1, isTransient: () => true };
}

Deno.test("retry() repeats a passing fault, waiting twice as long each time", async () => {
  const { work, seen, ...options } = failing(2);

  assertEquals(await retry(work, { policy: DATABASE_RETRY, ...options }), 1);
  assertEquals(seen, { tries: 3, waits: [500, 1000] });
});

Deno.test("retry() throws the last error after its tries, and a lasting one at once", async () => {
  const passing = failing(9);
  await assertRejects(() => retry(passing.work, { policy: DATABASE_RETRY, ...passing }));
  assertEquals(passing.seen.tries, 3);

  const lasting = { ...failing(9), isTransient: () => false };
  await assertRejects(() => retry(lasting.work, { policy: DATABASE_RETRY, ...lasting }));
  assertEquals(lasting.seen.tries, 1);
});

Deno.test("waitMs() stays between half a step and its policy's most", () => {
  const chances = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), chances, (tries, chance) => {
    const ms = waitMs(tries, OUTSIDE_RETRY, chance);
    assert(ms >= OUTSIDE_RETRY.firstWaitMs / 2 && ms <= OUTSIDE_RETRY.waitMaxMs);
  }));
});

Deno.test("wait() ends early with the signal's reason", async () => {
  const controller = new AbortController();
  const waiting = wait(60_000, controller.signal);

  controller.abort("stop");

  assertEquals(await waiting.catch((reason) => reason), "stop");
  assertEquals(await wait(1, controller.signal).catch((reason) => reason), "stop");
  await wait(1);
});

/** A breaker, with calls that fail and succeed. */
function breakerOf(rule: BreakerRule, resetMs?: number, probe?: () => Promise<unknown>) {
  const metrics = createMetrics();
  const breaker = createBreaker({
    name: "database",
    rule,
    resetMs: resetMs ?? 10_000,
    metrics,
    ...(probe ? { probe } : {}),
    isFailure: (error) => !(error instanceof DomainError),
  });
  const fail = () => breaker.call(() => Promise.reject(new Error("away"))).catch((error) => error);
  const succeed = () => breaker.call(() => Promise.resolve(1));
  return { breaker, metrics, fail, succeed, [Symbol.dispose]: () => breaker[Symbol.dispose]() };
}

Deno.test("createBreaker() opens after failures in a row, not after as many apart", async () => {
  using test = breakerOf({ kind: "in_a_row", failures: 3 });

  for (let i = 0; i < 5; i++) {
    await test.fail();
    await test.fail();
    await test.succeed();
  }
  assertEquals(test.breaker.state, "closed");
  for (let i = 0; i < 3; i++) await test.fail();

  assertEquals(test.breaker.state, "open");
  const error = await assertRejects(test.succeed, DomainError);
  assertEquals([error.code, error.retryAfterSeconds], ["CIRCUIT_OPEN", 10]);
  assertEquals((await test.metrics.breakerState.get()).values[0]?.value, 2);
  assertEquals((await test.metrics.breakerFailures.get()).values[0]?.value, 13);
});

Deno.test("createBreaker() opens when a share of a window failed", async () => {
  using test = breakerOf({ kind: "share", percent: 50, callsMin: 10, windowMs: 10_000 });

  for (let i = 0; i < 5; i++) await test.succeed();
  for (let i = 0; i < 5; i++) await test.fail();
  assertEquals(test.breaker.state, "closed");
  await test.fail();

  assertEquals(test.breaker.state, "open");
});

Deno.test("createBreaker() lets one call try after a while, and closes with it", async () => {
  using test = breakerOf({ kind: "in_a_row", failures: 1 }, 5);
  await test.fail();
  assertEquals(test.breaker.state, "open");

  await untilHalfOpen(test.breaker);
  await test.fail();
  assertEquals(test.breaker.state, "open");
  await untilHalfOpen(test.breaker);
  await test.succeed();

  assertEquals(test.breaker.state, "closed");
  assertEquals((await test.metrics.breakerState.get()).values[0]?.value, 0);
});

async function untilHalfOpen(breaker: { state: string }): Promise<void> {
  while (breaker.state !== "half-open") await wait(1);
}

Deno.test("createBreaker() takes a refusal on purpose for a success", async () => {
  using test = breakerOf({ kind: "in_a_row", failures: 1 });
  const refuse = () => Promise.reject(new DomainError("CONFLICT", "No"));

  const error = await assertRejects(() => test.breaker.call(refuse), DomainError);

  assertEquals(error.code, "CONFLICT");
  assertEquals(test.breaker.state, "closed");
});

Deno.test("enter() counts what settles elsewhere, and refuses while the breaker is open", async () => {
  using test = breakerOf({ kind: "in_a_row", failures: 2 });
  const { breaker } = test;
  const endFirst = breaker.enter();
  const endSecond = breaker.enter();
  breaker.enter()();

  assertEquals(breaker.state, "closed");
  endFirst(new Error("away"));
  endSecond(new Error("away"));
  await wait(0);

  assertEquals(breaker.state, "open");
  assertEquals(assertThrows(() => breaker.enter(), DomainError).code, "CIRCUIT_OPEN");
});

Deno.test("createBreaker() sends its own question first, and refuses others until it is answered", async () => {
  const answer = Promise.withResolvers<void>();
  let questions = 0;
  const probe = () => ++questions === 1 ? Promise.reject(new Error("away")) : answer.promise;
  using test = breakerOf({ kind: "in_a_row", failures: 1 }, 5, probe);
  await test.fail();

  while (questions < 2) await wait(1);
  assertEquals((await assertRejects(test.succeed, DomainError)).code, "CIRCUIT_OPEN");
  answer.resolve();
  while (test.breaker.state !== "closed") await wait(1);

  assertEquals(await test.succeed(), 1);
});
