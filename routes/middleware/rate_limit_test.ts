import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { createMetrics } from "@/platform/metrics.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import type { AppEnv } from "../app_env.ts";
import { onError } from "./on_error.ts";
import { addressRules, callerRules, rateLimit, rateLimitFields } from "./rate_limit.ts";

const POLICIES = {
  default: { name: "default", count: 1, windowMs: 1000, burst: 2 },
  score: { name: "score", count: 10, windowMs: 1000, burst: 20 },
  auth: undefined,
  authAddress: { name: "auth-address", count: 60, windowMs: 60_000, burst: 1 },
};

/** An app whose caller is named by test headers. */
function createApp() {
  const metrics = createMetrics();
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics }));
  app.use(async (c, next) => {
    const address = c.req.header("x-test-address") ?? "203.0.113.9";
    const userId = c.req.header("x-test-user");
    const origin = { requestId: "r", address };
    c.set("clientAddress", address);
    const user = { role: "member", sessionId: "s", via: "api", expiresAt: 0 } as const;
    c.set(
      "actor",
      userId ? { kind: "user", userId, ...user, ...origin } : { kind: "anonymous", ...origin },
    );
    await next();
  });
  const limiter = createRateLimiter({ clock });
  app.use(rateLimitFields());
  app.use(rateLimit({
    limiter,
    metrics,
    rules: [...addressRules(POLICIES), ...callerRules(POLICIES)],
    defaultPolicy: POLICIES.default,
  }));
  app.all("*", (c) => c.text("ok"));
  return { app, clock, metrics };
}

Deno.test("rateLimit() answers the standard fields, and 429 with Retry-After when it is over", async () => {
  const { app, metrics, clock } = createApp();

  const [first, , third] = [
    await app.request("/api/v1/x"),
    await app.request("/api/v1/x"),
    await app.request("/api/v1/x"),
  ];

  assertEquals(first!.headers.get("ratelimit-policy"), '"default";q=2;w=2');
  assertEquals(first!.headers.get("ratelimit"), '"default";r=1;t=1');
  assertEquals(third!.status, 429);
  assertEquals(third!.headers.get("ratelimit"), '"default";r=0;t=2');
  assertEquals(third!.headers.get("retry-after"), "1");
  assertEquals((await third!.json()).error.code, "RATE_LIMIT_EXCEEDED");
  assertEquals((await metrics.rateLimited.get()).values[0]?.labels, { policy: "default" });
  clock.nowMs = 1000;
  assertEquals((await app.request("/api/v1/x")).status, 200);
});

/** The statuses of a burst of requests by these callers. */
async function statuses(requests: Record<string, string>[], path = "/api/v1/x") {
  const { app } = createApp();
  const answers: number[] = [];
  for (const headers of requests) {
    answers.push((await app.request(path, { method: "POST", headers })).status);
  }
  return answers;
}

Deno.test("rateLimit() counts a person by account, wherever from", async () => {
  const mira = (address: string) => ({ "x-test-user": "mira", "x-test-address": address });

  assertEquals(await statuses([mira("203.0.113.1"), mira("203.0.113.2"), mira("203.0.113.3")]), [
    200,
    200,
    429,
  ]);
  const others = ["a", "b", "c"].map((user) => ({ "x-test-user": user }));
  assertEquals(await statuses(others), [200, 200, 200]);
});

Deno.test("rateLimit() counts an anonymous caller by address, IPv6 by its /64", async () => {
  const from = (address: string) => ({ "x-test-address": address });

  assertEquals(
    await statuses([from("2001:db8::1"), from("2001:db8::2"), from("2001:db8::3")]),
    [200, 200, 429],
  );
  assertEquals(
    await statuses([from("203.0.113.1"), from("203.0.113.2"), from("203.0.113.3")]),
    [200, 200, 200],
  );
});

Deno.test("rateLimit() takes the policy of the path, and none for probes", async () => {
  const three = [{}, {}, {}];

  assertEquals(await statuses(three, "/health/live"), [200, 200, 200]);
  assertEquals(await statuses(three, "/api/v1/leaderboard/update"), [200, 200, 200]);
  assertEquals(await statuses(three, "/api/v1/auth/login"), [200, 429, 429]);
  assertEquals(await statuses(three, "/sign-in"), [200, 429, 429]);
  assertEquals(await statuses(three, "/healthy"), [200, 200, 429]);
});

Deno.test("rateLimit() shows the innermost of two limits, whichever refuses", async () => {
  const metrics = createMetrics();
  const limiter = createRateLimiter({ clock: { now: () => 0 } });
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics }));
  const outer = { ...POLICIES.default, name: "address", burst: 9 };
  const common = { limiter, metrics };
  app.use(rateLimitFields());
  app.use(rateLimit({ ...common, rules: addressRules(POLICIES), defaultPolicy: outer }));
  app.use(rateLimit({ ...common, rules: callerRules(POLICIES), defaultPolicy: POLICIES.default }));
  app.all("*", (c) => c.text("ok"));
  const ask = async () => (await app.request("/api/v1/x")).headers.get("ratelimit");

  assertEquals(await ask(), '"default";r=1;t=1');
  await ask();
  assertEquals(await ask(), '"default";r=0;t=2');
});
