/// <reference lib="deno.unstable" />
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createRedisKv, hasDenoKv, type KvStore } from "@/cache/kv.ts";
import { openRedis } from "@/cache/redis.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";

const VALUE_BYTES_MAX = 65_536;
const RECORD_BYTES = 1_000;

/** Counts how often its bytes are asked for. */
class CountedBlob extends Blob {
  static reads = 0;

  override bytes() {
    CountedBlob.reads += 1;
    return super.bytes();
  }
}

async function refusesLargeBlobs(kv: KvStore): Promise<void> {
  const large = () => new CountedBlob([new Uint8Array(VALUE_BYTES_MAX)]);
  const atomic = kv.atomic();
  for (let n = 0; n < 20; n++) {
    atomic.set(["v", n], new CountedBlob([new Uint8Array(VALUE_BYTES_MAX - RECORD_BYTES)]));
  }

  await assertRejects(() => kv.set(["v"], large()), TypeError, "Value too large");
  await assertRejects(() => kv.enqueue([large()]), TypeError, "enqueue payload too large");
  await assertRejects(() => atomic.commit(), TypeError, "Total mutation size too large");
  assertEquals(CountedBlob.reads, 0);

  const size = VALUE_BYTES_MAX - RECORD_BYTES;
  await kv.set(["v"], new CountedBlob([new Uint8Array(size)]));
  assertEquals([CountedBlob.reads, (await kv.get<Blob>(["v"])).value?.size], [1, size]);
}

async function refusesBadKeysFirst(kv: KvStore): Promise<void> {
  const noKey = "text" as unknown as Deno.KvKey;

  await assertRejects(() => kv.set(noKey, new CountedBlob(["x"])), TypeError);

  assertEquals(CountedBlob.reads, 0);
}

async function answersAfterClose(kv: KvStore): Promise<void> {
  const writing = kv.set(["v"], new Blob(["x"]));
  kv.close();

  assert((await writing).ok);
}

function showsBlobs(kv: KvStore): void {
  const atomic = kv.atomic().set(["v"], new Blob(["12345"])).enqueue(new Blob(["1"]));

  assertMatch(
    Deno.inspect(atomic),
    /set\(\[ "v" \], Blob \{ size: 5,.*\n.*enqueue\(Blob \{ size: 1,/,
  );
}

/** An inherited method would look for private fields of the class that it comes from. */
function passesForDenos(kv: KvStore): void {
  const made = [kv, kv.atomic(), kv.list({ prefix: [] })];

  for (const one of made) {
    const own = Object.getPrototypeOf(one);
    const inherited = Reflect.ownKeys(Object.getPrototypeOf(own));
    const known = new Set([...Reflect.ownKeys(Object.prototype), ...Reflect.ownKeys(own)]);
    assertEquals(inherited.filter((name) => !known.has(name)), []);
  }
  // Only under --unstable-kv are there classes to pass for.
  if (!hasDenoKv()) return;
  assert(kv instanceof Deno.Kv && made[1] instanceof Deno.AtomicOperation);
  assertMatch(Deno.inspect(made[1]), /^AtomicOperation \(empty\)$/);
}

Deno.test({
  ...needs("redis-server", hasRedisServer, "objects of the web on their way to Redis"),
  async fn(t) {
    await using server = await startRedis();
    const redis = await openRedis({ url: server.url });
    const check = async (name: string, run: (kv: KvStore) => Promise<void> | void) => {
      CountedBlob.reads = 0;
      using kv = createRedisKv(redis, { name: crypto.randomUUID() });
      await t.step(name, async () => await run(kv));
    };
    await check("blobs too large are refused unread, by their size", refusesLargeBlobs);
    await check("a bad key is refused before blobs are read", refusesBadKeysFirst);
    await check("a store closed while blobs are read answers", answersAfterClose);
    await check("an operation shows blobs that were not read yet", showsBlobs);
    await check("a store and what it makes pass for those of Deno", passesForDenos);
    redis.close();
  },
});
