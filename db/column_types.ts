/**
 * How PostgreSQL's types cross the driver, the same for raw rows and for Drizzle's.
 *
 * @module
 */

import type postgres from "postgres";

/** Type numbers (`pg_type.oid`), fixed in PostgreSQL's catalogue. */
const BYTEA = 17;
const INT8 = 20;
const JSON_TEXT = 114;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const JSONB = 3802;

/** Reads a `bigint` column as a number, and fails rather than round.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseSafeInteger } from "@/db/column_types.ts";
 *
 * assertEquals(parseSafeInteger("9007199254740991"), 9007199254740991);
 * assertThrows(() => parseSafeInteger("9007199254740993"), RangeError);
 * ```
 */
export function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`Cannot read bigint "${text}" as a number: select it as text`);
}

/** Reads `timestamptz` (PostgreSQL's ISO form) as epoch milliseconds.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseInstant } from "@/db/column_types.ts";
 *
 * assertEquals(parseInstant("2026-01-01 01:00:00.25+01"), Date.UTC(2026, 0, 1, 0, 0, 0, 250));
 * ```
 */
export function parseInstant(text: string): number {
  const at = Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  if (Number.isNaN(at)) throw new RangeError(`Cannot read timestamptz "${text}" as an instant`);
  return at;
}

function serializeInstant(at: number | Date | string): string {
  return typeof at === "string" ? at : new Date(at).toISOString();
}

/** Text is PostgreSQL's own form of bytes: `\\x` and hex digits. */
function serializeBytes(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : "\\x" + bytes.toHex();
}

/** Drizzle gives JSON as text already; raw statements give the value. */
function serializeJson(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const asText = { serialize: String, parse: (text: string) => text };

/** For the `types` option of postgres.js. */
export const columnTypes: Record<string, postgres.PostgresType> = {
  instant: {
    to: TIMESTAMPTZ,
    from: [TIMESTAMPTZ],
    serialize: serializeInstant,
    parse: parseInstant,
  },
  integer: { to: INT8, from: [INT8], serialize: String, parse: parseSafeInteger },
  bytes: {
    to: BYTEA,
    from: [BYTEA],
    serialize: serializeBytes,
    parse: (text: string) => Uint8Array.fromHex(text.slice(2)),
  },
  json: { to: JSON_TEXT, from: [JSON_TEXT], serialize: serializeJson, parse: JSON.parse },
  jsonb: { to: JSONB, from: [JSONB], serialize: serializeJson, parse: JSON.parse },
  day: { to: DATE, from: [DATE], ...asText },
  localTime: { to: TIMESTAMP, from: [TIMESTAMP], ...asText },
};
