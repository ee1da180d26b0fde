/// <reference lib="deno.unstable" />
/** Random keys, values and operations for the properties of key-value stores. */

import fc from "fast-check";

/** A part of a key of any type. */
export const anyPart: fc.Arbitrary<Deno.KvKeyPart> = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary-ascii", maxLength: 5 }),
  fc.bigInt(),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
);

/** A key of up to four parts. */
export const anyKey: fc.Arbitrary<Deno.KvKey> = fc.array(anyPart, { maxLength: 4 });

/** Any value that structured clone takes. */
export const anyValue: fc.Arbitrary<unknown> = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 3,
});

/** Few keys, so that operations meet; some begin others. */
const TEXT_KEYS: readonly Deno.KvKey[] = [
  ["a"],
  ["a", "a"],
  ["a", "b"],
  ["a", "b", 1],
  ["a", 1n],
  ["b"],
  ["b", true],
  [new Uint8Array([0])],
  [0],
];
const NUMBER_KEYS: readonly Deno.KvKey[] = [["n"], ["n", 1], ["a", "n"]];

const textKey = fc.constantFrom(...TEXT_KEYS);
const numberKey = fc.constantFrom(...NUMBER_KEYS);
const knownKey = fc.constantFrom(...TEXT_KEYS, ...NUMBER_KEYS);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Which versionstamp a check names. */
export type CheckKind = "current" | "missing" | "first";

/** A mutation; number operations stay with keys that hold numbers. */
export type RandomMutation =
  | { type: "set"; key: Deno.KvKey; value: unknown }
  | { type: "number"; key: Deno.KvKey; value: bigint }
  | { type: "sum" | "min" | "max"; key: Deno.KvKey; value: bigint }
  | { type: "delete"; key: Deno.KvKey };

const mutation: fc.Arbitrary<RandomMutation> = fc.oneof(
  fc.record({ type: fc.constant("set" as const), key: textKey, value: fc.integer() }),
  fc.record({ type: fc.constant("number" as const), key: numberKey, value: u64 }),
  fc.record({
    type: fc.constantFrom("sum" as const, "min" as const, "max" as const),
    key: numberKey,
    value: u64,
  }),
  fc.record({ type: fc.constant("delete" as const), key: knownKey }),
);

const selector = fc.oneof(
  fc.record({ prefix: knownKey }),
  fc.record({ prefix: fc.constantFrom<Deno.KvKey>([], ["a"], ["b"], ["n"]) }),
  fc.record({ prefix: fc.constantFrom<Deno.KvKey>([], ["a"], ["b"]), start: knownKey }),
  fc.record({ prefix: fc.constantFrom<Deno.KvKey>([], ["a"], ["b"]), end: knownKey }),
  fc.record({ start: knownKey, end: knownKey }),
  fc.record({ start: fc.constant([]), end: knownKey }),
);

const listOptions = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  batchSize: fc.integer({ min: 1, max: 8 }),
  reverse: fc.boolean(),
  consistency: fc.constantFrom("strong" as const, "eventual" as const),
}, { requiredKeys: [] });

/** One operation on a store. */
export type RandomOperation =
  | { do: "get"; key: Deno.KvKey }
  | { do: "getMany"; keys: Deno.KvKey[] }
  | { do: "set"; key: Deno.KvKey; value: unknown }
  | { do: "delete"; key: Deno.KvKey }
  | { do: "sumOfText"; key: Deno.KvKey; type: "sum" | "min" | "max" }
  | { do: "list"; selector: Deno.KvListSelector; options: Deno.KvListOptions; resumes: boolean }
  | { do: "commit"; checks: { key: Deno.KvKey; kind: CheckKind }[]; mutations: RandomMutation[] };

/** Any operation, commits most often. */
export const anyOperation: fc.Arbitrary<RandomOperation> = fc.oneof(
  fc.record({ do: fc.constant("get" as const), key: knownKey }),
  fc.record({
    do: fc.constant("getMany" as const),
    keys: fc.array(knownKey, { maxLength: 4 }),
  }),
  fc.record({ do: fc.constant("set" as const), key: textKey, value: anyValue }),
  fc.record({ do: fc.constant("delete" as const), key: knownKey }),
  fc.record({
    do: fc.constant("sumOfText" as const),
    key: textKey,
    type: fc.constantFrom("sum" as const, "min" as const, "max" as const),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("list" as const),
      selector,
      options: listOptions,
      resumes: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("commit" as const),
      checks: fc.array(
        fc.record({
          key: knownKey,
          kind: fc.constantFrom<CheckKind>("current", "current", "missing", "first"),
        }),
        { maxLength: 2 },
      ),
      mutations: fc.array(mutation, { maxLength: 5 }),
    }),
  },
);
