import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { canonicalJson, type CanonicalValue } from "./canonical_json.ts";

const values = fc.jsonValue() as fc.Arbitrary<CanonicalValue>;

Deno.test("canonicalJson() is JSON of the same value", () => {
  fc.assert(fc.property(values, (value) => {
    const plain: unknown = JSON.parse(JSON.stringify(value));

    assertEquals(JSON.parse(canonicalJson(value)), plain);
  }));
});

Deno.test("canonicalJson() does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), values), (members) => {
    const reversed = Object.fromEntries(Object.entries(members).reverse());

    assertEquals(canonicalJson(reversed), canonicalJson(members));
  }));
});

Deno.test("canonicalJson() refuses numbers that JSON cannot tell", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assertThrows(() => canonicalJson({ value }), RangeError);
  }
});
