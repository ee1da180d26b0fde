/**
 * Parts → score, instant by instant in the order of event time, so that `reachedAt` is the instant
 * at which the score last changed. A day contributes what its minimum, its cap and the cap of
 * manual entries leave of its parts; an aggregate makes the score of the days' contributions.
 *
 * @module
 */

import { dayAt, dayBounds, shiftDay } from "./days.ts";
import type { ActivityScoring } from "./rules.ts";
import { floorUnits, type Part, type ScoringFrame } from "./scoring_part.ts";
import type { EpochMs } from "./time.ts";

/** A score in whole base units (or days), null when nothing counts, and since when. */
export interface ReachedScore {
  score: number | null;
  reachedAt: EpochMs | null;
  /** Each change: when, and the score from then on; where it was asked for. */
  course?: [at: EpochMs, score: number][];
}

/** What a day has come to. */
interface DaySum {
  amount: number;
  manual: number;
  contribution: number;
}

/** Makes a score of the days' contributions, which only grow. */
interface Aggregation {
  /** A day's contribution rose. */
  rise(day: string, before: number, after: number): void;
  /** The score at an instant; null while nothing counts. */
  scoreAt(at: EpochMs): number | null;
}

/** Folds the parts, which are in the order of event time. */
export function foldParts(parts: readonly Part[], frame: ScoringFrame): ReachedScore {
  const days = new Map<string, DaySum>();
  const aggregation = aggregationOf(frame);
  const ticks = frame.scoring.aggregate === "average_per_day" ? dayStarts(frame) : [];
  const reached: ReachedScore = { score: null, reachedAt: null };
  if (frame.wantsCourse) reached.course = [];
  let next = 0;
  for (const at of instantsOf(parts, ticks)) {
    for (; next < parts.length && parts[next]!.at === at; next++) {
      addPart(days, parts[next]!, { aggregation, frame });
    }
    reach(reached, aggregation.scoreAt(at), at);
  }
  return reached;
}

function reach(reached: ReachedScore, score: number | null, at: EpochMs): void {
  if (score !== null && !Number.isSafeInteger(score)) {
    throw new RangeError("Cannot add up activity: sum too large");
  }
  if (score === reached.score) return;
  reached.score = score;
  reached.reachedAt = at;
  if (score !== null) reached.course?.push([at, score]);
}

function addPart(
  days: Map<string, DaySum>,
  part: Part,
  { aggregation, frame }: { aggregation: Aggregation; frame: ScoringFrame },
): void {
  const sum = days.get(part.day) ?? { amount: 0, manual: 0, contribution: 0 };
  days.set(part.day, sum);
  const allowed = allowedOf(part, sum.manual, frame);
  if (part.isManual) sum.manual += allowed;
  sum.amount += allowed;
  const before = sum.contribution;
  sum.contribution = contributionOf(sum.amount, frame);
  if (sum.contribution > before) aggregation.rise(part.day, before, sum.contribution);
}

/** What the cap of manual entries leaves of a part, after the day's manual entries so far. */
export function allowedOf(
  { isManual, amount }: Part,
  manualBefore: number,
  { scoring, scale }: ScoringFrame,
): number {
  if (!isManual || scoring.manualPolicy !== "cap") return amount;
  return Math.max(0, Math.min(amount, (scoring.manualDailyCap ?? 0) * scale - manualBefore));
}

/** What a day's amount contributes. */
export function contributionOf(amount: number, { scoring, scale }: ScoringFrame): number {
  if (amount < (scoring.dailyMinimum ?? 0) * scale) return 0;
  return Math.min(amount, (scoring.dailyCap ?? Infinity) * scale);
}

/** The instants of parts and ticks, each once, in their order. */
function* instantsOf(parts: readonly Part[], ticks: readonly EpochMs[]): Generator<EpochMs> {
  let part = 0;
  let tick = 0;
  while (part < parts.length || tick < ticks.length) {
    const at = Math.min(parts[part]?.at ?? Infinity, ticks[tick] ?? Infinity);
    while (parts[part]?.at === at) part += 1;
    while (ticks[tick] === at) tick += 1;
    yield at;
  }
}

