/// <reference lib="deno.unstable" />
/**
 * A store as it lies in Redis, and the scripts that work on it. All keys of a store carry its name
 * as hash tag, so that the index and the records lie in one slot: a list or a commit sees one moment
 * and needs no transaction across nodes. The price is that one store never grows beyond one node of
 * a Cluster; a larger one is split by name.
 *
 * @module
 */

import { decodeKey } from "./kv_key.ts";
import { readRecord } from "./kv_value.ts";
import type { KeyRange } from "./kv_selector.ts";
import { type RedisArgument, type RedisConnection, type RedisReply, redisScript } from "./redis.ts";
import commitSource from "./lua/kv_commit.lua" with { type: "text" };
import dequeueSource from "./lua/kv_dequeue.lua" with { type: "text" };
import extendSource from "./lua/kv_extend.lua" with { type: "text" };
import readSource from "./lua/kv_read.lua" with { type: "text" };
import settleSource from "./lua/kv_settle.lua" with { type: "text" };

const COMMIT = redisScript(commitSource);
const DEQUEUE = redisScript(dequeueSource);
const EXTEND = redisScript(extendSource);
const READ = redisScript(readSource);
const SETTLE = redisScript(settleSource);

/** How a script says that a number operation met another type. */
const TYPE_FAULT = "KVTYPE ";

/** One range to read. */
export interface RangeRead extends KeyRange {
  limit: number;
  reverse?: boolean;
}

/** Entries of the ranges, and when the first of them expires. */
export interface Snapshot {
  ranges: Deno.KvEntry<unknown>[][];
  /** Milliseconds until then; Infinity when none does. */
  expiresInMs: number;
}

/** A message that was taken, to be settled by its id. */
export interface TakenMessage {
  id: string;
  payload: Uint8Array;
}

/** What came of taking messages. */
export interface Taken {
  messages: TakenMessage[];
  /** Milliseconds until the next one is due; undefined when none waits. */
  nextInMs: number | undefined;
}

/** The operations of a store on Redis. */
export interface Keyspace {
  read(ranges: readonly RangeRead[]): Promise<Snapshot>;
  /** The versionstamp, or null when a check failed; a TypeError when types do not fit. */
  commit(values: readonly RedisArgument[]): Promise<string | null>;
  dequeue(countMax: number, deadlineMs: number): Promise<Taken>;
  settle(how: "done" | "failed", id: string): Promise<void>;
  /** Gives messages back whose reader missed their deadline. */
  settleOverdue(): Promise<void>;
  extend(ids: readonly string[], deadlineMs: number): Promise<void>;
  /** Hears the encoded keys of every commit. */
  onChange(hear: (keys: Uint8Array[]) => void): Promise<() => void>;
  /** Hears that messages were enqueued. */
  onMessage(hear: () => void): Promise<() => void>;
}

/** A store of this name; the name must not contain a brace. */
export function createKeyspace(redis: RedisConnection, name: string): Keyspace {
  const key = (part: string) => `kv:{${name}}:${part}`;
  const [index, records, expiries, version] = ["index", "records", "expiries", "version"].map(key);
  const [ready, running, messages] = ["ready", "running", "messages"].map(key);
  const [changes, notices] = ["changes", "notices"].map(key);
  const written = [index!, records!, expiries!, version!, ready!, messages!, changes!, notices!];
  return {
    read: async (ranges) =>
      readSnapshot(await redis.run(READ, [index!, records!], ranges.flatMap(rangeArguments))),
    commit: async (values) =>
      readVersionstamp(await runTyped(() => redis.run(COMMIT, written, values))),
    dequeue: async (countMax, deadlineMs) =>
      readTaken(
        await redis.run(DEQUEUE, [ready!, running!, messages!], [
          String(countMax),
          String(deadlineMs),
        ]),
      ),
    async settle(how, id) {
      await redis.run(SETTLE, [...written, running!], [how, id]);
    },
    async settleOverdue() {
      await redis.run(SETTLE, [...written, running!], ["overdue"]);
    },
    async extend(ids, deadlineMs) {
      await redis.run(EXTEND, [running!], [String(deadlineMs), ...ids]);
    },
    onChange: (hear) => redis.subscribe(changes!, (message) => hear(readKeys(asBytes(message)))),
    onMessage: (hear) => redis.subscribe(notices!, hear),
  };
}

function rangeArguments({ first, last, limit, reverse }: RangeRead): RedisArgument[] {
  return [first, last, String(limit), reverse ? "1" : "0"];
}

async function runTyped(work: () => Promise<RedisReply>): Promise<RedisReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith(TYPE_FAULT)) throw error;
    throw new TypeError(error.message.slice(TYPE_FAULT.length), { cause: error });
  }
}

function readSnapshot(reply: RedisReply): Snapshot {
  const [now, ...ranges] = asList(reply);
  const snapshot: Snapshot = { ranges: [], expiresInMs: Infinity };
  for (const range of ranges) snapshot.ranges.push(readEntries(asList(range!), now, snapshot));
  return snapshot;
}

function readEntries(
  flat: readonly RedisReply[],
  now: RedisReply | undefined,
  snapshot: Snapshot,
): Deno.KvEntry<unknown>[] {
  const entries: Deno.KvEntry<unknown>[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const { value, versionstamp, expiresAt } = readRecord(asBytes(flat[i + 1]));
    entries.push({ key: decodeKey(asBytes(flat[i])), value, versionstamp });
    if (expiresAt === 0 || typeof now !== "number") continue;
    snapshot.expiresInMs = Math.min(snapshot.expiresInMs, expiresAt - now);
  }
  return entries;
}

function readVersionstamp(reply: RedisReply): string | null {
  return reply === null ? null : asText(reply);
}

function readTaken(reply: RedisReply): Taken {
  const [wait, ...flat] = asList(reply);
  const messages: TakenMessage[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    messages.push({ id: asText(flat[i]), payload: asBytes(flat[i + 1]) });
  }
  return { messages, nextInMs: typeof wait === "number" && wait >= 0 ? wait : undefined };
}

/** Each key comes with its length before it, two bytes. */
function readKeys(message: Uint8Array): Uint8Array[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const keys: Uint8Array[] = [];
  for (let at = 0; at < message.length;) {
    const end = at + 2 + view.getUint16(at);
    keys.push(message.subarray(at + 2, end));
    at = end;
  }
  return keys;
}

function asList(reply: RedisReply): RedisReply[] {
  if (Array.isArray(reply)) return reply;
  throw new TypeError("Cannot read an answer of Redis: it is no list");
}

function asBytes(reply: RedisReply | undefined): Uint8Array {
  // A plain view: the `slice` of a Node buffer is no copy.
  if (reply instanceof Uint8Array) {
    return new Uint8Array(reply.buffer, reply.byteOffset, reply.byteLength);
  }
  throw new TypeError("Cannot read an answer of Redis: it is no text");
}

function asText(reply: RedisReply | undefined): string {
  return new TextDecoder().decode(asBytes(reply));
}
