/// <reference lib="deno.unstable" />
/**
 * The store on Redis beside Deno's own in memory: `deno task bench cache/kv_bench.ts`. Redis runs on
 * the same machine, so that its figures are those of one client that waits for each answer; the
 * rows with 100 at once show what a busy node gets.
 */

import { hasDenoKv, type KvStore, openDenoKv, openRedisKv } from "@/cache/kv.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";

const ENTRIES = 1000;
const AT_ONCE = 100;
const VALUE = {
  competitionId: "01890a5d-ac96-774b-bcce-b302099a8057",
  score: 42n,
  at: new Date(0),
};

async function fill(kv: KvStore): Promise<KvStore> {
  for (let from = 0; from < ENTRIES; from += AT_ONCE) {
    const atomic = kv.atomic();
    for (let n = from; n < from + AT_ONCE; n++) atomic.set(["entry", n], VALUE);
    await atomic.commit();
  }
  return kv;
}

async function openStores(): Promise<Record<string, KvStore>> {
  const stores: Record<string, KvStore> = {};
  if (hasRedisServer) {
    const server = await startRedis();
    const kv = await fill(await openRedisKv({ url: server.url }));
    globalThis.addEventListener("unload", () => {
      kv.close();
      server.kill();
    });
    stores["Redis"] = kv;
  }
  if (hasDenoKv()) stores["Deno.openKv, memory"] = await fill(await openDenoKv(":memory:"));
  return stores;
}

const WORK: Record<string, (kv: KvStore, n: number) => Promise<unknown>> = {
  "get": (kv, n) => kv.get(["entry", n % ENTRIES]),
  "set": (kv, n) => kv.set(["written", n % ENTRIES], VALUE),
  "atomic: check, set, sum": (kv, n) =>
    kv.atomic().check({ key: ["none", n], versionstamp: null }).set(["written", n % ENTRIES], VALUE)
      .sum(["count"], 1n).commit(),
  "list 100": (kv) => Array.fromAsync(kv.list({ prefix: ["entry"] }, { limit: 100 })),
  [`get, ${AT_ONCE} at once`]: (kv) =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, n) => kv.get(["entry", n]))),
  [`set, ${AT_ONCE} at once`]: (kv) =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, n) => kv.set(["written", n], VALUE))),
};

const stores = await openStores();
for (const [group, work] of Object.entries(WORK)) {
  for (const [name, kv] of Object.entries(stores)) {
    let n = 0;
    Deno.bench({ name: `${group}: ${name}`, group, fn: async () => void await work(kv, n++) });
  }
}
