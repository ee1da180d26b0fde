import { assert, assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { accountKey, takeAttempt } from "./login_throttle.ts";

const POLICY = { name: "auth", count: 5, windowMs: 60_000, burst: 5 };

Deno.test("takeAttempt() refuses the sixth failure of a minute and says when to come back", async () => {
  const time = createManualTime();
  const limiter = createRateLimiter({ clock: time });
  for (let attempt = 0; attempt < 5; attempt++) await takeAttempt(limiter, POLICY, "mira");

  const error = await assertRejects(() => takeAttempt(limiter, POLICY, "mira"), DomainError);

  assertEquals(error.code, "RATE_LIMIT_EXCEEDED");
  assertEquals(error.retryAfterSeconds, 12);
  assertEquals(error.limit, { name: "auth", quota: 5, windowSeconds: 60 });
  time.advance(12_000);
  await takeAttempt(limiter, POLICY, "mira");
});

Deno.test("takeAttempt() counts no success, however many follow each other", async () => {
  const limiter = createRateLimiter({ clock: createManualTime() });

  for (let attempt = 0; attempt < 30; attempt++) {
    await (await takeAttempt(limiter, POLICY, "mira")).succeeded();
  }

  const left = await limiter.take("mira", POLICY);
  assert(left.isAllowed);
  assertEquals(left.remaining, 4);
});

Deno.test("takeAttempt() lets no more through at once than the policy", async () => {
  const limiter = createRateLimiter({ clock: createManualTime() });

  const attempts = await Promise.allSettled(
    Array.from({ length: 50 }, () => takeAttempt(limiter, POLICY, "mira")),
  );

  assertEquals(attempts.filter(({ status }) => status === "fulfilled").length, 5);
});

Deno.test("takeAttempt() without a policy refuses nobody", async () => {
  const limiter = createRateLimiter({ clock: createManualTime() });

  for (let attempt = 0; attempt < 100; attempt++) await takeAttempt(limiter, undefined, "mira");
});

Deno.test("accountKey() gives a known address places of its own", () => {
  const stranger = accountKey("mira@example.org", { address: "192.0.2.1", isKnown: false });
  const other = accountKey("mira@example.org", { address: "192.0.2.2", isKnown: false });
  const home = accountKey("mira@example.org", { address: "192.0.2.1", isKnown: true });

  assertEquals(stranger, other);
  assert(home !== stranger);
});
