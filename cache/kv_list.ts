/// <reference lib="deno.unstable" />
/** Walks a range in batches; `cursor` tells where another list goes on. */

import { posesAs } from "./kv_posing.ts";
import { BATCH_SIZE_BY_LIMIT_MAX, BATCH_SIZE_DEFAULT } from "./kv_limits.ts";
import { checkSelector, encodeCursor } from "./kv_selector.ts";

/** One batch to fetch. */
export interface ListPage {
  selector: Deno.KvListSelector;
  cursor: string | undefined;
  reverse: boolean;
  consistency: Deno.KvConsistencyLevel;
  batchSize: number;
}

/** Fetches a batch; fewer entries than `batchSize` mean that there are no more. */
export type FetchPage = (page: ListPage) => Promise<Deno.KvEntry<unknown>[]>;

/** `Deno.KvListIterator` over any store. */
export class KvList<T> implements Deno.KvListIterator<T> {
  static {
    posesAs(this, "KvListIterator");
  }

  readonly #fetch: FetchPage;
  readonly #page: Omit<ListPage, "cursor">;
  readonly #limit: number;
  #cursor: () => string | undefined;
  #batch: Deno.KvEntry<unknown>[] = [];
  #at = 0;
  #count = 0;
  #isLastBatch = false;
  #isDone = false;

  /** Fails with an Error for a limit or batch size, a TypeError for a selector, that cannot be. */
  constructor(selector: Deno.KvListSelector, options: Deno.KvListOptions, fetch: FetchPage) {
    checkPositive("Limit", options.limit);
    const batchSize = options.batchSize ?? options.limit ?? BATCH_SIZE_DEFAULT;
    checkPositive("batchSize", batchSize);
    this.#fetch = fetch;
    this.#limit = options.limit ?? Infinity;
    this.#page = {
      selector: checkSelector(selector),
      reverse: options.reverse ?? false,
      consistency: options.consistency ?? "strong",
      batchSize: options.batchSize ?? Math.min(batchSize, BATCH_SIZE_BY_LIMIT_MAX),
    };
    const { cursor } = options;
    this.#cursor = () => cursor || undefined;
  }

  get cursor(): string {
    const cursor = this.#cursor();
    if (cursor === undefined) throw new Error("Cannot get cursor before first iteration");
    return cursor;
  }

  async next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    if (this.#isDone || this.#count >= this.#limit) return { done: true, value: undefined };
    if (this.#at >= this.#batch.length && !this.#isLastBatch) await this.#fill();
    const entry = this.#batch[this.#at++];
    if (!entry) {
      this.#isDone = true;
      this.#cursor = () => "";
      return { done: true, value: undefined };
    }
    this.#count++;
    this.#cursor = () => encodeCursor(this.#page.selector, entry.key);
    return { done: false, value: entry as Deno.KvEntry<T> };
  }

  async #fill(): Promise<void> {
    this.#batch = await this.#fetch({ ...this.#page, cursor: this.#cursor() });
    this.#at = 0;
    this.#isLastBatch = this.#batch.length < this.#page.batchSize;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Deno.KvEntry<T>> {
    return this;
  }
}

function checkPositive(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new Error(`${name} must be a positive integer: received ${value}`);
}
