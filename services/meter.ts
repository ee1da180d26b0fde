/**
 * What this node did in each of the last seconds. Counts go into the bucket of their second, so
 * that no timer runs while nothing happens.
 *
 * @module
 */

import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";

/** The figures of one second. */
export interface Reading {
  /** The second's begin. */
  at: EpochMs;
  requests: number;
  errors: number;
  updates: number;
  /** Viewers at its end. */
  viewers: number;
}

export interface Meter {
  /** Counts an answered request; errors are answers of 500 and above. */
  request(status: number): void;
  /** Counts score events made durable. */
  updates(count: number): void;
  /** Notes how many viewers are connected from now on. */
  viewers(count: number): void;
  /** The last whole seconds, oldest first; the running one is left out. */
  readings(): Reading[];
}

/** Two minutes: what the chart of the overview shows. */
export const READINGS_MAX = 120;

/** Buckets are reused in a ring, with one more than is shown for the running second. */
const RING_SIZE = READINGS_MAX + 1;

interface Bucket extends Reading {
  viewersBefore: number;
}

/** Makes a meter without history. */
export function createMeter(deps: { clock: Clock }): Meter {
  const ring: Bucket[] = [];
  let viewersNow = 0;
  const secondNow = () => Math.floor(deps.clock.now() / SECOND_MS);
  const find = (second: number) => {
    const bucket = ring[second % RING_SIZE];
    return bucket?.at === second * SECOND_MS ? bucket : undefined;
  };
  function current(): Bucket {
    const second = secondNow();
    return find(second) ?? (ring[second % RING_SIZE] = emptyBucket(second, viewersNow));
  }
  return {
    request(status) {
      const bucket = current();
      bucket.requests += 1;
      if (status >= 500) bucket.errors += 1;
    },
    updates(count) {
      current().updates += count;
    },
    viewers(count) {
      current().viewers = viewersNow = count;
    },
    readings() {
      const now = secondNow();
      const seconds = Array.from({ length: RING_SIZE }, (_, index) => now - READINGS_MAX + index);
      const buckets = seconds.map(find);
      const earliest = buckets.find((bucket) => bucket !== undefined);
      return fillGaps(buckets.slice(0, -1), {
        firstSecond: now - READINGS_MAX,
        viewersBefore: earliest?.viewersBefore ?? viewersNow,
      });
    },
  };
}

/** A second without a bucket had no counts, and the viewers of the second before. */
function fillGaps(
  buckets: readonly (Bucket | undefined)[],
  start: { firstSecond: number; viewersBefore: number },
): Reading[] {
  let viewers = start.viewersBefore;
  return buckets.map((bucket, index) => {
    const { viewersBefore: _, ...reading } = bucket ??
      emptyBucket(start.firstSecond + index, viewers);
    viewers = reading.viewers;
    return reading;
  });
}

function emptyBucket(second: number, viewers: number): Bucket {
  return {
    at: second * SECOND_MS,
    requests: 0,
    errors: 0,
    updates: 0,
    viewers,
    viewersBefore: viewers,
  };
}
