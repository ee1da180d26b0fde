/// <reference lib="deno.unstable" />
/** Lists: selectors, limits, batches, order and cursors. */

import { assertEquals, assertThrows } from "@std/assert";
import type { KvStore } from "@/cache/kv.ts";
import { collect, fillStore, type KvCases } from "./kv_conformance.ts";

const A: Deno.KvListSelector = { prefix: ["a"] };

async function valuesOf(
  kv: KvStore,
  selector: Deno.KvListSelector,
  options?: Deno.KvListOptions,
): Promise<unknown[]> {
  return (await collect(kv.list(selector, options))).map(({ value }) => value);
}

/** A selector and what it finds in the filled store. */
const SELECTORS: readonly [Deno.KvListSelector, number[]][] = [
  [A, [0, 1, 2, 3, 4]],
  [{ prefix: [] }, [-1, 0, 1, 2, 3, 4, 99, 100]],
  [{ prefix: ["c"] }, []],
  [{ prefix: ["a", "f"] }, []],
  [{ prefix: ["a", "a"] }, []],
  [{ prefix: ["a"], start: ["a", "c"] }, [2, 3, 4]],
  [{ prefix: ["a"], start: ["a", "f"] }, []],
  [{ prefix: ["a"], end: ["a", "c"] }, [0, 1]],
  [{ prefix: ["a"], end: ["a", "a"] }, []],
  [{ prefix: [], start: ["a", "e"] }, [4, 99, 100]],
  [{ start: ["a", "a"], end: ["a", "z"] }, [0, 1, 2, 3, 4]],
  [{ start: ["a"], end: ["a", "d"] }, [-1, 0, 1, 2]],
  [{ start: ["a", "b"], end: ["a", "d"] }, [1, 2]],
  [{ start: ["a"], end: ["a"] }, []],
  [{ start: [], end: ["b"] }, [-1, 0, 1, 2, 3, 4]],
  [{ start: ["a", "e"], end: [1] }, [4, 99, 100]],
];

export const LIST_CASES: KvCases = {
  async "list() gives entries with key, value and versionstamp"(kv) {
    const versionstamp = await fillStore(kv);

    assertEquals(await collect(kv.list(A, { limit: 2 })), [
      { key: ["a", "a"], value: 0, versionstamp },
      { key: ["a", "b"], value: 1, versionstamp },
    ]);
  },

  async "list() finds what the selector covers, both ways and in any batches"(kv) {
    await fillStore(kv);
    for (const [selector, values] of SELECTORS) {
      for (const batchSize of [1, 2, 5, 100]) {
        assertEquals(await valuesOf(kv, selector, { batchSize }), values);
        assertEquals(
          await valuesOf(kv, selector, { batchSize, reverse: true }),
          values.toReversed(),
        );
      }
    }
  },

  async "list() stops at the limit"(kv) {
    await fillStore(kv);

    assertEquals(await valuesOf(kv, A, { limit: 3 }), [0, 1, 2]);
    assertEquals(await valuesOf(kv, A, { limit: 3, batchSize: 2 }), [0, 1, 2]);
    assertEquals(await valuesOf(kv, A, { limit: 3, batchSize: 2, reverse: true }), [4, 3, 2]);
    assertEquals(await valuesOf(kv, A, { limit: 5 }), [0, 1, 2, 3, 4]);
    assertEquals(await valuesOf(kv, A, { limit: 2000 }), [0, 1, 2, 3, 4]);
  },

  async "list() takes every consistency"(kv) {
    await fillStore(kv);

    assertEquals(await valuesOf(kv, A, { consistency: "eventual" }), [0, 1, 2, 3, 4]);
    assertEquals(await valuesOf(kv, A, { consistency: "strong" }), [0, 1, 2, 3, 4]);
  },

  async "a cursor goes on after the last entry that was seen"(kv) {
    await fillStore(kv);
    for (const selector of [A, { start: ["a", "a"], end: ["a", "z"] }]) {
      for (const reverse of [false, true]) {
        const all = await valuesOf(kv, selector, { reverse });
        const first = kv.list(selector, { limit: 2, reverse });
        const seen = (await collect(first)).map(({ value }) => value);

        const rest = await valuesOf(kv, selector, { cursor: first.cursor, reverse });

        assertEquals([...seen, ...rest], all);
      }
    }
  },

  async "cursors are those of Deno"(kv) {
    await fillStore(kv);
    const list = kv.list(A, { limit: 2 });
    assertThrows(() => list.cursor, Error, "Cannot get cursor before first iteration");
    await collect(list);
    assertEquals(list.cursor, "AmIA");

    const backwards = kv.list(A, { limit: 2, reverse: true });
    await collect(backwards);
    assertEquals(backwards.cursor, "AmQA");

    const whole = kv.list(A);
    await collect(whole);
    assertEquals(whole.cursor, "");
    assertEquals(await valuesOf(kv, A, { cursor: "" }), [0, 1, 2, 3, 4]);
  },

  async "a cursor of a deleted entry goes on"(kv) {
    await fillStore(kv);
    const list = kv.list(A, { limit: 2 });
    await collect(list);
    await kv.delete(["a", "b"]);

    assertEquals(await valuesOf(kv, A, { cursor: list.cursor }), [2, 3, 4]);
  },

  async "an iterator ends for good and iterates itself"(kv) {
    await fillStore(kv);
    const list = kv.list(A, { limit: 1 });

    assertEquals(list[Symbol.asyncIterator](), list);
    assertEquals((await list.next()).value?.value, 0);
    assertEquals(await list.next(), { done: true, value: undefined });
    assertEquals(await list.next(), { done: true, value: undefined });
  },

  async "list() copies its selector"(kv) {
    await fillStore(kv);
    const prefix = ["a"];
    const list = kv.list({ prefix }, { batchSize: 2 });
    prefix[0] = "b";

    assertEquals((await collect(list)).length, 5);
  },

  async "list() reads batches one after the other"(kv) {
    await fillStore(kv);
    const list = kv.list<number>(A, { batchSize: 2 });
    await list.next();
    await kv.delete(["a", "b"]);
    await kv.set(["a", "d"], 33);

    // The first batch is there already, the second shows what was written since.
    assertEquals((await collect(list)).map(({ value }) => value), [1, 2, 33, 4]);
  },

  async "list() walks through a thousand entries"(kv) {
    for (let from = 0; from < 1200; from += 400) {
      const atomic = kv.atomic();
      for (let n = from; n < from + 400; n++) atomic.set(["n", n], n);
      await atomic.commit();
    }

    const all = Array.from({ length: 1200 }, (_, n) => n);
    assertEquals(await valuesOf(kv, { prefix: ["n"] }), all);
    assertEquals(await valuesOf(kv, { prefix: ["n"] }, { limit: 700 }), all.slice(0, 700));
    assertEquals(await valuesOf(kv, { prefix: ["n"] }, { batchSize: 1000 }), all);
  },
};
