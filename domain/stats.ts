/**
 * Totals of an athlete's activity by local day, week or month. A quantity of a day is the largest
 * of what the sessions of that day add up to and what each source of samples adds up to, so that a
 * phone and a watch that saw the same steps are not added.
 *
 * @module
 */

import { Temporal } from "temporal";
import { type ActivityType, QUANTITIES, type Quantity } from "./activity.ts";
import { localDay, splitByDay } from "./days.ts";
import type { ActivityFact, SampleFact } from "./scoring.ts";

export const BUCKETS = ["day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

/** What is summed up: local days from `from` to `to`, both included, as YYYY-MM-DD. */
export interface StatsInput {
  from: string;
  to: string;
  bucket: Bucket;
  zone: string;
  activities: readonly ActivityFact[];
  samples: readonly SampleFact[];
}

/** Stored integers by quantity, and the number of sessions. */
export type StoredTotals = Record<Quantity | "activities", number>;

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
  const days = totalsByDay(input);
  const names = daysBetween(input.from, input.to);
  const perDay = names.map((day) => ({ day, totals: days.get(day) ?? noTotals() }));
  const active = perDay.map(({ totals }) => isActive(totals));
  return {
    totals: sum(perDay.map(({ totals }) => totals)),
    buckets: bucketsOf(perDay, input.bucket),
    bestDay: bestDayOf(perDay),
    longestStreakDays: longestStreak(active),
    currentStreakDays: currentStreak(active),
    byType: totalsByType(input),
  };
}

function totalsByDay(input: StatsInput): Map<string, StoredTotals> {
  const sides = new Map<string, Map<string, StoredTotals>>();
  const add = (day: string, side: string, name: keyof StoredTotals, amount: number) => {
    if (day < input.from || day > input.to) return;
    const ofDay = sides.get(day) ?? new Map<string, StoredTotals>();
    const totals = ofDay.get(side) ?? noTotals();
    totals[name] += amount;
    sides.set(day, ofDay.set(side, totals));
  };
  for (const activity of input.activities) {
    const day = localDay(activity.startedAt, input.zone);
    add(day, "activities", "activities", 1);
    for (const name of QUANTITY_NAMES) add(day, "activities", name, activity.quantities[name] ?? 0);
  }
  for (const sample of input.samples) {
    const side = `samples ${sample.source.app ?? ""} ${sample.source.device ?? ""}`;
    for (const { day, amount } of splitByDay(sample, input.zone)) {
      add(day, side, sample.quantity, amount);
    }
  }
  return new Map([...sides].map(([day, ofDay]) => [day, largest([...ofDay.values()])]));
}

function largest(sides: readonly StoredTotals[]): StoredTotals {
  const totals = noTotals();
  for (const name of Object.keys(totals) as (keyof StoredTotals)[]) {
    totals[name] = Math.max(...sides.map((side) => side[name]));
  }
  return totals;
}

function sum(parts: readonly StoredTotals[]): StoredTotals {
  const totals = noTotals();
  for (const part of parts) {
    for (const name of Object.keys(totals) as (keyof StoredTotals)[]) totals[name] += part[name];
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

function totalsByType(input: StatsInput): ActivityStats["byType"] {
  const inRange = input.activities.filter(({ startedAt }) => {
    const day = localDay(startedAt, input.zone);
    return day >= input.from && day <= input.to;
  });
  const groups = Map.groupBy(inRange, ({ type }) => type);
  return [...groups].map(([type, activities]) => ({
    type,
    totals: sum(activities.map(({ quantities }) => ({
      ...noTotals(),
      ...quantities,
      activities: 1,
    }))),
  })).sort((a, b) => b.totals.activities - a.totals.activities || (a.type < b.type ? -1 : 1));
}
