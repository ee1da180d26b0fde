/**
 * What the nodes share besides messages: the cache and the counts of rate limits. Over Redis where
 * there is one; else the cache over `Deno.openKv` where the runtime offers it, as Deno Deploy does,
 * and the counts in the process; else both in the process.
 *
 * @module
 */

import type { Clock } from "@/platform/clock.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { createRateLimiter, type RateLimiter } from "@/platform/rate_limit.ts";
import type { Timers } from "@/platform/timers.ts";
import type { SharedCache } from "@/services/cached.ts";
import { createRedisKv, hasDenoKv, type KvStore, openDenoKv } from "./kv.ts";
import type { NodeConnection } from "./nodes.ts";
import { createSharedCache } from "./shared_cache.ts";
import { createSharedRateLimiter } from "./shared_rate_limit.ts";

export interface SharedStateDeps {
  /** Undefined without Redis. */
  nodes: Pick<NodeConnection, "redis"> | undefined;
  /** Keeps installations apart that share a Redis. */
  installation: string;
  clock: Clock;
  timers: Timers;
  metrics: Metrics;
}

export interface SharedState extends Disposable {
  /** Undefined for a node that keeps everything in its own memory. */
  sharedCache: SharedCache | undefined;
  limiter: RateLimiter;
}

/** The cache's store, apart from whatever else lies in the same Redis. */
const STORE_NAME = "cache";

/** Opens the state; nothing waits for a Redis that is away. */
export async function openSharedState(deps: SharedStateDeps): Promise<SharedState> {
  const { nodes, clock } = deps;
  const local = createRateLimiter({ clock });
  if (nodes) return overRedis(deps, { redis: nodes.redis, local });
  if (!hasDenoKv()) {
    return { sharedCache: undefined, limiter: local, [Symbol.dispose]: () => {} };
  }
  return overDenoKv(deps, await openDenoKv(), local);
}

function overRedis(
  deps: SharedStateDeps,
  { redis, local }: Pick<NodeConnection, "redis"> & { local: RateLimiter },
): SharedState {
  const kv = createRedisKv(redis, { name: STORE_NAME });
  const sharedCache = createSharedCache({ ...deps, kv });
  const limiter = createSharedRateLimiter({ ...deps, redis, local });
  const stopHearing = redis.onReady(() => void sharedCache.catchUp());
  return {
    sharedCache,
    limiter,
    [Symbol.dispose]() {
      stopHearing();
      sharedCache[Symbol.dispose]();
      limiter[Symbol.dispose]();
      kv.close();
    },
  };
}

function overDenoKv(deps: SharedStateDeps, kv: KvStore, limiter: RateLimiter): SharedState {
  const sharedCache = createSharedCache({ ...deps, kv });
  return {
    sharedCache,
    limiter,
    [Symbol.dispose]() {
      sharedCache[Symbol.dispose]();
      kv.close();
    },
  };
}
