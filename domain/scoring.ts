/**
 * Activity → score, as a pure function of the set of an athlete's facts: neither the order in which
 * records arrived nor how they were batched can change the outcome, and a record counts once.
 *
 * What counts, in this order. A fact outside the rules (type, metric, window, lateness, manual
 * policy) is excluded with its reason. An activity counts whole, on the local day of its start, at
 * its end; a sample counts pro rata over the local days and the window. Where samples can count
 * (aggregate `total` and no activity types named), each day takes its largest side: the activities
 * together, or the samples of one source together, so that a phone and a watch do not count the
 * same steps twice. Then the daily cap takes its days in the order of event time, and the score is
 * the floor, in base units, of the exact sum.
 *
 * @module
 */

import {
  type ActivityRecord,
  type ExcludeReason,
  QUANTITIES,
  type SampleRecord,
} from "./activity.ts";
import { graceEndsAt } from "./competition.ts";
import { amountBetween, localDay, splitByDay } from "./days.ts";
import type { ActivityScoring, Metric } from "./rules.ts";
import type { EpochMs } from "./time.ts";

/** A stored activity. */
export interface ActivityFact extends ActivityRecord {
  id: string;
  arrivedAt: EpochMs;
}

/** A stored sample. */
export interface SampleFact extends SampleRecord {
  id: string;
  arrivedAt: EpochMs;
}

/** What a score is computed from. */
export interface ScoringInput {
  scoring: ActivityScoring;
  competition: { startsAt: EpochMs; endsAt: EpochMs; graceMs: number; timeZone: string };
  activities: readonly ActivityFact[];
  samples: readonly SampleFact[];
}

/** A record, or its part on one local day, that counts; `amount` in base units (m, s, kcal, …). */
export interface CountedPart {
  recordId: string;
  day: string;
  amount: number;
}

/** A record, or a part of it, that does not count; `amount` in base units where there is one. */
export interface ExcludedPart {
  recordId: string;
  reason: ExcludeReason;
  amount?: number;
}

/** The score in whole base units, or null when nothing counts; parts in the order of event time. */
export interface ActivityScore {
  score: number | null;
  /** The event time of the record that last changed the score. */
  reachedAt: EpochMs | null;
  counted: CountedPart[];
  excluded: ExcludedPart[];
}

/** A part of a fact on one local day, in stored integers (mm, ms, cal, counts). */
interface Part {
  recordId: string;
  day: string;
  /** Event time: the end of the activity, or of the sample's part. */
  at: EpochMs;
  amount: number;
  /** Which of the day's sides it belongs to. */
  side: string;
}

/** What is taken in and what is left out, while the steps go over the parts. */
interface Sifted {
  parts: Part[];
  excluded: ExcludedPart[];
}

/** The side of all activities; sources of samples have a prefix, so that none is called so. */
const ACTIVITIES_SIDE = "activities";

/** Stored integers in one base unit of a metric. */
export function scaleOf(metric: Metric): number {
  return metric === "activities" ? 1 : QUANTITIES[metric].scale;
}

/** Whether samples can count: the rule names no activity types and adds up a quantity. */
export function countsSamples(scoring: ActivityScoring): boolean {
  return scoring.metric !== "activities" && scoring.aggregate === "total" &&
    scoring.activityTypes === undefined;
}

/** Computes the score of one athlete.
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
  const { scoring } = input;
  const sifted: Sifted = { parts: [], excluded: [] };
  for (const activity of onceEach(input.activities)) takeActivity(sifted, activity, input);
  for (const sample of onceEach(input.samples)) takeSample(sifted, sample, input);
  sifted.parts.sort(compareParts);
  if (countsSamples(scoring)) keepLargestSides(sifted, scoring);
  return scoring.aggregate === "total"
    ? scoreTotal(sifted, scoring)
    : scoreBestActivity(sifted, scoring);
}

/** Each fact once, in an order that depends on the facts alone; of two with one id the later stays. */
function onceEach<T extends ActivityFact | SampleFact>(facts: readonly T[]): T[] {
  const byId = new Map<string, T>();
  for (const fact of facts) {
    const known = byId.get(fact.id);
    if (!known || fact.arrivedAt > known.arrivedAt) byId.set(fact.id, fact);
  }
  return [...byId.values()].sort((a, b) => a.endedAt - b.endedAt || compareText(a.id, b.id));
}

