/// <reference lib="deno.unstable" />
/** Watches: the state at first, then what becomes of it. */

import { assert, assertEquals } from "@std/assert";
import type { KvCases } from "./kv_conformance.ts";

export const WATCH_CASES: KvCases = {
  async "watch() shows the state, then each change"(kv) {
    const reader = kv.watch<[number, string]>([["a"], ["b"]]).getReader();
    const missing = { value: null, versionstamp: null };
    assertEquals((await reader.read()).value, [
      { key: ["a"], ...missing },
      { key: ["b"], ...missing },
    ]);

    const first = await kv.set(["a"], 1);
    assertEquals((await reader.read()).value, [
      { key: ["a"], value: 1, versionstamp: first.versionstamp },
      { key: ["b"], ...missing },
    ]);

    await kv.delete(["a"]);
    assertEquals((await reader.read()).value?.[0], { key: ["a"], ...missing });
    await reader.cancel();
  },

  async "watch() starts with what is there"(kv) {
    const { versionstamp } = await kv.set(["a"], { n: 1n });

    const reader = kv.watch([["a"]]).getReader();

    assertEquals((await reader.read()).value, [{ key: ["a"], value: { n: 1n }, versionstamp }]);
    await reader.cancel();
  },

  async "watch() shows all keys of a commit at once"(kv) {
    const reader = kv.watch<number[]>([["a"], ["b"]]).getReader();
    await reader.read();

    await kv.atomic().set(["a"], 1).set(["b"], 2).commit();

    const { value } = await reader.read();
    assertEquals(value?.map((entry) => entry.value), [1, 2]);
    await reader.cancel();
  },

  async "watch() leaves out states a slow reader missed and ends with the last"(kv) {
    const reader = kv.watch<number[]>([["a"]]).getReader();
    await reader.read();

    for (let n = 1; n <= 50; n++) await kv.set(["a"], n);

    const seen: (number | null | undefined)[] = [];
    while (seen.at(-1) !== 50) {
      const { value } = await reader.read();
      seen.push(value?.[0]?.value);
    }
    assert(seen.length < 50);
    await reader.cancel();
  },

  async "watch() says nothing of other keys and of commits that fail"(kv) {
    await kv.set(["a"], 0);
    const reader = kv.watch<number[]>([["a"]]).getReader();
    await reader.read();

    await kv.set(["a", "b"], 1);
    await kv.set(["b"], 1);
    await kv.atomic().check({ key: ["a"], versionstamp: null }).set(["a"], 1).commit();
    await kv.set(["a"], 2);

    assertEquals((await reader.read()).value?.[0]?.value, 2);
    await reader.cancel();
  },

  async "watch() of no key ends at once"(kv) {
    assertEquals(await Array.fromAsync(kv.watch([])), []);
  },

  async "watch() of a key twice shows it twice"(kv) {
    const reader = kv.watch<number[]>([["a"], ["a"]]).getReader();
    await reader.read();

    await kv.set(["a"], 1);

    assertEquals((await reader.read()).value?.map((entry) => entry.value), [1, 1]);
    await reader.cancel();
  },

  async "many watches see the same"(kv) {
    const readers = Array.from({ length: 5 }, () => kv.watch<number[]>([["a"]]).getReader());
    await Promise.all(readers.map((reader) => reader.read()));

    await kv.set(["a"], 1);

    for (const reader of readers) {
      assertEquals((await reader.read()).value?.[0]?.value, 1);
      await reader.cancel();
    }
  },

  async "watch() ends when the store is closed"(kv) {
    const reader = kv.watch([["a"]]).getReader();
    await reader.read();
    const waiting = reader.read();

    kv.close();

    assertEquals(await waiting, { done: true, value: undefined });
  },
};
