/// <reference lib="deno.unstable" />
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRedisKv, hasDenoKv, type KvStore, KvU64, openDenoKv } from "@/cache/kv.ts";
import { openRedis } from "@/cache/redis.ts";
import {
  anyKey,
  anyOperation,
  anyValue,
  type CheckKind,
  type RandomMutation,
  type RandomOperation,
} from "@/tests/support/kv_arbitraries.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";

/** Sequences tried; more on request by `KV_PROPERTY_RUNS`. */
const RUNS = Number(Deno.env.get("KV_PROPERTY_RUNS") ?? 80);
const OPERATIONS_MAX = 40;

/** A store, whose versionstamps are told as the number of the commit that gave them. */
class Subject {
  readonly #kv: KvStore;
  readonly #commits: string[] = [];

  constructor(kv: KvStore) {
    this.#kv = kv;
  }

  /** What the operation answers, or its error. */
  async run(operation: RandomOperation): Promise<unknown> {
    try {
      return await this.#answer(operation);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `${error.constructor.name}: ${error.message}`;
    }
  }

  async #answer(operation: RandomOperation): Promise<unknown> {
    switch (operation.do) {
      case "get":
        return this.#show(await this.#kv.get(operation.key));
      case "getMany":
        return (await this.#kv.getMany(operation.keys)).map((entry) => this.#show(entry));
      case "set":
        return this.#commit(await this.#kv.set(operation.key, operation.value));
      case "delete":
        return await this.#kv.delete(operation.key);
      case "sumOfText":
        return await this.#sumOfText(operation.key, operation.type);
      case "list":
        return await this.#list(operation);
      case "commit":
        return await this.#atomic(operation.checks, operation.mutations);
    }
  }

  async #sumOfText(key: Deno.KvKey, type: "sum" | "min" | "max"): Promise<unknown> {
    const atomic = this.#kv.atomic().mutate({ type, key, value: new KvU64(7n) });
    return this.#commit(await atomic.commit());
  }

  async #list(
    { selector, options, resumes }: Extract<RandomOperation, { do: "list" }>,
  ): Promise<unknown> {
    const list = this.#kv.list(selector, options);
    const entries = (await Array.fromAsync(list)).map((entry) => this.#show(entry));
    const { cursor } = list;
    if (!resumes) return { entries, cursor };
    const rest = await Array.fromAsync(this.#kv.list(selector, { ...options, cursor }));
    return { entries, cursor, rest: rest.map((entry) => this.#show(entry)) };
  }

  async #atomic(
    checks: readonly { key: Deno.KvKey; kind: CheckKind }[],
    mutations: readonly RandomMutation[],
  ): Promise<unknown> {
    const atomic = this.#kv.atomic();
    for (const { key, kind } of checks) {
      const { versionstamp } = await this.#kv.get(key);
      const first = this.#commits[0] ?? null;
      atomic.check({
        key,
        versionstamp: kind === "current" ? versionstamp : kind === "first" ? first : null,
      });
    }
    for (const mutation of mutations) addMutation(atomic, mutation);
    return this.#commit(await atomic.commit());
  }

  #commit(result: Deno.KvCommitResult | Deno.KvCommitError): unknown {
    if (!result.ok) return result;
    // Versionstamps rise with every commit.
    if (result.versionstamp <= (this.#commits.at(-1) ?? "")) return "not rising";
    return { ok: true, commit: this.#commits.push(result.versionstamp) };
  }

  #show({ key, value, versionstamp }: Deno.KvEntryMaybe<unknown>): unknown {
    return {
      key,
      value,
      commit: versionstamp === null ? null : this.#commits.indexOf(versionstamp) + 1,
    };
  }
}

function addMutation(atomic: Deno.AtomicOperation, mutation: RandomMutation): void {
  if (mutation.type === "set") atomic.set(mutation.key, mutation.value);
  else if (mutation.type === "delete") atomic.delete(mutation.key);
  else if (mutation.type === "number") atomic.set(mutation.key, new KvU64(mutation.value));
  else atomic[mutation.type](mutation.key, mutation.value);
}

const isThere = hasRedisServer && hasDenoKv();

/** Both stores, empty, for the time of one sequence. */
async function compare(
  run: (open: () => Promise<{ redis: KvStore; deno: KvStore } & Disposable>) => Promise<void>,
): Promise<void> {
  await using server = await startRedis();
  const connection = await openRedis({ url: server.url });
  try {
    await run(async () => {
      const redis = createRedisKv(connection, { name: crypto.randomUUID() });
      const deno = await openDenoKv(":memory:");
      return {
        redis,
        deno,
        [Symbol.dispose]() {
          redis.close();
          deno.close();
        },
      };
    });
  } finally {
    connection.close();
  }
}

Deno.test({
  ...needs("redis-server and --unstable-kv", isThere, "both stores answer any operations alike"),
  async fn() {
    await compare(async (open) => {
      const operations = fc.array(anyOperation, {
        minLength: 5,
        maxLength: OPERATIONS_MAX,
        size: "max",
      });
      await fc.assert(
        fc.asyncProperty(operations, async (sequence) => {
          using stores = await open();
          const redis = new Subject(stores.redis);
          const deno = new Subject(stores.deno);
          for (const operation of sequence) {
            assertEquals(await redis.run(operation), await deno.run(operation));
          }
        }),
        { numRuns: RUNS },
      );
    });
  },
});

Deno.test({
  ...needs("redis-server and --unstable-kv", isThere, "both stores keep any keys in one order"),
  async fn() {
    await compare(async (open) => {
      const keys = fc.array(anyKey.filter(({ length }) => length > 0), { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(keys, async (keys) => {
          using stores = await open();
          for (const kv of [stores.redis, stores.deno]) {
            const atomic = kv.atomic();
            for (const key of keys) atomic.set(key, key.length);
            await atomic.commit();
          }
          const keysOf = async (kv: KvStore) =>
            (await Array.fromAsync(kv.list({ prefix: [] }))).map(({ key }) => key);

          assertEquals(await keysOf(stores.redis), await keysOf(stores.deno));
        }),
        { numRuns: 50 },
      );
    });
  },
});

Deno.test({
  ...needs("redis-server and --unstable-kv", isThere, "both stores give any values back alike"),
  async fn() {
    await compare(async (open) => {
      using stores = await open();
      await fc.assert(fc.asyncProperty(anyValue, async (value) => {
        await stores.redis.set(["v"], value);
        await stores.deno.set(["v"], value);
        const { value: stored } = await stores.redis.get(["v"]);

        assertEquals(stored, (await stores.deno.get(["v"])).value);
      }));
    });
  },
});
