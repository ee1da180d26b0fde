/** What this node shares with others over Redis: the connection, the broker on it, and its health. */

import { SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { HealthCheck } from "@/platform/health.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { Timers } from "@/platform/timers.ts";
import type { Broker } from "@/services/boards/broker.ts";
import type { Ranking } from "@/services/boards/ranking.ts";
import { createRedisBroker } from "./broker.ts";
import { createRedisRanking } from "./ranking_redis.ts";
import { openRedisLater } from "./redis_later.ts";
import type { RedisConnection } from "./redis.ts";

/** What connecting needs. */
export interface NodesDeps {
  url: string;
  clock: Clock;
  timers: Timers;
  newId: IdGenerator;
  metrics: Metrics;
}

/** One node's end of it. */
export interface NodeConnection extends Disposable {
  redis: RedisConnection;
  broker: Broker;
  ranking: Ranking;
  health: HealthCheck;
}

/** An outage is one line in the log from time to time, not one for each try. */
const FAULT_INTERVAL_MS = 30 * SECOND_MS;

/** Connects, now or when Redis is there; nothing waits for it. */
export function connectNodes({ url, clock, timers, newId, metrics }: NodesDeps): NodeConnection {
  let toldAt = -Infinity;
  const onFault = (error: Error) => {
    if (clock.now() - toldAt < FAULT_INTERVAL_MS) return;
    toldAt = clock.now();
    getLog("redis").warning("Redis is away: {reason}", { reason: error.message });
  };
  const redis = openRedisLater({ url, timers, onFault });
  const broker = createRedisBroker({
    ...{ connection: redis, timers, metrics },
    nodeId: newId(),
  });
  return {
    redis,
    broker,
    ranking: createRedisRanking({ connection: redis, newId }),
    health: { name: "redis", isCritical: false, check: () => checkRedis(redis) },
    [Symbol.dispose]() {
      broker[Symbol.dispose]();
      redis.close();
    },
  };
}

/** Publishes where nobody listens, which is what the nodes need of it. */
async function checkRedis(redis: RedisConnection) {
  try {
    await redis.publish("paceboard:health", "");
    return { message: "answers" };
  } catch {
    const message = "is away: other nodes' changes show within two seconds";
    return { status: "degraded" as const, message };
  }
}
