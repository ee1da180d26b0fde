/** Three weeks of an athlete's life, cut into the syncs that told of it. */

import { Temporal } from "temporal";
import type { SyncRecord, SyncRequest } from "@/contracts/fitness.ts";
import { dayBounds, type LocalDay, localDay } from "@/domain/days.ts";
import { type EpochMs, HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import { type Athlete, chanceOf } from "./athletes.ts";
import { around, between, type Chance, happens } from "./chance.ts";
import { sessionEndsAt, usualSession, workoutOf } from "./workouts.ts";

/** One sync, and when the server heard of it. */
export interface PastSync {
  at: EpochMs;
  request: SyncRequest;
}

/** What is lived through: [from, until). */
export interface Span {
  from: EpochMs;
  until: EpochMs;
}

/** Share of the day's steps by local hour, from 6 to 22. */
const STEPS_BY_HOUR = [2, 6, 9, 6, 5, 6, 9, 8, 5, 5, 6, 9, 10, 7, 4, 2, 1];
const FIRST_HOUR = 6;
/** Share of a usual week's sessions by weekday, Monday first: long weekends, lazy Fridays. */
const SESSIONS_BY_WEEKDAY = [0.8, 1.1, 0.9, 1.1, 0.6, 1.3, 1.2];
/** Length of sessions by weekday. */
const LENGTH_BY_WEEKDAY = [0.9, 1, 0.95, 1, 0.85, 1.25, 1.45];
/** Steps by weekday. */
const STEPS_BY_WEEKDAY = [1, 1.02, 1, 1.05, 1, 1.15, 0.8];

/** All syncs of an athlete that arrived before `until`, oldest first. */
export function pastSyncs(athlete: Athlete, span: Span): PastSync[] {
  const chance = chanceOf(athlete.index, "history");
  const syncs = daysOf(athlete, span).flatMap((day) => [
    ...sessionsOf(athlete, day, chance),
    ...stepsOf(athlete, day, chance),
  ]);
  return syncs.filter(({ at }) => at < span.until).sort((a, b) => a.at - b.at);
}

function daysOf({ timeZone }: Athlete, { from, until }: Span): LocalDay[] {
  const days: LocalDay[] = [];
  let day = dayBounds(localDay(from, timeZone), timeZone);
  for (; day.startsAt < until; day = dayBounds(localDay(day.endsAt, timeZone), timeZone)) {
    days.push(day);
  }
  return days;
}

/** 0 is Monday. */
function weekdayOf({ day }: LocalDay): number {
  return Temporal.PlainDate.from(day).dayOfWeek - 1;
}

function sessionsOf(athlete: Athlete, day: LocalDay, chance: Chance): PastSync[] {
  const weekday = weekdayOf(day);
  const isWeekend = weekday >= 5;
  const isTrainingDay = happens(
    chance,
    athlete.habits.sessionsPerWeek / 7 * SESSIONS_BY_WEEKDAY[weekday]!,
  );
  const hour = happens(chance, isWeekend ? 0.8 : 0.4)
    ? between(chance, 6.2, 9.5)
    : between(chance, 16.8, 19.2);
  const startedAt = Math.round(day.startsAt + hour * HOUR_MS);
  const session = usualSession(athlete, startedAt, chance, LENGTH_BY_WEEKDAY[weekday]);
  const workout = workoutOf(athlete, session, chance);
  const delayMs = syncDelay(chance, 2 * MINUTE_MS, 40 * MINUTE_MS);
  if (!isTrainingDay) return [];
  const { provider } = athlete.habits;
  const request = { provider, records: [], workouts: [workout] };
  return [{ at: Math.round(sessionEndsAt(session) + delayMs), request }];
}

/** Most syncs follow soon; some wait for a charged phone, and a few of them are too late to count. */
function syncDelay(chance: Chance, fromMs: number, toMs: number): number {
  const isForgotten = happens(chance, 0.03);
  const soon = between(chance, fromMs, toMs);
  return isForgotten ? between(chance, 14 * HOUR_MS, 60 * HOUR_MS) : soon;
}

function stepsOf(athlete: Athlete, day: LocalDay, chance: Chance): PastSync[] {
  const { dailySteps, hasWatch, provider } = athlete.habits;
  const total = dailySteps * STEPS_BY_WEEKDAY[weekdayOf(day)]! * around(chance, 1, 0.45);
  const syncedAt = day.startsAt + between(chance, 21.2, 23.4) * HOUR_MS;
  const at = Math.round(syncedAt + syncDelay(chance, MINUTE_MS, 20 * MINUTE_MS));
  const records = hasWatch
    ? hourlySteps(athlete, day, total, chance)
    : [stepsRecord(athlete, total, { from: day.startsAt, until: Math.round(syncedAt) })];
  const told = records.filter(({ end }) => Date.parse(end) <= at);
  return [{ at, request: { provider, records: told, workouts: [] } }];
}

function hourlySteps(
  athlete: Athlete,
  day: LocalDay,
  total: number,
  chance: Chance,
): SyncRecord[] {
  const shares = STEPS_BY_HOUR.map((share) => share * between(chance, 0.3, 1.7));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((share, place) => {
    const from = day.startsAt + (FIRST_HOUR + place) * HOUR_MS;
    return stepsRecord(athlete, total * share / sum, { from, until: from + HOUR_MS });
  });
}

function stepsRecord(athlete: Athlete, value: number, { from, until }: Span): SyncRecord {
  const { app, hasWatch } = athlete.habits;
  return {
    id: `steps-${from.toString(36)}`,
    type: "steps",
    start: new Date(from).toISOString(),
    end: new Date(until).toISOString(),
    value: Math.max(1, Math.round(value)),
    source: { app, device: hasWatch ? "wrist watch" : "phone", recordingMethod: "automatic" },
  };
}
