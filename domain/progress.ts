/**
 * How far an athlete has come in a computed competition: the way to a target with its pace, the
 * streak that runs, the days at a goal. Counted in the local days that the rule counts in, from
 * what each day contributes; nothing here changes a score.
 *
 * @module
 */

import { daysBetween, localDay, shiftDay } from "./days.ts";
import type { ActivityScoring } from "./rules.ts";
import { findLongestStreak } from "./scoring_fold.ts";
import { floorUnits, scaleOf } from "./scoring_part.ts";
import type { EpochMs } from "./time.ts";

/** What progress is told from. */
export interface ProgressInput {
  scoring: ActivityScoring;
  competition: { startsAt: EpochMs; endsAt: EpochMs; timeZone: string };
  athlete: { joinedAt: EpochMs; timeZone: string };
  now: EpochMs;
  /** What each local day (`YYYY-MM-DD`) contributes, as `contributionsByDay` gives it: in integers of `scaleOf(scoring)`. */
  days: ReadonlyMap<string, number>;
}

/** A local day's amount against the rule's daily goal; `goal` null where the rule has none. */
export interface DayProgress {
  day: string;
  amount: number;
  goal: number | null;
  /** What is missing to the goal; 0 once it is reached, null without one. */
  missing: number | null;
}

/** The average of the days begun, and where it leads by the end. */
export interface Pace {
  perDay: number;
  /** The amount at the end if the days to come are like the ones begun. */
  projected: number;
}

/** The way to a target. */
export interface TargetProgress {
  target: number;
  amount: number;
  missing: number;
  /** Whole percent, rounded down, 100 only when it is reached. */
  percent: number;
  isReached: boolean;
  /** What each day left, today included, must bring; null when reached or over. */
  neededPerDay: number | null;
  /** The day on which the pace reaches it; null when reached, or not by this pace within the time. */
  expectedOn: string | null;
  /** Whether it is reached, or will be at this pace. */
  isOnTrack: boolean;
}

/** Runs of days at the goal. */
export interface StreakProgress {
  /** The run that today or yesterday belongs to; yesterday's can still be continued today. */
  current: number;
  longest: number;
  /** Whether the run ends with today unless today's goal is reached. */
  isAtRisk: boolean;
}

/** Days at the goal. */
export interface GoalProgress {
  reached: number;
  /** Days that have begun. */
  begun: number;
  /** The most there can be at the end. */
  reachable: number;
}

/** How far somebody has come; amounts are in whole base units of the metric. */
export interface Progress {
  /** Local days that the competition touches, those begun, and those left with today. */
  days: { total: number; begun: number; left: number };
  /** Null before the start and after the end. */
  today: DayProgress | null;
  /** Null for aggregates that no pace leads to, and before the first day. */
  pace: Pace | null;
  /** For the aggregate `target`. */
  target: TargetProgress | null;
  /** For the aggregate `streak_days`. */
  streak: StreakProgress | null;
  /** For `streak_days` and `days_at_goal`. */
  goal: GoalProgress | null;
}

/** Tells the progress at an instant.
 * @example half of 10 000 steps after one of three days
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progressOf } from "@/domain/progress.ts";
 *
 * const startsAt = Date.UTC(2026, 4, 1);
 * const progress = progressOf({
 *   scoring: {
 *     kind: "activity",
 *     metric: "steps",
 *     aggregate: "target",
 *     target: 10_000,
 *     direction: "higher",
 *     manualPolicy: "exclude",
 *   },
 *   competition: { startsAt, endsAt: startsAt + 3 * 86_400_000, timeZone: "UTC" },
 *   athlete: { joinedAt: startsAt, timeZone: "UTC" },
 *   now: startsAt + 30 * 3_600_000,
 *   days: new Map([["2026-05-01", 5000]]),
 * });
 * assertEquals(progress.days, { total: 3, begun: 2, left: 2 });
 * assertEquals([progress.target?.percent, progress.target?.neededPerDay], [50, 2500]);
 * assertEquals(progress.pace, { perDay: 2500, projected: 7500 });
 * ```
 */
export function progressOf(input: ProgressInput): Progress {
  const frame = frameOf(input);
  const { aggregate } = input.scoring;
  const isOfDays = aggregate === "streak_days" || aggregate === "days_at_goal";
  const pace = isOfDays ? null : paceOf(frame);
  return {
    days: { total: frame.total, begun: frame.begun, left: frame.left },
    today: frame.today === null ? null : dayProgress(frame, frame.today),
    pace,
    target: aggregate === "target" ? targetOf(frame, pace) : null,
    streak: aggregate === "streak_days" ? streakOf(frame) : null,
    goal: isOfDays ? goalOf(frame) : null,
  };
}

