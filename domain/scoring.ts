/**
 * Activity → score, as a pure function of the set of an athlete's facts: neither the order in which
 * records arrived nor how they were batched can change the outcome, and a record counts once.
 *
 * What counts, in this order. A fact outside the rules (type, metric, window, backfill, lateness,
 * review, manual policy, minimum) is excluded with its reason. Where samples can count (days of a
 * quantity, and nothing said of activities), each local day takes its larger side: the activities
 * together, or the samples, of which the rule for overlaps makes one reading. Then a day's minimum
 * and cap decide what it contributes, the aggregate makes the score of the days, and it is the
 * floor, in base units, of the exact sum.
 *
 * @module
 */

import { frameOf, siftFacts } from "./scoring_facts.ts";
import { allowedOf, contributionOf, findLongestStreak, foldParts } from "./scoring_fold.ts";
import { findImplausibleDay, holdOf } from "./plausibility.ts";
import { keepLargestSides } from "./scoring_overlap.ts";
import {
  compareParts,
  countsSamples,
  type ExcludedPart,
  excludedPart,
  floorUnits,
  type Part,
  type ScoringFrame,
  type ScoringInput,
  type Sifted,
} from "./scoring_part.ts";
import type { ExcludeReason } from "./activity.ts";
import type { ActivityScoring } from "./rules.ts";
import type { EpochMs } from "./time.ts";

export { countsSamples, scaleOf } from "./scoring_part.ts";
export { nextDayStart } from "./scoring_fold.ts";
export type {
  ActivityFact,
  ExcludedPart,
  FactHold,
  SampleFact,
  ScoringInput,
} from "./scoring_part.ts";

/** A record, or its part on one local day, that counts; `amount` in base units (m, s, kcal, …). */
export interface CountedPart {
  recordId: string;
  day: string;
  amount: number;
}

/** The score in whole base units or days, or null when nothing counts; parts by event time. */
export interface ActivityScore {
  score: number | null;
  /** The event time at which the score last changed; a midnight where a new day lowered an average. */
  reachedAt: EpochMs | null;
  counted: CountedPart[];
  excluded: ExcludedPart[];
  /** Each change of the score by event time: when, and the score from then on; if asked for. */
  course?: [at: EpochMs, score: number][];
}

/** Computes the score of one athlete. Throws `RangeError` when a sum is not exact any more.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoreActivity } from "@/domain/scoring.ts";
 *
 * const run = {
 *   kind: "activity" as const,
 *   id: "run",
 *   type: "running" as const,
 *   startedAt: 1000,
 *   endedAt: 9000,
 *   arrivedAt: 9500,
 *   zoneOffsetMinutes: null,
 *   quantities: { distance: 4_835_380 },
 *   source: { recordingMethod: "active" as const },
 * };
 * const result = scoreActivity({
 *   scoring: {
 *     kind: "activity",
 *     metric: "distance",
 *     aggregate: "total",
 *     direction: "higher",
 *     manualPolicy: "exclude",
 *   },
 *   competition: { startsAt: 0, endsAt: 10_000, graceMs: 0, timeZone: "UTC" },
 *   activities: [run],
 *   samples: [],
 * });
 * assertEquals([result.score, result.reachedAt], [4835, 9000]);
 * assertEquals(result.counted, [{ recordId: "run", day: "1970-01-01", amount: 4835.38 }]);
 * ```
 */
export function scoreActivity(input: ScoringInput): ActivityScore {
  const frame = frameOf(input);
  const sifted = siftFacts(frame);
  sifted.parts.sort(compareParts);
  if (countsSamples(frame.scoring)) keepLargestSides(sifted, frame.scale);
  if (frame.scoring.metric === "steps") holdDays(sifted, frame);
  const result: ActivityScore = {
    score: null,
    reachedAt: null,
    counted: [],
    excluded: sifted.excluded,
  };
  if (frame.scoring.aggregate === "best_activity") takeBest(result, sifted.parts, frame);
  else takeDays(result, sifted.parts, frame);
  return result;
}

/** What each local day contributes, in integers of `scaleOf(scoring)`: with its minimum and cap,
 * whatever the aggregate makes of it. Days that contribute nothing are left out. */
export function contributionsByDay(input: ScoringInput): Map<string, number> {
  const frame = frameOf(input);
  const sifted = siftFacts(frame);
  sifted.parts.sort(compareParts);
  if (countsSamples(frame.scoring)) keepLargestSides(sifted, frame.scale);
  if (frame.scoring.metric === "steps") holdDays(sifted, frame);
  const counting = [...sumDays(sifted.parts, frame)].filter(([, { whole }]) => whole > 0);
  return new Map(counting.map(([day, { whole }]) => [day, whole]));
}

/** Leaves out days with more steps than a day can hold, until a referee accepts them. */
function holdDays(sifted: Sifted, { scoring, scale, dayDecisions }: ScoringFrame): void {
  const totals = new Map<string, number>();
  for (const { day, amount } of sifted.parts) totals.set(day, (totals.get(day) ?? 0) + amount);
  const holds = new Map(
    [...totals].map(([day, total]) => {
      const findings = findImplausibleDay(floorUnits(total, scale), scoring.plausibility);
      return [day, holdOf(findings, dayDecisions?.get(day))];
    }),
  );
  for (const { recordId, day, amount } of sifted.parts) {
    const hold = holds.get(day);
    if (hold) sifted.excluded.push({ ...excludedPart(recordId, hold, { amount, scale }), day });
  }
  sifted.parts = sifted.parts.filter(({ day }) => !holds.get(day));
}