function aggregationOf(frame: ScoringFrame): Aggregation {
  const { scoring, scale } = frame;
  const goal = (scoring.dailyGoal ?? 0) * scale;
  switch (scoring.aggregate) {
    case "best_day":
      return bestDay(scoring, scale);
    case "days_at_goal":
      return daysAtGoal(goal);
    case "streak_days":
      return longestStreak(goal);
    case "average_per_day":
      return average(scale, dayStarts(frame));
    case "target":
      return total(scale, scoring.target ?? Infinity);
    default:
      return total(scale, Infinity);
  }
}

function total(scale: number, target: number): Aggregation {
  let sum = 0;
  return {
    rise(_day, before, after) {
      sum += after - before;
    },
    scoreAt: () => sum === 0 ? null : Math.min(target, floorUnits(sum, scale)),
  };
}

/** Days count from the one that holds the first tick's eve on; the ticks are their beginnings. */
function average(scale: number, ticks: readonly EpochMs[]): Aggregation {
  let sum = 0;
  let begun = 0;
  return {
    rise(_day, before, after) {
      sum += after - before;
    },
    // Asked in the order of time.
    scoreAt(at) {
      while (begun < ticks.length && ticks[begun]! <= at) begun += 1;
      return sum === 0 ? null : floorUnits(sum, scale * Math.max(1, begun));
    },
  };
}

function bestDay({ direction }: ActivityScoring, scale: number): Aggregation {
  const days = new Map<string, number>();
  let best = 0;
  return {
    rise(day, _before, after) {
      days.set(day, after);
      best = Math.max(best, after);
    },
    scoreAt() {
      if (days.size === 0) return null;
      const chosen = direction === "higher" ? best : Math.min(...days.values());
      return floorUnits(chosen, scale);
    },
  };
}

function daysAtGoal(goal: number): Aggregation {
  let count = 0;
  return {
    rise(_day, before, after) {
      if (before < goal && after >= goal) count += 1;
    },
    scoreAt: () => count || null,
  };
}

function longestStreak(goal: number): Aggregation {
  const reached = new Set<string>();
  let longest = 0;
  return {
    rise(day, before, after) {
      if (before >= goal || after < goal) return;
      reached.add(day);
      longest = Math.max(longest, streakAround(reached, day).length);
    },
    scoreAt: () => longest || null,
  };
}

/** The run of days without a gap that holds a day, in their order. */
function streakAround(days: ReadonlySet<string>, day: string): string[] {
  const streak = [day];
  for (let at = shiftDay(day, -1); days.has(at); at = shiftDay(at, -1)) streak.unshift(at);
  for (let at = shiftDay(day, 1); days.has(at); at = shiftDay(at, 1)) streak.push(at);
  return streak;
}

/** The longest run of days without a gap, of equal ones the earliest; days in any order. */
export function findLongestStreak(days: ReadonlySet<string>): Set<string> {
  let longest: string[] = [];
  const seen = new Set<string>();
  for (const day of [...days].sort()) {
    if (seen.has(day)) continue;
    const streak = streakAround(days, day);
    for (const of of streak) seen.add(of);
    if (streak.length > longest.length) longest = streak;
  }
  return new Set(longest);
}

/**
 * The instants at which days begin for the average: the later of start and join for the first, then
 * the local midnights until now, the end left out.
 */
export function dayStarts({ competition, athlete, now, zone }: ScoringFrame): EpochMs[] {
  const { startsAt, endsAt } = competition;
  const first = Math.min(Math.max(startsAt, athlete?.joinedAt ?? startsAt), endsAt - 1);
  const until = Math.min(now ?? endsAt, endsAt - 1);
  const starts = [first];
  for (let at = dayAt(first, zone).endsAt; at <= until; at = dayAt(at, zone).endsAt) {
    starts.push(at);
  }
  return starts;
}

/** When the next local day begins, or null from the last one on; for who keeps averages current. */
export function nextDayStart(frame: Pick<ScoringFrame, "competition" | "zone">, now: EpochMs) {
  const at = dayBounds(dayAt(Math.max(now, frame.competition.startsAt), frame.zone).day, frame.zone)
    .endsAt;
  return at < frame.competition.endsAt ? at : null;
}
