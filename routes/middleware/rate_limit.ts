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

/** Limits requests by signed-in user or key, else by address. After authentication. */
export function rateLimit(options: RateLimitOptions): CheckMiddleware {
  const { limiter, rules, defaultPolicy, metrics } = options;
  return checking(async (c) => {
    const actor: Actor | undefined = c.get("actor");
    const policy = ratePolicyOf({ rules, defaultPolicy }, c.req, actor);
    if (policy === undefined) return;
    const decision = takenBefore(c, policy) ??
      await limiter.take(rateKeyOf(actor, c.get("clientAddress") ?? ""), policy);
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

function takenBefore(c: AppContext, policy: RateLimitPolicy): RateDecision | undefined {
  return c.env?.begun?.taken.find((taken) => taken.policy === policy)?.decision;
}

/** What limits a request: a key's own quota, else the first rule that matches, else the default. */
export function ratePolicyOf(
  { rules, defaultPolicy }: Pick<RateLimitOptions, "rules" | "defaultPolicy">,
  request: { method: string; path: string },
  actor: Actor | undefined,
): RateLimitPolicy | undefined {
  if (actor?.kind === "api_key") return keyPolicy(actor.quotaPerMinute);
  const rule = rules.find(({ path, method }) => {
    return (method === undefined || method === request.method) && path.test(request.path);
  });
  return rule ? rule.policy : defaultPolicy;
}

/** As people have it by default: twice what a second brings. */
const KEY_BURST_SECONDS = 2;
/** A key of few requests may send these at once. */
const KEY_BURST_MIN = 10;

/** The same quota is the same policy, so that what hangs on a policy is found again. */
const keyPolicies = new Map<number, RateLimitPolicy>();
/** As many quotas as nobody gives out. */
const KEY_POLICIES_MAX = 1_000;

/** A key has one quota of its own for everything. */
function keyPolicy(quotaPerMinute: number): RateLimitPolicy {
  const known = keyPolicies.get(quotaPerMinute);
  if (known) return known;
  if (keyPolicies.size >= KEY_POLICIES_MAX) keyPolicies.clear();
  const policy = newKeyPolicy(quotaPerMinute);
  keyPolicies.set(quotaPerMinute, policy);
  return policy;
}

function newKeyPolicy(count: number): RateLimitPolicy {
  const burst = Math.max(
    KEY_BURST_MIN,
    Math.ceil(count * KEY_BURST_SECONDS * SECOND_MS / MINUTE_MS),
  );
  return { name: "api-key", count, windowMs: MINUTE_MS, burst: Math.min(count, burst) };
}

/** Whose requests are counted together: a person's or a key's, else those of an address. */
export function rateKeyOf(actor: Actor | undefined, address: string): string {
  const id = actor && actorIdOf(actor);
  return id ? `${actor.kind}:${id}` : addressKeyOf(address);
}

/** To find the network of an address takes it apart, each time anew. */
const addressKeys = new Map<string, string>();
/** Addresses that are remembered, some 100 bytes each. */
const ADDRESS_KEYS_MAX = 10_000;

function addressKeyOf(address: string): string {
  let key = addressKeys.get(address);
  if (key === undefined) {
    if (addressKeys.size >= ADDRESS_KEYS_MAX) addressKeys.clear();
    addressKeys.set(address, key = `address:${callerNetwork(address)}`);
  }
  return key;
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
  return [[RATE_POLICY_FIELD, quotaOf(policy)], [RATE_FIELD, rateLeft(policy, decision)]];
}

export const RATE_POLICY_FIELD = "ratelimit-policy";
export const RATE_FIELD = "ratelimit";

/** The value of `RateLimit-Policy`. */
export function quotaOf({ name, burst, windowMs, count }: RateLimitPolicy): string {
  // A bucket of `burst` fills within so many seconds: that is the window in which it is the quota.
  const windowSeconds = Math.ceil(burst * windowMs / count / 1000);
  return `"${name}";q=${burst};w=${windowSeconds}`;
}

/** The value of `RateLimit`. */
export function rateLeft(
  { name }: RateLimitPolicy,
  { remaining, resetSeconds }: RateDecision,
): string {
  return `"${name}";r=${remaining};t=${resetSeconds}`;
}
