/** Comma-separated values (RFC 4180) that a spreadsheet opens without running anything. */

/** What a spreadsheet takes for the beginning of a formula, also in its full-width form. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NEEDS_QUOTES = /[",\r\n;\t]|^\s|\s$/;

/** A number that keeps its zeros, `-7.50`: of ours, never of people. */
export interface CsvDecimal {
  decimal: string;
}

/** A value of a cell; null is an empty one. */
export type CsvValue = string | number | boolean | CsvDecimal | null | undefined;

/** Writes one line, ended by CRLF. Text that a spreadsheet would run gets an apostrophe in front;
 * numbers are left as they are.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csvLine } from "@/domain/csv.ts";
 *
 * assertEquals(csvLine([1, 'Mira "M"', null, -7, "=1+1"]), '1,"Mira ""M""",,-7,\'=1+1\r\n');
 * assertEquals(csvLine([{ decimal: "-7.50" }, "-7+1"]), "-7.50,'-7+1\r\n");
 * ```
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cellOf).join(",")}\r\n`;
}

function cellOf(value: CsvValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return value.decimal;
  if (typeof value !== "string") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
