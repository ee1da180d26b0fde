import { assert, assertEquals } from "@std/assert";
import { createMetrics } from "@/platform/metrics.ts";
import type { SharedAnswer, SharedMark } from "@/services/cached.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";
import { createRedisKv, hasDenoKv, type KvStore, openDenoKv } from "./kv.ts";
import { openRedis } from "./redis.ts";
import { createSharedCache, type KvSharedCache } from "./shared_cache.ts";

function openShared(kv: KvStore) {
  const time = createManualTime();
  // Machines are slow at times; who asks here wants an answer.
  const timeoutMs = 5_000;
  return {
    time,
    shared: createSharedCache({
      kv,
      installation: "test",
      clock: time,
      timers: time,
      metrics: createMetrics(),
      timeoutMs,
    }),
  };
}

async function readOne(shared: KvSharedCache, id: string): Promise<SharedAnswer | undefined> {
  return (await shared.read("people", [id])).get(id);
}

async function markOf(shared: KvSharedCache, id: string): Promise<SharedMark> {
  const answer = await readOne(shared, id);
  assert(answer?.isKnown === false && answer.mark);
  return answer.mark;
}

/** What holds over any store. */
async function checkLayer(kv: KvStore): Promise<void> {
  const { shared, time } = openShared(kv);
  using _stopped = shared;
  const ids = Array.from({ length: 25 }, (_, index) => `id-${index}`);

  const empty = await shared.read("people", ids);
  await shared.fill(
    "people",
    "id-1",
    { name: "Mira", zones: ["UTC"] },
    await markOf(shared, "id-1"),
  );
  await shared.fill("people", "id-2", undefined, await markOf(shared, "id-2"));
  const filled = await shared.read("people", ids);
  const before = await markOf(shared, "id-3");
  await shared.forget("people", ids);
  await shared.fill("people", "id-3", "old", before);
  const overtaken = await readOne(shared, "id-3");
  const late = await markOf(shared, "id-3");
  time.advance(20_001);
  await shared.fill("people", "id-3", "late", late);
  const tooLate = await readOne(shared, "id-3");
  await shared.fill("people", "id-3", "new", await markOf(shared, "id-3"));

  assertEquals([empty.size, empty.get("id-24")?.isKnown], [25, false]);
  assertEquals(filled.get("id-1"), { isKnown: true, value: { name: "Mira", zones: ["UTC"] } });
  assertEquals(filled.get("id-2"), { isKnown: true, value: undefined });
  assertEquals([overtaken?.isKnown, tooLate?.isKnown], [false, false]);
  assertEquals(await readOne(shared, "id-3"), { isKnown: true, value: "new" });
}

Deno.test({
  ...needs(
    "--unstable-kv",
    hasDenoKv(),
    "createSharedCache() keeps what nobody forgot meanwhile, over Deno's store",
  ),
  async fn() {
    using kv = await openDenoKv(":memory:");
    await checkLayer(kv);
  },
});

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "createSharedCache() does the same over Redis, and forgets afterwards what it could not while Redis was away",
  ),
  async fn() {
    await using server = await startRedis();
    const redis = await openRedis({ url: server.url });
    const kv = createRedisKv(redis, { name: "cache" });
    try {
      await checkLayer(kv);
      await checkOutage(kv, server);
    } finally {
      kv.close();
      redis.close();
    }
  },
});

async function checkOutage(
  kv: KvStore,
  server: { command(...words: string[]): Promise<string> },
): Promise<void> {
  const { shared, time } = openShared(kv);
  using _stopped = shared;
  await shared.forget("people", ["kept"]);
  await shared.fill("people", "kept", "old", await markOf(shared, "kept"));
  // A script refused stands for any way of being away.
  await server.command("CONFIG", "SET", "maxmemory", "1");

  await shared.forget("people", ["kept"]);
  const meanwhile = await shared.read("people", ["kept"]);
  await server.command("CONFIG", "SET", "maxmemory", "0");
  time.advance(1_000);
  await shared.catchUp();
  const after = await readOne(shared, "kept");

  assertEquals(meanwhile.size, 0);
  assertEquals(after?.isKnown, false);
}
