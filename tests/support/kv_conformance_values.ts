/// <reference lib="deno.unstable" />
/** Values and keys come back as they were given. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { KvU64 } from "@/cache/kv.ts";
import type { KvCases } from "./kv_conformance.ts";

interface Circle {
  name: string;
  self?: Circle;
}

const VALUES: readonly unknown[] = [
  "hello",
  "",
  "é\u0000\u{1f600}",
  42,
  -0,
  NaN,
  Infinity,
  1.5,
  2n ** 70n,
  -5n,
  true,
  null,
  undefined,
  new Date(0),
  /a+b/giu,
  new Map<unknown, unknown>([[1, { a: 2 }], ["k", new Set([1])]]),
  new Set(["x", 1n]),
  new ArrayBuffer(3),
  new Float64Array([1.5, -2]),
  new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 2),
  new Uint8Array([0, 255]),
  new Uint8Array(),
  new Uint8Array([9, 1, 2, 9]).subarray(1, 3),
  [1, [2, [3]], undefined],
  // deno-lint-ignore no-sparse-arrays -- a hole must stay one
  [1, , 3],
  { a: { b: [{ c: 1n }] }, d: undefined, bytes: new Uint8Array([1]) },
  Object("boxed"),
];

const KEYS: readonly Deno.KvKey[] = [
  ["a", "b"],
  ["", ""],
  ["a\u0000b"],
  ["é\u{1f600}"],
  [0],
  [-0],
  [NaN],
  [-Infinity],
  [1e308, -1.5],
  [0n],
  [255n, 256n, -255n, -256n],
  [2n ** 64n - 1n, -(2n ** 64n - 1n)],
  [2n ** 64n, -(2n ** 64n)],
  [2n ** 2040n - 1n, -(2n ** 2040n - 1n)],
  [true, false],
  [new Uint8Array([0, 255, 0, 1])],
  [new Uint8Array()],
  [1, 1n, true, new Uint8Array([1, 2, 3]), "a"],
];

/** Each smaller than the next. */
const ORDERED: readonly Deno.KvKey[] = [
  [new Uint8Array()],
  [new Uint8Array([0])],
  [new Uint8Array([0, 0])],
  [new Uint8Array([0, 1])],
  [new Uint8Array([1])],
  [new Uint8Array([255])],
  [""],
  ["", "a"],
  ["\u0000"],
  ["a"],
  ["a", new Uint8Array([1])],
  ["a", "a"],
  ["a", 1n],
  ["a", 1],
  ["a", false],
  ["aa"],
  ["é"],
  [-(2n ** 80n)],
  [-(2n ** 64n)],
  [-256n],
  [-255n],
  [-1n],
  [0n],
  [1n],
  [255n],
  [256n],
  [2n ** 64n],
  [2n ** 80n],
  [-Infinity],
  [-1.5],
  [-0],
  [0],
  [Number.MIN_VALUE],
  [1],
  [Infinity],
  [NaN],
  [false],
  [true],
  [true, "a"],
];

