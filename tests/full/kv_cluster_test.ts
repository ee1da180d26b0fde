/// <reference lib="deno.unstable" />
import { assert, assertEquals } from "@std/assert";
import { openRedisKv } from "@/cache/kv.ts";
import { testKvConformance } from "@/tests/support/kv_conformance.ts";
import { needs } from "@/tests/support/needs.ts";
import { startRedisCluster, type TestCluster } from "@/tests/support/redis_cluster.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";

let cluster: TestCluster | undefined;

Deno.test.beforeAll(async () => {
  if (hasRedisServer) cluster = await startRedisCluster();
});

Deno.test.afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

testKvConformance({
  name: "openRedisKv() on a Cluster",
  needs: "redis-server",
  isThere: hasRedisServer,
  open: () => openRedisKv({ url: cluster!.url, name: crypto.randomUUID() }),
});

Deno.test({
  ...needs("redis-server", hasRedisServer, "stores of a Cluster spread over its masters"),
  async fn() {
    for (let n = 0; n < 24; n++) {
      using kv = await openRedisKv({ url: cluster!.url, name: `store-${n}` });
      await kv.set(["a"], n);
      assertEquals((await kv.get(["a"])).value, n);
    }

    const sizes = await Promise.all(
      cluster!.masters.map(async (master) => Number((await master.command("DBSIZE")).slice(1))),
    );
    assert(sizes.every((size) => size > 0), `one master has nothing: ${sizes}`);
  },
});
