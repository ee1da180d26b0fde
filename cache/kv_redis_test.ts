/// <reference lib="deno.unstable" />
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createRedisKv, type KvStore, openRedisKv } from "@/cache/kv.ts";
import { createKeyspace } from "@/cache/kv_keyspace.ts";
import { openRedis } from "@/cache/redis.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis, type TestRedis } from "@/tests/support/redis_server.ts";
import { until } from "@/tests/support/waiting.ts";

const NAME = "test";
/** Enough for a busy machine: only what hangs or is away waits for it. */
const ANSWER_TIMEOUT_MS = 1_500;

/** A test with a server and a store of its own. */
function redisTest(name: string, run: (kv: KvStore, server: TestRedis) => Promise<void>): void {
  Deno.test({
    ...needs("redis-server", hasRedisServer, name),
    async fn() {
      await using server = await startRedis();
      using kv = await openRedisKv({
        url: server.url,
        name: NAME,
        timeoutMs: ANSWER_TIMEOUT_MS,
        onHandlerError: () => {},
      });
      await run(kv, server);
    },
  });
}

/** Whether the store can be reached again. */
function answers(kv: KvStore): () => Promise<boolean> {
  return () => kv.get(["ping"]).then(() => true, () => false);
}

redisTest("an expired entry is gone at once, from every read and check", async (kv) => {
  await kv.set(["a"], 1, { expireIn: 0 });
  await kv.atomic().set(["l", 1], 1).set(["l", 2], 2, { expireIn: 0 }).set(["l", 3], 3).commit();

  assertEquals((await kv.get(["a"])).versionstamp, null);
  for (const reverse of [false, true]) {
    const list = kv.list<number>({ prefix: ["l"] }, { limit: 2, reverse });
    const values = (await Array.fromAsync(list)).map(({ value }) => value);
    assertEquals(values.toSorted(), [1, 3]);
  }
  const missing = { key: ["a"], versionstamp: null };
  assert((await kv.atomic().check(missing).sum(["a"], 3n).commit()).ok);
  assertEquals((await kv.get<Deno.KvU64>(["a"])).value?.value, 3n);
});

redisTest("a commit clears expired entries away", async (kv, server) => {
  await kv.set(["a"], 1, { expireIn: 0 });
  await kv.set(["b"], 1);
  await kv.set(["c"], 1);

  assertEquals(await server.command("HLEN", `kv:{${NAME}}:records`), ":2\r\n");
  assertEquals(await server.command("ZCARD", `kv:{${NAME}}:index`), ":2\r\n");
  assertEquals(await server.command("ZCARD", `kv:{${NAME}}:expiries`), ":0\r\n");
});

redisTest("watch() shows that an entry expired", async (kv) => {
  let shown: unknown[] = [];
  // On a slow machine a short life is over before it is looked at.
  for (let expireIn = 150; shown[0] !== 1 && expireIn < 60_000; expireIn *= 10) {
    await kv.set(["a"], 1, { expireIn });
    const reader = kv.watch<number[]>([["a"]]).getReader();
    const next = async () => (await reader.read()).value?.[0]?.value;
    const first = await next();
    shown = first === 1 ? [first, await next()] : [first];
    await reader.cancel();
  }

  assertEquals(shown, [1, null]);
});

redisTest("watch() with raw tells of a commit that changed nothing", async (kv) => {
  const reader = kv.watch<number[]>([["a"]], { raw: true }).getReader();
  await reader.read();

  await kv.delete(["a"]);

  assertEquals((await reader.read()).value?.[0]?.versionstamp, null);
  await reader.cancel();
});

redisTest("a commit of a wrong type writes nothing at all", async (kv) => {
  await kv.set(["text"], "x");

  await assertRejects(
    () => kv.atomic().set(["before"], 1).sum(["text"], 1n).set(["after"], 1).commit(),
    TypeError,
    "non-U64 value in the database",
  );

  const entries = await kv.getMany([["before"], ["text"], ["after"]]);
  assertEquals(entries.map(({ value }) => value), [null, "x", null]);
});

redisTest("sum() takes no other number than a KvU64", async (kv) => {
  const sum = (value: unknown) =>
    kv.atomic().mutate({ type: "sum", key: ["n"], value: value as Deno.KvU64 }).commit();

  await assertRejects(() => sum(1), TypeError, "Cannot sum KvU64 with Number");
  await assertRejects(() => sum(1n), TypeError, "Cannot sum values other than KvU64");
  await assertRejects(() => sum("1"), TypeError, "not valid V8 values");
  await kv.atomic().sum(["n"], 1n).commit();
  await sum(4n);
  assertEquals((await kv.get<Deno.KvU64>(["n"])).value?.value, 5n);
});

