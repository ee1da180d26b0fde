/// <reference lib="deno.unstable" />
/** Commits: all or nothing, in order, under one versionstamp. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type KvStore, KvU64 } from "@/cache/kv.ts";
import type { KvCases } from "./kv_conformance.ts";

const U64_MAX = 2n ** 64n - 1n;

async function numberAt(kv: KvStore, key: Deno.KvKey): Promise<bigint | undefined> {
  return (await kv.get<Deno.KvU64>(key)).value?.value;
}

export const ATOMIC_CASES: KvCases = {
  async "a commit gives all its keys one versionstamp"(kv) {
    const result = await kv.atomic().set(["a"], 1).set(["b"], 2).sum(["c"], 3n).commit();

    assert(result.ok);
    const entries = await kv.getMany([["a"], ["b"], ["c"]]);
    assertEquals(entries.map(({ versionstamp }) => versionstamp), [
      result.versionstamp,
      result.versionstamp,
      result.versionstamp,
    ]);
  },

  async "an empty commit succeeds"(kv) {
    assert((await kv.atomic().commit()).ok);
    assert((await kv.atomic().check().mutate().commit()).ok);
  },

  async "check() holds against the versionstamp"(kv) {
    const { versionstamp } = await kv.set(["t"], "1");
    const current = await kv.get(["t"]);

    const first = await kv.atomic().check(current).set(["t"], "2").commit();
    const second = await kv.atomic().check({ key: ["t"], versionstamp }).set(["t"], "3").commit();

    assert(first.ok && first.versionstamp > versionstamp);
    assertEquals(second, { ok: false });
    assertEquals((await kv.get(["t"])).value, "2");
  },

  async "check() with null holds for a missing key only"(kv) {
    const missing = { key: ["t"], versionstamp: null };

    assert((await kv.atomic().check(missing).set(["t"], 1).commit()).ok);
    assertEquals(await kv.atomic().check(missing).set(["t"], 2).commit(), { ok: false });
    await kv.delete(["t"]);
    assert((await kv.atomic().check(missing).commit()).ok);
  },

  async "one failed check of many writes nothing"(kv) {
    const { versionstamp } = await kv.set(["a"], 1);
    const checks = [{ key: ["a"], versionstamp }, { key: ["b"], versionstamp }];

    const result = await kv.atomic().check(...checks).set(["a"], 2).set(["c"], 3)
      .enqueue("never").commit();

    assertEquals(result, { ok: false });
    assertEquals((await kv.getMany([["a"], ["c"]])).map(({ value }) => value), [1, null]);
  },

  async "checks see the state before the commit"(kv) {
    const { versionstamp } = await kv.set(["a"], 1);

    const result = await kv.atomic().set(["a"], 2).check({ key: ["a"], versionstamp }).commit();

    assert(result.ok);
    assertEquals((await kv.get(["a"])).value, 2);
  },

  async "mutations of one key run in order"(kv) {
    await kv.set(["a"], "old");
    await kv.atomic().set(["a"], 1).delete(["a"]).commit();
    assertEquals((await kv.get(["a"])).versionstamp, null);

    await kv.atomic().delete(["a"]).set(["a"], 2).commit();
    assertEquals((await kv.get(["a"])).value, 2);

    await kv.atomic().set(["n"], new KvU64(5n)).sum(["n"], 2n).max(["n"], 3n).min(["n"], 6n)
      .commit();
    assertEquals(await numberAt(kv, ["n"]), 6n);

    await kv.atomic().delete(["n"]).sum(["n"], 1n).commit();
    assertEquals(await numberAt(kv, ["n"]), 1n);
  },

  async "sum(), min() and max() of a missing key set it"(kv) {
    await kv.atomic().sum(["s"], 1n).min(["i"], 2n).max(["x"], 3n).commit();

    assertEquals(await numberAt(kv, ["s"]), 1n);
    assertEquals(await numberAt(kv, ["i"]), 2n);
    assertEquals(await numberAt(kv, ["x"]), 3n);
  },

  async "sum() wraps around at 2^64"(kv) {
    await kv.set(["n"], new KvU64(U64_MAX));

    await kv.atomic().sum(["n"], 10n).commit();
    assertEquals(await numberAt(kv, ["n"]), 9n);

    await kv.atomic().sum(["n"], U64_MAX).commit();
    assertEquals(await numberAt(kv, ["n"]), 8n);
  },

  async "min() and max() compare all 64 bits"(kv) {
    const large = 2n ** 63n + 1n;
    await kv.set(["n"], new KvU64(large));

    await kv.atomic().max(["n"], large - 1n).commit();
    assertEquals(await numberAt(kv, ["n"]), large);
    await kv.atomic().min(["n"], large + 1n).commit();
    assertEquals(await numberAt(kv, ["n"]), large);
    await kv.atomic().max(["n"], U64_MAX).commit();
    assertEquals(await numberAt(kv, ["n"]), U64_MAX);
    await kv.atomic().min(["n"], 255n).commit();
    assertEquals(await numberAt(kv, ["n"]), 255n);
  },

  async "mutate() does what the methods do"(kv) {
    await kv.atomic().mutate(
      { type: "set", key: ["a"], value: undefined },
      { type: "sum", key: ["n"], value: new KvU64(3n) },
      { type: "max", key: ["n"], value: new KvU64(5n) },
      { type: "min", key: ["n"], value: new KvU64(4n) },
      { type: "set", key: ["gone"], value: 1 },
      { type: "delete", key: ["gone"] },
    ).commit();

    assert((await kv.get(["a"])).versionstamp);
    assertEquals(await numberAt(kv, ["n"]), 4n);
    assertEquals((await kv.get(["gone"])).versionstamp, null);
  },

  async "a number operation on another type is refused"(kv) {
    await kv.set(["a"], 1);
    for (const type of ["sum", "min", "max"] as const) {
      await assertRejects(
        () => kv.atomic().mutate({ type, key: ["a"], value: new KvU64(1n) }).commit(),
        TypeError,
        `Failed to perform '${type}' mutation on a non-U64 value in the database`,
      );
    }
    assertEquals((await kv.get(["a"])).value, 1);
  },

  async "an operand that is no KvU64 is refused"(kv) {
    await kv.set(["a"], new KvU64(1n));
    const wrong = 1 as unknown as Deno.KvU64;
    const mutate = (type: "sum" | "min" | "max") =>
      kv.atomic().mutate({ type, key: ["a"], value: wrong }).commit();

    await assertRejects(() => mutate("sum"), TypeError, "Cannot sum KvU64 with Number");
    await assertRejects(
      () => mutate("min"),
      TypeError,
      "Failed to perform 'min' mutation on a non-U64 operand",
    );
    await assertRejects(
      () => mutate("max"),
      TypeError,
      "Failed to perform 'max' mutation on a non-U64 operand",
    );
    assertEquals(await numberAt(kv, ["a"]), 1n);
  },

  async "a failed check is told before a wrong type"(kv) {
    await kv.set(["a"], "text");

    const result = await kv.atomic().check({ key: ["a"], versionstamp: null }).sum(["a"], 1n)
      .commit();

    assertEquals(result, { ok: false });
  },

  async "commits at once lose no increment"(kv) {
    await Promise.all(
      Array.from({ length: 50 }, () => kv.atomic().sum(["n"], 1n).commit()),
    );

    assertEquals(await numberAt(kv, ["n"]), 50n);
  },

  async "of commits at once with the same check one succeeds"(kv) {
    const { versionstamp } = await kv.set(["lock"], 0);
    const check = { key: ["lock"], versionstamp };

    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => kv.atomic().check(check).set(["lock"], n).commit()),
    );

    assertEquals(results.filter(({ ok }) => ok).length, 1);
  },

  async "an operation may be committed again"(kv) {
    const atomic = kv.atomic().sum(["n"], 2n);

    await atomic.commit();
    await atomic.commit();

    assertEquals(await numberAt(kv, ["n"]), 4n);
  },

  async "commitVersionstamp() ends a key with the versionstamp"(kv) {
    const key = ["log", kv.commitVersionstamp()] as unknown as Deno.KvKey;
    const first = await kv.set(key, "x");
    const second = await kv.atomic().set(key, "y").commit();

    const entries = await Array.fromAsync(kv.list({ prefix: ["log"] }));
    assert(second.ok);
    assertEquals(entries.map((entry) => [entry.key, entry.value]), [
      [["log", first.versionstamp], "x"],
      [["log", second.versionstamp], "y"],
    ]);
  },

  async "an overwritten or deleted entry forgets its expiry"(kv) {
    await kv.set(["a"], 1, { expireIn: 1 });
    await kv.set(["a"], 2);
    await kv.set(["n"], new KvU64(1n), { expireIn: 60_000 });
    await kv.atomic().sum(["n"], 1n).commit();

    assertEquals((await kv.getMany([["a"], ["n"]])).map(({ value }) => value), [
      2,
      new KvU64(2n),
    ]);
  },

  async "an operation shows what it holds"(kv) {
    const bytes = new Uint8Array([1, 2]);
    const atomic = kv.atomic().check({ key: ["a", 1], versionstamp: null })
      .set(["t"], { n: 1 }, { expireIn: 5 }).set(["b"], bytes).delete(["o"]).sum(["c"], 5n)
      .enqueue({ m: 1 }).enqueue("x", {
        delay: 9,
        backoffSchedule: [1],
        keysIfUndelivered: [["k"]],
      });

    assertEquals(Deno.inspect(kv.atomic()), "AtomicOperation (empty)");
    assertEquals(Deno.inspect(atomic).split("\n"), [
      "AtomicOperation",
      '  check({ key: [ "a", 1 ], versionstamp: null })',
      '  set([ "t" ], { n: 1 }, { expireIn: 5 })',
      '  set([ "b" ], Uint8Array(2) [ 1, 2 ])',
      '  delete([ "o" ])',
      '  sum([ "c" ], [Deno.KvU64: 5n])',
      "  enqueue({ m: 1 })",
      '  enqueue("x", { delay: 9, keysIfUndelivered: [ [ "k" ] ], backoffSchedule: [ 1 ] })',
    ]);
    await assertRejects(async () => await atomic, TypeError, "is not a promise");
  },
};
