/**
 * Direct scores on the wire are JSON numbers, inside they are integers of the rule's last decimal.
 * A JSON number survives both ways unchanged; an integer survives up to 5·10^15, above which
 * neighbours of the last decimal share one JSON number.
 *
 * @module
 */

import { type DomainError, invalid } from "./error.ts";
import { SCORE_MAX } from "./rules.ts";

/** Most digits after the point a rule may have. */
export const DECIMALS_MAX = 3;

/** Reads a score as a stored integer; throws VALIDATION_ERROR when it has more digits after the
 * point than the rule, or is larger than ±(2^53 − 1) of the last decimal.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseScore } from "@/domain/score.ts";
 *
 * assertEquals(parseScore(1.005, 3), 1005);
 * assertThrows(() => parseScore(0.1 + 0.2, 3), Error, "at most 3 digits");
 * ```
 */
export function parseScore(score: number, decimals: number, field = "score"): number {
  checkDecimals(decimals);
  if (!Number.isFinite(score)) throw invalid(field, "invalid_number", "Score must be a number");
  const stored = Number.isInteger(score) ? score * 10 ** decimals : readDecimals(score, decimals);
  if (stored === undefined) throw tooPrecise(field, decimals);
  if (!Number.isSafeInteger(stored)) throw tooLarge(field, decimals);
  // Minus zero would be another value in a canonical row.
  return stored === 0 ? 0 : stored;
}

/** Gives a stored score as the JSON number to show.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatScore } from "@/domain/score.ts";
 *
 * assertEquals(formatScore(1005, 3), 1.005);
 * ```
 */
export function formatScore(stored: number, decimals: number): number {
  checkDecimals(decimals);
  return stored / 10 ** decimals;
}

/** Reads the shortest decimal text of the number, as multiplying would round: 1.005 · 1000 is not 1005. */
function readDecimals(score: number, decimals: number): number | undefined {
  const match = /^(-?\d+)\.(\d+)$/.exec(String(score));
  const fraction = match?.[2];
  // Text with an exponent is a fraction below 10^-6, so it has too many digits as well.
  if (fraction === undefined || fraction.length > decimals) return undefined;
  return Number(match![1] + fraction.padEnd(decimals, "0"));
}

function checkDecimals(decimals: number): void {
  if (Number.isInteger(decimals) && decimals >= 0 && decimals <= DECIMALS_MAX) return;
  throw new RangeError(`Cannot use ${decimals} decimals: they must be from 0 to ${DECIMALS_MAX}`);
}

function tooPrecise(field: string, decimals: number): DomainError {
  const digits = decimals === 1 ? "digit" : "digits";
  const message = decimals === 0
    ? "Score must be a whole number"
    : `Score must have at most ${decimals} ${digits} after the point`;
  return invalid(field, "too_precise", message);
}

function tooLarge(field: string, decimals: number): DomainError {
  const limit = formatScore(SCORE_MAX, decimals);
  return invalid(field, "out_of_range", `Score must be between -${limit} and ${limit}`);
}
