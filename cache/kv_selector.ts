/// <reference lib="deno.unstable" />
/** Which keys a list covers, and where it goes on: ranges of encoded keys and opaque cursors. */

import { compareBytes, encodeKey, startsWith, withByte } from "./kv_key.ts";
import { checkReadKey } from "./kv_limits.ts";

/** Bounds of encoded keys: the first belongs to the range, the last does not. */
export interface KeyRange {
  first: Uint8Array;
  last: Uint8Array;
}

/** A selector in bytes. */
interface Bounds extends KeyRange {
  /** Begins every key of the range, and is left out of cursors. */
  prefix: Uint8Array;
  /** Bounds the caller named, which no cursor may pass. */
  named: Partial<KeyRange>;
}

const CURSOR_OPTIONS = { alphabet: "base64url" } as const;

/**
 * A selector made safe from later changes. Fails with a TypeError unless it has a prefix, with at
 * most one of start and end, or both start and end.
 */
export function checkSelector(selector: Deno.KvListSelector): Deno.KvListSelector {
  const prefix = ownKey(selector, "prefix");
  const start = ownKey(selector, "start");
  const end = ownKey(selector, "end");
  if (!prefix) {
    if (start && end) return { start, end };
    throw new TypeError(
      "Selector must specify either 'prefix' or both 'start' and 'end' key",
    );
  }
  if (start && end) {
    throw new TypeError(
      "Selector can not specify both 'start' and 'end' key when specifying 'prefix'",
    );
  }
  return { prefix, ...(start && { start }), ...(end && { end }) };
}

function ownKey(
  selector: Deno.KvListSelector,
  name: "prefix" | "start" | "end",
): Deno.KvKey | undefined {
  if (!Object.hasOwn(selector, name)) return undefined;
  const key = (selector as Partial<Record<typeof name, Deno.KvKey>>)[name];
  return key === undefined ? undefined : [...key];
}

/** The keys that remain after a cursor. Fails with a TypeError for bounds or cursors that do not fit. */
export function rangeOf(
  selector: Deno.KvListSelector,
  { cursor, reverse = false }: { cursor?: string | undefined; reverse?: boolean } = {},
): KeyRange {
  const bounds = boundsOf(selector);
  const range = cursor === undefined ? bounds : afterCursor(bounds, cursor, reverse);
  checkReadKey(range.first);
  checkReadKey(range.last);
  return { first: range.first, last: range.last };
}

function afterCursor(bounds: Bounds, cursor: string, reverse: boolean): KeyRange {
  const reached = concat(bounds.prefix, decodeCursor(cursor));
  const first = reverse ? bounds.first : withByte(reached, 0);
  const last = reverse ? reached : bounds.last;
  const { named } = bounds;
  if (
    (named.first && compareBytes(first, named.first) < 0) ||
    (named.last && compareBytes(last, named.last) > 0)
  ) throw new TypeError("cursor out of bounds");
  return { first, last };
}

function decodeCursor(cursor: string): Uint8Array {
  if (typeof cursor !== "string") throw new TypeError("invalid cursor");
  try {
    if (cursor.length % 4 !== 0) throw new SyntaxError("padding is missing");
    return Uint8Array.fromBase64(cursor, { ...CURSOR_OPTIONS, lastChunkHandling: "strict" });
  } catch (error) {
    throw new TypeError("invalid cursor", { cause: error });
  }
}

/** Where a list stands after this key; opaque to callers. */
export function encodeCursor(selector: Deno.KvListSelector, key: Deno.KvKey): string {
  const { prefix } = boundsOf(selector);
  const boundary = encodeKey(key);
  if (!startsWith(boundary, prefix)) throw new TypeError("Invalid boundary key");
  return boundary.slice(prefix.length).toBase64(CURSOR_OPTIONS);
}

function boundsOf(selector: Deno.KvListSelector): Bounds {
  if ("prefix" in selector) return prefixBounds(selector);
  const first = encodeKey(selector.start);
  const last = encodeKey(selector.end);
  if (compareBytes(first, last) > 0) throw new TypeError("Start key is greater than end key");
  return { first, last, named: { first, last }, prefix: commonPrefix(first, last) };
}

function prefixBounds(
  selector: { prefix: Deno.KvKey; start?: Deno.KvKey; end?: Deno.KvKey },
): Bounds {
  const prefix = encodeKey(selector.prefix);
  const first = selector.start && encodeKey(selector.start);
  const last = selector.end && encodeKey(selector.end);
  if (first && !continues(first, prefix)) {
    throw new TypeError("Start key is not in the keyspace defined by prefix");
  }
  if (last && !continues(last, prefix)) {
    throw new TypeError("End key is not in the keyspace defined by prefix");
  }
  return {
    prefix,
    first: first ?? withByte(prefix, 0x00),
    last: last ?? withByte(prefix, 0xff),
    named: { ...(first && { first }), ...(last && { last }) },
  };
}

function continues(key: Uint8Array, prefix: Uint8Array): boolean {
  return startsWith(key, prefix) && key.length > prefix.length;
}

function commonPrefix(a: Uint8Array, b: Uint8Array): Uint8Array {
  const end = a.findIndex((byte, index) => byte !== b[index]);
  return a.slice(0, end === -1 ? a.length : end);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
