/** Verified tokens by their text: verifying one costs about 100 µs, looking it up about 1. */

import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "./clock.ts";

/** Remembers what was verified until it expires; the least recently used go first. */
export interface TokenCache<V extends { expiresAt: EpochMs }> {
  /** The value, unless it was never set, was forgotten or has expired. */
  get(token: string): V | undefined;
  set(token: string, value: V): void;
  delete(token: string): void;
  /** Forgets every value the predicate picks, e.g. all of a session that ended. */
  deleteWhere(predicate: (value: V) => boolean): void;
  /** The values that have not expired, looked up or not. */
  values(): Iterable<V>;
  readonly size: number;
}

export interface TokenCacheOptions {
  clock: Clock;
  /** Tokens remembered at once. */
  capacity?: number;
}

/** About 10 MB of tokens: more people than one node serves within the life of an access token. */
const CAPACITY = 10_000;

/** Makes an empty cache of verified tokens. */
export function createTokenCache<V extends { expiresAt: EpochMs }>(
  options: TokenCacheOptions,
): TokenCache<V> {
  const { clock, capacity = CAPACITY } = options;
  // A hit re-inserts, so that the map is ordered from the least recently used on; while there is much
  // room nobody asks for that order.
  const values = new Map<string, V>();
  return {
    get(token) {
      const value = values.get(token);
      if (value === undefined) return undefined;
      const isOver = value.expiresAt <= clock.now();
      if (!isOver && values.size * 2 < capacity) return value;
      values.delete(token);
      if (isOver) return undefined;
      values.set(token, value);
      return value;
    },
    set(token, value) {
      values.delete(token);
      if (values.size >= capacity) dropFirst(values);
      values.set(token, value);
    },
    delete: (token) => void values.delete(token),
    deleteWhere(predicate) {
      for (const [token, value] of values) if (predicate(value)) values.delete(token);
    },
    *values() {
      const now = clock.now();
      for (const value of values.values()) if (value.expiresAt > now) yield value;
    },
    get size() {
      return values.size;
    },
  };
}

function dropFirst(values: Map<string, unknown>): void {
  for (const token of values.keys()) {
    values.delete(token);
    return;
  }
}
