/**
 * Objects of the web inside stored values: blobs, files, exceptions of the DOM, keys of cryptography.
 * V8 takes them for empty objects. So a copy of the value is serialised in which an empty object of
 * its own stands for each of them, beside a record of what it was; the identity of that empty object
 * survives, and nothing a caller stores can be mistaken for it.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { types } from "node:util";

/** How the runtime marks objects that V8 cannot see into. */
const HOST_BRAND = Symbol.for("Deno.core.hostObject");

/** What is told of an object of the web; the bytes of blobs follow the record, in order. */
type HostRecord =
  | { type: "Blob"; mediaType: string; size: number }
  | { type: "File"; mediaType: string; size: number; name: string; lastModified: number }
  | { type: "DOMException"; message: string; name: string; stack: string | undefined }
  | {
    type: "CryptoKey";
    kind: "secret" | "public" | "private";
    algorithm: KeyAlgorithm;
    isExtractable: boolean;
    usages: readonly KeyUsage[];
    key: Uint8Array | JsonWebKey;
  };

/** A value without objects of the web, and what they were. */
export interface Extracted {
  root: unknown;
  /** In `root`, in the place of the object of the same index. */
  placeholders: object[];
  records: HostRecord[];
  /** Whose bytes follow, in this order. */
  blobs: Blob[];
}

/** Fails with a TypeError for objects of the web that nobody can store: streams, ports, sockets. */
export function hasHostObjects(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if (isHost(value)) return checkHost(value);
  if (isLeaf(value)) return false;
  let isFound = false;
  // All of them are looked at, since each may be one that cannot be stored.
  for (const inner of innerValues(value)) isFound = hasHostObjects(inner, seen) || isFound;
  return isFound;
}

/** Proxies are V8's to refuse, their traps not to be run. */
function isHost(value: object): boolean {
  return !types.isProxy(value) && (value instanceof Blob || HOST_BRAND in value);
}

function checkHost(value: object): true {
  if (value instanceof Blob || value instanceof DOMException) return true;
  if (value instanceof CryptoKey) return true;
  throw new TypeError("Unsupported object type");
}

/** Whatever V8 does not look into, or looks into by itself. */
function isLeaf(value: object): boolean {
  return types.isDate(value) || types.isRegExp(value) || types.isNativeError(value) ||
    types.isBoxedPrimitive(value) || types.isAnyArrayBuffer(value) ||
    types.isArrayBufferView(value) || types.isPromise(value) || types.isProxy(value) ||
    types.isWeakMap(value) || types.isWeakSet(value);
}

/** Getters are left alone: they run once, when the value is serialised. */
function innerValues(value: object): Iterable<unknown> {
  if (value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return Object.keys(value).map((key) => Object.getOwnPropertyDescriptor(value, key)?.value);
}

/** Takes the objects of the web out of a copy of the value. */
export function extractHostObjects(value: unknown): Extracted {
  const extracted: Extracted = { root: undefined, placeholders: [], records: [], blobs: [] };
  extracted.root = copyWithout(value, extracted, new Map());
  return extracted;
}

function copyWithout(value: unknown, extracted: Extracted, copies: Map<object, object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known) return known;
  if (isHost(value)) {
    const placeholder = {};
    copies.set(value, placeholder);
    extracted.placeholders.push(placeholder);
    extracted.records.push(recordOf(value));
    if (value instanceof Blob) extracted.blobs.push(value);
    return placeholder;
  }
  if (isLeaf(value)) return value;
  const copy = emptyLike(value);
  copies.set(value, copy);
  fill(copy, value, (inner) => copyWithout(inner, extracted, copies));
  return copy;
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (value instanceof Map) return new Map();
  return value instanceof Set ? new Set() : {};
}

function fill(copy: object, value: object, change: (inner: unknown) => unknown): void {
  if (copy instanceof Map && value instanceof Map) {
    for (const [key, inner] of [...value]) copy.set(change(key), change(inner));
  } else if (copy instanceof Set && value instanceof Set) {
    for (const inner of [...value]) copy.add(change(inner));
  } else {
    for (const key of Object.keys(value)) setOwn(copy, key, change(Reflect.get(value, key)));
  }
}

/** Assigning to `__proto__` would do something else. */
function setOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function recordOf(value: object): HostRecord {
  if (value instanceof File) {
    const { type: mediaType, size, name, lastModified } = value;
    return { type: "File", mediaType, size, name, lastModified };
  }
  if (value instanceof Blob) return { type: "Blob", mediaType: value.type, size: value.size };
  if (value instanceof DOMException) {
    const { message, name, stack } = value;
    return { type: "DOMException", message, name, stack };
  }
  return keyRecord(value as CryptoKey);
}

function keyRecord(key: CryptoKey): HostRecord {
  const { type: kind, algorithm, extractable: isExtractable, usages } = key;
  const object = KeyObject.from(key);
  const exported = kind === "secret"
    ? new Uint8Array(object.export())
    : object.export({ format: "jwk" });
  return { type: "CryptoKey", kind, algorithm, isExtractable, usages, key: exported };
}

/** Puts the objects of the web back where they were; `bytes` are those of its blobs. */
export function restoreHostObjects(
  { root, placeholders, records }: Omit<Extracted, "blobs">,
  bytes: Uint8Array,
): unknown {
  const hosts = new Map<object, object>();
  let at = 0;
  for (const [index, record] of records.entries()) {
    const size = "size" in record ? record.size : 0;
    hosts.set(placeholders[index]!, hostOf(record, bytes.subarray(at, at + size)));
    at += size;
  }
  return putBack(root, hosts, new Set());
}

function putBack(value: unknown, hosts: ReadonlyMap<object, object>, seen: Set<object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const host = hosts.get(value);
  if (host) return host;
  if (seen.has(value) || isLeaf(value)) return value;
  seen.add(value);
  const change = (inner: unknown) => putBack(inner, hosts, seen);
  if (value instanceof Map || value instanceof Set) {
    const before = value instanceof Map ? new Map(value) : new Set(value);
    value.clear();
    fill(value, before, change);
  } else fill(value, value, change);
  return value;
}

function hostOf(record: HostRecord, bytes: Uint8Array): object {
  switch (record.type) {
    case "Blob":
      return new Blob([wholeBytes(bytes, record.size)], { type: record.mediaType });
    case "File": {
      const { name, mediaType: type, lastModified, size } = record;
      return new File([wholeBytes(bytes, size)], name, { type, lastModified });
    }
    case "DOMException": {
      const exception = new DOMException(record.message, record.name);
      if (record.stack !== undefined) {
        Object.defineProperty(exception, "stack", {
          value: record.stack,
          writable: true,
          configurable: true,
        });
      }
      return exception;
    }
    case "CryptoKey":
      return keyOf(record);
  }
}

/** An operation that is only shown has its blobs not yet read: their sizes are right. */
function wholeBytes(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

function keyOf(record: HostRecord & { type: "CryptoKey" }): CryptoKey {
  const { kind, key, algorithm, isExtractable, usages } = record;
  return keyObject(kind, key).toCryptoKey(algorithm as never, isExtractable, [...usages]);
}

function keyObject(kind: "secret" | "public" | "private", key: Uint8Array | JsonWebKey): KeyObject {
  if (key instanceof Uint8Array) return createSecretKey(key);
  return kind === "public"
    ? createPublicKey({ key, format: "jwk" })
    : createPrivateKey({ key, format: "jwk" });
}
