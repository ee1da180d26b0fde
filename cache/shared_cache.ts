/// <reference lib="deno.unstable" />
/**
 * The layer between memory and database that all nodes share, over a `KvStore`.
 *
 * An entry is a value, the fact that there is none, or a tombstone left by a write. A reading that
 * found nothing has the entry's versionstamp as its mark, and its value is kept only while that is
 * still the entry's: whoever read the database before a write, and comes with the old value after
 * it, meets the tombstone. Tombstones outlive every such reading.
 *
 * While the store is away nothing is known and nothing kept. What was to be forgotten meanwhile is
 * remembered, not read, and forgotten when the store is back.
 *
 * @module
 */

import { MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { type Breaker, createBreaker } from "@/platform/breaker.ts";
import type { Clock } from "@/platform/clock.ts";
import { withDeadline } from "@/platform/deadline.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { Timers } from "@/platform/timers.ts";
import type { SharedAnswer, SharedCache, SharedMark } from "@/services/cached.ts";
import type { KvStore } from "./kv.ts";

export interface SharedCacheDeps {
  /** Closed by whoever opened it. */
  kv: KvStore;
  /** Keeps its entries apart from those of other installations in the same store. */
  installation: string;
  clock: Clock;
  timers: Timers;
  metrics: Pick<Metrics, "breakerState" | "breakerFailures">;
  /** How long a value is kept: after this at the latest a write that nobody announced is seen. */
  valueMs?: number;
  timeoutMs?: number;
}

/** A shared layer that can be stopped, and told that the store can be reached again. */
export interface KvSharedCache extends SharedCache, Disposable {
  /** Forgets what could not be forgotten while the store was away. */
  catchUp(): Promise<void>;
}

/** A node that dies between its commit and the forgetting leaves an old value for this long. */
const VALUE_MS = 30 * SECOND_MS;
/** A mark is good for as long as a statement may take, and a little more. */
const MARK_MS = 20 * SECOND_MS;
/** Longer than any mark is good. */
const TOMBSTONE_MS = MINUTE_MS;
/** The database answers sooner than a cache that needs longer. */
const TIMEOUT_MS = 250;
/** Ids to be forgotten that a node remembers; beyond them values live out their time. */
const PENDING_MAX = 10_000;
/** Keys in one call: `Deno.Kv` takes ten readings, and no more are worth one commit. */
const KEYS_MAX = 10;
/** How soon what could not be forgotten is tried again. */
const CATCH_UP_MS = SECOND_MS;
const BREAKER_RULE = { kind: "share", percent: 50, callsMin: 5, windowMs: 10 * SECOND_MS } as const;
const BREAKER_RESET_MS = SECOND_MS;

/** What lies in the store. */
type Stored = { is: "value"; value: unknown } | { is: "absent" } | { is: "forgotten" };

/** One id to be forgotten, once for each write that changed it. */
interface Forgotten {
  name: string;
  id: string;
}

/** Makes the layer; disposing it stops its breaker. */
export function createSharedCache(deps: SharedCacheDeps): KvSharedCache {
  return new StoreCache(deps);
}

class StoreCache implements KvSharedCache {
  readonly #deps: SharedCacheDeps;
  readonly #breaker: Breaker;
  /** Ids by cache that a write changed while the store was away. */
  readonly #pending = new Map<string, Forgotten>();
  #catchingUp: Promise<void> | undefined;
  #cancelCatchUp: (() => void) | undefined;
  #isDisposed = false;

  constructor(deps: SharedCacheDeps) {
    this.#deps = deps;
    this.#breaker = createBreaker({
      name: "cache",
      rule: BREAKER_RULE,
      resetMs: BREAKER_RESET_MS,
      isFailure: () => true,
      metrics: deps.metrics,
    });
  }

  async read(name: string, ids: readonly string[]): Promise<Map<string, SharedAnswer>> {
    const asked = ids.filter((id) => !this.#pending.has(pendingKey({ name, id })));
    const answers = new Map<string, SharedAnswer>();
    await Promise.all(
      chunks(asked).map(async (part) => {
        const givenAtMs = this.#deps.clock.now();
        const keys = part.map((id) => this.#key(name, id));
        const entries = await this.#try(() => this.#deps.kv.getMany<Stored[]>(keys));
        entries?.forEach((entry, index) => answers.set(part[index]!, answerOf(entry, givenAtMs)));
      }),
    );
    return answers;
  }

  async fill(name: string, id: string, value: unknown, mark: SharedMark): Promise<void> {
    const ageMs = this.#deps.clock.now() - mark.givenAtMs;
    if (ageMs > MARK_MS || this.#pending.has(pendingKey({ name, id }))) return;
    const stored: Stored = value === undefined ? { is: "absent" } : { is: "value", value };
    const expireIn = this.#deps.valueMs ?? VALUE_MS;
    await this.#try(() =>
      this.#deps.kv.atomic()
        .check({ key: this.#key(name, id), versionstamp: mark.versionstamp })
        .set(this.#key(name, id), stored, { expireIn }).commit()
    );
  }

  async forget(name: string, ids: readonly string[]): Promise<void> {
    const forgotten = ids.map((id) => ({ name, id }));
    for (const one of forgotten) this.#pending.set(pendingKey(one), one);
    for (const key of this.#pending.keys()) {
      if (this.#pending.size <= PENDING_MAX) break;
      this.#pending.delete(key);
    }
    const parts = chunks(forgotten);
    const buried = await Promise.all(
      parts.map((part) => this.#bury(part, (work) => this.#try(work))),
    );
    if (buried.includes(false)) this.#catchUpLater();
  }

  async catchUp(): Promise<void> {
    this.#catchingUp ??= this.#buryAll().finally(() => this.#catchingUp = undefined);
    await this.#catchingUp;
  }

  #catchUpLater(): void {
    // What was under way when it was stopped fails after that.
    if (this.#isDisposed) return;
    this.#cancelCatchUp ??= this.#deps.timers.after(CATCH_UP_MS, () => {
      this.#cancelCatchUp = undefined;
      void this.catchUp();
    });
  }

  /** Past the breaker, which may not have heard yet that the store is back. */
  async #buryAll(): Promise<void> {
    for (const part of chunks([...this.#pending.values()])) {
      const isBuried = await this.#bury(part, (work) => this.#within(work).catch(() => undefined));
      if (!isBuried) return this.#catchUpLater();
    }
  }

  /** Tells whether the store took the tombstones. */
  async #bury(
    ids: readonly Forgotten[],
    attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>,
  ): Promise<boolean> {
    const buried = await attempt(() => {
      const commit = this.#deps.kv.atomic();
      const tombstone: Stored = { is: "forgotten" };
      for (const { name, id } of ids) {
        commit.set(this.#key(name, id), tombstone, { expireIn: TOMBSTONE_MS });
      }
      return commit.commit();
    });
    if (!buried) return false;
    for (const one of ids) {
      // A later write of the same id has a tombstone of its own on the way.
      if (this.#pending.get(pendingKey(one)) === one) this.#pending.delete(pendingKey(one));
    }
    return true;
  }

  #key(name: string, id: string): Deno.KvKey {
    return ["cache", this.#deps.installation, name, id];
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#breaker.call(() => this.#within(work));
    } catch {
      return undefined;
    }
  }

  async #within<T>(work: () => Promise<T>): Promise<T> {
    const timeoutMs = this.#deps.timeoutMs ?? TIMEOUT_MS;
    return await withDeadline(work, { timeoutMs, action: "reach the shared cache" });
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#cancelCatchUp?.();
    this.#breaker[Symbol.dispose]();
  }
}

function pendingKey({ name, id }: Forgotten): string {
  return JSON.stringify([name, id]);
}

function answerOf(entry: Deno.KvEntryMaybe<Stored>, givenAtMs: number): SharedAnswer {
  const stored = entry.value;
  if (stored?.is === "value") return { isKnown: true, value: stored.value };
  if (stored?.is === "absent") return { isKnown: true, value: undefined };
  return { isKnown: false, mark: { versionstamp: entry.versionstamp, givenAtMs } };
}

function chunks<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < items.length; from += KEYS_MAX) {
    parts.push(items.slice(from, from + KEYS_MAX));
  }
  return parts;
}
