/**
 * Totals of an athlete's activity by local day, week or month. A quantity of a day is the largest
 * of what the sessions of that day add up to and what each source of samples adds up to, so that a
 * phone and a watch that saw the same steps are not added; a session that two of them recorded is
 * one.
 *
 * @module
 */

import { Temporal } from "temporal";
import { type ActivityType, QUANTITIES, type Quantity } from "./activity.ts";
import { localDay, splitByDay } from "./days.ts";
import { findDoubles } from "./same_session.ts";
import type { ActivityFact, SampleFact } from "./scoring.ts";

export const BUCKETS = ["day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Local days from `from` to `to`, both included, as YYYY-MM-DD. */
export interface DayRange {
  from: string;
  to: string;
}

/** The facts that touch some local days; what lies outside of the days is left out. */
export interface FactsOfDays extends DayRange {
  zone: string;
  activities: readonly ActivityFact[];
  samples: readonly SampleFact[];
}

/** What is summed up. */
export interface StatsInput extends FactsOfDays {
  bucket: Bucket;
}

/** Stored integers by quantity, and the number of sessions. */
export type StoredTotals = Record<Quantity | "activities", number>;

/** The totals of a range of days; a day without facts is not there. */
export interface RangeTotals {
  days: Map<string, StoredTotals>;
  types: Map<ActivityType, StoredTotals>;
}

export interface ActivityStats {
  totals: StoredTotals;
  buckets: { start: string; totals: StoredTotals }[];
  /** The day with the most steps, then the most distance; null without any activity. */
  bestDay: { day: string; steps: number; distance: number } | null;
  /** Longest run of days with any activity. */
  longestStreakDays: number;
  /** The run that ends today or yesterday, as seen from `to`. */
  currentStreakDays: number;
  byType: { type: ActivityType; totals: StoredTotals }[];
}

const QUANTITY_NAMES = Object.keys(QUANTITIES) as Quantity[];
const TOTAL_NAMES = [...QUANTITY_NAMES, "activities"] as const;

/** No activity at all. */
export function noTotals(): StoredTotals {
  return {
    distance: 0,
    moving_time: 0,
    active_energy: 0,
    elevation_gain: 0,
    steps: 0,
    floors: 0,
    activities: 0,
  };
}

/** Sums up an athlete's activity.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activityStats } from "@/domain/stats.ts";
 *
 * const walk = {
 *   kind: "sample" as const, id: "s", quantity: "steps" as const, value: 300,
 *   startedAt: Date.UTC(2026, 4, 1, 8), endedAt: Date.UTC(2026, 4, 1, 9), arrivedAt: 0,
 *   zoneOffsetMinutes: null, source: { recordingMethod: "automatic" as const },
 * };
 * const stats = activityStats({
 *   from: "2026-05-01", to: "2026-05-02", bucket: "day", zone: "UTC", activities: [], samples: [walk],
 * });
 * assertEquals(stats.buckets.map(({ totals }) => totals.steps), [300, 0]);
 * assertEquals(stats.currentStreakDays, 1);
 * ```
 */
export function activityStats(input: StatsInput): ActivityStats {
  return summarise(input, [totalsOf(input)]);
}

/** Sums up ranges that were read one by one, so that years of samples need not be held at once; no
 * two ranges may share a day. */
export function summarise(
  { from, to, bucket }: DayRange & { bucket: Bucket },
  ranges: readonly RangeTotals[],
): ActivityStats {
  const days = new Map(ranges.flatMap((range) => [...range.days]));
  const perDay = daysBetween(from, to).map((day) => ({ day, totals: days.get(day) ?? noTotals() }));
  const active = perDay.map(({ totals }) => isActive(totals));
  return {
    totals: sum(perDay.map(({ totals }) => totals)),
    buckets: bucketsOf(perDay, bucket),
    bestDay: bestDayOf(perDay),
    longestStreakDays: longestStreak(active),
    currentStreakDays: currentStreak(active),
    byType: byTypeOf(ranges),
  };
}

/** Adds up the facts of some days; of a session recorded twice the one that counts. */
export function totalsOf(facts: FactsOfDays): RangeTotals {
  const doubles = findDoubles(facts.activities);
  const activities = facts.activities
    .filter(({ id }) => !doubles.has(id))
    .map((activity) => ({ activity, day: localDay(activity.startedAt, facts.zone) }))
    .filter(({ day }) => day >= facts.from && day <= facts.to);
  const days = new Map<string, Sides>();
  const types: RangeTotals["types"] = new Map();
  for (const { activity, day } of activities) {
    addTo(sideOf(days, day, ACTIVITIES_SIDE), activity);
    const ofType = types.get(activity.type) ?? noTotals();
    addTo(ofType, activity);
    types.set(activity.type, ofType);
  }
  for (const sample of facts.samples) addSample(days, sample, facts);
  const largestOfDays = [...days].map(([day, sides]) => [day, largest(sides)] as const);
  return { days: new Map(largestOfDays), types };
}

/** The totals of one day by side: the activities together, or the samples of one source. */
type Sides = Map<string, StoredTotals>;

const ACTIVITIES_SIDE = "activities";

function sideOf(days: Map<string, Sides>, day: string, side: string): StoredTotals {
  const sides = days.get(day) ?? new Map<string, StoredTotals>();
  const totals = sides.get(side) ?? noTotals();
  days.set(day, sides.set(side, totals));
  return totals;
}

function addTo(totals: StoredTotals, { quantities }: ActivityFact): void {
  totals.activities += 1;
  for (const name of QUANTITY_NAMES) totals[name] += quantities[name] ?? 0;
}

function addSample(days: Map<string, Sides>, sample: SampleFact, facts: FactsOfDays): void {
  const { app = "", device = "" } = sample.source;
  for (const { day, amount } of splitByDay(sample, facts.zone)) {
    if (day < facts.from || day > facts.to) continue;
    // Names hold no line breaks, so that no two sources share a side.
    sideOf(days, day, `samples\n${app}\n${device}`)[sample.quantity] += amount;
  }
}

/** Of each quantity the largest side. */
function largest(sides: Sides): StoredTotals {
  const totals = noTotals();
  for (const side of sides.values()) {
    for (const name of TOTAL_NAMES) totals[name] = Math.max(totals[name], side[name]);
  }
  return totals;
}

function sum(parts: readonly StoredTotals[]): StoredTotals {
  const totals = noTotals();
  for (const part of parts) {
    for (const name of TOTAL_NAMES) totals[name] += part[name];
  }
  return totals;
}

/** All local days from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const last = Temporal.PlainDate.from(to);
  const days: string[] = [];
  let day = Temporal.PlainDate.from(from);
  while (Temporal.PlainDate.compare(day, last) <= 0) {
    days.push(day.toString());
    day = day.add({ days: 1 });
  }
  return days;
}

/** The first day of the bucket that holds a day; weeks begin on Monday (ISO 8601). */
export function bucketStart(day: string, bucket: Bucket): string {
  const date = Temporal.PlainDate.from(day);
  if (bucket === "day") return day;
  if (bucket === "month") return date.with({ day: 1 }).toString();
  return date.subtract({ days: date.dayOfWeek - 1 }).toString();
}

function bucketsOf(perDay: readonly { day: string; totals: StoredTotals }[], bucket: Bucket) {
  const groups = Map.groupBy(perDay, ({ day }) => bucketStart(day, bucket));
  return [...groups].map(([start, days]) => ({
    start,
    totals: sum(days.map(({ totals }) => totals)),
  }));
}

function bestDayOf(perDay: readonly { day: string; totals: StoredTotals }[]) {
  let best: { day: string; steps: number; distance: number } | null = null;
  for (const { day, totals } of perDay) {
    if (!isActive(totals)) continue;
    const { steps, distance } = totals;
    const isBetter = best === null || steps > best.steps ||
      (steps === best.steps && distance > best.distance);
    if (isBetter) best = { day, steps, distance };
  }
  return best;
}

function isActive(totals: StoredTotals): boolean {
  return Object.values(totals).some((value) => value > 0);
}

function longestStreak(active: readonly boolean[]): number {
  let longest = 0;
  let current = 0;
  for (const isOn of active) {
    current = isOn ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

function currentStreak(active: readonly boolean[]): number {
  // Today may still become active: until it is over it does not end a streak.
  const days = active.at(-1) ? active : active.slice(0, -1);
  const lastRest = days.lastIndexOf(false);
  return days.length - 1 - lastRest;
}

function byTypeOf(ranges: readonly RangeTotals[]): ActivityStats["byType"] {
  const groups = Map.groupBy(ranges.flatMap(({ types }) => [...types]), ([type]) => type);
  return [...groups].map(([type, parts]) => ({ type, totals: sum(parts.map(([, of]) => of)) }))
    .sort((a, b) => b.totals.activities - a.totals.activities || (a.type < b.type ? -1 : 1));
}
