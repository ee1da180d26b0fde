import { hasDenoKv, openDenoKv, openRedisKv } from "@/cache/kv.ts";
import { testKvConformance } from "@/tests/support/kv_conformance.ts";
import { hasRedisServer, startRedis, type TestRedis } from "@/tests/support/redis_server.ts";

let server: TestRedis | undefined;

Deno.test.beforeAll(async () => {
  if (hasRedisServer) server = await startRedis();
});

Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

testKvConformance({
  name: "Deno.openKv",
  needs: "--unstable-kv",
  isThere: hasDenoKv(),
  open: () => openDenoKv(":memory:"),
});

testKvConformance({
  name: "openRedisKv()",
  needs: "redis-server",
  isThere: hasRedisServer,
  open: () => openRedisKv({ url: server!.url, name: crypto.randomUUID() }),
});
