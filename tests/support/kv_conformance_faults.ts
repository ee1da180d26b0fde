/// <reference lib="deno.unstable" />
/** What is refused, with which error; and what holds after the store was closed. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { KvStore } from "@/cache/kv.ts";
import { collect, type KvCases } from "./kv_conformance.ts";

const PARTS = "expected string, number, bigint, ArrayBufferView, boolean";

/** For calls that the types forbid. */
function wrong<T>(value: unknown): T {
  return value as T;
}

const BAD_PARTS = [null, undefined, {}, new Date(), new ArrayBuffer(3), ["a", "b"], Symbol("s")];

const BAD_SELECTORS: readonly [unknown, string][] = [
  [{}, "Selector must specify either 'prefix' or both 'start' and 'end' key"],
  [{ start: ["a"] }, "Selector must specify either 'prefix' or both 'start' and 'end' key"],
  [{ end: ["a"] }, "Selector must specify either 'prefix' or both 'start' and 'end' key"],
  [
    { prefix: ["a"], start: ["a", "b"], end: ["a", "c"] },
    "Selector can not specify both 'start' and 'end' key when specifying 'prefix'",
  ],
];

const BAD_RANGES: readonly [Deno.KvListSelector, string][] = [
  [{ prefix: ["a"], start: ["a"] }, "Start key is not in the keyspace defined by prefix"],
  [{ prefix: ["b"], start: ["a"] }, "Start key is not in the keyspace defined by prefix"],
  [{ prefix: ["a"], end: ["a"] }, "End key is not in the keyspace defined by prefix"],
  [{ prefix: ["a"], end: ["b"] }, "End key is not in the keyspace defined by prefix"],
  [{ start: ["b"], end: ["a"] }, "Start key is greater than end key"],
  [{ prefix: ["x".repeat(2047)] }, "Key too large for read (max 2049 bytes)"],
];

function checksOf(count: number): Deno.AtomicCheck[] {
  return Array.from({ length: count }, (_, n) => ({ key: [n], versionstamp: null }));
}

function deletesOf(kv: KvStore, count: number): Deno.AtomicOperation {
  const atomic = kv.atomic();
  for (let n = 0; n < count; n++) atomic.delete([n]);
  return atomic;
}

