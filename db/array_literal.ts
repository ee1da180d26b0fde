/**
 * PostgreSQL's text of arrays, for statements that carry a column of many rows in one parameter. The
 * driver writes arrays too, but runs two replacements over each element, which for thirteen columns
 * of a thousand rows is most of what the statement costs the app.
 *
 * @module
 */

/** An array of values that need no quotes: numbers, UUIDs, hex.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainArray } from "@/db/array_literal.ts";
 *
 * assertEquals(plainArray([1, null, -2]), "{1,NULL,-2}");
 * ```
 */
export function plainArray(values: readonly (string | number | null)[]): string {
  let text = "";
  for (const value of values) text += value === null ? ",NULL" : `,${value}`;
  return `{${text.slice(1)}}`;
}

/** An array of any texts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textArray } from "@/db/array_literal.ts";
 *
 * assertEquals(textArray(["a", null, 'b"c']), '{"a",NULL,"b\\"c"}');
 * ```
 */
export function textArray(values: readonly (string | null)[]): string {
  let text = "";
  for (const value of values) text += value === null ? ",NULL" : `,"${escaped(value)}"`;
  return `{${text.slice(1)}}`;
}

const SPECIAL = /["\\]/;

function escaped(value: string): string {
  return SPECIAL.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"') : value;
}
