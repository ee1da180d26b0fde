/// <reference lib="deno.unstable" />
/** What a commit is made of, held to the limits and laid out for the script that runs it. */

import { encodeKey } from "./kv_key.ts";
import {
  CHECKS_MAX,
  checkWriteKey,
  MUTATIONS_MAX,
  TOTAL_KEY_BYTES_MAX,
  TOTAL_MUTATION_BYTES_MAX,
  VALUE_BYTES_MAX,
} from "./kv_limits.ts";
import { isU64, type KvPayload, readBlobs, serializeValue, u64Bytes } from "./kv_value.ts";
import type { RedisArgument } from "./redis.ts";

/** As last part of the key of a `set`: the versionstamp of the commit takes its place. */
export const COMMIT_VERSIONSTAMP = Symbol("KvCommitVersionstamp");

/** What a mutation does. */
export type KvOperation = "set" | "delete" | "sum" | "min" | "max";

/** Serialised, or an operand of `sum` that is no `KvU64`: `i` a bigint of 64 bits, `n` a number. */
type OperandPayload = KvPayload | { kind: "i" | "n"; bytes: Uint8Array; blobs?: never };

/** A mutation as the caller gave it, its value already copied. */
export interface KvWrite {
  key: Deno.KvKey;
  operation: KvOperation;
  payload?: OperandPayload;
  expireIn?: number | undefined;
}

/** A message to enqueue. */
export interface KvMessage {
  payload: Uint8Array;
  /** Whose bytes follow the payload when they have been read. */
  blobs?: readonly Blob[];
  delayMs: number;
  keysIfUndelivered: readonly Deno.KvKey[];
  backoffSchedule: readonly number[];
}

/** All of one commit. */
export interface KvCommit {
  checks: readonly Deno.AtomicCheck[];
  writes: readonly KvWrite[];
  messages: readonly KvMessage[];
}

/** Waits before the retries of a message that names none, in milliseconds; those of Deno. */
export const BACKOFF_SCHEDULE_DEFAULT: readonly number[] = [100, 1000, 5000, 30_000, 60_000];

const VERSIONSTAMP = /^[0-9a-fA-F]{20}$/;
const U64_LIMIT = 2n ** 64n;
const NUMBER_BYTES = 4;

/** Bytes of a value that takes part in `sum`, `min` or `max`. */
export function serializeOperand(value: unknown): OperandPayload {
  const payload = serializeValue(value);
  if (isU64(value)) return payload;
  if (typeof value === "number") return { kind: "n", bytes: payload.bytes };
  if (typeof value === "bigint" && value >= 0n && value < U64_LIMIT) {
    return { kind: "i", bytes: u64Bytes(value) };
  }
  return payload;
}

/** Whether the commit must wait for the bytes of blobs. */
export function hasBlobs({ writes, messages }: KvCommit): boolean {
  return writes.some(({ payload }) => payload?.blobs) || messages.some(({ blobs }) => blobs);
}

/** The commit with the bytes of its blobs, its keys safe from what callers do meanwhile. */
export async function withBlobs({ checks, writes, messages }: KvCommit): Promise<KvCommit> {
  const kept = writes.map((write) => ({ ...write, key: [...write.key] }));
  return {
    checks: checks.map((check) => ({ ...check, key: [...check.key] })),
    writes: await Promise.all(
      kept.map(async (write) => ({ ...write, ...await wholePayload(write) })),
    ),
    messages: await Promise.all(messages.map(async (message) => ({
      ...message,
      payload: await readBlobs({ ...message, bytes: message.payload }),
      blobs: [],
    }))),
  };
}

async function wholePayload({ payload }: KvWrite): Promise<Pick<KvWrite, "payload">> {
  if (!payload?.blobs) return payload ? { payload } : {};
  return { payload: { kind: payload.kind, bytes: await readBlobs(payload) } };
}

