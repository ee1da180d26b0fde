/** Readings of the same time by several sources: which of them a day takes. */

import type { Interval } from "./days.ts";
import {
  compareText,
  excludedPart,
  type Part,
  type SampleFact,
  type Sifted,
} from "./scoring_part.ts";

/** Of each day keeps the side with the largest total; equal ones by name, activities first. */
export function keepLargestSides(sifted: Sifted, scale: number): void {
  const totals = new Map<string, Map<string, number>>();
  for (const { day, side, amount } of sifted.parts) {
    const ofDay = totals.get(day) ?? new Map<string, number>();
    totals.set(day, ofDay.set(side, (ofDay.get(side) ?? 0) + amount));
  }
  const largest = new Map([...totals].map(([day, ofDay]) => [day, largestSide(ofDay)]));
  const isKept = (part: Part) => largest.get(part.day) === part.side;
  for (const part of sifted.parts) {
    if (isKept(part)) continue;
    const { recordId, amount } = part;
    sifted.excluded.push(excludedPart(recordId, "superseded", { amount, scale }));
  }
  sifted.parts = sifted.parts.filter(isKept);
}

function largestSide(totals: ReadonlyMap<string, number>): string {
  const [first] = [...totals].sort(([a, totalA], [b, totalB]) =>
    totalB - totalA || compareText(a, b)
  );
  return first![0];
}

/**
 * Gives for each sample the intervals in which it is the finest reading, so that together they
 * cover every instant that any sample covers, once. Finer is shorter; of equal ones the earlier,
 * then by source and id. Samples without duration overlap nothing and keep their instant.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { finestIntervals } from "@/domain/scoring_overlap.ts";
 *
 * const steps = { kind: "sample" as const, quantity: "steps" as const, value: 9, arrivedAt: 0 };
 * const source = { recordingMethod: "automatic" as const };
 * const [hour, minute] = finestIntervals([
 *   { ...steps, id: "hour", startedAt: 0, endedAt: 60, zoneOffsetMinutes: null, source },
 *   { ...steps, id: "minute", startedAt: 10, endedAt: 11, zoneOffsetMinutes: null, source },
 * ]);
 * assertEquals(hour, [{ startsAt: 0, endsAt: 10 }, { startsAt: 11, endsAt: 60 }]);
 * assertEquals(minute, [{ startsAt: 10, endsAt: 11 }]);
 * ```
 */
export function finestIntervals(samples: readonly SampleFact[]): Interval[][] {
  const kept = samples.map((): Interval[] => []);
  const finest = [...samples.keys()].sort((a, b) => compareFineness(samples[a]!, samples[b]!));
  const fineness = new Map(finest.map((index, place) => [index, place]));
  const starts = [...samples.keys()].sort((a, b) => samples[a]!.startedAt - samples[b]!.startedAt);
  const open = new PlaceHeap();
  let at = -Infinity;
  let next = 0;
  while (next < starts.length || open.size > 0) {
    if (open.size === 0) at = samples[starts[next]!]!.startedAt;
    for (; next < starts.length && samples[starts[next]!]!.startedAt <= at; next++) {
      open.push(fineness.get(starts[next]!)!);
    }
    const index = finest[open.first]!;
    const { endedAt } = samples[index]!;
    const nextStart = next < starts.length ? samples[starts[next]!]!.startedAt : Infinity;
    const until = Math.min(endedAt, nextStart);
    if (until > at) keep(kept[index]!, { startsAt: at, endsAt: until });
    if (endedAt <= until) open.pop();
    at = Math.max(at, until);
  }
  return kept;
}

function compareFineness(a: SampleFact, b: SampleFact): number {
  return (a.endedAt - a.startedAt) - (b.endedAt - b.startedAt) || a.startedAt - b.startedAt ||
    compareText(a.source.app ?? "", b.source.app ?? "") || compareText(a.id, b.id);
}

function keep(intervals: Interval[], { startsAt, endsAt }: Interval): void {
  const last = intervals.at(-1);
  if (last?.endsAt === startsAt) last.endsAt = endsAt;
  else intervals.push({ startsAt, endsAt });
}

/** A binary heap of whole numbers, the least first. */
class PlaceHeap {
  readonly #places: number[] = [];

  get size(): number {
    return this.#places.length;
  }

  /** The least; the heap must not be empty. */
  get first(): number {
    return this.#places[0]!;
  }

  push(place: number): void {
    const places = this.#places;
    let at = places.push(place) - 1;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = (at - 1) >> 1;
      if (places[above]! <= place) break;
      places[at] = places[above]!;
    }
    places[at] = place;
  }

  pop(): void {
    const places = this.#places;
    const last = places.pop()!;
    if (places.length === 0) return;
    let at = 0;
    for (let child = 1; child < places.length; child = 2 * at + 1) {
      if (child + 1 < places.length && places[child + 1]! < places[child]!) child += 1;
      if (places[child]! >= last) break;
      places[at] = places[child]!;
      at = child;
    }
    places[at] = last;
  }
}
