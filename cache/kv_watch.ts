/// <reference lib="deno.unstable" />
/**
 * Watches entries: the state at first, then each later state, those a slow reader missed left out.
 * News comes by pub/sub, which may lose it while a connection is down; so the entries are read again
 * when the connection stands and, for good measure, every few seconds. A watch survives an outage of
 * Redis: it stays silent meanwhile, and shows the state it finds afterwards.
 *
 * @module
 */

import { systemTimers } from "@/platform/timers.ts";
import { encodeKey, withByte } from "./kv_key.ts";
import { checkReadKey, WATCHED_KEYS_MAX } from "./kv_limits.ts";
import type { Keyspace, Snapshot } from "./kv_keyspace.ts";

/** How soon lost news is found out. */
const REREAD_MS = 5_000;
/** After a failed read. */
const RETRY_MS = 500;

type Entry = Deno.KvEntryMaybe<unknown>;

/** All watches of a store, which share one subscription. */
export class KvWatchers {
  readonly #keyspace: Keyspace;
  readonly #watches = new Set<Watch>();
  #subscription: Promise<() => void> | undefined;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Fails with a TypeError for too many keys or what is no key. */
  watch(keys: readonly Deno.KvKey[], isRaw: boolean): ReadableStream<Entry[]> {
    if (keys.length > WATCHED_KEYS_MAX) {
      throw new TypeError(`Too many keys (max ${WATCHED_KEYS_MAX})`);
    }
    const watch = new Watch(this.#keyspace, keys, isRaw);
    this.#watches.add(watch);
    return new ReadableStream<Entry[]>({
      pull: async (controller) => {
        const entries = await watch.next(() => this.#subscribe());
        if (entries) return controller.enqueue(entries);
        this.#remove(watch);
        controller.close();
      },
      cancel: () => this.#remove(watch),
    });
  }

  /** The connection stands again: whatever was missed must be read. */
  reread(): void {
    for (const watch of this.#watches) watch.wake("reread");
  }

  close(): void {
    for (const watch of this.#watches) this.#remove(watch);
  }

  #remove(watch: Watch): void {
    watch.close();
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    this.#subscription?.then((unsubscribe) => unsubscribe(), () => {});
    this.#subscription = undefined;
  }

  #subscribe(): Promise<unknown> {
    this.#subscription ??= this.#keyspace.onChange((keys) => {
      const changed = keys.map(toText);
      for (const watch of this.#watches) watch.hear(changed);
    }).catch((error) => {
      this.#subscription = undefined;
      throw error;
    });
    return this.#subscription;
  }
}

/** Bytes as a text that can be looked up. */
function toText(bytes: Uint8Array): string {
  return bytes.toHex();
}

class Watch {
  readonly #keyspace: Keyspace;
  readonly #keys: readonly Deno.KvKey[];
  readonly #encoded: readonly Uint8Array[];
  readonly #names: ReadonlySet<string>;
  readonly #isRaw: boolean;
  #entries: Entry[] | undefined;
  #isClosed = false;
  /** Why the entries should be read: somebody wrote them, or news may have been lost. */
  #reason: "news" | "reread" | undefined = "news";
  #awaited = Promise.withResolvers<void>();
  #stopTimer: (() => void) | undefined;

  constructor(keyspace: Keyspace, keys: readonly Deno.KvKey[], isRaw: boolean) {
    this.#keyspace = keyspace;
    this.#keys = keys.map((key) => Array.isArray(key) ? [...key] : key);
    this.#encoded = keys.map(encodeKey);
    this.#encoded.forEach(checkReadKey);
    this.#names = new Set(this.#encoded.map(toText));
    this.#isRaw = isRaw;
  }

  hear(changed: readonly string[]): void {
    if (changed.some((name) => this.#names.has(name))) this.wake("news");
  }

  wake(reason: "news" | "reread"): void {
    if (this.#reason !== "news") this.#reason = reason;
    this.#awaited.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
    this.#awaited.resolve();
  }

  /** The next state to show, or undefined after the end. */
  async next(subscribe: () => Promise<unknown>): Promise<Entry[] | undefined> {
    if (this.#keys.length === 0) return undefined;
    while (true) {
      while (!this.#reason && !this.#isClosed) await this.#awaited.promise;
      if (this.#isClosed) return undefined;
      const entries = await this.#read(subscribe);
      if (entries) return entries;
    }
  }

  async #read(subscribe: () => Promise<unknown>): Promise<Entry[] | undefined> {
    const reason = this.#reason;
    this.#reason = undefined;
    this.#awaited = Promise.withResolvers();
    try {
      // The subscription stands before the state is read, so that no change falls between the two.
      await subscribe();
      const snapshot = await this.#keyspace.read(this.#encoded.map(pointRange));
      this.#wakeIn(Math.min(REREAD_MS, Math.max(1, snapshot.expiresInMs)));
      const isChanged = this.#take(snapshot);
      if (!isChanged && !(this.#isRaw && reason === "news")) return undefined;
      return this.#entries?.map((entry) => ({ ...entry }));
    } catch {
      this.#wakeIn(RETRY_MS);
      return undefined;
    }
  }

  #take(snapshot: Snapshot): boolean {
    const before = this.#entries;
    this.#entries = this.#keys.map((key, index) =>
      snapshot.ranges[index]?.[0] ?? { key: [...key], value: null, versionstamp: null }
    );
    return this.#entries.some(({ versionstamp }, index) =>
      before?.[index]?.versionstamp !== versionstamp
    );
  }

  #wakeIn(delayMs: number): void {
    this.#stopTimer?.();
    if (this.#isClosed) return;
    this.#stopTimer = systemTimers.after(delayMs, () => this.wake("reread"));
  }
}

function pointRange(key: Uint8Array) {
  return { first: key, last: withByte(key, 0), limit: 1 };
}
