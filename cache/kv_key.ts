/// <reference lib="deno.unstable" />
/**
 * Keys as bytes whose order is the order of keys: `Uint8Array` < string < bigint < number < boolean,
 * part by part, a shorter key before those it begins. It is the encoding of `Deno.Kv` itself (the
 * tuple layer of FoundationDB), so that cursors and size limits agree with it to the byte.
 *
 * @module
 */

const BYTES = 0x01;
const STRING = 0x02;
const INTEGER_NEGATIVE_LONG = 0x0b;
const INTEGER_ZERO = 0x14;
const INTEGER_POSITIVE_LONG = 0x1d;
const DOUBLE = 0x21;
const FALSE = 0x26;
const TRUE = 0x27;

/** A zero byte inside bytes or text is followed by this; one that ends them is not. */
const ESCAPE = 0xff;
const END = 0x00;

/** Up to 8 bytes the tag tells the length of an integer, above it a byte of its own does. */
const SHORT_INTEGER_BYTES_MAX = 8;
const INTEGER_BYTES_MAX = 255;
const DOUBLE_BYTES = 8;

const NOT_A_PART = "expected string, number, bigint, ArrayBufferView, boolean";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Bytes of a key. Fails with a TypeError for what is no list, no part of a key, or an integer of
 * more than 255 bytes.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeKey } from "@/cache/kv_key.ts";
 *
 * assertEquals(encodeKey(["a", true]), new Uint8Array([0x02, 0x61, 0x00, 0x27]));
 * ```
 */
export function encodeKey(key: Deno.KvKey): Uint8Array {
  if (!Array.isArray(key)) {
    throw new TypeError(`serde_v8 error: invalid type; expected: array, got: ${kindOf(key)}`);
  }
  const output: number[] = [];
  for (const part of key as readonly unknown[]) encodePart(output, part);
  return Uint8Array.from(output);
}

function encodePart(output: number[], part: unknown): void {
  if (typeof part === "string") return encodeText(output, STRING, encoder.encode(part));
  if (typeof part === "number") return encodeDouble(output, part);
  if (typeof part === "bigint") return encodeInteger(output, part);
  if (typeof part === "boolean") return void output.push(part ? TRUE : FALSE);
  if (!ArrayBuffer.isView(part)) throw new TypeError(NOT_A_PART);
  encodeText(output, BYTES, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
}

function encodeText(output: number[], tag: number, bytes: Uint8Array): void {
  output.push(tag);
  for (const byte of bytes) {
    output.push(byte);
    if (byte === END) output.push(ESCAPE);
  }
  output.push(END);
}

/** The sign bit flips, and all bits of a negative number, so that bytes compare as numbers do. */
function encodeDouble(output: number[], value: number): void {
  const bytes = new Uint8Array(DOUBLE_BYTES);
  new DataView(bytes.buffer).setFloat64(0, value);
  const isNegative = (bytes[0]! & 0x80) !== 0;
  output.push(DOUBLE);
  for (const [index, byte] of bytes.entries()) {
    output.push(isNegative ? byte ^ 0xff : index === 0 ? byte ^ 0x80 : byte);
  }
}

function encodeInteger(output: number[], value: bigint): void {
  const bytes = magnitude(value < 0n ? -value : value);
  const mask = value < 0n ? 0xff : 0x00;
  if (bytes.length <= SHORT_INTEGER_BYTES_MAX) {
    output.push(INTEGER_ZERO + (value < 0n ? -bytes.length : bytes.length));
  } else if (bytes.length <= INTEGER_BYTES_MAX) {
    output.push(value < 0n ? INTEGER_NEGATIVE_LONG : INTEGER_POSITIVE_LONG, bytes.length ^ mask);
  } else {
    throw new TypeError("BigUint requires more than 255 bytes to be represented");
  }
  for (const byte of bytes) output.push(byte ^ mask);
}

function magnitude(value: bigint): number[] {
  if (value === 0n) return [];
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return [...Uint8Array.fromHex(even)];
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "Number";
  return "unknown";
}

/** The key that `encodeKey` made these bytes of.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeKey, encodeKey } from "@/cache/kv_key.ts";
 *
 * assertEquals(decodeKey(encodeKey(["a", -300n, 1.5])), ["a", -300n, 1.5]);
 * ```
 */
export function decodeKey(bytes: Uint8Array): Deno.KvKeyPart[] {
  const parts: Deno.KvKeyPart[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { part, next } = decodePart(bytes, at);
    parts.push(part);
    at = next;
  }
  return parts;
}

interface DecodedPart {
  part: Deno.KvKeyPart;
  next: number;
}

function decodePart(bytes: Uint8Array, at: number): DecodedPart {
  const tag = bytes[at]!;
  if (tag === FALSE || tag === TRUE) return { part: tag === TRUE, next: at + 1 };
  if (tag === DOUBLE) return decodeDouble(bytes, at + 1);
  if (tag >= INTEGER_NEGATIVE_LONG && tag <= INTEGER_POSITIVE_LONG) return decodeInteger(bytes, at);
  if (tag !== STRING && tag !== BYTES) throw new TypeError("Cannot decode a key: invalid tag");
  const { text, next } = decodeText(bytes, at + 1);
  return { part: tag === STRING ? decoder.decode(text) : text, next };
}

function decodeText(bytes: Uint8Array, from: number): { text: Uint8Array; next: number } {
  const output: number[] = [];
  let at = from;
  for (; bytes[at] !== END || bytes[at + 1] === ESCAPE; at++) {
    if (at >= bytes.length) throw new TypeError("Cannot decode a key: it ends too early");
    output.push(bytes[at]!);
    if (bytes[at] === END) at++;
  }
  return { text: Uint8Array.from(output), next: at + 1 };
}

function decodeDouble(bytes: Uint8Array, from: number): DecodedPart {
  const value = bytes.slice(from, from + DOUBLE_BYTES);
  const wasNegative = (value[0]! & 0x80) === 0;
  for (const [index, byte] of value.entries()) {
    value[index] = wasNegative ? byte ^ 0xff : index === 0 ? byte ^ 0x80 : byte;
  }
  return { part: new DataView(value.buffer).getFloat64(0), next: from + DOUBLE_BYTES };
}

function decodeInteger(bytes: Uint8Array, at: number): DecodedPart {
  const tag = bytes[at]!;
  const isNegative = tag < INTEGER_ZERO;
  const mask = isNegative ? 0xff : 0x00;
  const isLong = tag === INTEGER_NEGATIVE_LONG || tag === INTEGER_POSITIVE_LONG;
  const length = isLong ? bytes[at + 1]! ^ mask : Math.abs(tag - INTEGER_ZERO);
  const from = at + (isLong ? 2 : 1);
  let value = 0n;
  for (const byte of bytes.subarray(from, from + length)) {
    value = (value << 8n) | BigInt(byte ^ mask);
  }
  return { part: isNegative ? -value : value, next: from + length };
}

/** Order of two encoded keys, as `sort` wants it. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

/** Whether the key continues these bytes. */
export function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && prefix.every((byte, index) => key[index] === byte);
}

/** The key with one byte more. */
export function withByte(key: Uint8Array, byte: number): Uint8Array {
  const longer = new Uint8Array(key.length + 1);
  longer.set(key);
  longer[key.length] = byte;
  return longer;
}