export const FAULT_CASES: KvCases = {
  async "a key must be a list of parts"(kv) {
    for (const part of BAD_PARTS) {
      const key = wrong<Deno.KvKey>([part]);
      await assertRejects(() => kv.get(key), TypeError, PARTS);
      await assertRejects(() => kv.getMany([key]), TypeError, PARTS);
      await assertRejects(() => kv.set(key, 1), TypeError, PARTS);
      await assertRejects(() => kv.delete(key), TypeError, PARTS);
      await assertRejects(() => collect(kv.list({ prefix: key })), TypeError, PARTS);
      assertThrows(() => kv.watch([key]), TypeError, PARTS);
    }
    for (const key of ["a", 1, {}]) {
      await assertRejects(() => kv.get(wrong(key)), TypeError, "expected: array");
      await assertRejects(() => kv.set(wrong(key), 1), TypeError, "expected: array");
    }
  },

  async "an empty key is nobody's"(kv) {
    assertEquals(await kv.get([]), { key: [], value: null, versionstamp: null });
    await assertRejects(() => kv.set([], 1), TypeError, "key cannot be empty");
    await assertRejects(() => kv.delete([]), TypeError, "key cannot be empty");
    await assertRejects(
      () => kv.atomic().check({ key: [], versionstamp: null }).commit(),
      TypeError,
      "key cannot be empty",
    );
  },

  async "keys and values have a largest size"(kv) {
    const key = ["x".repeat(2047)];
    await assertRejects(() => kv.get(key), TypeError, "Key too large for read (max 2049 bytes)");
    await assertRejects(
      () => kv.set(key, 1),
      TypeError,
      "Key too large for write (max 2048 bytes)",
    );
    await assertRejects(
      () => kv.set(["v"], new Uint8Array(65_537)),
      TypeError,
      "Value too large (max 65536 bytes)",
    );
    await assertRejects(
      () => kv.enqueue(new Uint8Array(70_000)),
      TypeError,
      "enqueue payload too large (max 65536 bytes)",
    );
    await assertRejects(
      () => kv.set([2n ** 2040n], 1),
      TypeError,
      "BigUint requires more than 255 bytes to be represented",
    );
  },

  async "operations have a largest size"(kv) {
    const keys = Array.from({ length: 11 }, (_, n) => [n]);
    await kv.getMany(keys.slice(0, 10));
    await assertRejects(() => kv.getMany(keys), TypeError, "Too many ranges (max 10)");
    await kv.atomic().check(...checksOf(100)).commit();
    await assertRejects(
      () => kv.atomic().check(...checksOf(101)).commit(),
      TypeError,
      "Too many checks (max 100)",
    );
    await deletesOf(kv, 1000).commit();
    await assertRejects(
      () => deletesOf(kv, 1001).commit(),
      TypeError,
      "Too many mutations (max 1000)",
    );
    await assertRejects(
      () => deletesOf(kv, 1000).enqueue(1).commit(),
      TypeError,
      "Too many mutations (max 1000)",
    );
    assertThrows(() => kv.watch(keys), TypeError, "Too many keys (max 10)");
  },

  async "a commit has a largest sum of sizes"(kv) {
    const values = kv.atomic();
    for (let n = 0; n < 13; n++) values.set([n], new Uint8Array(65_536));
    await assertRejects(
      () => values.commit(),
      TypeError,
      "Total mutation size too large (max 819200 bytes)",
    );
    const keys = kv.atomic();
    for (let n = 0; n < 80; n++) keys.set(["a".repeat(1100)], 1);
    await assertRejects(
      () => keys.commit(),
      TypeError,
      "Total key size too large (max 81920 bytes)",
    );
    assertEquals(await collect(kv.list({ prefix: [] })), []);
  },

  async "list() checks its selector at once, its keys when it reads"(kv) {
    for (const [selector, message] of BAD_SELECTORS) {
      assertThrows(() => kv.list(wrong(selector)), TypeError, message);
    }
    for (const [selector, message] of BAD_RANGES) {
      await assertRejects(() => collect(kv.list(selector)), TypeError, message);
    }
  },

  async "list() checks limit, batch size, consistency and cursor"(kv) {
    const list = (options: Deno.KvListOptions) => kv.list({ start: ["m"], end: ["z"] }, options);
    for (const size of [0, -1, 1.5, NaN, Infinity]) {
      assertThrows(
        () => list({ limit: size }),
        Error,
        `Limit must be a positive integer: received ${size}`,
      );
      assertThrows(
        () => list({ batchSize: size }),
        Error,
        `batchSize must be a positive integer: received ${size}`,
      );
    }
    const failures: [Deno.KvListOptions, string][] = [
      [{ batchSize: 1001 }, "Too many entries (max 1000)"],
      [{ consistency: wrong("x") }, "unknown variant `x`, expected `strong` or `eventual`"],
      [{ cursor: "!!!" }, "invalid cursor"],
      [{ cursor: "AA" }, "invalid cursor"],
      [{ cursor: "AmIA" }, "cursor out of bounds"],
      [{ cursor: "fwA=", reverse: true }, "cursor out of bounds"],
    ];
    for (const [options, message] of failures) {
      await assertRejects(() => collect(list(options)), TypeError, message);
    }
    await assertRejects(() => kv.get(["a"], { consistency: wrong("x") }), TypeError, "variant");
  },

  async "a check needs a versionstamp of 20 hex digits"(kv) {
    for (const versionstamp of ["", "xx".repeat(10), "aa".repeat(11), "é"]) {
      await assertRejects(
        () => kv.atomic().check({ key: ["a"], versionstamp }).commit(),
        TypeError,
        "Invalid check",
      );
    }
  },

  // deno-lint-ignore require-await
  async "a mutation must be whole"(kv) {
    const mutate = (mutation: unknown) => () => kv.atomic().mutate(wrong(mutation));
    const key = ["a"];
    assertThrows(mutate({ key, type: "x", value: 1 }), TypeError, "Invalid mutation type");
    assertThrows(
      mutate({ key, type: "set" }),
      TypeError,
      "Invalid mutation 'set' without value",
    );
    assertThrows(
      mutate({ key, type: "sum" }),
      TypeError,
      "Invalid mutation 'sum' without value",
    );
    assertThrows(
      mutate({ key, type: "delete", value: 1 }),
      TypeError,
      "Invalid mutation 'delete' with value",
    );
    assertThrows(() => kv.atomic().set(key, () => {}), TypeError, "could not be cloned");
    assertThrows(() => kv.atomic().sum(key, wrong(1)), TypeError, "Value must be a bigint");
    assertThrows(() => kv.atomic().sum(key, -1n), RangeError, "must be a positive bigint");
    assertThrows(() => kv.atomic().max(key, 2n ** 64n), RangeError, "must fit in a 64-bit");
  },

  async "expireIn must be a whole number of milliseconds in reach"(kv) {
    for (const expireIn of [-1, 1.5, NaN, Infinity, wrong<number>("5")]) {
      const message = `expireIn must be a non-negative integer: received ${expireIn}`;
      await assertRejects(() => kv.set(["a"], 1, { expireIn }), TypeError, message);
      assertThrows(() => kv.atomic().set(["a"], 1, { expireIn }), TypeError, message);
    }
    for (const expireIn of [8_300_000_000_000_000, Number.MAX_SAFE_INTEGER]) {
      await assertRejects(
        () => kv.set(["a"], 1, { expireIn }),
        TypeError,
        `Invalid mutation: expireIn is too large: ${expireIn}`,
      );
    }
    await kv.set(["a"], 1, { expireIn: 8_200_000_000_000_000 });
    assertEquals((await kv.get(["a"])).value, 1);
  },

  async "messages have bounds"(kv) {
    const enqueue = (options: Parameters<KvStore["enqueue"]>[1]) => () => kv.enqueue(1, options);
    await assertRejects(enqueue({ delay: -1 }), TypeError, "Delay must be >= 0: received -1");
    await assertRejects(enqueue({ delay: NaN }), TypeError, "Delay cannot be NaN");
    await assertRejects(
      enqueue({ delay: 2_592_000_001 }),
      TypeError,
      "Delay cannot be greater than 30 days: received 2592000001",
    );
    await assertRejects(
      enqueue({ backoffSchedule: [1, 1, 1, 1, 1, 1] }),
      TypeError,
      "Invalid backoffSchedule, max 5 intervals allowed",
    );
    for (const interval of [3_600_001, -1, NaN]) {
      await assertRejects(
        enqueue({ backoffSchedule: [interval] }),
        TypeError,
        "Invalid backoffSchedule, interval at index 0 is invalid",
      );
    }
    await assertRejects(enqueue({ keysIfUndelivered: [wrong([{}])] }), TypeError, PARTS);
    await assertRejects(() => kv.enqueue(() => {}), TypeError, "could not be cloned");
    assertThrows(() => kv.atomic().enqueue(1, { delay: -1 }), TypeError, "Delay must be");
  },

  async "a closed store refuses everything"(kv) {
    const list = kv.list({ prefix: [] });
    const atomic = kv.atomic().set(["a"], 1);

    kv.close();

    const { BadResource } = Deno.errors;
    await assertRejects(() => kv.get(["a"]), BadResource, "Bad resource ID");
    await assertRejects(() => kv.getMany([["a"]]), BadResource);
    await assertRejects(() => kv.set(["a"], 1), BadResource);
    await assertRejects(() => kv.delete(["a"]), BadResource);
    await assertRejects(() => kv.enqueue(1), BadResource);
    await assertRejects(() => atomic.commit(), BadResource);
    await assertRejects(() => list.next(), BadResource);
    assertThrows(() => kv.watch([["a"]]), BadResource);
    await assertRejects(() => kv.listenQueue(() => {}), Error, "Queue already closed");
    assertThrows(() => kv.close(), BadResource);
    kv[Symbol.dispose]();
  },

  async "a disposed store is closed"(kv) {
    kv[Symbol.dispose]();

    await assertRejects(() => kv.get(["a"]), Deno.errors.BadResource);
    assertEquals(await kv.listenQueue(() => {}), undefined);
    assertThrows(() => kv.close(), Deno.errors.BadResource);
    kv[Symbol.dispose]();
  },
};
