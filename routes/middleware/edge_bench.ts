/** What the middleware of every request costs, next to the bare framework. */

import { Hono } from "hono";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { accessLog } from "./access_log.ts";
import { bodyLimit, bodyRules } from "./body_limit.ts";
import { clientAddress } from "./client_address.ts";
import { API_CONTENT_TYPES, contentType } from "./content_type.ts";
import { cors } from "./cors.ts";
import { jsonGuard } from "./json_guard.ts";
import { addressRules, callerRules, rateLimit } from "./rate_limit.ts";
import { requestId } from "./request_id.ts";
import { requestSanity } from "./request_sanity.ts";
import { securityHeaders } from "./security_headers.ts";

const MIB = 1024 * 1024;
const LIMITS = {
  jsonBytes: MIB,
  batchBytes: MIB,
  syncBytes: MIB,
  avatarBytes: MIB,
  importBytes: MIB,
  timeoutMs: 30_000,
};
const POLICY = { name: "bench", count: 1_000_000, windowMs: 1000, burst: 1_000_000 };

function edge(app: Hono<AppEnv>): Hono<AppEnv> {
  const metrics = createMetrics();
  const limits = { default: POLICY, score: POLICY, auth: POLICY, authAddress: POLICY };
  app.use(requestId({ newId: createIdGenerator(systemClock) }));
  app.use(accessLog({ metrics }));
  app.use(securityHeaders());
  app.use(cors({ origins: [] }));
  app.use(requestSanity());
  app.use(clientAddress({ trustedProxies: [] }));
  app.use(bodyLimit({ rules: bodyRules(LIMITS), defaultBytes: MIB, timeoutMs: 30_000 }));
  app.use(contentType({ rules: API_CONTENT_TYPES }));
  app.use(jsonGuard({ timeoutMs: 30_000 }));
  const limiter = createRateLimiter({ clock: systemClock });
  const rules = [...addressRules(limits), ...callerRules(limits)];
  app.use(rateLimit({ limiter, rules, defaultPolicy: POLICY, metrics }));
  return app;
}

function routes(app: Hono<AppEnv>): Hono<AppEnv> {
  app.get("/api/v1/x", (c) => ok(c, 1));
  app.post("/api/v1/x", async (c) => ok(c, await c.req.json()));
  return app;
}

const BODY = JSON.stringify({ competitionId: "c", score: 5, idempotencyKey: "k" });
const HEADERS = { "content-type": "application/json", "content-length": String(BODY.length) };

const apps = { bare: routes(new Hono<AppEnv>()), edge: routes(edge(new Hono<AppEnv>())) };

for (const [name, app] of Object.entries(apps)) {
  const isBaseline = name === "bare";
  Deno.bench(`GET ${name}`, { group: "GET", baseline: isBaseline }, async () => {
    await app.request("/api/v1/x");
  });
  Deno.bench(`POST ${name}`, { group: "POST", baseline: isBaseline }, async () => {
    await app.request("/api/v1/x", { method: "POST", body: BODY, headers: HEADERS });
  });
}
