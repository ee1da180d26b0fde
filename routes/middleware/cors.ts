import { cors as honoCors } from "hono/cors";
import type { AppMiddleware } from "../app_env.ts";

export interface CorsOptions {
  /** Origins whose pages may call the API; others get no permission, and their browsers refuse. */
  origins: readonly string[];
}

/** How long a browser may remember the answer of a preflight. */
const MAX_AGE_SECONDS = 600;

const ALLOWED_HEADERS = [
  "authorization",
  "content-type",
  "idempotency-key",
  "if-none-match",
  // Readers of event streams that send a token use `fetch`, where this field needs permission.
  "last-event-id",
  "traceparent",
  "tracestate",
  "x-api-key",
  "x-request-id",
];

const EXPOSED_HEADERS = [
  "content-disposition",
  "etag",
  "idempotent-replayed",
  "link",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "x-request-id",
];

/** CORS by list. Never with credentials: other origins come with a token, not with our cookie. */
export function cors(options: CorsOptions): AppMiddleware {
  const { origins } = options;
  const answer = honoCors({
    origin: [...origins],
    allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: MAX_AGE_SECONDS,
  });
  return function cors(c, next) {
    const origin = c.req.header("origin");
    // Sockets have an origin too, but no CORS; and touching their head would break the upgrade.
    const isSocket = c.req.header("upgrade") !== undefined;
    const isPreflight = c.req.method === "OPTIONS" &&
      c.req.header("access-control-request-method") !== undefined;
    if (origin === undefined || isSocket) return next();
    if (c.req.method === "OPTIONS" && !isPreflight) return next();
    return answer(c, next);
  };
}