function takeActivity(sifted: Sifted, activity: ActivityFact, input: ScoringInput): void {
  const { scoring, competition } = input;
  const amount = scoring.metric === "activities" ? 1 : activity.quantities[scoring.metric] ?? 0;
  const reason = activityFault(activity, amount, input);
  if (reason) {
    sifted.excluded.push(excludedPart(activity.id, reason, amount, scoring));
    return;
  }
  sifted.parts.push({
    recordId: activity.id,
    day: localDay(activity.startedAt, competition.timeZone),
    at: activity.endedAt,
    amount,
    side: ACTIVITIES_SIDE,
  });
}

function activityFault(
  activity: ActivityFact,
  amount: number,
  { scoring, competition }: ScoringInput,
): ExcludeReason | undefined {
  if (scoring.activityTypes && !scoring.activityTypes.includes(activity.type)) {
    return "type_not_counted";
  }
  if (amount === 0) return "not_in_metric";
  if (activity.startedAt < competition.startsAt) return "before_start";
  if (activity.endedAt > competition.endsAt) return "after_end";
  return factFault(activity, { scoring, competition });
}

function takeSample(sifted: Sifted, sample: SampleFact, input: ScoringInput): void {
  const { scoring, competition } = input;
  const { id, value } = sample;
  const reason = sampleFault(sample, input);
  if (reason) {
    const isMeasured = sample.quantity === scoring.metric;
    sifted.excluded.push(excludedPart(id, reason, isMeasured ? value : 0, scoring));
    return;
  }
  excludeOutside(sifted, sample, input);
  // Names hold no line breaks, so that no two sources share a side.
  const side = `samples:${sample.source.app ?? ""}\n${sample.source.device ?? ""}`;
  for (const piece of splitByDay(sample, competition.timeZone, competition)) {
    const { day, endsAt, amount } = piece;
    sifted.parts.push({ recordId: id, day, at: endsAt, amount, side });
  }
}

function sampleFault(
  sample: SampleFact,
  { scoring, competition }: ScoringInput,
): ExcludeReason | undefined {
  if (sample.quantity !== scoring.metric || sample.value === 0) return "not_in_metric";
  if (scoring.activityTypes) return "type_not_counted";
  if (!countsSamples(scoring)) return "not_in_metric";
  if (sample.endedAt <= competition.startsAt && sample.startedAt < competition.startsAt) {
    return "before_start";
  }
  if (sample.startedAt >= competition.endsAt) return "after_end";
  return factFault(sample, { scoring, competition });
}

/** What excludes activities and samples alike. */
function factFault(
  fact: ActivityFact | SampleFact,
  { scoring, competition }: Pick<ScoringInput, "scoring" | "competition">,
): ExcludeReason | undefined {
  if (fact.arrivedAt >= graceEndsAt(competition)) return "late";
  const isManual = fact.source.recordingMethod === "manual";
  return isManual && scoring.manualPolicy === "exclude" ? "manual" : undefined;
}

/** Tells the parts of a sample that lie before the start and after the end. */
function excludeOutside(sifted: Sifted, sample: SampleFact, input: ScoringInput): void {
  const { startsAt, endsAt } = input.competition;
  if (sample.startedAt >= startsAt && sample.endedAt <= endsAt) return;
  const outside = [
    ["before_start", amountBetween(sample, { startsAt: sample.startedAt, endsAt: startsAt })],
    ["after_end", amountBetween(sample, { startsAt: endsAt, endsAt: sample.endedAt })],
  ] as const;
  for (const [reason, amount] of outside) {
    if (amount > 0) sifted.excluded.push(excludedPart(sample.id, reason, amount, input.scoring));
  }
}

