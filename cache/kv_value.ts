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
import { extractHostObjects, hasHostObjects, restoreHostObjects } from "./kv_host_objects.ts";

const VERSIONSTAMP_DIGITS = 20;
const EXPIRY_OFFSET = VERSIONSTAMP_DIGITS + 1;
const PAYLOAD_OFFSET = EXPIRY_OFFSET + 8;
/** Begins a value with objects of the web. */
const HOST_MARK = 0x00;
const HOST_HEADER_BYTES = 5;
const U64_MAX = 2n ** 64n - 1n;
const U64_TAG = "Deno.KvU64";

/** A serialised value: `u` is a `KvU64` of eight bytes, `b` bytes, `v` the rest. */
export interface KvPayload {
  kind: "u" | "b" | "v";
  bytes: Uint8Array;
  /** Of `v`: whose bytes must still be read and follow, which takes a turn of the event loop. */
  blobs?: readonly Blob[];
}

/** What `serialize` makes of a value; without `blobs` it is whole. */
export interface Serialized {
  bytes: Uint8Array;
  blobs?: readonly Blob[];
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

/** Bytes of a value. Fails with a TypeError for what cannot be stored: functions, symbols, streams … */
export function serializeValue(value: unknown): KvPayload {
  if (value instanceof Uint8Array) return { kind: "b", bytes: new Uint8Array(value) };
  if (isU64(value)) return { kind: "u", bytes: u64Bytes(value.value) };
  return { kind: "v", ...serialize(value) };
}

/** Eight bytes, most significant first. */
export function u64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/**
 * Structured clone into bytes, as a value in a store or a message of a queue. A value with objects of
 * the web begins with a zero byte, which V8's format never does: after it the length of what V8 wrote
 * (four bytes), that, and the bytes of the blobs.
 */
export function serialize(value: unknown): Serialized {
  if (!hasHostObjects(value)) return { bytes: serializePlain(value) };
  const { root, placeholders, records, blobs } = extractHostObjects(value);
  const plain = serializePlain([root, placeholders, records]);
  const bytes = new Uint8Array(HOST_HEADER_BYTES + plain.length);
  new DataView(bytes.buffer).setUint32(1, plain.length);
  bytes.set(plain, HOST_HEADER_BYTES);
  return blobs.length === 0 ? { bytes } : { bytes, blobs };
}

function serializePlain(value: unknown): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  try {
    serializer.writeValue(value);
  } catch (error) {
    throw storableError(error);
  }
  return serializer.releaseBuffer();
}

/** The bytes with those of the blobs, which nobody can change meanwhile. */
export async function readBlobs({ bytes, blobs = [] }: Serialized): Promise<Uint8Array> {
  const parts = [bytes];
  for (const blob of blobs) parts.push(await blob.bytes());
  return Buffer.concat(parts);
}

/** What `serialize` was given. */
export function deserialize(bytes: Uint8Array): unknown {
  if (bytes[0] !== HOST_MARK) return deserializePlain(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = HOST_HEADER_BYTES + view.getUint32(1);
  const [root, placeholders, records] = deserializePlain(
    bytes.subarray(HOST_HEADER_BYTES, end),
  ) as [unknown, object[], Parameters<typeof restoreHostObjects>[0]["records"]];
  return restoreHostObjects({ root, placeholders, records }, bytes.subarray(end));
}

function deserializePlain(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(Buffer.from(bytes));
  deserializer.readHeader();
  return deserializer.readValue();
}

function storableError(error: unknown): unknown {
  if (!(error instanceof Error) || error.constructor !== Error) return error;
  // The one class for which Deno, too, throws a plain Error.
  if (error.message === "#<SharedArrayBuffer> could not be cloned.") return error;
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
