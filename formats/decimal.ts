/** A finite decimal number; undefined for empty text, `NaN`, `INF` and words.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDecimal } from "@/formats/decimal.ts";
 *
 * assertEquals(parseDecimal(" 1609.34 "), 1609.34);
 * assertEquals(parseDecimal("NaN"), undefined);
 * ```
 */
export function parseDecimal(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
