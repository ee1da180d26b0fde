import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { Hono } from "hono";
import { startLog } from "@/platform/log.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { accessLog } from "./access_log.ts";
import { notFound } from "./not_found.ts";
import { onError } from "./on_error.ts";
import { requestId } from "./request_id.ts";

function createApp() {
  const metrics = createMetrics();
  let elapsedMs = 0;
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics }));
  app.use(requestId({ newId: () => "request-1" }));
  app.use(accessLog({ metrics, elapsedMs: () => elapsedMs += 1.5 }));
  app.use("/api/closed/*", () => Promise.reject(new Error("boom")));
  app.use(async (c, next) => {
    const origin = { requestId: "request-1", address: "203.0.113.9" };
    const user = { userId: "user-1", role: "member", sessionId: "s" } as const;
    c.set("actor", { kind: "user", ...user, via: "api", expiresAt: 0, ...origin });
    await next();
  });
  app.get("/api/things/:id", (c) => ok(c, "ä"));
  app.get("/api/closed/:id", (c) => ok(c, 1));
  app.get("/health/live", (c) => c.text("ok"));
  app.notFound(notFound({ app }));
  return { app, metrics };
}

/** Sends the requests and gives the log lines. */
async function linesOf(...paths: string[]): Promise<Record<string, unknown>[]> {
  let text = "";
  const log = startLog({ level: "info", format: "json", write: (lines) => void (text += lines) });
  const { app } = createApp();
  for (const path of paths) await (await app.request(path)).body?.cancel();
  log[Symbol.dispose]();
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

Deno.test("accessLog() writes one line a request, by pattern and without names", async () => {
  const lines = await linesOf("/api/things/7?token=secret");

  assertEquals(lines.length, 1);
  const { time, actor, ...line } = lines[0]!;
  assertEquals(line, {
    level: "info",
    area: "http",
    message: "GET /api/things/:id 200",
    requestId: "request-1",
    method: "GET",
    route: "/api/things/:id",
    status: 200,
    durationMs: 1.5,
    bytes: 28,
  });
  assert(time);
  assertMatch(String(actor), /^[0-9a-f]{12}$/);
});

Deno.test("accessLog() says why a request failed, and is quiet about probes", async () => {
  const lines = await linesOf("/api/nothing", "/health/live", "/api/closed/1");

  assertEquals(
    lines.filter((line) => line.route).map((line) => [line.route, line.status, line.code]),
    [
      ["unmatched", 404, "NOT_FOUND"],
      ["/api/closed/:id", 500, "INTERNAL_ERROR"],
    ],
  );
});

Deno.test("accessLog() counts by method, route pattern and status, bounded", async () => {
  const { app, metrics } = createApp();

  for (const id of ["1", "2", "3"]) await (await app.request(`/api/things/${id}`)).body?.cancel();
  for (const path of ["/a", "/b"]) {
    await (await app.request(path, { method: "BREW" })).body?.cancel();
  }

  const counted = (await metrics.httpRequests.get()).values;
  assertEquals(
    counted.map(({ labels, value }) => [labels.method, labels.route, labels.status, value]),
    [
      ["GET", "/api/things/:id", "200", 3],
      ["OTHER", "unmatched", "404", 2],
    ],
  );
  const durations = (await metrics.httpDuration.get()).values;
  const sum = durations.find((entry) => entry.metricName?.endsWith("_sum"));
  assertAlmostEquals(sum?.value ?? NaN, 0.0045);
  const sizes = (await metrics.httpResponseSize.get()).values;
  assertEquals(sizes.find((entry) => entry.metricName?.endsWith("_sum"))?.value, 84);
});
