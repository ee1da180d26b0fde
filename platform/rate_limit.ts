/**
 * Rate limits by GCRA, a token bucket that stores one number a key: the theoretical arrival time
 * (TAT), the instant at which the bucket is full again. A request costs `cost` tokens; it is
 * allowed when the bucket holds them, and a refused one costs nothing.
 *
 * @module
 */

import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "./clock.ts";

/** `count` requests a window, at most `burst` at once; `burst` is the size of the bucket. */
export interface RateLimitPolicy {
  /** Names the policy in `RateLimit-Policy` and keeps its keys apart from other policies'. */
  name: string;
  count: number;
  windowMs: number;
  burst: number;
}

/** What a request may do, in the terms of the `RateLimit` fields. */
export interface RateDecision {
  isAllowed: boolean;
  /** The size of the bucket. */
  limit: number;
  /** Whole requests left at this instant. */
  remaining: number;
  /** Seconds until the bucket is full again, rounded up. */
  resetSeconds: number;
  /** Seconds until a request of this cost is allowed, rounded up; 0 when it was. */
  retryAfterSeconds: number;
}

/** Counts requests by key; in this process, or shared by all nodes. */
export interface RateLimiter {
  /**
   * As `take`, where nobody else has to be asked; otherwise undefined, with nothing taken. For
   * callers to whom a promise costs more than the decision.
   */
  takeNow(key: string, policy: RateLimitPolicy): RateDecision | undefined;
  /** Takes `cost` tokens (default 1) of the key's bucket; a negative cost gives back. Never throws. */
  take(key: string, policy: RateLimitPolicy, cost?: number): Promise<RateDecision>;
}

export interface RateLimiterOptions {
  clock: Clock;
  /** Keys remembered at once. */
  keysMax?: number;
}

/** About 20 MB of keys; more callers than this within one window are not told apart by us anyway. */
const KEYS_MAX = 100_000;

/** Makes a limiter for one process. Past `keysMax` the keys that were idle longest are forgotten. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, keysMax = KEYS_MAX } = options;
  // By policy and key. Taking re-inserts, so that the map is ordered from the longest idle on; while
  // there is much room nobody asks for that order, and it costs more than the rest.
  const buckets = new Map<string, Bucket>();
  function take(key: string, policy: RateLimitPolicy, cost: number): RateDecision {
    const name = `${policy.name}:${key}`;
    const known = buckets.get(name);
    const taken = takeTokens(known?.fullAgainAt, { nowMs: clock.now(), policy, cost });
    const bucket = known ?? { fullAgainAt: 0 };
    bucket.fullAgainAt = taken.fullAgainAt;
    if (known && buckets.size * 2 < keysMax) return taken.decision;
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size > keysMax) forgetOldest(buckets);
    return taken.decision;
  }
  return {
    takeNow: (key, policy) => take(key, policy, 1),
    take: (key, policy, cost = 1) => Promise.resolve(take(key, policy, cost)),
  };
}

/** Changed in place: a number that is set anew would be a new object each time. */
interface Bucket {
  fullAgainAt: EpochMs;
}

function forgetOldest(keys: Map<string, Bucket>): void {
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    return;
  }
}

/** One step of GCRA: the decision, and the stored instant after it.
 * @example Two at once, then one a second
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takeTokens } from "@/platform/rate_limit.ts";
 *
 * const policy = { name: "demo", count: 1, windowMs: 1000, burst: 2 };
 * const first = takeTokens(undefined, { nowMs: 0, policy, cost: 2 });
 * assertEquals(first.decision.remaining, 0);
 * const second = takeTokens(first.fullAgainAt, { nowMs: 0, policy, cost: 1 });
 * assertEquals(second.decision.retryAfterSeconds, 1);
 * ```
 */
export function takeTokens(
  storedAt: EpochMs | undefined,
  request: { nowMs: EpochMs; policy: RateLimitPolicy; cost: number },
): { decision: RateDecision; fullAgainAt: EpochMs } {
  const { nowMs, policy, cost } = request;
  const tokenMs = policy.windowMs / policy.count;
  const bucketMs = policy.burst * tokenMs;
  // A clock set back must not lock anybody out for longer than an empty bucket takes to fill.
  const before = Math.min(Math.max(storedAt ?? nowMs, nowMs), nowMs + bucketMs);
  const after = before + cost * tokenMs;
  const overMs = after - nowMs - bucketMs;
  const isAllowed = overMs <= ROUNDING_MS;
  const fullAgainAt = isAllowed ? after : before;
  const decision = {
    isAllowed,
    limit: policy.burst,
    remaining: Math.max(0, Math.floor((nowMs + bucketMs - fullAgainAt) / tokenMs + ROUNDING_MS)),
    resetSeconds: Math.ceil((fullAgainAt - nowMs) / 1000),
    retryAfterSeconds: isAllowed ? 0 : Math.max(1, Math.ceil(overMs / 1000)),
  };
  return { decision, fullAgainAt };
}

/** Sums of thirds of a millisecond are not exact in binary; this is far below any interval. */
const ROUNDING_MS = 1e-3;
