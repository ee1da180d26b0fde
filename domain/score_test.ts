import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DomainError } from "./error.ts";
import { SCORE_MAX } from "./rules.ts";
import { DECIMALS_MAX, formatScore, parseScore } from "./score.ts";

/** Up to here every stored integer of up to three decimals has a JSON number of its own. */
const DISTINCT_MAX = 5_000_000_000_000_000;

const decimals = fc.integer({ min: 0, max: DECIMALS_MAX });

/** The decimal text of a stored score, written digit by digit. */
function decimalText(stored: number, places: number): string {
  const digits = String(Math.abs(stored)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const sign = stored < 0 ? "-" : "";
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-places)}`;
}

Deno.test("parseScore() reads back what formatScore() shows", () => {
  const stored = fc.integer({ min: -DISTINCT_MAX, max: DISTINCT_MAX });
  fc.assert(fc.property(stored, decimals, (score, places) => {
    assertEquals(parseScore(formatScore(score, places), places), score);
  }));
});

Deno.test("parseScore() reads the decimal text of JSON exactly", () => {
  const stored = fc.integer({ min: -DISTINCT_MAX, max: DISTINCT_MAX });
  fc.assert(fc.property(stored, decimals, (score, places) => {
    const sent: number = JSON.parse(decimalText(score, places));

    assertEquals(parseScore(sent, places), score);
  }));
});

Deno.test("formatScore() gives the very JSON number that was sent, up to the largest", () => {
  const stored = fc.integer({ min: -SCORE_MAX, max: SCORE_MAX });
  fc.assert(fc.property(stored, decimals, (score, places) => {
    const sent: number = JSON.parse(decimalText(score, places));

    assertEquals(formatScore(parseScore(sent, places), places), sent);
  }));
});

Deno.test("parseScore() refuses more digits than the rule has", () => {
  for (const [score, places] of [[0.5, 0], [1.25, 1], [0.1 + 0.2, 3], [1e-7, 3], [5e-324, 3]]) {
    const error = assertThrows(() => parseScore(score!, places!), DomainError);
    assertEquals([error.code, error.details?.[0]?.code], ["VALIDATION_ERROR", "too_precise"]);
  }
});

Deno.test("parseScore() takes ±(2^53 − 1) of the last decimal and nothing beyond", () => {
  assertEquals(parseScore(SCORE_MAX, 0), SCORE_MAX);
  assertEquals(parseScore(-SCORE_MAX, 0), -SCORE_MAX);
  for (
    const [score, places] of [[SCORE_MAX + 1, 0], [SCORE_MAX, 1], [9_007_199_254_741, 3], [
      1e300,
      0,
    ]]
  ) {
    const error = assertThrows(() => parseScore(score!, places!), DomainError);
    assertEquals(error.details?.[0]?.code, "out_of_range");
  }
});

Deno.test("parseScore() refuses what is not a number and names the field", () => {
  for (const score of [NaN, Infinity, -Infinity]) {
    const error = assertThrows(() => parseScore(score, 2, "updates.3.score"), DomainError);
    assertEquals(error.details?.[0], {
      field: "updates.3.score",
      code: "invalid_number",
      message: "Score must be a number",
    });
  }
});

Deno.test("parseScore() gives zero for minus zero", () => {
  assertEquals(Object.is(parseScore(-0, 2), 0), true);
});

Deno.test("parseScore() knows zero to three decimals", () => {
  assertThrows(() => parseScore(1, 4), RangeError);
  assertThrows(() => formatScore(1, -1), RangeError);
});