redisTest("out of memory a commit fails whole and reads go on", async (kv, server) => {
  await kv.set(["kept"], 1);
  await server.command("CONFIG", "SET", "maxmemory", "1");

  await assertRejects(() => kv.atomic().set(["a"], 1).delete(["kept"]).commit(), Error, "OOM");

  assertEquals((await kv.getMany([["a"], ["kept"]])).map(({ value }) => value), [null, 1]);
  await server.command("CONFIG", "SET", "maxmemory", "0");
  assert((await kv.set(["a"], 1)).ok);
});

redisTest("extend() puts off the deadline of a message until it is settled", async (kv, server) => {
  const connection = await openRedis({ url: server.url });
  const keyspace = createKeyspace(connection, NAME);
  const running = `kv:{${NAME}}:running`;
  await kv.enqueue("x");
  const { messages: [message], nextInMs } = await keyspace.dequeue(10, 1);
  assert(message && nextInMs === undefined);

  await keyspace.extend([message.id], 60_000);
  await keyspace.settleOverdue();
  assertEquals(await server.command("ZCARD", running), ":1\r\n");
  await keyspace.settle("done", message.id);
  await keyspace.extend([message.id], 60_000);
  await keyspace.settle("failed", message.id);

  assertEquals(await server.command("ZCARD", running), ":0\r\n");
  assertEquals((await keyspace.dequeue(10, 1)).messages, []);
  connection.close();
});

redisTest("a failed message is tried again, then stored under its keys", async (kv) => {
  const tries: number[] = [];
  const listening = kv.listenQueue((message: number) => {
    tries.push(message);
    throw new Error("not now");
  });
  const watch = kv.watch<[number, number]>([["lost"], ["lost", 2]]).getReader();
  await watch.read();

  await kv.enqueue(7, { backoffSchedule: [1, 20], keysIfUndelivered: [["lost"], ["lost", 2]] });

  assertEquals((await watch.read()).value?.map(({ value }) => value), [7, 7]);
  assertEquals(tries, [7, 7, 7]);
  await watch.cancel();
  kv.close();
  await listening;
});

redisTest("a message without retries and keys is dropped", async (kv, server) => {
  const tried = Promise.withResolvers<void>();
  const listening = kv.listenQueue(() => {
    tried.resolve();
    throw new Error("never");
  });
  await kv.enqueue(1, { backoffSchedule: [] });
  await tried.promise;

  await until(
    async () => await server.command("HLEN", `kv:{${NAME}}:messages`) === ":0\r\n",
    "nothing is left",
  );
  kv.close();
  await listening;
});

redisTest(
  "a message goes to another reader when its own misses the deadline",
  async (kv, server) => {
    const taken = Promise.withResolvers<void>();
    const stuck = Promise.withResolvers<void>();
    const dying = await openRedisKv({ url: server.url, name: NAME });
    const listening = dying.listenQueue(() => {
      taken.resolve();
      return stuck.promise;
    });
    await kv.enqueue("x", { backoffSchedule: [0] });
    await taken.promise;
    dying.close();
    await listening;

    // The deadline is moved instead of awaited.
    const running = `kv:{${NAME}}:running`;
    const id = (await server.command("ZRANGE", running, "0", "0")).split("\r\n")[2]!;
    await server.command("ZADD", running, "1", id);
    const received = Promise.withResolvers<unknown>();
    const rescue = kv.listenQueue(received.resolve);

    assertEquals(await received.promise, "x");
    stuck.resolve();
    kv.close();
    await rescue;
  },
);

redisTest("stores of one name share everything, of other names nothing", async (kv, server) => {
  const connection = await openRedis({ url: server.url });
  const same = createRedisKv(connection, { name: NAME });
  const other = createRedisKv(connection, { name: "other" });
  const reader = same.watch<number[]>([["a"]]).getReader();
  await reader.read();

  await kv.set(["a"], 1);

  assertEquals((await reader.read()).value?.[0]?.value, 1);
  assertEquals((await other.get(["a"])).value, null);
  await reader.cancel();
  same.close();
  other.close();
  connection.close();
});

redisTest("versionstamps rise even when Redis was emptied", async (kv, server) => {
  const before = await kv.set(["a"], 1);
  await server.command("FLUSHALL");
  const after = await kv.set(["a"], 1);

  assert(after.versionstamp > before.versionstamp);
  const stale = { key: ["a"], versionstamp: before.versionstamp };
  assertEquals(await kv.atomic().check(stale).commit(), { ok: false });
});

redisTest("a call under way at close() gets its answer", async (kv) => {
  const writing = kv.set(["a"], 1);

  kv.close();

  assert((await writing).ok);
});

redisTest("watch() and listenQueue() survive a killed connection", async (kv, server) => {
  using other = await openRedisKv({ url: server.url, name: NAME });
  const reader = kv.watch<number[]>([["a"]]).getReader();
  await reader.read();
  const messages: unknown[] = [];
  const listening = kv.listenQueue((message) => void messages.push(message));
  await until(answers(kv), "the store answers");

  await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await server.command("CLIENT", "KILL", "TYPE", "pubsub");
  await until(answers(other), "the store answers");
  await other.set(["a"], 1);
  await other.enqueue("missed");

  assertEquals((await reader.read()).value?.[0]?.value, 1);
  await until(() => messages.includes("missed"), "the missed one comes");
  await other.set(["a"], 2);
  assertEquals((await reader.read()).value?.[0]?.value, 2);
  await reader.cancel();
  kv.close();
  await listening;
});

