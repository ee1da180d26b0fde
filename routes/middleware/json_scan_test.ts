import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DomainError } from "@/domain/error.ts";
import { JSON_DEPTH_MAX, parseStrictJson } from "./json_scan.ts";

/** The code and path of the fault of a text. */
function faultOf(text: string): string {
  const error = assertThrows(() => parseStrictJson(text), DomainError);
  const detail = error.details?.[0];
  return detail ? `${detail.code} ${detail.field}` : error.code;
}

/** JSON values without what is refused; strings may hold anything that is a whole character. */
const plainKey = fc.string({ maxLength: 8 });
const plainText = fc.string({ unit: "grapheme", maxLength: 20 })
  .filter((text) => !text.includes("\0"));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 8 },
    plainText,
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(plainKey.filter((key) => !key.includes("\0")), tie("value"), { maxKeys: 5 }),
  ),
})).value;

Deno.test("parseStrictJson() equals JSON.parse on whatever it does not refuse", () => {
  fc.assert(
    fc.property(json, fc.nat(4), (value, space) => {
      const text = JSON.stringify(value, null, space);
      assertEquals(parseStrictJson(text), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parseStrictJson() reads escapes as JSON.parse does", () => {
  fc.assert(fc.property(json, (value) => {
    const escaped = JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    assertEquals(parseStrictJson(escaped), JSON.parse(escaped));
  }));
});

Deno.test("parseStrictJson() throws nothing but DomainError, and refuses what JSON.parse does", () => {
  const pieces = fc.constantFrom(
    ...'{}[]:,"\\-0123456789.eEu+ \n\0\ud83d\ude00ét',
    "true",
    "null",
    '"a"',
    '"a":',
    "\\u0000",
    "\\ud83d",
    "\\ude00",
    "1e999",
    "9007199254740993",
  );
  const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      let isRefused = false;
      try {
        parseStrictJson(text);
      } catch (error) {
        assert(error instanceof DomainError, String(error));
        isRefused = true;
      }
      if (!isRefused) JSON.parse(text);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseStrictJson() names the path of what it refuses", async (t) => {
  const cases: [string, string][] = [
    ['{"a": 1, "a": 2}', "duplicate_key a"],
    ['{"a": 1, "\\u0061": 2}', "duplicate_key a"],
    ['{"list": [{"x": 1}, {"x": 1, "y": {}, "x": 2}]}', "duplicate_key list.1.x"],
    ['{"score": 1e999}', "number_out_of_range score"],
    ["[1, [2, -1e999]]", "number_out_of_range 1.1"],
    ['{"score": 9007199254740993}', "number_not_exact score"],
    ["12345678901234567890", "number_not_exact body"],
    [`{"n": ${"9".repeat(400)}}`, "number_out_of_range n"],
    ['{"name": "a\\u0000b"}', "nul_character name"],
    ['{"\\u0000": 1}', "nul_character body"],
    ['{"name": "\\ud83d"}', "lone_surrogate name"],
    ['{"name": "\\ude00\\ud83d"}', "lone_surrogate name"],
    ['{"name": "\\ud83dx"}', "lone_surrogate name"],
    ['["\ud83d"]', "lone_surrogate body"],
  ];
  for (const [text, expected] of cases) {
    await t.step(text.slice(0, 60), () => assertEquals(faultOf(text), expected));
  }
});

Deno.test("parseStrictJson() lets through what only looks like them", async (t) => {
  const cases = [
    '{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]}',
    '["a", "a", "a"]',
    '{"a": "a", "b": "\\"a\\": 1, \\"a\\": 2"}',
    '{"name": "\\ud83d\\ude00 \\\\u0000 {[\\"1e999"}',
    "[9007199254740991, -9007199254740991, 9007199254740992, 1e22, 0.1, 1e-400, -0]",
    '"\\\\"',
    "  5 ",
  ];
  for (const text of cases) {
    await t.step(text.slice(0, 60), () => assertEquals(parseStrictJson(text), JSON.parse(text)));
  }
});

Deno.test("parseStrictJson() reads 32 levels and no more", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  assert(Array.isArray(parseStrictJson(nested(JSON_DEPTH_MAX))));
  assertEquals(faultOf(nested(JSON_DEPTH_MAX + 1)), "BAD_REQUEST");
  assertEquals(faultOf('{"a":'.repeat(40) + "1" + "}".repeat(40)), "BAD_REQUEST");
});

Deno.test("parseStrictJson() answers broken grammar with BAD_REQUEST", () => {
  for (
    const text of ["", "{", "]", "}}", '{"a" 1}', "[1,]", "nul", "01", '"a', "1 2", "--1", "{]"]
  ) {
    assertEquals(faultOf(text), "BAD_REQUEST", text);
  }
});

Deno.test("parseStrictJson() takes linear time on hostile text", async (t) => {
  const size = 1_000_000;
  const keys = Array.from({ length: size / 20 }, (_, i) => `"k${i}":1`).join();
  const hostile: Record<string, string> = {
    brackets: "[".repeat(size),
    closing: "]".repeat(size),
    quotes: '"'.repeat(size),
    backslashes: `"${"\\".repeat(size)}`,
    escapes: `["${"\\u0041".repeat(size / 6)}"]`,
    digits: "9".repeat(size),
    zeros: `0.${"0".repeat(size)}1`,
    keys: `{${keys}}`,
    colons: ":,".repeat(size / 2),
  };
  for (const [name, text] of Object.entries(hostile)) {
    await t.step(name, () => {
      const startMs = performance.now();
      try {
        parseStrictJson(text);
      } catch (error) {
        assert(error instanceof DomainError);
      }
      // Squared, it would take hours.
      assert(performance.now() - startMs < 20_000);
    });
  }
});