/** Of each day keeps the side with the largest total; equal ones by name, activities first. */
function keepLargestSides(sifted: Sifted, scoring: ActivityScoring): void {
  const totals = new Map<string, Map<string, number>>();
  for (const { day, side, amount } of sifted.parts) {
    const ofDay = totals.get(day) ?? new Map<string, number>();
    totals.set(day, ofDay.set(side, (ofDay.get(side) ?? 0) + amount));
  }
  const largest = new Map([...totals].map(([day, ofDay]) => [day, largestSide(ofDay)]));
  const isKept = (part: Part) => largest.get(part.day) === part.side;
  for (const part of sifted.parts) {
    if (isKept(part)) continue;
    sifted.excluded.push(excludedPart(part.recordId, "superseded", part.amount, scoring));
  }
  sifted.parts = sifted.parts.filter(isKept);
}

function largestSide(totals: ReadonlyMap<string, number>): string {
  const [first] = [...totals].sort(([a, totalA], [b, totalB]) =>
    totalB - totalA || compareText(a, b)
  );
  return first![0];
}

function scoreTotal({ parts, excluded }: Sifted, scoring: ActivityScoring): ActivityScore {
  const scale = scaleOf(scoring.metric);
  const cap = (scoring.dailyCap ?? Infinity) * scale;
  const countedOfDay = new Map<string, number>();
  const result: ActivityScore = { score: null, reachedAt: null, counted: [], excluded };
  let sum = 0;
  for (const part of parts) {
    const ofDay = countedOfDay.get(part.day) ?? 0;
    const amount = Math.min(part.amount, cap - ofDay);
    countedOfDay.set(part.day, ofDay + amount);
    sum += amount;
    countPart(result, part, amount, scoring);
    reachScore(result, Math.floor(sum / scale), part.at);
  }
  return result;
}

/** The best floored amount that was reached first; equal ones keep the earlier. */
function scoreBestActivity({ parts, excluded }: Sifted, scoring: ActivityScoring): ActivityScore {
  const scale = scaleOf(scoring.metric);
  const cap = (scoring.dailyCap ?? Infinity) * scale;
  const result: ActivityScore = { score: null, reachedAt: null, counted: [], excluded };
  let best: Part | undefined;
  for (const part of parts) {
    const score = Math.floor(Math.min(part.amount, cap) / scale);
    if (!best || isBetter(score, result.score!, scoring)) {
      best = part;
      reachScore(result, score, part.at);
    }
  }
  for (const part of parts) {
    if (part === best) countPart(result, part, Math.min(part.amount, cap), scoring);
    else excluded.push(excludedPart(part.recordId, "not_best", part.amount, scoring));
  }
  return result;
}

function isBetter(a: number, b: number, { direction }: ActivityScoring): boolean {
  return direction === "higher" ? a > b : a < b;
}

function reachScore(result: ActivityScore, score: number, at: EpochMs): void {
  if (!Number.isSafeInteger(score)) throw new RangeError("Cannot add up activity: sum too large");
  if (score === result.score) return;
  result.score = score;
  result.reachedAt = at;
}

/** Notes what of a part counts, and what the cap took from it. */
function countPart(
  result: ActivityScore,
  part: Part,
  amount: number,
  scoring: ActivityScoring,
): void {
  const { recordId, day } = part;
  if (amount > 0) result.counted.push({ recordId, day, amount: amount / scaleOf(scoring.metric) });
  if (amount < part.amount) {
    result.excluded.push(excludedPart(recordId, "capped", part.amount - amount, scoring));
  }
}

function excludedPart(
  recordId: string,
  reason: ExcludeReason,
  amount: number,
  scoring: ActivityScoring,
): ExcludedPart {
  if (amount === 0) return { recordId, reason };
  return { recordId, reason, amount: amount / scaleOf(scoring.metric) };
}

function compareParts(a: Part, b: Part): number {
  return a.at - b.at || compareText(a.recordId, b.recordId) || compareText(a.side, b.side);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
