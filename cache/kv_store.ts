/// <reference lib="deno.unstable" />
/** The store on Redis behind the interface of `Deno.Kv`: calls are checked here, as Deno does it. */

import { createMessage, createSet, type EnqueueOptions, KvAtomic } from "./kv_atomic.ts";
import { encodeKey, withByte } from "./kv_key.ts";
import type { Keyspace, RangeRead } from "./kv_keyspace.ts";
import { checkConsistency, checkReadKey, READ_ENTRIES_MAX, READ_RANGES_MAX } from "./kv_limits.ts";
import { KvList, type ListPage } from "./kv_list.ts";
import { posesAs } from "./kv_posing.ts";
import { KvQueue, type QueueHandler } from "./kv_queue.ts";
import { rangeOf } from "./kv_selector.ts";
import { KvWatchers } from "./kv_watch.ts";
import {
  COMMIT_VERSIONSTAMP,
  commitArguments,
  hasBlobs,
  type KvCommit,
  withBlobs,
} from "./kv_write.ts";

/** What a store on Redis is made of. */
export interface RedisKvDeps {
  keyspace: Keyspace;
  /** Hears of failed handlers of the queue; their messages are tried again. */
  onHandlerError: (error: unknown) => void;
  /** Tells of each time Redis can be reached again; returns how to stop. */
  onReady: (tell: () => void) => () => void;
  /** Runs once, after the last call under way has ended. */
  onClosed: () => void;
}

/** Options of a read. */
interface ReadOptions {
  consistency?: Deno.KvConsistencyLevel;
}

/** `Deno.Kv` on Redis; made by `openRedisKv`. */
export class RedisKv implements Deno.Kv {
  static {
    posesAs(this, "Kv");
  }

  readonly #deps: RedisKvDeps;
  readonly #watchers: KvWatchers;
  readonly #queue: KvQueue;
  readonly #stopTelling: () => void;
  #isClosed = false;
  #isDisposed = false;
  #callsUnderWay = 0;

  constructor(deps: RedisKvDeps) {
    this.#deps = deps;
    const keyspace = this.#counted(deps.keyspace);
    this.#watchers = new KvWatchers(keyspace);
    this.#queue = new KvQueue(keyspace, deps.onHandlerError);
    this.#stopTelling = deps.onReady(() => {
      this.#watchers.reread();
      this.#queue.pump();
    });
  }

  async get<T = unknown>(key: Deno.KvKey, options?: ReadOptions): Promise<Deno.KvEntryMaybe<T>> {
    const [entry] = await this.#getAll([key], options);
    return entry as Deno.KvEntryMaybe<T>;
  }

  async getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: ReadOptions,
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const entries = await this.#getAll(keys, options);
    return entries as { [K in keyof T]: Deno.KvEntryMaybe<T[K]> };
  }

  async #getAll(
    keys: readonly Deno.KvKey[],
    options: ReadOptions | undefined,
  ): Promise<Deno.KvEntryMaybe<unknown>[]> {
    this.#checkOpen();
    checkConsistency(options?.consistency);
    const ranges = keys.map(pointRange);
    if (ranges.length > READ_RANGES_MAX) {
      throw new TypeError(`Too many ranges (max ${READ_RANGES_MAX})`);
    }
    if (ranges.length === 0) return [];
    const { ranges: found } = await this.#count(() => this.#deps.keyspace.read(ranges));
    return keys.map((key, index) => found[index]?.[0] ?? { key, value: null, versionstamp: null });
  }

  async set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult> {
    const write = createSet(key, value, options?.expireIn);
    return await this.#commitUnchecked({ checks: [], writes: [write], messages: [] });
  }

  async delete(key: Deno.KvKey): Promise<void> {
    const writes = [{ key, operation: "delete" as const }];
    await this.#commitUnchecked({ checks: [], writes, messages: [] });
  }

  async enqueue(value: unknown, options?: EnqueueOptions): Promise<Deno.KvCommitResult> {
    const messages = [createMessage(value, options)];
    return await this.#commitUnchecked({ checks: [], writes: [], messages });
  }

  async #commitUnchecked(commit: KvCommit): Promise<Deno.KvCommitResult> {
    const versionstamp = await this.#commit(commit);
    if (versionstamp === null) throw new TypeError("Failed to set value");
    return { ok: true, versionstamp };
  }

  async #commit(commit: KvCommit): Promise<string | null> {
    this.#checkOpen();
    const { keyspace } = this.#deps;
    const values = commitArguments(commit);
    if (!hasBlobs(commit)) return await this.#count(() => keyspace.commit(values));
    // What was just checked is laid out once more, when the bytes are there.
    return await this.#count(async () => keyspace.commit(commitArguments(await withBlobs(commit))));
  }

  atomic(): KvAtomic {
    return new KvAtomic((commit) => this.#commit(commit));
  }

  list<T = unknown>(selector: Deno.KvListSelector, options: Deno.KvListOptions = {}): KvList<T> {
    return new KvList<T>(selector, options, (page) => this.#fetch(page));
  }

  async #fetch(page: ListPage): Promise<Deno.KvEntry<unknown>[]> {
    const { selector, cursor, reverse, consistency, batchSize: limit } = page;
    this.#checkOpen();
    checkConsistency(consistency);
    const range: RangeRead = { ...rangeOf(selector, { cursor, reverse }), limit, reverse };
    if (limit > READ_ENTRIES_MAX) {
      throw new TypeError(`Too many entries (max ${READ_ENTRIES_MAX})`);
    }
    const { ranges } = await this.#count(() => this.#deps.keyspace.read([range]));
    return ranges[0] ?? [];
  }

  watch<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { raw?: boolean },
  ): ReadableStream<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    this.#checkOpen();
    const stream: ReadableStream<unknown> = this.#watchers.watch(keys, options?.raw ?? false);
    return stream as ReadableStream<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }>;
  }

  async listenQueue(handler: QueueHandler): Promise<void> {
    if (this.#isClosed) throw new Error("Queue already closed");
    await this.#queue.listen(handler);
  }

  commitVersionstamp(): symbol {
    return COMMIT_VERSIONSTAMP;
  }

  close(): void {
    this.#checkOpen();
    this.#isClosed = true;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#stopTelling();
    this.#watchers.close();
    this.#queue.close();
    if (this.#callsUnderWay === 0) this.#deps.onClosed();
  }

  #checkOpen(): void {
    if (this.#isDisposed) throw new Deno.errors.BadResource("Bad resource ID");
  }

  /** Calls under way keep the connection open, so that `close` does not turn their answer into an error. */
  async #count<T>(work: () => Promise<T>): Promise<T> {
    this.#callsUnderWay++;
    try {
      return await work();
    } finally {
      this.#callsUnderWay--;
      if (this.#isDisposed && this.#callsUnderWay === 0) this.#deps.onClosed();
    }
  }

  /** Reads of watches and looks for messages are given up at `close`, the settling of messages is not. */
  #counted(keyspace: Keyspace): Keyspace {
    return { ...keyspace, settle: (how, id) => this.#count(() => keyspace.settle(how, id)) };
  }
}

function pointRange(key: Deno.KvKey): RangeRead {
  const first = encodeKey(key);
  const last = withByte(first, 0);
  checkReadKey(first);
  checkReadKey(last);
  return { first, last, limit: 1 };
}
