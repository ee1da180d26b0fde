/**
 * Several nodes of the product in one process, each with its own services, connections and port,
 * over one PostgreSQL and one Redis, by the machine's clock.
 *
 *     await using cluster = await openNodes({ count: 2, redisUrl: redis.url });
 *     const [a, b] = cluster.nodes;
 *
 * @module
 */

import { connectNodes } from "@/cache/nodes.ts";
import { openSharedState } from "@/cache/shared_state.ts";
import { type Database, openDatabase } from "@/db/client.ts";
import { readInstallationId } from "@/db/installation.ts";
import freshConfig from "@/fresh.config.ts";
import { systemClock } from "@/platform/clock.ts";
import { parseConfig } from "@/platform/config.ts";
import { createHealth, type Health } from "@/platform/health.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createMetrics, type Metrics } from "@/platform/metrics.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createApp } from "@/routes/mod.ts";
import { opsAccess } from "@/routes/ops.ts";
import type { Services } from "@/services/mod.ts";
import { openTestDatabase } from "./database.ts";
import { createTestServices } from "./services.ts";

/** One node. */
export interface TestNode extends AsyncDisposable {
  services: Services;
  metrics: Metrics;
  health: Health;
  /** Tells whether Redis answers now; `health` remembers for a while what it found. */
  isConnected(): Promise<boolean>;
  database: Database;
  port: number;
  url: string;
}

/** All nodes. */
export interface TestNodes extends AsyncDisposable {
  nodes: TestNode[];
  /** A pool of the test's own. */
  database: Database;
  databaseUrl: string;
}

export interface NodesOptions {
  count: number;
  redisUrl: string;
  /** Viewers a node takes. */
  viewersMax?: number;
  /** Settings of the nodes; limits of rate are off unless they are set here. */
  env?: Record<string, string>;
}

const POOL_MAX = 5;
const time = { ...systemClock, ...systemTimers };

const NO_LIMITS = {
  "RATE_LIMIT_DEFAULT": "off",
  "RATE_LIMIT_SCORE": "off",
  "RATE_LIMIT_AUTH": "off",
  "RATE_LIMIT_AUTH_ADDRESS": "off",
};

/** Opens a database of its own and the nodes on it. */
export async function openNodes(options: NodesOptions): Promise<TestNodes> {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestDatabase());
  const nodes: TestNode[] = [];
  for (let n = 0; n < options.count; n++) nodes.push(stack.use(await openNode(test.url, options)));
  return {
    nodes,
    database: test.database,
    databaseUrl: test.url,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function openNode(databaseUrl: string, options: NodesOptions): Promise<TestNode> {
  const stack = new AsyncDisposableStack();
  const metrics = createMetrics();
  const database = stack.use(await openDatabase({ url: databaseUrl, poolMax: POOL_MAX }));
  const connection = stack.use(connectNodes({
    ...{ url: options.redisUrl, metrics, newId: createIdGenerator(systemClock) },
    ...{ clock: systemClock, timers: systemTimers },
  }));
  const shared = stack.use(
    await openSharedState({
      ...{ nodes: connection, metrics, clock: systemClock, timers: systemTimers },
      installation: await readInstallationId(database),
    }),
  );
  const services = stack.use(createTestServices(database, time, metrics, {
    broker: connection.broker,
    sharedCache: shared.sharedCache,
    limiter: shared.limiter,
    liveLimits: { viewersMax: options.viewersMax ?? 5_000 },
  }));
  const startedAt = systemClock.now();
  const checks = [connection.health];
  const health = createHealth({ clock: systemClock, version: "test", startedAt, checks });
  const { limiter } = shared;
  const { port, stop } = await serve({ services, metrics, health, limiter }, options.env);
  stack.defer(stop);
  return {
    ...{ services, metrics, health, database, port },
    url: `http://127.0.0.1:${port}`,
    isConnected: () => connection.redis.publish("test", "").then(() => true, () => false),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Served {
  services: Services;
  metrics: Metrics;
  health: Health;
  limiter: RateLimiter;
}

async function serve(
  { services, metrics, health, limiter }: Served,
  env: Record<string, string> = {},
) {
  const config = parseConfig({ ...NO_LIMITS, ...env });
  const app = createApp({
    ...{ config, services, metrics, limiter, clock: systemClock },
    newId: createIdGenerator(systemClock),
    csrfSecret: "a secret of this test",
    ops: { health, isReady: () => true, access: opsAccess(config.metricsToken) },
    fresh: freshConfig,
  });
  await app.ready();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    app.handle,
  );
  return {
    port: server.addr.port,
    async stop() {
      await services.live.closeAll();
      await server.shutdown();
    },
  };
}
