import { assert, assertEquals } from "@std/assert";
import { createMetrics } from "@/platform/metrics.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";
import { openRedis, type RedisConnection } from "./redis.ts";
import { createSharedRateLimiter } from "./shared_rate_limit.ts";

/** A bucket that does not fill while a test runs. */
const HOURLY = { name: "hourly", count: 1, windowMs: 3_600_000, burst: 400 };
const SMALL = { ...HOURLY, name: "small", burst: 5 };

/** A node's limiter; `calls` counts what it asked Redis. */
function openLimiter(redis: RedisConnection) {
  const time = createManualTime();
  const calls = { count: 0 };
  const limiter = createSharedRateLimiter({
    redis: { run: (...call) => (calls.count += 1, redis.run(...call)) },
    installation: "test",
    local: createRateLimiter({ clock: time }),
    clock: time,
    metrics: createMetrics(),
    timeoutMs: 5_000,
  });
  return { limiter, time, calls };
}

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "createSharedRateLimiter() counts for all nodes together, falls back and comes back",
  ),
  async fn(t) {
    await using server = await startRedis();
    const redis = await openRedis({ url: server.url });
    try {
      await t.step("two nodes let through what the bucket holds, with few calls", async () => {
        const nodes = [openLimiter(redis), openLimiter(redis)] as const;
        let allowed = 0;
        let first = true;
        for (let round = 0; round < 30; round++) {
          const asked = nodes.flatMap(({ limiter }) =>
            Array.from({ length: 10 }, () => limiter.take("mira", HOURLY))
          );
          for (const decision of await Promise.all(asked)) {
            if (decision.isAllowed) allowed += 1;
            if (first) assertEquals([decision.limit, decision.remaining], [400, 399]);
            first = false;
          }
        }
        // The last ones of a node may lie in its lease.
        assert(allowed <= 400 && allowed >= 380, `${allowed} were let through`);
        assert(nodes[0].calls.count < 100, `${nodes[0].calls.count} calls`);
        for (const { limiter } of nodes) limiter[Symbol.dispose]();
      });

      await t.step("a small bucket is exact, and gives back", async () => {
        const [here, there] = [openLimiter(redis), openLimiter(redis)];
        const take = async ({ limiter }: typeof here, cost = 1) =>
          (await limiter.take("login", SMALL, cost)).isAllowed;

        const taken = [
          await take(here, 2),
          await take(there, 2),
          await take(here),
          await take(there),
        ];
        await there.limiter.take("login", SMALL, -1);
        there.time.advance(1_000);
        const after = [await take(there), await take(there)];
        const refused = await there.limiter.take("login", SMALL);

        assertEquals([...taken, ...after], [true, true, true, false, true, false]);
        assertEquals([refused.remaining, refused.retryAfterSeconds], [0, 3_600]);
        here.limiter[Symbol.dispose]();
        there.limiter[Symbol.dispose]();
      });

      await t.step("a key of another type is put right", async () => {
        const { limiter, calls } = openLimiter(redis);
        await limiter.take("odd", SMALL);
        const keys = await server.command("KEYS", "paceboard:rate:*");
        for (const [key] of keys.matchAll(/paceboard:rate:test:[\w-]+/g)) {
          await server.command("DEL", key);
          await server.command("LPUSH", key, "x");
        }
        const decision = await limiter.take("odd", SMALL);
        assertEquals([decision.isAllowed, decision.remaining, calls.count], [true, 4, 2]);
        limiter[Symbol.dispose]();
      });

      await t.step("without Redis a node goes on from what it let through", async () => {
        const { limiter } = openLimiter(redis);
        for (let i = 0; i < 3; i++) await limiter.take("eve", SMALL);
        await server.kill();
        const alone = [];
        for (let i = 0; i < 3; i++) alone.push((await limiter.take("eve", SMALL)).isAllowed);
        assertEquals(alone, [true, true, false]);
        limiter[Symbol.dispose]();
        // A driver that is closed while it waits for its next try leaves its timer behind.
        const { promise: isBack, resolve } = Promise.withResolvers<void>();
        redis.onReady(resolve);
        await server.restart();
        await isBack;
      });
    } finally {
      redis.close();
    }
  },
});