/** The best floored amount that was reached first; equal ones keep the earlier. */
function takeBest(result: ActivityScore, parts: readonly Part[], frame: ScoringFrame): void {
  const { scoring, scale } = frame;
  const amountOf = (part: Part) =>
    Math.min(allowedOf(part, 0, frame), (scoring.dailyCap ?? Infinity) * scale);
  let best: Part | undefined;
  if (frame.wantsCourse) result.course = [];
  for (const part of parts) {
    const score = floorUnits(amountOf(part), scale);
    if (best && !isBetter(score, result.score!, scoring)) continue;
    best = part;
    result.score = checked(score);
    result.reachedAt = part.at;
    result.course?.push([part.at, score]);
  }
  for (const part of parts) {
    if (part === best) count(result, part, amountOf(part), { reason: "capped", scale });
    else exclude(result, part, "not_best", { amount: part.amount, scale });
  }
}

function isBetter(a: number, b: number, { direction }: ActivityScoring): boolean {
  return direction === "higher" ? a > b : a < b;
}

function checked(score: number): number {
  if (!Number.isSafeInteger(score)) throw new RangeError("Cannot add up activity: sum too large");
  return score;
}

/** The score of the days, and what became of each part. */
function takeDays(result: ActivityScore, parts: readonly Part[], frame: ScoringFrame): void {
  Object.assign(result, foldParts(parts, frame));
  const ofDays = sumDays(parts, frame);
  const faultOf = dayFaults(new Map([...ofDays].map(([day, { whole }]) => [day, whole])), frame);
  let left = (frame.scoring.aggregate === "target" ? frame.scoring.target! : Infinity) *
    frame.scale;
  for (const part of parts) {
    const sum = ofDays.get(part.day)!;
    const allowed = allowedOf(part, sum.manual, frame);
    if (part.isManual) sum.manual += allowed;
    exclude(result, part, "manual", { amount: part.amount - allowed, scale: frame.scale });
    const fault = faultOf(part.day);
    if (fault) {
      exclude(result, part, fault, { amount: allowed, scale: frame.scale });
      continue;
    }
    const amount = Math.min(allowed, sum.contribution, left);
    sum.contribution -= amount;
    left -= amount;
    count(result, { ...part, amount: allowed }, amount, { reason: "capped", scale: frame.scale });
  }
}

/** What a day contributes in the end, and what is handed out of it so far. */
interface DayShare {
  whole: number;
  contribution: number;
  manual: number;
}

function sumDays(parts: readonly Part[], frame: ScoringFrame): Map<string, DayShare> {
  const sums = new Map<string, { amount: number; manual: number }>();
  for (const part of parts) {
    const sum = sums.get(part.day) ?? { amount: 0, manual: 0 };
    sums.set(part.day, sum);
    const allowed = allowedOf(part, sum.manual, frame);
    sum.amount += allowed;
    if (part.isManual) sum.manual += allowed;
  }
  return new Map(
    [...sums].map(([day, { amount }]) => {
      const whole = contributionOf(amount, frame);
      return [day, { whole, contribution: whole, manual: 0 }];
    }),
  );
}

/** Why a whole day does not count, by the rule's aggregate. */
function dayFaults(
  days: ReadonlyMap<string, number>,
  { scoring, scale }: ScoringFrame,
): (day: string) => ExcludeReason | undefined {
  const chosen = chosenDays(days, scoring, scale);
  const goal = (scoring.dailyGoal ?? 0) * scale;
  const hasGoal = scoring.aggregate === "streak_days" || scoring.aggregate === "days_at_goal";
  return (day) => {
    const amount = days.get(day)!;
    if (amount === 0) return "below_minimum";
    if (hasGoal && amount < goal) return "below_goal";
    return chosen && !chosen.has(day) ? "not_best" : undefined;
  };
}

/** The days that an aggregate picks; undefined when it takes all. */
function chosenDays(
  days: ReadonlyMap<string, number>,
  { aggregate, direction, dailyGoal = 0 }: ActivityScoring,
  scale: number,
): ReadonlySet<string> | undefined {
  if (aggregate === "streak_days") {
    const reached = [...days].filter(([, amount]) => amount > 0 && amount >= dailyGoal * scale);
    return findLongestStreak(new Set(reached.map(([day]) => day)));
  }
  if (aggregate !== "best_day") return undefined;
  const counting = [...days].filter(([, amount]) => amount > 0).sort(([a], [b]) => a < b ? -1 : 1);
  const [best] = counting.sort(([, a], [, b]) => direction === "higher" ? b - a : a - b);
  return new Set(best ? [best[0]] : []);
}

/** Notes what of a part counts, and what a limit took from it. */
function count(
  result: ActivityScore,
  part: Part,
  amount: number,
  { reason, scale }: { reason: ExcludeReason; scale: number },
): void {
  const { recordId, day } = part;
  if (amount > 0) result.counted.push({ recordId, day, amount: amount / scale });
  exclude(result, part, reason, { amount: part.amount - amount, scale });
}

function exclude(
  result: ActivityScore,
  { recordId }: Part,
  reason: ExcludeReason,
  { amount, scale }: { amount: number; scale: number },
): void {
  if (amount > 0) result.excluded.push(excludedPart(recordId, reason, { amount, scale }));
}
