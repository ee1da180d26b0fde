/**
 * Cache-aside: memory, then what the nodes keep together, then the database. Whoever asks for what
 * is being read waits for that reading. What a write changed is forgotten after its commit, on this
 * node before `forget` resolves, on the others as soon as the news arrives and after `memoryMs` at
 * the latest; a reading that began before is answered but never kept.
 *
 * @module
 */

import { z } from "zod";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Broker, Topic } from "./boards/broker.ts";

/** Values by id, read through the layers. */
export interface Cached<V> {
  /** The value; undefined where there is none. Fails as the reading from the database does. */
  get(id: string): Promise<V | undefined>;
  /** The values there are, read together. */
  getMany(ids: Iterable<string>): Promise<Map<string, V>>;
  /** Forgets what a committed write changed, created or removed. Never fails. */
  forget(...ids: readonly string[]): Promise<void>;
}

/** What is kept, and how it is read. */
export interface CachedOptions<V> {
  /** Names it among the nodes and in the metrics; rises by a number when the shape of values changes. */
  name: string;
  /** Reads the ones there are from the database, in one query. Values must survive a structured clone, and nobody may change them. */
  load(ids: readonly string[]): Promise<ReadonlyMap<string, V>>;
  /** How long a node may miss the news of a write. */
  memoryMs: number;
  /** Values in memory; those used longest ago go first. */
  entriesMax: number;
}

/** What a shared layer knows of an id: its value (undefined: there is none), or a mark to fill it with. */
export type SharedAnswer =
  | { isKnown: true; value: unknown }
  | { isKnown: false; mark: SharedMark | undefined };

/** Proves, when a value is kept, that it was not forgotten since the mark was given. */
export interface SharedMark {
  readonly versionstamp: string | null;
  readonly givenAtMs: number;
}

/** What the nodes keep together. Never fails: what is away knows nothing. */
export interface SharedCache {
  read(name: string, ids: readonly string[]): Promise<Map<string, SharedAnswer>>;
  /** Keeps a value unless the id was forgotten since the mark. */
  fill(name: string, id: string, value: unknown, mark: SharedMark): Promise<void>;
  /** From its end on, nobody reads or fills an older value. */
  forget(name: string, ids: readonly string[]): Promise<void>;
}

export interface CachedDeps {
  clock: Clock;
  broker: Pick<Broker, "subscribe" | "publish">;
  /** Absent for a node alone. */
  shared?: SharedCache | undefined;
  metrics: CacheMetrics;
}

/** The part of the metrics that a cache feeds. */
export interface CacheMetrics {
  cacheHits: { series(labels: CacheLabels): { inc(by?: number): void } };
  cacheMisses: { series(labels: CacheLabels): { inc(by?: number): void } };
}

/** `layer`: memory or shared. */
export type CacheLabels = Record<"cache" | "layer", string>;

/** Which ids of a cache were written by another node. */
const FORGOTTEN: Topic<string[]> = { name: "forgotten", schema: z.array(z.string()) };
/** Ids in one message; it is small even so. */
const FORGOTTEN_IDS_MAX = 200;

/** What is known to be absent is asked for again sooner, since nobody announces most creations. */
const ABSENT_MEMORY_MS = SECOND_MS;

/** Opens an empty cache; it listens to the other nodes until the broker is closed. */
export function createCached<V>(deps: CachedDeps, options: CachedOptions<V>): Cached<V> {
  const cache = new LayeredCache(deps, options);
  deps.broker.subscribe(FORGOTTEN, options.name, {
    heard: (ids) => cache.evict(ids),
    missed: () => cache.evictAll(),
  });
  return cache;
}

interface Entry<V> {
  value: V | undefined;
  freshUntil: EpochMs;
}

/** One reading of several ids. */
interface Reading<V> {
  values: Promise<ReadonlyMap<string, V>>;
  /** Ids written since it began. */
  overtaken: Set<string>;
}

class LayeredCache<V> implements Cached<V> {
  readonly #deps: CachedDeps;
  readonly #options: CachedOptions<V>;
  // A hit re-inserts, so that the map is ordered from the least recently used on.
  readonly #entries = new Map<string, Entry<V>>();
  readonly #readings = new Map<string, Reading<V>>();
  readonly #memory: LayerCounts;
  readonly #shared: LayerCounts;

  constructor(deps: CachedDeps, options: CachedOptions<V>) {
    this.#deps = deps;
    this.#options = options;
    this.#memory = countsOf(deps.metrics, { cache: options.name, layer: "memory" });
    this.#shared = countsOf(deps.metrics, { cache: options.name, layer: "shared" });
  }

