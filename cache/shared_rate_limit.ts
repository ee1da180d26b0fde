/**
 * Rate limits that all nodes share, in Redis. A node takes tokens from the shared bucket and hands
 * them out by itself, so that a busy caller costs one call to Redis for many requests: one token at
 * first, twice as many each time they are gone within their time, a twentieth of the bucket at most.
 * What is not used in time is lost, so that all nodes together never let more through than the
 * bucket holds, and a little less where a caller jumps between nodes.
 *
 * While Redis is away the node counts by itself, and goes on from what it handed out before.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { type Breaker, createBreaker } from "@/platform/breaker.ts";
import type { Clock } from "@/platform/clock.ts";
import { withDeadline } from "@/platform/deadline.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { RateDecision, RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";
import takeSource from "./lua/rate_take.lua" with { type: "text" };
import { type RedisConnection, redisScript } from "./redis.ts";

export interface SharedRateLimiterDeps {
  redis: Pick<RedisConnection, "run">;
  /** Keeps its counts apart from those of other installations on the same Redis. */
  installation: string;
  /** Counts while Redis is away. */
  local: RateLimiter;
  clock: Clock;
  metrics: Pick<Metrics, "breakerState" | "breakerFailures">;
  timeoutMs?: number;
}

const TAKE = redisScript(takeSource);

/** A request waits no longer to be counted. */
const TIMEOUT_MS = 250;
const BREAKER_RULE = { kind: "share", percent: 50, callsMin: 5, windowMs: 10 * SECOND_MS } as const;
const BREAKER_RESET_MS = SECOND_MS;

/** How long a node may hand out what it took: what a slow caller loses comes back in that time. */
const LEASE_MS = SECOND_MS;
/** The part of a bucket that one node may hold. */
const LEASE_PART = 20;
/** A flood of refused requests asks Redis this often at most. */
const REFUSAL_MS = 200;
/** Callers remembered at once, some 200 bytes each. */
const LEASES_MAX = 100_000;

/** What a node holds of a bucket, or how long it need not ask again. */
interface Lease {
  /** Tokens left here. */
  tokens: number;
  /** Tokens that were taken, for the size of the next lease. */
  size: number;
  endsAt: EpochMs;
  /** Left in the shared bucket when they were taken. */
  sharedTokens: number;
  fullAt: EpochMs;
  /** When refused: the instant from which it can be granted. */
  refusedUntil: EpochMs | undefined;
}

/** Makes the limiter; disposing it stops its breaker. */
export function createSharedRateLimiter(deps: SharedRateLimiterDeps): RateLimiter & Disposable {
  return new SharedRateLimiter(deps);
}

class SharedRateLimiter implements RateLimiter {
  readonly #deps: SharedRateLimiterDeps;
  readonly #breaker: Breaker;
  // Renewing re-inserts, so that the map is ordered from the longest idle on.
  readonly #leases = new Map<string, Lease>();
  /** Leases on their way; requests of the same bucket wait for it together. */
  readonly #renewals = new Map<string, Promise<Lease | undefined>>();

