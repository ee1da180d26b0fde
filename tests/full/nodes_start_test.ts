/** A product whose Redis is not there when it starts. */

import { assertEquals } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { needs } from "../support/needs.ts";
import { type Product, startProduct, waitUntil } from "../support/product.ts";
import { hasRedisServer, startRedis } from "../support/redis_server.ts";

Deno.test({
  ...needs("redis-server", hasRedisServer, "a start waits for no Redis, and finds it later"),
  async fn() {
    await using redis = await startRedis();
    await redis.kill();
    await using test = await openTestDatabase();
    await using product = await startProduct({ DATABASE_URL: test.url, REDIS_URL: redis.url });

    const without = await healthOf(product);
    await redis.restart();
    const later = await waitUntil(async () => {
      const health = await healthOf(product);
      return health.redis === "healthy" && health;
    }, product.output);

    assertEquals([without.code, without.status, without.redis], [200, "degraded", "degraded"]);
    assertEquals(later.code, 200);
  },
});

async function healthOf({ url }: Product) {
  const answer = await fetch(`${url}/health/detailed`);
  const body = await answer.json();
  return { code: answer.status, status: body.status, redis: body.components?.redis?.status };
}
