/** A request on the lane: what the middleware finds out about it, without a context or a promise. */

import type { Actor } from "@/domain/actor.ts";
import type { Config } from "@/platform/config.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { RateDecision, RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";
import type { BegunCall } from "../app_env.ts";
import type { RecordServed } from "../middleware/access_log.ts";
import { knownActor, type KnownCallers } from "../middleware/authenticate.ts";
import { clientAddressOf } from "../middleware/client_address.ts";
import { rateKeyOf, type RateLimitOptions, ratePolicyOf } from "../middleware/rate_limit.ts";
import { requestIdsOf } from "../middleware/request_id.ts";
import type { RequestFields } from "../request_fields.ts";
import type { KnownAddress } from "./known_addresses.ts";

type RateChoice = Pick<RateLimitOptions, "rules" | "defaultPolicy">;

/** What the lane shares with the middleware of the ordinary road. */
export interface LaneDeps {
  config: Pick<Config, "server" | "bodyLimits">;
  services: KnownCallers;
  limiter: RateLimiter;
  newId: IdGenerator;
  /** The limits before authentication and after it. */
  limits: { address: RateChoice; caller: RateChoice };
  meter: { request(status: number): void };
  /** The way of everything that the lane does not finish. */
  ordinary(
    req: Request,
    info: Deno.ServeHandlerInfo,
    begun: BegunCall,
  ): Response | Promise<Response>;
}

/** Answers; undefined, with nothing begun, for what only the ordinary road takes. */
export type Lane = (
  req: Request,
  info: Deno.ServeHandlerInfo,
  address: KnownAddress,
) => Response | Promise<Response> | undefined;

/** A call of which everything is known that the ordinary road's middleware would have found out. */
export interface LaneCall extends BegunCall {
  fields: RequestFields;
  address: string;
  actor: Actor;
  taken: { policy: RateLimitPolicy; decision: RateDecision }[];
}

/**
 * Begins a call; undefined for what only the ordinary road knows how to take: other origins, bodies
 * of reads, cookies, callers that have to be looked up, requests that name no host. Nothing has
 * happened then.
 */
export function beginCall(
  { config, services, newId }: LaneDeps,
  fields: RequestFields,
  info: Deno.ServeHandlerInfo,
  { isLocal }: KnownAddress,
): LaneCall | undefined {
  const startedMs = performance.now();
  if (fields.get("origin") !== null) return undefined;
  if (isLocal && !fields.get("host")) return undefined;
  const { requestId, traceId } = requestIdsOf(fields, newId);
  const address = clientAddressOf(info, fields, config.server.trustedProxies);
  const actor = knownActor(services, fields, { requestId, address });
  return actor && { startedMs, requestId, traceId, fields, address, actor, taken: [] };
}

/** What is asked for, as the rules of limits see it. */
export interface RequestKind {
  method: string;
  path: string;
}

/** What limits requests of one kind. */
export interface KindLimits {
  address: RateLimitPolicy | undefined;
  callerOf(actor: Actor): RateLimitPolicy | undefined;
}

/** Looks rules up once for all requests of a kind; only keys bring a limit of their own. */
export function limitsOf({ limits }: Pick<LaneDeps, "limits">, kind: RequestKind): KindLimits {
  const common = ratePolicyOf(limits.caller, kind, undefined);
  return {
    address: ratePolicyOf(limits.address, kind, undefined),
    callerOf: (actor) =>
      actor.kind === "api_key" ? ratePolicyOf(limits.caller, kind, actor) : common,
  };
}

/** Takes of the address' limit; false where it refuses or somebody else has to be asked. */
export function takeAddressLimit(deps: LaneDeps, call: LaneCall, limits: KindLimits): boolean {
  return take(deps, call, limits.address, undefined);
}

/** Takes of the caller's own limit; false likewise. */
export function takeCallerLimit(deps: LaneDeps, call: LaneCall, limits: KindLimits): boolean {
  return take(deps, call, limits.callerOf(call.actor), call.actor);
}

function take(
  { limiter }: LaneDeps,
  call: LaneCall,
  policy: RateLimitPolicy | undefined,
  actor: Actor | undefined,
): boolean {
  if (policy === undefined) return true;
  const decision = limiter.takeNow(rateKeyOf(actor, call.address), policy);
  if (decision === undefined) return false;
  call.taken.push({ policy, decision });
  return decision.isAllowed;
}

/** What an answer had, for its line in the access log. */
export interface Sent {
  status: number;
  requestBytes?: number | undefined;
  responseBytes: number | undefined;
}

/** Counts and logs an answered call. */
export function endCall(
  { meter }: LaneDeps,
  record: RecordServed,
  { startedMs, requestId, traceId, actor }: LaneCall,
  { status, requestBytes, responseBytes }: Sent,
): void {
  const durationMs = performance.now() - startedMs;
  record({ status, durationMs, requestBytes, responseBytes, requestId, traceId, actor });
  meter.request(status);
}
