/** An athlete's totals, in the athlete's own zone. */

import { Temporal } from "temporal";
import type { ActivityTotals, Stats, StatsQuery } from "@/contracts/fitness.ts";
import type { Actor } from "@/domain/actor.ts";
import { QUANTITIES, type Quantity } from "@/domain/activity.ts";
import { dayBounds, localDay } from "@/domain/days.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import {
  type DayRange,
  type RangeTotals,
  type StoredTotals,
  summarise,
  totalsOf,
} from "@/domain/stats.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkSelfOrAdmin } from "../accounts/access.ts";
import { ALL_QUANTITIES, type Facts, readActivities, readSamples } from "./activity_facts.ts";
import { NEAR_MS } from "./fitness_doubles.ts";
import type { FitnessDeps } from "./fitness.ts";

/** Days shown when none are asked for. */
const DAYS_DEFAULT = 30;
/** Three years of days in one answer; who wants more asks by parts. */
const DAYS_MAX = 1100;
/** Days whose facts are held at once, where they are as few as those of most … */
const DAYS_READ_MAX = 92;
/** … and samples, which take some 2 µs each: a phone that sends every minute has more in a week. */
const SAMPLES_READ_MAX = 8_000;

export async function readStats(
  deps: FitnessDeps,
  actor: Actor,
  userId: string,
  query: StatsQuery,
): Promise<Stats> {
  checkSelfOrAdmin(actor, userId, "fitness:read");
  const zone = await readZone(deps, userId);
  const { from, to } = rangeOf(query, localDay(deps.clock.now(), zone));
  const range = boundsOf({ from, to }, zone);
  const parts = await readTotals(deps, userId, { from, to, zone });
  const stats = summarise({ from, to, bucket: query.bucket }, parts);
  const { bestDay } = stats;
  return {
    userId,
    timeZone: zone,
    from,
    to,
    bucket: query.bucket,
    totals: toWire(stats.totals),
    buckets: stats.buckets.map(({ start, totals }) => ({ start, totals: toWire(totals) })),
    bestDay: bestDay && { ...bestDay, distance: bestDay.distance / QUANTITIES.distance.scale },
    longestStreakDays: stats.longestStreakDays,
    currentStreakDays: stats.currentStreakDays,
    bySource: await readSources(deps, userId, range),
    byType: stats.byType.map(({ type, totals }) => ({ type, totals: toWire(totals) })),
  };
}

/** Reads and adds up one part of the days after the other. */
async function readTotals(
  deps: FitnessDeps,
  userId: string,
  { from, to, zone }: DayRange & { zone: string },
): Promise<RangeTotals[]> {
  const parts: RangeTotals[] = [];
  let daysAtOnce = DAYS_READ_MAX;
  for (let start = from; start <= to;) {
    const end = addDays(start, daysAtOnce - 1);
    const days = { from: start, to: end < to ? end : to };
    const facts = await readFew(deps, userId, { ...boundsOf(days, zone), daysAtOnce });
    if (facts) {
      parts.push(totalsOf({ ...days, zone, ...facts }));
      start = addDays(start, daysAtOnce);
    } else daysAtOnce = Math.ceil(daysAtOnce / DAYS_DIVISOR);
  }
  return parts;
}

const DAYS_DIVISOR = 4;

/** The facts of some days; undefined when there are too many, but of a single day all. */
async function readFew(
  { database }: FitnessDeps,
  userId: string,
  { daysAtOnce, ...bounds }: { from: EpochMs; to: EpochMs; daysAtOnce: number },
): Promise<Facts | undefined> {
  const range = { ...bounds, quantities: ALL_QUANTITIES, recordIds: [], replacedSince: null };
  const samples = daysAtOnce === 1
    ? await readSamples(database, userId, range)
    : await readSamples(database, userId, range, SAMPLES_READ_MAX);
  if (!samples) return undefined;
  // A session of these days may be the copy of one nearby.
  const near = { ...range, from: range.from - NEAR_MS, to: range.to + NEAR_MS };
  return { samples, activities: await readActivities(database, userId, near) };
}

function boundsOf({ from, to }: DayRange, zone: string): { from: EpochMs; to: EpochMs } {
  return { from: dayBounds(from, zone).startsAt, to: dayBounds(to, zone).endsAt };
}

function addDays(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

async function readZone(deps: FitnessDeps, userId: string): Promise<string> {
  const [row] = await deps.database.sql<{ timeZone: string | null }[]>`
    select p.time_zone as "timeZone" from users u left join profiles p on p.user_id = u.id
    where u.id = ${userId} and u.status <> 'deleted'`;
  if (row === undefined) {
    throw new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is none`);
  }
  return row.timeZone ?? "UTC";
}

function rangeOf(query: StatsQuery, today: string): { from: string; to: string } {
  const to = query.to ?? today;
  const last = Temporal.PlainDate.from(to);
  const from = query.from ?? last.subtract({ days: DAYS_DEFAULT - 1 }).toString();
  const days = Temporal.PlainDate.from(from).until(last, { largestUnit: "days" }).days + 1;
  if (days < 1) throw invalid("from", "too_big", "From must not be after to");
  if (days > DAYS_MAX) {
    throw invalid("from", "too_small", `The range must be at most ${DAYS_MAX} days`);
  }
  return { from, to };
}

function toWire(totals: StoredTotals): ActivityTotals {
  const { activities, ...quantities } = totals;
  const entries = Object.entries(quantities) as [Quantity, number][];
  const scaled = entries.map(([name, value]) => [name, value / QUANTITIES[name].scale]);
  return { activities, ...Object.fromEntries(scaled) } as ActivityTotals;
}

async function readSources(
  deps: FitnessDeps,
  userId: string,
  range: { from: EpochMs; to: EpochMs },
): Promise<Stats["bySource"]> {
  return await deps.database.sql<Stats["bySource"]>`
    select source, count(*) filter (where kind = 'activity')::int as activities,
      count(*) filter (where kind = 'sample')::int as samples
    from (
      select coalesce(source_device, source_app, provider) as source, 'activity' as kind
      from activities where user_id = ${userId} and deleted_at is null
        and started_at >= ${range.from} and started_at < ${range.to}
      union all
      select coalesce(source_device, source_app, provider), 'sample'
      from samples where user_id = ${userId} and deleted_at is null
        and started_at >= ${range.from} and started_at < ${range.to}
    ) facts
    group by source order by count(*) desc, source limit 50`;
}
