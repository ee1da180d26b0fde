import { matchedRoutes } from "hono/route";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { factLine } from "@/platform/log.ts";
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

/** A request that was answered. */
export interface Served {
  status: number;
  durationMs: number;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  requestId: string;
  traceId: string | null;
  actor: Actor | undefined;
  /** The code of a failure. */
  code?: string | undefined;
}

/** Counts and logs the requests of one route. */
export type RecordServed = (served: Served) => void;

/** Counts each request by route pattern, and logs it in one line. Outermost, so that it sees all. */
export function accessLog(options: AccessLogOptions): FrameMiddleware {
  const { elapsedMs = () => performance.now() } = options;
  const recorderOf = createRecorders(options.metrics);
  return framing((c) => {
    const startedMs = c.env?.begun?.startedMs ?? elapsedMs();
    // Read before, because the head of a request that became a socket cannot be read after.
    const requestBytes = lengthOf(c.req.raw.headers);
    return () => {
      const { method, path } = c.req;
      const record = recorderOf({ method, route: routePatternOf(c), isQuiet: QUIET.test(path) });
      record({
        status: c.res.status,
        durationMs: elapsedMs() - startedMs,
        requestBytes,
        responseBytes: c.get("responseBytes") ?? lengthOf(c.res.headers),
        requestId: c.get("requestId"),
        traceId: c.get("traceId"),
        actor: c.get("actor"),
        code: c.get("errorCode"),
      });
    };
  });
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

/** What requests are counted together by, besides their status. */
interface RouteKey {
  method: string;
  route: string;
  isQuiet?: boolean;
}

/** Gives the one recorder of each route and method, of which there are as many as patterns. */
export function createRecorders(
  metrics: AccessLogOptions["metrics"],
): (key: RouteKey) => RecordServed {
  const actorHash = createActorHash();
  const known = new Map<string, RecordServed>();
  return ({ method: given, route, isQuiet = false }) => {
    const method = METHODS.includes(given) ? given : "OTHER";
    const key = `${isQuiet} ${method} ${route}`;
    let record = known.get(key);
    if (!record) {
      record = createRecorder(metrics, { method, route, isQuiet }, actorHash);
      known.set(key, record);
    }
    return record;
  };
}

interface StatusSeries {
  requests: CountSeries;
  duration: ValueSeries;
  requestSize: ValueSeries;
  responseSize: ValueSeries;
  write: ReturnType<typeof factLine>;
}

/** Holds on to the series and the line of each status. */
function createRecorder(
  metrics: AccessLogOptions["metrics"],
  key: Required<RouteKey>,
  actorHash: ReturnType<typeof createActorHash>,
): RecordServed {
  const byStatus = new Map<number, StatusSeries>();
  return (served) => {
    const { status, durationMs, requestBytes, responseBytes } = served;
    let series = byStatus.get(status);
    if (!series) byStatus.set(status, series = seriesOf(metrics, key, status));
    series.requests.inc();
    series.duration.observe(durationMs / 1000);
    if (requestBytes !== undefined) series.requestSize.observe(requestBytes);
    if (responseBytes !== undefined) series.responseSize.observe(responseBytes);
    series.write({
      requestId: served.requestId,
      traceId: served.traceId ?? undefined,
      durationMs: Math.round(durationMs * 100) / 100,
      bytes: responseBytes,
      code: served.code,
      actor: actorHash(served.actor),
    });
  };
}

function seriesOf(
  metrics: AccessLogOptions["metrics"],
  { method, route, isQuiet }: Required<RouteKey>,
  status: number,
): StatusSeries {
  const labels = { method, route, status: String(status) };
  return {
    requests: metrics.httpRequests.series(labels),
    duration: metrics.httpDuration.series(labels),
    requestSize: metrics.httpRequestSize.series(labels),
    responseSize: metrics.httpResponseSize.series(labels),
    // Nothing in the line is private, nor needs escaping: ids have a shape, the rest is of closed sets.
    write: factLine(isQuiet ? "debug" : "info", "http", {
      message: `${method} ${route} ${status}`,
      facts: { method, route, status },
    }),
  };
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
