import { matchedRoutes } from "hono/route";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { logFacts } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { CountSeries, ValueSeries } from "@/platform/series.ts";
import { hashToken } from "@/platform/token.ts";
import type { AppContext } from "../app_env.ts";
import { type FrameMiddleware, framing } from "./one_level.ts";

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
/** Hashes that are remembered: those of the people of the last minutes. */
const ACTORS_MAX = 10_000;

interface Served {
  method: string;
  route: string;
  status: number;
  durationMs: number;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
}

/** Counts each request by route pattern, and logs it in one line. Outermost, so that it sees all. */
export function accessLog(options: AccessLogOptions): FrameMiddleware {
  const { elapsedMs = () => performance.now() } = options;
  const count = createCounting(options.metrics);
  const actorHash = createActorHash();
  return framing((c) => {
    const startedMs = elapsedMs();
    // Read before, because the head of a request that became a socket cannot be read after.
    const requestBytes = lengthOf(c.req.raw.headers);
    return () => {
      const served = servedOf(c, requestBytes, elapsedMs() - startedMs);
      count(served);
      write(c, served, actorHash(c.get("actor")));
    };
  });
}

function servedOf(c: AppContext, requestBytes: number | undefined, durationMs: number): Served {
  const { method } = c.req;
  return {
    method: METHODS.includes(method) ? method : "OTHER",
    route: routePatternOf(c),
    status: c.res.status,
    durationMs,
    requestBytes,
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

interface RouteSeries {
  requests: CountSeries;
  duration: ValueSeries;
  requestSize: ValueSeries;
  responseSize: ValueSeries;
}

/** Holds on to the series of each route: as many as there are patterns, methods and statuses. */
function createCounting(metrics: AccessLogOptions["metrics"]): (served: Served) => void {
  const known = new Map<string, RouteSeries>();
  return ({ method, route, status, durationMs, requestBytes, responseBytes }) => {
    const key = `${method} ${status} ${route}`;
    const series = known.get(key) ?? seriesOf(metrics, { method, route, status: String(status) });
    known.set(key, series);
    series.requests.inc();
    series.duration.observe(durationMs / 1000);
    if (requestBytes !== undefined) series.requestSize.observe(requestBytes);
    if (responseBytes !== undefined) series.responseSize.observe(responseBytes);
  };
}

function seriesOf(
  metrics: AccessLogOptions["metrics"],
  labels: { method: string; route: string; status: string },
): RouteSeries {
  return {
    requests: metrics.httpRequests.series(labels),
    duration: metrics.httpDuration.series(labels),
    requestSize: metrics.httpRequestSize.series(labels),
    responseSize: metrics.httpResponseSize.series(labels),
  };
}

/** Nothing in the line is private: ids have a shape, the rest is of closed sets. */
function write(c: AppContext, served: Served, actor: string | undefined): void {
  const { method, route, status } = served;
  const level = QUIET.test(c.req.path) ? "debug" : "info";
  logFacts(level, "http", `${method} ${route} ${status}`, {
    requestId: c.get("requestId"),
    traceId: c.get("traceId") ?? undefined,
    method,
    route,
    status,
    durationMs: Math.round(served.durationMs * 100) / 100,
    bytes: served.responseBytes,
    code: c.get("errorCode"),
    actor,
  });
}

function createActorHash(): (actor: Actor | undefined) => string | undefined {
  const known = new Map<string, string>();
  return (actor) => {
    const id = actor && actorIdOf(actor);
    if (!id) return undefined;
    let hash = known.get(id);
    if (hash === undefined) {
      if (known.size >= ACTORS_MAX) known.clear();
      known.set(id, hash = hashToken(id).slice(0, ACTOR_HASH_LENGTH));
    }
    return hash;
  };
}