  constructor(deps: SharedRateLimiterDeps) {
    this.#deps = deps;
    this.#breaker = createBreaker({
      name: "rate_limit",
      rule: BREAKER_RULE,
      resetMs: BREAKER_RESET_MS,
      isFailure: () => true,
      metrics: deps.metrics,
    });
  }

  takeNow(key: string, policy: RateLimitPolicy): RateDecision | undefined {
    return this.#takeLeased(`${policy.name}:${key}`, policy, 1);
  }

  async take(key: string, policy: RateLimitPolicy, cost = 1): Promise<RateDecision> {
    const bucket = `${policy.name}:${key}`;
    if (cost < 0) return await this.#giveBack(key, policy, cost);
    // Others may take what a renewal brought before it is this request's turn.
    while (true) {
      const decision = this.#takeLeased(bucket, policy, cost);
      if (decision) return decision;
      const renewal = this.#renewals.get(bucket) ?? this.#renew(bucket, { policy, cost });
      if (!await renewal) return await this.#deps.local.take(key, policy, cost);
    }
  }

  /** From what the node holds; undefined when it has to ask for more. */
  #takeLeased(bucket: string, policy: RateLimitPolicy, cost: number): RateDecision | undefined {
    const now = this.#deps.clock.now();
    const lease = this.#leases.get(bucket);
    if (!lease || now >= lease.endsAt) return undefined;
    if (lease.refusedUntil !== undefined) return refusal(policy, lease, now);
    if (lease.tokens < cost) return undefined;
    lease.tokens -= cost;
    return grant(policy, lease, now);
  }

  /** A new lease; undefined when Redis is away. */
  #renew(
    bucket: string,
    { policy, cost }: { policy: RateLimitPolicy; cost: number },
  ): Promise<Lease | undefined> {
    const renewal = this.#lease(bucket, { policy, cost })
      .finally(() => this.#renewals.delete(bucket));
    this.#renewals.set(bucket, renewal);
    return renewal;
  }

  async #lease(
    bucket: string,
    { policy, cost }: { policy: RateLimitPolicy; cost: number },
  ): Promise<Lease | undefined> {
    const before = this.#leases.get(bucket);
    const wanted = Math.max(cost, nextSize(policy, before, this.#deps.clock.now()));
    const reply = await this.#run(bucket, policy, { needed: cost, wanted });
    if (!reply) {
      this.#leases.delete(bucket);
      return undefined;
    }
    const now = this.#deps.clock.now();
    const [granted, sharedTokens, fullInMs, missingMs] = reply;
    const isRefused = granted === 0;
    const lease: Lease = {
      tokens: granted,
      size: granted,
      endsAt: now + (isRefused ? Math.min(missingMs, REFUSAL_MS) : LEASE_MS),
      sharedTokens,
      fullAt: now + fullInMs,
      refusedUntil: isRefused ? now + missingMs : undefined,
    };
    this.#remember(bucket, lease);
    // So that the node has an idea of its callers if Redis goes away.
    if (granted > 0) {
      await this.#deps.local.take(bucket.slice(policy.name.length + 1), policy, granted);
    }
    return lease;
  }

  async #giveBack(key: string, policy: RateLimitPolicy, cost: number): Promise<RateDecision> {
    const bucket = `${policy.name}:${key}`;
    this.#leases.delete(bucket);
    const own = await this.#deps.local.take(key, policy, cost);
    const reply = await this.#run(bucket, policy, { needed: cost, wanted: 0 });
    if (!reply) return own;
    const [, remaining, fullInMs] = reply;
    return { ...own, remaining, resetSeconds: Math.ceil(fullInMs / SECOND_MS) };
  }

  async #run(
    bucket: string,
    { count, windowMs, burst }: RateLimitPolicy,
    { needed, wanted }: { needed: number; wanted: number },
  ): Promise<[number, number, number, number] | undefined> {
    const timeoutMs = this.#deps.timeoutMs ?? TIMEOUT_MS;
    const values = [windowMs / count, burst, needed, wanted].map(String);
    try {
      const run = () =>
        this.#deps.redis.run(TAKE, [redisKey(this.#deps.installation, bucket)], values);
      const reply = await this.#breaker.call(() =>
        withDeadline(run, { timeoutMs, action: "count in Redis" })
      );
      return reply as [number, number, number, number];
    } catch {
      return undefined;
    }
  }

  #remember(bucket: string, lease: Lease): void {
    this.#leases.delete(bucket);
    this.#leases.set(bucket, lease);
    if (this.#leases.size <= LEASES_MAX) return;
    for (const oldest of this.#leases.keys()) {
      this.#leases.delete(oldest);
      return;
    }
  }

  [Symbol.dispose](): void {
    this.#breaker[Symbol.dispose]();
  }
}

/** Twice the last one when that is gone within its time, else one. */
function nextSize(policy: RateLimitPolicy, before: Lease | undefined, now: EpochMs): number {
  if (!before || before.refusedUntil !== undefined || before.endsAt <= now) return 1;
  return Math.min(before.size * 2, Math.max(1, Math.floor(policy.burst / LEASE_PART)));
}

/** Callers' names and addresses need not lie in another server's memory. */
function redisKey(installation: string, bucket: string): string {
  const hash = createHash("sha256").update(bucket).digest("base64url");
  return `paceboard:rate:${installation}:${hash}`;
}

function grant(policy: RateLimitPolicy, lease: Lease, now: EpochMs): RateDecision {
  return {
    isAllowed: true,
    limit: policy.burst,
    remaining: lease.sharedTokens + lease.tokens,
    resetSeconds: Math.max(0, Math.ceil((lease.fullAt - now) / SECOND_MS)),
    retryAfterSeconds: 0,
  };
}

function refusal(policy: RateLimitPolicy, lease: Lease, now: EpochMs): RateDecision {
  return {
    isAllowed: false,
    limit: policy.burst,
    remaining: lease.sharedTokens,
    resetSeconds: Math.max(0, Math.ceil((lease.fullAt - now) / SECOND_MS)),
    retryAfterSeconds: Math.max(1, Math.ceil((lease.refusedUntil! - now) / SECOND_MS)),
  };
}