/** Arguments of the script of commits. Fails with a TypeError for what breaks a limit. */
export function commitArguments({ checks, writes, messages }: KvCommit): RedisArgument[] {
  if (checks.length > CHECKS_MAX) throw new TypeError(`Too many checks (max ${CHECKS_MAX})`);
  if (writes.length + messages.length > MUTATIONS_MAX) {
    throw new TypeError(`Too many mutations (max ${MUTATIONS_MAX})`);
  }
  const encodedChecks = checks.map(encodeCheck);
  const encodedWrites = writes.map(encodeWrite);
  const encodedMessages = messages.map(encodeMessage);
  checkSizes(encodedChecks, encodedWrites, messages);
  return [
    String(checks.length),
    ...encodedChecks.flatMap(({ key, versionstamp }) => [key, versionstamp]),
    String(writes.length),
    ...encodedWrites.flatMap(writeArguments),
    String(messages.length),
    ...encodedMessages.flat(),
  ];
}

interface EncodedCheck {
  key: Uint8Array;
  versionstamp: string;
}

function encodeCheck({ key, versionstamp }: Deno.AtomicCheck): EncodedCheck {
  const encoded = encodeKey(key);
  if (versionstamp === null || versionstamp === undefined) {
    return { key: encoded, versionstamp: "" };
  }
  if (!VERSIONSTAMP.test(versionstamp)) throw new TypeError("Invalid check");
  return { key: encoded, versionstamp: versionstamp.toLowerCase() };
}

interface EncodedWrite {
  key: Uint8Array;
  operation: KvOperation | "suffix";
  payload?: OperandPayload | undefined;
  expireIn: number | undefined;
}

function encodeWrite({ key, operation, payload, expireIn }: KvWrite): EncodedWrite {
  const isSuffixed = operation === "set" && (key.at?.(-1) as unknown) === COMMIT_VERSIONSTAMP;
  return {
    key: encodeKey(isSuffixed ? key.slice(0, -1) : key),
    operation: isSuffixed ? "suffix" : operation,
    payload,
    expireIn,
  };
}

function writeArguments({ key, operation, payload, expireIn }: EncodedWrite): RedisArgument[] {
  return [key, operation, payload?.kind ?? "", payload?.bytes ?? "", String(expireIn ?? "")];
}

function encodeMessage(message: KvMessage): RedisArgument[] {
  const { payload, delayMs, keysIfUndelivered, backoffSchedule } = message;
  return [
    payload,
    String(Math.trunc(delayMs)),
    String(backoffSchedule.length),
    ...backoffSchedule.map((interval) => String(Math.trunc(interval))),
    String(keysIfUndelivered.length),
    ...keysIfUndelivered.map(encodeUndeliveredKey),
  ];
}

function encodeUndeliveredKey(key: Deno.KvKey): Uint8Array {
  const encoded = encodeKey(key);
  checkWriteKey(encoded);
  return encoded;
}

/** Keys count once where they are named and once more with their value, as in Deno. */
function checkSizes(
  checks: readonly EncodedCheck[],
  writes: readonly EncodedWrite[],
  messages: readonly KvMessage[],
): void {
  let total = 0;
  let keys = 0;
  for (const { key } of [...checks, ...writes]) {
    checkWriteKey(key);
    total += key.length;
  }
  for (const { key, payload } of writes) {
    if (!payload) continue;
    total += valueSize(payload) + key.length;
    keys += key.length;
  }
  for (const { payload: bytes, blobs, backoffSchedule } of messages) {
    const size = sizeOf({ bytes, blobs });
    if (size > VALUE_BYTES_MAX) {
      throw new TypeError(`enqueue payload too large (max ${VALUE_BYTES_MAX} bytes)`);
    }
    total += size + NUMBER_BYTES * backoffSchedule.length;
  }
  checkTotals(total, keys);
}

/** With the bytes of blobs that were not read yet. */
function sizeOf({ bytes, blobs }: { bytes: Uint8Array; blobs?: readonly Blob[] | undefined }) {
  return (blobs ?? []).reduce((sum, { size }) => sum + size, bytes.length);
}

function valueSize(payload: OperandPayload): number {
  const size = sizeOf(payload);
  if (size <= VALUE_BYTES_MAX) return size;
  throw new TypeError(`Value too large (max ${VALUE_BYTES_MAX} bytes)`);
}

function checkTotals(total: number, keys: number): void {
  if (total > TOTAL_MUTATION_BYTES_MAX) {
    throw new TypeError(`Total mutation size too large (max ${TOTAL_MUTATION_BYTES_MAX} bytes)`);
  }
  if (keys > TOTAL_KEY_BYTES_MAX) {
    throw new TypeError(`Total key size too large (max ${TOTAL_KEY_BYTES_MAX} bytes)`);
  }
}
