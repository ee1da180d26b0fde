/// <reference lib="deno.unstable" />
import { assert, assertEquals } from "@std/assert";
import { openRedisKv } from "@/cache/kv.ts";
import { testKvConformance } from "@/tests/support/kv_conformance.ts";
import { needs } from "@/tests/support/needs.ts";
import { startRedisCluster, type TestCluster } from "@/tests/support/redis_cluster.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";
import { until } from "@/tests/support/waiting.ts";

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

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "watch() and listenQueue() survive a restart of masters",
  ),
  async fn() {
    await using own = await startRedisCluster();
    using kv = await openRedisKv({ url: own.url });
    const reader = kv.watch<number[]>([["a"]]).getReader();
    await reader.read();
    const messages: unknown[] = [];
    const listening = kv.listenQueue((message) => void messages.push(message));

    for (const master of own.masters) {
      await master.kill();
      await master.restart();
    }
    await until(() => kv.set(["a"], 1).then(() => true, () => false), "the store takes writes");
    await kv.enqueue("after");

    assertEquals((await reader.read()).value?.[0]?.value, 1);
    await until(() => messages.includes("after"), "the next one comes");
    await kv.set(["a"], 2);
    assertEquals((await reader.read()).value?.[0]?.value, 2);
    await reader.cancel();
    kv.close();
    await listening;
  },
});
