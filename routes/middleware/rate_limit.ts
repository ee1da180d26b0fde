import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { callerNetwork } from "@/platform/cidr.ts";
import type { RateLimits } from "@/platform/config.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { RateDecision, RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";
import type { AppContext } from "../app_env.ts";
import { checking, type CheckMiddleware, type FrameMiddleware, framing } from "./one_level.ts";
import { setResponseHeaders } from "./response_headers.ts";

/** The policy of the requests a rule matches; undefined is no limit. */
export interface RateRule {
  path: RegExp;
  /** Absent: every method. */
  method?: string;
  policy: RateLimitPolicy | undefined;
}

export interface RateLimitOptions {
  limiter: RateLimiter;
  /** The first rule that matches decides. */
  rules: readonly RateRule[];
  /** For every other request. */
  defaultPolicy: RateLimitPolicy | undefined;
  metrics: Pick<Metrics, "rateLimited">;
}

/** The rules before authentication: probes and files are free, sign-in is limited by address. */
export function addressRules(limits: Pick<RateLimits, "authAddress">): RateRule[] {
  const { authAddress } = limits;
  const api = /^\/api\/v1\/auth\/(login|register|refresh|password)(\/|$)/;
  return [
    { path: /^\/(health|metrics)(\/|$)/, policy: undefined },
    { path: /^\/(static|assets|_fresh)\//, policy: undefined },
    { path: api, method: "POST", policy: authAddress },
    { path: /^\/(sign-in|register)(\/|$)/, method: "POST", policy: authAddress },
  ];
}

/** The rules after authentication. Sign-in is limited by account where the account is read. */
export function callerRules(limits: Pick<RateLimits, "score">): RateRule[] {
  return [{ path: /^\/api\/v1\/leaderboard\/update$/, method: "POST", policy: limits.score }];
}

/** Both kinds, for an app with one limit after authentication. */
export function rateRules(limits: Pick<RateLimits, "authAddress" | "score">): RateRule[] {
  return [...addressRules(limits), ...callerRules(limits)];
}

/** Limits requests by signed-in user or key, else by address. After authentication. */
export function rateLimit(options: RateLimitOptions): CheckMiddleware {
  const { limiter, rules, defaultPolicy, metrics } = options;
  return checking(async (c) => {
    const policy = keyPolicy(c.get("actor")) ?? policyOf(c, rules, defaultPolicy);
    if (policy === undefined) return;
    const decision = await limiter.take(callerKey(c), policy);
    // Where limits follow one another, the innermost is the caller's own.
    c.set("rateFields", rateFields(policy, decision));
    if (decision.isAllowed) return;
    metrics.rateLimited.inc({ policy: policy.name });
    throw limitExceeded(decision);
  });
}

/** Tells on the answer what the limits inside it found; a refusal that says better stays. */
export function rateLimitFields(): FrameMiddleware {
  return framing((c) => () => {
    const fields = c.get("rateFields");
    if (fields) setResponseHeaders(c, fields, { isDefault: true });
  });
}

function policyOf(
  c: AppContext,
  rules: readonly RateRule[],
  defaultPolicy: RateLimitPolicy | undefined,
): RateLimitPolicy | undefined {
  const rule = rules.find(({ path, method }) => {
    return (method === undefined || method === c.req.method) && path.test(c.req.path);
  });
  return rule ? rule.policy : defaultPolicy;
}

/** As people have it by default: twice what a second brings. */
const KEY_BURST_SECONDS = 2;
/** A key of few requests may send these at once. */
const KEY_BURST_MIN = 10;

/** A key has one quota of its own for everything. */
function keyPolicy(actor: Actor | undefined): RateLimitPolicy | undefined {
  if (actor?.kind !== "api_key") return undefined;
  const count = actor.quotaPerMinute;
  const burst = Math.max(
    KEY_BURST_MIN,
    Math.ceil(count * KEY_BURST_SECONDS * SECOND_MS / MINUTE_MS),
  );
  return { name: "api-key", count, windowMs: MINUTE_MS, burst: Math.min(count, burst) };
}

function callerKey(c: AppContext): string {
  const actor: Actor | undefined = c.get("actor");
  const id = actor && actorIdOf(actor);
  return id ? `${actor.kind}:${id}` : `address:${callerNetwork(c.get("clientAddress") ?? "")}`;
}

/** The error of a caller that asked too often. */
export function limitExceeded(decision: RateDecision): DomainError {
  const { retryAfterSeconds } = decision;
  return new DomainError(
    "RATE_LIMIT_EXCEEDED",
    `Cannot answer now: too many requests; try again in ${retryAfterSeconds} s`,
    { retryAfterSeconds },
  );
}

/** The `RateLimit` fields of the IETF draft: the quota of a window, and what is left of it. */
export function rateFields(policy: RateLimitPolicy, decision: RateDecision): [string, string][] {
  // A bucket of `burst` fills within so many seconds: that is the window in which it is the quota.
  const windowSeconds = Math.ceil(policy.burst * policy.windowMs / policy.count / 1000);
  const { remaining, resetSeconds } = decision;
  return [
    ["ratelimit-policy", `"${policy.name}";q=${policy.burst};w=${windowSeconds}`],
    ["ratelimit", `"${policy.name}";r=${remaining};t=${resetSeconds}`],
  ];
}
