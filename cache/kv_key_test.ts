/// <reference lib="deno.unstable" />
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hasDenoKv, openDenoKv } from "@/cache/kv.ts";
import { anyKey } from "@/tests/support/kv_arbitraries.ts";
import { needs } from "@/tests/support/needs.ts";
import { compareBytes, decodeKey, encodeKey } from "./kv_key.ts";

Deno.test("decodeKey() gives back what encodeKey() was given", () => {
  fc.assert(fc.property(anyKey, (key) => {
    assertEquals(decodeKey(encodeKey(key)), [...key]);
  }));
});

Deno.test("encodeKey() keeps the order of numbers, integers and texts of one part", () => {
  const check = <T extends number | bigint | string>(a: T, b: T) => {
    const order = Math.sign(compareBytes(encodeKey([a]), encodeKey([b])));
    assertEquals(order, a < b ? -1 : a > b ? 1 : 0);
  };
  const number = fc.double({ noNaN: true }).map((value) => value === 0 ? 0 : value);
  fc.assert(fc.property(number, number, check));
  fc.assert(fc.property(fc.bigInt(), fc.bigInt(), check));
  const ascii = fc.string({ unit: "binary-ascii" });
  fc.assert(fc.property(ascii, ascii, check));
});

Deno.test("encodeKey() puts a key before those it begins", () => {
  fc.assert(fc.property(anyKey, anyKey.filter(({ length }) => length > 0), (key, rest) => {
    assert(compareBytes(encodeKey(key), encodeKey([...key, ...rest])) < 0);
  }));
});

Deno.test("decodeKey() refuses what is no key", () => {
  assertThrows(() => decodeKey(new Uint8Array([0x99])), TypeError, "invalid tag");
  assertThrows(() => decodeKey(new Uint8Array([0x02, 0x61])), TypeError, "ends too early");
});

Deno.test({
  ...needs("--unstable-kv", hasDenoKv(), "encodeKey() gives the bytes that Deno stores"),
  async fn() {
    using kv = await openDenoKv(":memory:");
    const keys = anyKey.filter(({ length }) => length > 0);
    await fc.assert(fc.asyncProperty(keys, async (key) => {
      await kv.set(key, 1);
      const list = kv.list({ prefix: [] });
      await list.next();

      // The cursor of a list without prefix is the whole key.
      assertEquals(encodeKey(key), Uint8Array.fromBase64(list.cursor, { alphabet: "base64url" }));
      await kv.delete(key);
    }));
  },
});