  async get(id: string): Promise<V | undefined> {
    const entry = this.#fresh(id);
    if (entry) return entry.value;
    const reading = this.#readings.get(id) ?? this.#begin([id]);
    return (await reading.values).get(id);
  }

  async getMany(ids: Iterable<string>): Promise<Map<string, V>> {
    const found = new Map<string, V>();
    const readings = new Map<string, Reading<V>>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const entry = this.#fresh(id);
      const reading = entry ? undefined : this.#readings.get(id);
      if (reading) readings.set(id, reading);
      else if (!entry) missing.push(id);
      else if (entry.value !== undefined) found.set(id, entry.value);
    }
    const begun = missing.length > 0 ? this.#begin(missing) : undefined;
    for (const id of missing) readings.set(id, begun!);
    await Promise.all([...readings].map(async ([id, { values }]) => {
      const value = (await values).get(id);
      if (value !== undefined) found.set(id, value);
    }));
    return found;
  }

  async forget(...ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { broker, shared } = this.#deps;
    // First the shared layer, else this node or another could take the old value from there again.
    await shared?.forget(this.#options.name, ids);
    this.evict(ids);
    for (let from = 0; from < ids.length; from += FORGOTTEN_IDS_MAX) {
      const part = ids.slice(from, from + FORGOTTEN_IDS_MAX);
      broker.publish(FORGOTTEN, this.#options.name, part);
    }
  }

  /** Drops what memory has of the ids; readings under way may no longer keep them. */
  evict(ids: readonly string[]): void {
    for (const id of ids) {
      this.#entries.delete(id);
      this.#readings.get(id)?.overtaken.add(id);
      this.#readings.delete(id);
    }
  }

  evictAll(): void {
    this.evict([...this.#entries.keys(), ...this.#readings.keys()]);
  }

  #fresh(id: string): Entry<V> | undefined {
    const entry = this.#entries.get(id);
    const isFresh = entry !== undefined && entry.freshUntil > this.#deps.clock.now();
    (isFresh ? this.#memory.hits : this.#memory.misses).inc();
    if (!entry) return undefined;
    this.#entries.delete(id);
    if (!isFresh) return undefined;
    this.#entries.set(id, entry);
    return entry;
  }

  #begin(ids: readonly string[]): Reading<V> {
    const overtaken = new Set<string>();
    const values = this.#read(ids, overtaken).finally(() => {
      for (const id of ids) if (this.#readings.get(id) === reading) this.#readings.delete(id);
    });
    const reading: Reading<V> = { values, overtaken };
    for (const id of ids) this.#readings.set(id, reading);
    return reading;
  }

  async #read(
    ids: readonly string[],
    overtaken: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, V>> {
    const answers = await this.#readShared(ids);
    const missing = ids.filter((id) => !answers.get(id)?.isKnown);
    const loaded = missing.length > 0 ? await this.#options.load(missing) : new Map<string, V>();
    const values = new Map<string, V>();
    for (const id of ids) {
      const answer = answers.get(id);
      const value = answer?.isKnown ? answer.value as V | undefined : loaded.get(id);
      if (value !== undefined) values.set(id, value);
      if (overtaken.has(id)) continue;
      this.#remember(id, value);
      if (answer?.isKnown === false) this.#fillShared(id, value, answer.mark);
    }
    return values;
  }

  async #readShared(ids: readonly string[]): Promise<ReadonlyMap<string, SharedAnswer>> {
    const { shared } = this.#deps;
    if (!shared) return new Map();
    const answers = await shared.read(this.#options.name, ids);
    const known = [...answers.values()].filter(({ isKnown }) => isKnown).length;
    this.#shared.hits.inc(known);
    this.#shared.misses.inc(ids.length - known);
    return answers;
  }

  /** Nobody waits for it, and `fill` never fails. */
  #fillShared(id: string, value: V | undefined, mark: SharedMark | undefined): void {
    if (mark) void this.#deps.shared?.fill(this.#options.name, id, value, mark);
  }

  #remember(id: string, value: V | undefined): void {
    const { memoryMs, entriesMax } = this.#options;
    const lifeMs = value === undefined ? Math.min(memoryMs, ABSENT_MEMORY_MS) : memoryMs;
    this.#entries.delete(id);
    this.#entries.set(id, { value, freshUntil: this.#deps.clock.now() + lifeMs });
    if (this.#entries.size > entriesMax) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const id of this.#entries.keys()) {
      this.#entries.delete(id);
      return;
    }
  }
}

interface LayerCounts {
  hits: { inc(by?: number): void };
  misses: { inc(by?: number): void };
}

function countsOf({ cacheHits, cacheMisses }: CacheMetrics, labels: CacheLabels): LayerCounts {
  return { hits: cacheHits.series(labels), misses: cacheMisses.series(labels) };
}
