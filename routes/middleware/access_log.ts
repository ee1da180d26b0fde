import { matchedRoutes } from "hono/route";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { hashToken } from "@/platform/token.ts";
import type { AppContext, AppMiddleware } from "../app_env.ts";

export interface AccessLogOptions {
  metrics: Pick<
    Metrics,
    "httpRequests" | "httpDuration" | "httpRequestSize" | "httpResponseSize"
  >;
  /** A clock that never goes back, in milliseconds. */
  elapsedMs?: () => number;
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Probes and scrapes come every few seconds and say nothing. */
const QUIET = /^\/(health|metrics)(\/|$)/;
/** Enough of a hash to tell people apart, without naming anybody. */
const ACTOR_HASH_LENGTH = 12;

interface Served {
  method: string;
  route: string;
  status: number;
  durationMs: number;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
}

/** Counts each request by route pattern, and logs it in one line. Outermost, so that it sees all. */
export function accessLog(options: AccessLogOptions): AppMiddleware {
  const { metrics, elapsedMs = () => performance.now() } = options;
  return async function accessLog(c, next) {
    const startedMs = elapsedMs();
    // Read before, because the head of a request that became a socket cannot be read after.
    const requestBytes = lengthOf(c.req.raw.headers);
    await next();
    const served = { ...servedOf(c, elapsedMs() - startedMs), requestBytes };
    count(metrics, served);
    write(c, served);
  };
}

function servedOf(c: AppContext, durationMs: number): Omit<Served, "requestBytes"> {
  const { method } = c.req;
  return {
    method: METHODS.includes(method) ? method : "OTHER",
    route: routePatternOf(c),
    status: c.res.status,
    durationMs,
    responseBytes: c.get("responseBytes") ?? lengthOf(c.res.headers),
  };
}

/** The pattern of the route's handler, even where middleware answered before it. */
function routePatternOf(c: AppContext): string {
  // Middleware is registered for "ALL" methods, handlers for one.
  return c.get("routePattern") ??
    matchedRoutes(c).findLast((route) => route.method !== "ALL")?.path ?? "unmatched";
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}

function count(metrics: AccessLogOptions["metrics"], served: Served): void {
  const { method, route, requestBytes, responseBytes } = served;
  const labels = { method, route, status: String(served.status) };
  metrics.httpRequests.inc(labels);
  metrics.httpDuration.observe(labels, served.durationMs / 1000);
  if (requestBytes !== undefined) metrics.httpRequestSize.observe(labels, requestBytes);
  if (responseBytes !== undefined) metrics.httpResponseSize.observe(labels, responseBytes);
}

function write(c: AppContext, served: Served): void {
  const log = c.get("log");
  const level = QUIET.test(c.req.path) ? "debug" : "info";
  if (!log?.isEnabledFor(level)) return;
  log[level]("{method} {route} {status}", {
    method: served.method,
    route: served.route,
    status: served.status,
    durationMs: Math.round(served.durationMs * 100) / 100,
    bytes: served.responseBytes,
    code: c.get("errorCode"),
    actor: actorHash(c.get("actor")),
  });
}

function actorHash(actor: Actor | undefined): string | undefined {
  const id = actor && actorIdOf(actor);
  return id ? hashToken(id).slice(0, ACTOR_HASH_LENGTH) : undefined;
}