redisTest("checked transfers keep the sum while connections are killed", async (kv, server) => {
  using other = await openRedisKv({ url: server.url, name: NAME });
  const accounts = [0, 1, 2, 3];
  const opening = kv.atomic();
  for (const n of accounts) opening.set(["account", n], 100);
  await opening.commit();

  const workers = [kv, other, kv, other].map((store, n) => transferOften(store, n));
  for (let kills = 0; kills < 8; kills++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  }
  const counts = await Promise.all(workers);
  await until(answers(kv), "the store answers");

  const entries = await Array.fromAsync(kv.list<number>({ prefix: ["account"] }));
  assertEquals(entries.reduce((sum, { value }) => sum + value, 0), 400);
  assert(counts.every((count) => count > 0));
});

/** Moves 1 from account to account; gives how often it succeeded. */
async function transferOften(kv: KvStore, seed: number): Promise<number> {
  let count = 0;
  for (let n = seed; n < seed + 60; n++) {
    try {
      const [from, to] = await kv.getMany<[number, number]>([
        ["account", n % 4],
        ["account", (n * 7 + 1) % 4],
      ]);
      if (from.value === null || to.value === null || from.key[1] === to.key[1]) continue;
      const result = await kv.atomic().check(from, to).set(from.key, from.value - 1)
        .set(to.key, to.value + 1).commit();
      if (result.ok) count++;
    } catch {
      // Whether this transfer happened is unknown; that it happened in part is impossible.
      await until(answers(kv), "the store answers");
    }
  }
  return count;
}

redisTest("watch() and listenQueue() survive a restart of Redis", async (kv, server) => {
  await kv.set(["a"], 1);
  const reader = kv.watch<number[]>([["a"]]).getReader();
  await reader.read();
  const messages: unknown[] = [];
  const listening = kv.listenQueue((message) => void messages.push(message));

  await server.kill();
  await assertRejects(() => kv.get(["a"]));
  await server.restart();
  await until(answers(kv), "the store answers");

  assertEquals((await reader.read()).value?.[0]?.value, null);
  await kv.set(["a"], 2);
  assertEquals((await reader.read()).value?.[0]?.value, 2);
  await kv.enqueue("after");
  await until(() => messages.includes("after"), "the next one comes");
  await reader.cancel();
  kv.close();
  await listening;
});

redisTest("calls fail at once while Redis is away", async (kv, server) => {
  await server.kill();
  await assertRejects(() => kv.get(["a"]));
  const start = performance.now();

  await assertRejects(() => kv.get(["a"]));
  await assertRejects(() => kv.set(["a"], 1));

  assert(performance.now() - start < ANSWER_TIMEOUT_MS);
  await server.restart();
  await until(answers(kv), "the store answers");
});

redisTest("calls end when Redis hangs", async (kv, server) => {
  await kv.get(["a"]);
  await server.command("CLIENT", "PAUSE", "4000", "ALL");

  const error = await assertRejects(() => kv.get(["a"]), Error, `${ANSWER_TIMEOUT_MS} ms`);

  assertEquals((error as { code?: unknown }).code, "SERVICE_UNAVAILABLE");
  await until(answers(kv), "the store answers");
});

redisTest("faults of the connection are told", async (kv, server) => {
  const faults: Error[] = [];
  const connection = await openRedis({ url: server.url, onFault: (error) => faults.push(error) });
  const shared = createRedisKv(connection);

  await server.kill();

  await until(() => faults.length > 0, "the fault is told");
  await server.restart();
  await until(answers(kv), "the store answers");
  await until(answers(shared), "the store answers");
  shared.close();
  connection.close();
});

redisTest("a key of another type fails the call and nothing else", async (kv, server) => {
  await server.command("SET", `kv:{${NAME}}:records`, "foreign");

  await assertRejects(() => kv.get(["a"]), Error, "WRONGTYPE");
  await server.command("DEL", `kv:{${NAME}}:records`);
  assertEquals((await kv.get(["a"])).value, null);
});

Deno.test("openRedisKv() fails when nobody answers", async () => {
  await assertRejects(
    () => openRedisKv({ url: "redis://127.0.0.1:1", timeoutMs: ANSWER_TIMEOUT_MS }),
  );
});

Deno.test("openRedisKv() refuses a name that would leave the hash slot", async () => {
  await assertRejects(
    () => openRedisKv({ url: "redis://127.0.0.1:1", name: "a}b" }),
    TypeError,
    'Cannot open the store "a}b"',
  );
});