export const VALUE_CASES: KvCases = {
  async "get() of a missing key is null without versionstamp"(kv) {
    assertEquals(await kv.get(["a"]), { key: ["a"], value: null, versionstamp: null });
    assertEquals(await kv.get(["a"], { consistency: "eventual" }), {
      key: ["a"],
      value: null,
      versionstamp: null,
    });
  },

  async "set() and delete() give rising versionstamps of 20 hex digits"(kv) {
    const first = await kv.set(["a"], "b");
    const second = await kv.set(["a"], "c");

    assert(first.ok && second.ok);
    assertMatch(first.versionstamp, /^[0-9a-f]{20}$/);
    assert(second.versionstamp > first.versionstamp);
    assertEquals(await kv.get(["a"]), {
      key: ["a"],
      value: "c",
      versionstamp: second.versionstamp,
    });
    assertEquals(await kv.delete(["a"]), undefined);
    assertEquals((await kv.get(["a"])).versionstamp, null);
    assertEquals(await kv.delete(["a"]), undefined);
  },

  async "values come back as they were set"(kv) {
    for (const value of VALUES) {
      await kv.set(["v"], value);

      const { value: stored } = await kv.get(["v"]);

      assertEquals(stored, value);
      assert(Object.is(stored, value) || typeof value === "object");
    }
  },

  async "a circular value and one held twice keep their shape"(kv) {
    const circle: Circle = { name: "x" };
    circle.self = circle;
    await kv.set(["v"], [circle, circle]);

    const { value } = await kv.get<Circle[]>(["v"]);

    assert(value && value[0] === value[1] && value[0]?.self === value[0]);
  },

  async "values are copied when they are set"(kv) {
    const bytes = new Uint8Array([1, 2]);
    const atomic = kv.atomic().set(["b"], bytes);
    bytes[0] = 9;
    const object = { n: 1 };
    const writing = kv.set(["o"], object);
    object.n = 2;
    await writing;

    await atomic.commit();

    assertEquals((await kv.get(["o"])).value, { n: 1 });
  },

  async "a class loses its prototype, a KvU64 inside a value too"(kv) {
    class Point {
      x = 1;
    }
    await kv.set(["v"], { point: new Point(), u64: new KvU64(1n) });

    const { value } = await kv.get<{ point: object; u64: object }>(["v"]);

    assertEquals(value, { point: { x: 1 }, u64: { value: 1n } });
    assertEquals(Object.getPrototypeOf(value?.point), Object.prototype);
  },

  async "a KvU64 comes back as one"(kv) {
    await kv.set(["v"], new KvU64(2n ** 64n - 1n));

    const { value } = await kv.get<Deno.KvU64>(["v"]);

    assert(value instanceof KvU64);
    assertEquals(value.value, 2n ** 64n - 1n);
    assertEquals(String(value), "18446744073709551615");
  },

  async "what cannot be cloned is refused and leaves nothing"(kv) {
    for (const value of [() => {}, Symbol("s"), new WeakMap(), Promise.resolve(), { f() {} }]) {
      await assertRejects(() => kv.set(["v"], value), TypeError, "could not be cloned");
    }
    const getter = {
      get a() {
        throw new RangeError("own");
      },
    };
    await assertRejects(() => kv.set(["v"], getter), RangeError, "own");

    assertEquals((await kv.get(["v"])).versionstamp, null);
  },

  async "keys of all types come back as they were set"(kv) {
    for (const [index, key] of KEYS.entries()) {
      await kv.set(key, index);

      assertEquals(await kv.get(key).then((entry) => [entry.key, entry.value]), [key, index]);
    }
    assertEquals((await kv.getMany([[0], [-0]])).map(({ value }) => value), [4, 5]);
  },

  async "a view of any type is a key of bytes"(kv) {
    await kv.set([new DataView(new Uint8Array([1, 2]).buffer) as unknown as Uint8Array], 1);

    assertEquals((await kv.get([new Uint8Array([1, 2])])).value, 1);
  },

  async "keys are ordered by type, then value, then length"(kv) {
    const shuffled = ORDERED.map((key, index) => ({ key, index }))
      .toSorted((a, b) => (a.index * 17) % ORDERED.length - (b.index * 17) % ORDERED.length);
    for (const { key, index } of shuffled) await kv.set(key, index);

    const values: number[] = [];
    for await (const { value } of kv.list<number>({ prefix: [] })) values.push(value);

    assertEquals(values, ORDERED.map((_, index) => index));
  },

  async "getMany() answers in the order of the keys"(kv) {
    const { versionstamp } = await kv.set(["b"], 1);

    assertEquals(await kv.getMany([["c"], ["b"], ["b"]]), [
      { key: ["c"], value: null, versionstamp: null },
      { key: ["b"], value: 1, versionstamp },
      { key: ["b"], value: 1, versionstamp },
    ]);
    assertEquals(await kv.getMany([]), []);
  },

  async "the largest key and value are stored"(kv) {
    const key = [new Uint8Array(2046).fill(1)];
    const value = new Uint8Array(65_536).fill(7);

    await kv.set(key, value);

    assertEquals((await kv.get(key)).value, value);
    assertEquals((await Array.fromAsync(kv.list({ prefix: [] })))[0]?.key, key);
  },
};
