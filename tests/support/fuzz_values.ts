/** Values for requests of the fuzzer: such that fit a schema, and such that no client means. */

import fc from "fast-check";
import {
  type ApiDocument,
  choicesOf,
  resolve,
  type Schema,
  typesOf,
} from "@/components/docs/api_document.ts";

/** Values that exist in the app under test, so that requests reach beyond the first check. */
export interface KnownValues {
  userIds: string[];
  competitionIds: string[];
  slugs: string[];
  emails: string[];
  password: string;
}

/** What a value generator needs to know besides the schema. */
export interface ValueContext {
  document: ApiDocument;
  known: KnownValues;
}

const DEPTH_MAX = 5;
/** Longer lists only cost time; the limits of batches have tests of their own. */
const ITEMS_MAX = 4;

/** Values that fit the schema, mostly. */
export function fittingValue(
  context: ValueContext,
  schema: Schema,
  name = "",
  depth = 0,
): fc.Arbitrary<unknown> {
  const resolved = resolve(context.document, schema);
  if (depth > DEPTH_MAX) return fc.constant(null);
  if (resolved.const !== undefined) return fc.constant(resolved.const);
  if (resolved.enum) return fc.constantFrom(...resolved.enum);
  const choices = choicesOf(resolved);
  if (choices.length > 0) {
    return fc.oneof(...choices.map((choice) => fittingValue(context, choice, name, depth + 1)));
  }
  if (resolved.properties) return objectOf(context, resolved, depth);
  const types = typesOf(resolved);
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(
    ...types.map((type) => plainValue({ context, schema: resolved, name, depth }, type)),
  );
}

interface Place {
  context: ValueContext;
  schema: Schema;
  name: string;
  depth: number;
}

function plainValue(place: Place, type: string): fc.Arbitrary<unknown> {
  const { context, schema, name, depth } = place;
  switch (type) {
    case "string":
      return textValue(place);
    case "integer":
    case "number":
      return numberValue(schema, type);
    case "boolean":
      return fc.boolean();
    case "array": {
      const item = fittingValue(context, schema.items ?? {}, name, depth + 1);
      return fc.array(item, { minLength: Math.min(schema.minItems ?? 0, 1), maxLength: ITEMS_MAX });
    }
    case "object":
      return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 1 }), {
        maxKeys: 3,
      });
    default:
      return fc.constant(null);
  }
}

function objectOf(context: ValueContext, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    return [name, fittingValue(context, field, name, depth + 1)] as const;
  });
  const requiredKeys = Object.keys(schema.properties ?? {}).filter((name) => {
    return schema.required?.includes(name);
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys });
}

function numberValue(schema: Schema, type: string): fc.Arbitrary<number> {
  const min = Math.max(schema.minimum ?? -1000, -Number.MAX_SAFE_INTEGER);
  const max = Math.min(schema.maximum ?? Math.max(100_000, min), Number.MAX_SAFE_INTEGER);
  const whole = fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
  return type === "integer" ? whole : fc.oneof(whole, fc.constantFrom(0.5, 42.25, 1e6));
}

const DAY_MS = 86_400_000;
/** The competitions under test run around here. */
const AROUND_MS = Date.UTC(2026, 4, 1, 12);

function textValue({ context: { known }, schema, name }: Place): fc.Arbitrary<string> {
  const own = knownTexts(known, name, schema);
  const made = madeText(schema);
  return own.length > 0 ? fc.oneof(fc.constantFrom(...own), made) : made;
}

function knownTexts(known: KnownValues, name: string, schema: Schema): string[] {
  if (name === "competitionId" || name === "id") return [...known.competitionIds, ...known.slugs];
  if (name === "userId" || name === "targetId") return known.userIds;
  if (name === "email") return known.emails;
  if (/password/i.test(name)) return [known.password];
  if (name === "timeZone") return ["Europe/Helsinki", "UTC", "America/New_York"];
  return typeof schema.example === "string" ? [schema.example] : [];
}

function madeText(schema: Schema): fc.Arbitrary<string> {
  const minLength = schema.minLength ?? 0;
  const maxLength = Math.min(schema.maxLength ?? 40, Math.max(60, minLength));
  switch (schema.format) {
    case "uuid":
      return fc.uuid();
    case "date-time":
      return fc.integer({ min: -400, max: 400 }).map((days) => {
        return new Date(AROUND_MS + days * DAY_MS).toISOString();
      });
    case "date":
      return fc.integer({ min: -400, max: 400 }).map((days) => {
        return new Date(AROUND_MS + days * DAY_MS).toISOString().slice(0, 10);
      });
    case "email":
      return fc.emailAddress();
  }
  const plain = fc.string({ minLength, maxLength, unit: "grapheme" });
  if (schema.pattern === undefined) return plain;
  return fc.stringMatching(new RegExp(schema.pattern), { maxLength });
}

/** Numbers, texts and structures at which programs break. */
export const JUNK: readonly unknown[] = [
  ...[null, true, false, "", " ", [], {}, [[]], [null], { a: {} }],
  ...[0, -0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e21, 1e308, 5e-324],
  ...["NaN", "Infinity", "null", "undefined", "true", "0x10", "1e5", "-1", "٣"],
  ...["\u0000", "a\u0000b", "\ud800", "\udc00x", "\uffff", "\u202e", "e\u0301", "👩‍👩‍👧‍👦", "ß", "İ"],
  ...["'", '"; drop table users; --', "%", "_", "\\", "${1}", "{{7*7}}", "<script>", "../../etc"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty"],
  ...["0000-00-00", "2026-02-30", "2026-02-29T25:61:61Z", "9999-12-31T23:59:59.999Z"],
  ...["-000001-01-01T00:00:00Z", "+275760-09-13T00:00:00.001Z", "1970-01-01T00:00:00+99:99"],
  ...["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  ...["x".repeat(300), "x".repeat(5000), "😀".repeat(600), "\n".repeat(200)],
  ...[nested(31), nested(40), Array(200).fill(0)],
  JSON.parse('{"__proto__": {"role": "admin"}, "constructor": {"prototype": 1}}'),
  ...[{ length: 1e9 }, { toString: 1 }],
];

/** A list in a list, so many deep. */
function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

/** Anything that no schema asks for. */
export const junkValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...JUNK) },
  fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
  fc.string({ unit: "binary", maxLength: 200 }),
);

/** The value with one part taken out, replaced or added. */
export function mutated(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    way: fc.constantFrom("replace", "drop", "junk", "junk", "add", "inner"),
    at: fc.nat(),
    junk: junkValue,
  });
  return fc.tuple(value, change).map(([given, { way, at, junk }]) => {
    return mutate(given, way, { at, junk });
  });
}

function mutate(value: unknown, way: string, change: { at: number; junk: unknown }): unknown {
  const { at, junk } = change;
  if (Array.isArray(value) && value.length > 0 && way === "inner") {
    return value.with(at % value.length, mutate(value[at % value.length], "junk", change));
  }
  if (typeof value !== "object" || value === null || way === "replace") return junk;
  const keys = Object.keys(value);
  if (way === "add" || keys.length === 0) return { ...value, [`extra${at % 3}`]: junk };
  const key = keys[at % keys.length]!;
  const field = Reflect.get(value, key);
  if (way === "drop") return Object.fromEntries(Object.entries(value).filter(([k]) => k !== key));
  return { ...value, [key]: way === "inner" ? mutate(field, "junk", change) : junk };
}
