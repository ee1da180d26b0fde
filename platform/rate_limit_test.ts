import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRateLimiter, type RateLimitPolicy, takeTokens } from "./rate_limit.ts";

const policies: fc.Arbitrary<RateLimitPolicy> = fc.record({
  name: fc.constant("test"),
  count: fc.integer({ min: 1, max: 500 }),
  windowMs: fc.integer({ min: 1, max: 60_000 }),
  burst: fc.integer({ min: 1, max: 500 }),
});
/** Waits before each request, in milliseconds. */
const waits = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 100 });

/** A limiter over a clock that the test moves. */
function limiterAt(keysMax?: number) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs };
  return { clock, limiter: createRateLimiter({ clock, ...(keysMax ? { keysMax } : {}) }) };
}

/** Plays the requests of one key; gives for each its instant and decision. */
function play(policy: RateLimitPolicy, waitsMs: readonly number[]) {
  let nowMs = 0;
  let stored: number | undefined;
  return waitsMs.map((waitMs) => {
    nowMs += waitMs;
    const taken = takeTokens(stored, { nowMs, policy, cost: 1 });
    stored = taken.fullAgainAt;
    return { nowMs, ...taken.decision };
  });
}

Deno.test("takeTokens() never allows more than burst + rate · time in any interval", () => {
  fc.assert(fc.property(policies, waits, (policy, waitsMs) => {
    const allowed = play(policy, waitsMs).filter((step) => step.isAllowed);
    for (const [i, first] of allowed.entries()) {
      for (const [j, last] of allowed.entries()) {
        if (j < i) continue;
        const refilled = (last.nowMs - first.nowMs) * policy.count / policy.windowMs;
        assert(j - i + 1 <= policy.burst + refilled + 0.01);
      }
    }
  }));
});

Deno.test("takeTokens() always allows a burst after the bucket had time to fill", () => {
  fc.assert(fc.property(policies, waits, (policy, waitsMs) => {
    const fillMs = Math.ceil(policy.burst * policy.windowMs / policy.count);
    const burst = Array.from({ length: policy.burst }, (_, i) => i === 0 ? fillMs : 0);

    const steps = play(policy, [...waitsMs, ...burst]).slice(-policy.burst);

    assert(steps.every((step) => step.isAllowed));
    assertEquals(steps.at(-1)?.remaining, 0);
  }));
});

Deno.test("takeTokens() allows the request that waits retryAfterSeconds", () => {
  fc.assert(fc.property(policies, waits, (policy, waitsMs) => {
    let stored: number | undefined;
    let nowMs = 0;
    for (const waitMs of waitsMs) {
      nowMs += waitMs;
      const taken = takeTokens(stored, { nowMs, policy, cost: 1 });
      stored = taken.fullAgainAt;
      if (taken.decision.isAllowed) continue;
      nowMs += taken.decision.retryAfterSeconds * 1000;
      const later = takeTokens(stored, { nowMs, policy, cost: 1 });
      assert(later.decision.isAllowed);
      stored = later.fullAgainAt;
    }
  }));
});

Deno.test("takeTokens() keeps remaining within 0 and burst and reset positive after a take", () => {
  fc.assert(fc.property(policies, waits, (policy, waitsMs) => {
    for (const step of play(policy, waitsMs)) {
      assert(step.remaining >= 0 && step.remaining < policy.burst);
      assert(step.resetSeconds >= 1);
      assert(step.isAllowed === (step.retryAfterSeconds === 0));
    }
  }));
});

Deno.test("takeTokens() survives a clock that is set back", () => {
  const policy = { name: "test", count: 1, windowMs: 1000, burst: 1 };
  const first = takeTokens(undefined, { nowMs: 9_000_000, policy, cost: 1 });

  const back = takeTokens(first.fullAgainAt, { nowMs: 0, policy, cost: 1 });
  const later = takeTokens(back.fullAgainAt, { nowMs: 1000, policy, cost: 1 });

  assertEquals(back.decision.retryAfterSeconds, 1);
  assert(later.decision.isAllowed);
});

Deno.test("createRateLimiter() keeps keys and policies apart", async () => {
  const { limiter } = limiterAt();
  const one = { name: "one", count: 1, windowMs: 60_000, burst: 1 };

  const decisions = [
    await limiter.take("a", one),
    await limiter.take("a", one),
    await limiter.take("b", one),
    await limiter.take("a", { ...one, name: "two" }),
  ];

  assertEquals(decisions.map((decision) => decision.isAllowed), [true, false, true, true]);
});

Deno.test("createRateLimiter() refills with the clock", async () => {
  const { limiter, clock } = limiterAt();
  const policy = { name: "auth", count: 5, windowMs: 60_000, burst: 5 };

  for (let i = 0; i < 5; i++) await limiter.take("a", policy);
  const refused = await limiter.take("a", policy);
  clock.nowMs += 12_000;
  const allowed = await limiter.take("a", policy);

  assertEquals(refused, {
    isAllowed: false,
    limit: 5,
    remaining: 0,
    resetSeconds: 60,
    retryAfterSeconds: 12,
  });
  assert(allowed.isAllowed);
});

Deno.test("createRateLimiter() forgets the key that was idle longest when it holds too many", async () => {
  const { limiter } = limiterAt(2);
  const policy = { name: "test", count: 1, windowMs: 60_000, burst: 1 };

  await limiter.take("idle", policy);
  await limiter.take("busy", policy);
  await limiter.take("third", policy);

  assert(!(await limiter.take("busy", policy)).isAllowed);
  assert((await limiter.take("idle", policy)).isAllowed);
});
