/** What Hono's context carries in every request of this app. */

import type { Context, MiddlewareHandler } from "hono";
import type { Actor } from "@/domain/actor.ts";
import type { RateDecision, RateLimitPolicy } from "@/platform/rate_limit.ts";
import type { Upload } from "@/services/activity/uploads.ts";

export interface AppVariables {
  /** Echoed in `X-Request-Id`, logged with every line of the request. */
  requestId: string;
  /** The W3C trace id of `traceparent`, when the caller sent a valid one. */
  traceId: string | null;
  /** The caller's IP address after trusted proxies; `unknown` without a socket. */
  clientAddress: string;
  /** Anonymous until the authentication middleware knows better. */
  actor: Actor;
  /** Why the request failed, set by `onError` for the access line. */
  errorCode: string | undefined;
  /** The pattern of the page that answered, which Hono's own routes do not know. */
  routePattern: string | undefined;
  /** The `RateLimit` fields of the innermost limit that was asked. */
  rateFields: readonly [name: string, value: string][] | undefined;
  /** The claim of an `Idempotency-Key`; an effect that refers to it is found after a crash. */
  idempotencyId: string | undefined;
  /** The file of an upload, from `uploadGuard()`. */
  upload: Upload | undefined;
  /** Bytes of the answer's body, where whoever made it knows them. */
  responseBytes: number | undefined;
}

/**
 * What the lane (`routes/lane/`) did of a request before it turned out to be one for the ordinary
 * road, which must not do it again.
 */
export interface BegunCall {
  startedMs: number;
  requestId: string;
  traceId: string | null;
  /** What its limits said. */
  taken: readonly { policy: RateLimitPolicy; decision: RateDecision }[];
  /** The body, which can be read once. */
  body?: Promise<string> | undefined;
  /** What the service makes of it, once it was sent there. */
  sent?: Promise<unknown> | undefined;
}

export interface AppBindings {
  /** The socket of the request; absent where the app is called without a server. */
  info?: Deno.ServeHandlerInfo;
  begun?: BegunCall;
}

/** The environment of every Hono app, route and middleware here. */
export interface AppEnv {
  Variables: AppVariables;
  Bindings: AppBindings;
}

export type AppContext = Context<AppEnv>;
export type AppMiddleware = MiddlewareHandler<AppEnv>;