/** The input with its days counted. */
interface Frame extends ProgressInput {
  /** The day of now while the competition runs, else null. */
  today: string | null;
  lastDay: string;
  total: number;
  begun: number;
  left: number;
}

function frameOf(input: ProgressInput): Frame {
  const { scoring, competition, athlete, now } = input;
  const zone = scoring.dayZone === "athlete" ? athlete.timeZone : competition.timeZone;
  const { startsAt, endsAt } = competition;
  const firstDay = localDay(startsAt, zone);
  const lastDay = localDay(endsAt - 1, zone);
  const total = daysBetween(firstDay, lastDay) + 1;
  if (now < startsAt) return { ...input, today: null, lastDay, total, begun: 0, left: total };
  if (now >= endsAt) return { ...input, today: null, lastDay, total, begun: total, left: 0 };
  const today = localDay(now, zone);
  const begun = daysBetween(firstDay, today) + 1;
  return { ...input, today, lastDay, total, begun, left: total - begun + 1 };
}

function dayProgress({ scoring, days }: Frame, day: string): DayProgress {
  const amount = floorUnits(days.get(day) ?? 0, scaleOf(scoring));
  const goal = scoring.dailyGoal ?? null;
  return { day, amount, goal, missing: goal === null ? null : Math.max(0, goal - amount) };
}

/** Aggregates whose score a daily average leads to. */
const PACED = new Set(["total", "target"]);

/** Today counts as begun, as it does in averages, so that the pace never flatters. */
function paceOf(frame: Frame): Pace | null {
  const { scoring, days, begun, left, today } = frame;
  const counting = begun - daysMissed(frame);
  if (!PACED.has(scoring.aggregate) || counting <= 0) return null;
  const sum = sumOf(days);
  const scale = scaleOf(scoring);
  const daysToCome = today === null ? left : left - 1;
  const projected = sum / scale * ((counting + daysToCome) / counting);
  return {
    perDay: floorUnits(sum, scale * counting),
    projected: daysToCome === 0 ? floorUnits(sum, scale) : Math.floor(projected),
  };
}

/** Days before somebody joined, unless activity of then counts. */
function daysMissed({ scoring, competition, athlete, days }: Frame): number {
  const zone = scoring.dayZone === "athlete" ? athlete.timeZone : competition.timeZone;
  const first = localDay(competition.startsAt, zone);
  const joined = localDay(Math.max(athlete.joinedAt, competition.startsAt), zone);
  const earliest = [...days.keys()].reduce((least, day) => day < least ? day : least, joined);
  return Math.max(0, daysBetween(first, earliest));
}

function targetOf(frame: Frame, pace: Pace | null): TargetProgress {
  const target = frame.scoring.target ?? 0;
  const amount = floorUnits(sumOf(frame.days), scaleOf(frame.scoring));
  const isReached = amount >= target;
  const missing = Math.max(0, target - amount);
  return {
    target,
    amount,
    missing,
    percent: isReached ? 100 : Math.floor(amount / target * 100),
    isReached,
    neededPerDay: isReached || frame.left === 0 ? null : Math.ceil(missing / frame.left),
    expectedOn: isReached ? null : expectedOn(frame, pace, missing),
    isOnTrack: isReached || (pace !== null && pace.projected >= target),
  };
}

function expectedOn(
  { today, lastDay }: Frame,
  pace: Pace | null,
  missing: number,
): string | null {
  if (today === null || pace === null || pace.perDay <= 0) return null;
  const days = Math.ceil(missing / pace.perDay);
  if (days > daysBetween(today, lastDay)) return null;
  return shiftDay(today, days);
}

function streakOf(frame: Frame): StreakProgress {
  const reached = daysAtGoal(frame);
  const end = frame.today ?? (frame.begun > 0 ? frame.lastDay : null);
  const isToday = end !== null && reached.has(end);
  // After the end nothing can be continued any more.
  const from = isToday || frame.today === null ? end : shiftDay(frame.today, -1);
  let current = 0;
  for (let day = from; day !== null && reached.has(day); day = shiftDay(day, -1)) current += 1;
  return {
    current,
    longest: findLongestStreak(reached).size,
    isAtRisk: frame.today !== null && current > 0 && !isToday,
  };
}

function goalOf(frame: Frame): GoalProgress {
  const reached = daysAtGoal(frame);
  const isTodayDone = frame.today !== null && reached.has(frame.today);
  return {
    reached: reached.size,
    begun: frame.begun,
    reachable: reached.size + frame.left - (isTodayDone ? 1 : 0),
  };
}

function daysAtGoal({ days, scoring }: Frame): Set<string> {
  const goal = (scoring.dailyGoal ?? 0) * scaleOf(scoring);
  return new Set([...days].filter(([, amount]) => amount > 0 && amount >= goal).map(([d]) => d));
}

function sumOf(days: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const amount of days.values()) sum += amount;
  return sum;
}
