/// <reference lib="deno.unstable" />
/**
 * Values as bytes: bytes as they are, `KvU64` as eight bytes, everything else by the structured
 * clone of V8, whose format `Deno.Kv` stores too. A record of the store is 20 hex digits of
 * versionstamp, a letter of kind, the expiry (64-bit float, epoch ms, 0 for none), the payload.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import { Deserializer, Serializer } from "node:v8";

const VERSIONSTAMP_DIGITS = 20;
const EXPIRY_OFFSET = VERSIONSTAMP_DIGITS + 1;
const PAYLOAD_OFFSET = EXPIRY_OFFSET + 8;
const U64_MAX = 2n ** 64n - 1n;
const U64_TAG = "Deno.KvU64";

/** A serialised value: `u` is a `KvU64` of eight bytes, `b` bytes, `v` the rest. */
export interface KvPayload {
  kind: "u" | "b" | "v";
  bytes: Uint8Array;
}

/** A record as it was read. */
export interface KvRecord {
  versionstamp: string;
  value: unknown;
  /** Server's time in ms, or 0 for never. */
  expiresAt: number;
}

/** `Deno.KvU64` for a runtime that hides it behind `--unstable-kv`. */
class OwnKvU64 {
  readonly value: bigint;

  constructor(value: bigint) {
    if (typeof value !== "bigint") {
      throw new TypeError(`Value must be a bigint: received ${typeof value}`);
    }
    if (value < 0n) throw new RangeError(`Value must be a positive bigint: received ${value}`);
    if (value > U64_MAX) throw new RangeError("Value must fit in a 64-bit unsigned integer");
    this.value = value;
    Object.freeze(this);
  }

  valueOf(): bigint {
    return this.value;
  }

  toString(): string {
    return this.value.toString();
  }

  get [Symbol.toStringTag](): string {
    return U64_TAG;
  }

  [inspect.custom](): string {
    return `[${U64_TAG}: ${this.value}n]`;
  }
}

/** An unsigned 64-bit integer for `sum`, `min` and `max`; the runtime's own class where it is open. */
export const KvU64: typeof Deno.KvU64 = Deno.KvU64 ?? OwnKvU64;

/** Whether a value is a `KvU64`, of the runtime or of this module. */
export function isU64(value: unknown): value is Deno.KvU64 {
  return value instanceof KvU64 || value instanceof OwnKvU64;
}

/** Bytes of a value. Fails with a TypeError for what cannot be stored: functions, symbols, blobs … */
export function serializeValue(value: unknown): KvPayload {
  if (value instanceof Uint8Array) return { kind: "b", bytes: new Uint8Array(value) };
  if (isU64(value)) return { kind: "u", bytes: u64Bytes(value.value) };
  return { kind: "v", bytes: serialize(value) };
}

/** Eight bytes, most significant first. */
export function u64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** Structured clone into bytes, as a value in a store or a message of a queue. */
export function serialize(value: unknown): Uint8Array {
  checkStorable(value);
  const serializer = new Serializer();
  serializer.writeHeader();
  try {
    serializer.writeValue(value);
  } catch (error) {
    throw storableError(error);
  }
  return serializer.releaseBuffer();
}

/** What `serialize` was given. */
export function deserialize(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(Buffer.from(bytes));
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Classes of the web that V8 takes for empty objects: refusing them beats losing what they hold. */
const LOST_CLASSES = [Blob, CryptoKey, DOMException] as const;

function checkStorable(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  const lost = LOST_CLASSES.find((known) => value instanceof known);
  if (lost) throw new TypeError(`#<${lost.name}> could not be cloned.`);
  seen.add(value);
  for (const inner of innerValues(value)) checkStorable(inner, seen);
}

/** Getters are left alone: they run once, when the value is serialised. */
function innerValues(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (ArrayBuffer.isView(value)) return [];
  return Object.keys(value).map((key) => Object.getOwnPropertyDescriptor(value, key)?.value);
}

function storableError(error: unknown): unknown {
  if (!(error instanceof Error) || error.constructor !== Error) return error;
  if (error.message.endsWith("could not be cloned.")) {
    return new TypeError(error.message, { cause: error });
  }
  if (error.message.includes("get_wasm_module_transfer_id")) {
    return new TypeError("Wasm modules cannot be stored", { cause: error });
  }
  return error;
}

/** Reads a record of the store. */
export function readRecord(record: Uint8Array): KvRecord {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return {
    versionstamp: String.fromCharCode(...record.subarray(0, VERSIONSTAMP_DIGITS)),
    value: readPayload(record[VERSIONSTAMP_DIGITS]!, record.subarray(PAYLOAD_OFFSET)),
    expiresAt: view.getFloat64(EXPIRY_OFFSET),
  };
}

function readPayload(kind: number, payload: Uint8Array): unknown {
  if (kind === "v".charCodeAt(0)) return deserialize(payload);
  if (kind === "b".charCodeAt(0)) return new Uint8Array(payload);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return new KvU64(view.getBigUint64(0));
}
