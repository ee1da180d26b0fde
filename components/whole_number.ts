/** A whole number of digits, spaces between them allowed, times a factor; NaN for anything else.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wholeOf } from "@/components/whole_number.ts";
 *
 * assertEquals([wholeOf("42 195"), wholeOf("1.5"), wholeOf("-1")], [42195, NaN, NaN]);
 * ```
 */
export function wholeOf(text: string, factor = 1): number {
  const digits = text.replaceAll(/[\s\u202f]/g, "");
  return /^\d{1,15}$/.test(digits) ? Number(digits) * factor : NaN;
}
