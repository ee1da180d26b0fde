/** What a score is computed from, and the parts that the steps of the computation hand on. */

import {
  type ActivityRecord,
  type ExcludeReason,
  QUANTITIES,
  type SampleRecord,
} from "./activity.ts";
import type { ReviewDecision } from "./plausibility.ts";
import type { ActivityScoring, PointUnit } from "./rules.ts";
import type { EpochMs } from "./time.ts";

/** Why a stored fact does not count whatever the rules say. */
export type FactHold = Extract<ExcludeReason, "in_review" | "implausible">;

/** A stored activity. */
export interface ActivityFact extends ActivityRecord {
  id: string;
  arrivedAt: EpochMs;
  hold?: FactHold;
  /** Where it came from: provider, app and device; told from the source when absent. */
  origin?: string;
  /** The athlete wants this one to count of its doubles. */
  isChosen?: boolean;
}

/** A stored sample. */
export interface SampleFact extends SampleRecord {
  id: string;
  arrivedAt: EpochMs;
  hold?: FactHold;
}

/** What a score is computed from. */
export interface ScoringInput {
  scoring: ActivityScoring;
  competition: { startsAt: EpochMs; endsAt: EpochMs; graceMs: number; timeZone: string };
  /** For rules that ask for the day of joining or the athlete's days; absent: joined at the start. */
  athlete?: { joinedAt: EpochMs; timeZone: string };
  /** Up to when days have begun, for averages; absent: the end. */
  now?: EpochMs;
  /** What referees said of local days with too many steps. */
  dayDecisions?: ReadonlyMap<string, ReviewDecision>;
  /** Whether to tell the course of the score too, for teams. */
  wantsCourse?: boolean;
  activities: readonly ActivityFact[];
  samples: readonly SampleFact[];
}

/** A part of a fact on one local day; amounts are integers of `scaleOf(scoring)` to a base unit. */
export interface Part {
  recordId: string;
  day: string;
  /** Event time: the end of the activity, or of the sample's part. */
  at: EpochMs;
  amount: number;
  isManual: boolean;
  /** Which of the day's sides it belongs to. */
  side: string;
}

/** A record, or a part of it, that does not count; `amount` in base units where there is one. */
export interface ExcludedPart {
  recordId: string;
  reason: ExcludeReason;
  amount?: number;
  /** The local day, where the whole day is held back. */
  day?: string;
}

/** What is taken in and what is left out, while the steps go over the parts. */
export interface Sifted {
  parts: Part[];
  excluded: ExcludedPart[];
}

/** The input with what follows from it, worked out once. */
export interface ScoringFrame extends ScoringInput {
  /** Whose local days. */
  zone: string;
  /** The first instant that counts: the start, or what is left of the backfill. */
  countsFrom: EpochMs;
  scale: number;
}

/** Integers to a step or floor where samples are cut: what a cut rounds off stays below one. */
const FINE_SCALE = 1000;

/** Integers to a point: so a millimetre and a millisecond each are whole shares of it. */
const POINT_SCALE = 3_000_000;

/** Integers a point of each unit weighs by: mm to a km, ms to a minute. */
const POINT_WEIGHTS = {
  activity: POINT_SCALE,
  km: POINT_SCALE / 1_000_000,
  minute: POINT_SCALE / 60_000,
} as const satisfies Record<PointUnit, number>;

/** Integers of a part's amount in one base unit of the metric. */
export function scaleOf({ metric, overlap }: ActivityScoring): number {
  if (metric === "activities") return 1;
  if (metric === "points") return POINT_SCALE;
  const { scale } = QUANTITIES[metric];
  return overlap === "interval_union" && scale === 1 ? FINE_SCALE : scale;
}

/** Whether samples can count: the rule adds up days of a quantity and says nothing of activities. */
export function countsSamples(scoring: ActivityScoring): boolean {
  return scoring.metric !== "activities" && scoring.metric !== "points" &&
    scoring.aggregate !== "best_activity" && scoring.activityTypes === undefined &&
    scoring.activityMinimum === undefined && scoring.activityCap === undefined;
}

/** What an activity is worth in the rule's metric, in integers of its scale. */
export function amountOf(activity: ActivityRecord, scoring: ActivityScoring): number {
  const { metric } = scoring;
  if (metric === "activities") return 1;
  if (metric === "points") return pointsOf(activity, scoring);
  return (activity.quantities[metric] ?? 0) * (scaleOf(scoring) / QUANTITIES[metric].scale);
}

function pointsOf({ type, quantities }: ActivityRecord, { points = [] }: ActivityScoring): number {
  const line = points.find((line) => line.type === type);
  if (!line) return 0;
  const counts = {
    activity: 1,
    km: quantities.distance ?? 0,
    minute: quantities.moving_time ?? 0,
  };
  return line.points * counts[line.per] * POINT_WEIGHTS[line.per];
}

/** A part as it is told: in base units, and without an amount where there is none. */
export function excludedPart(
  recordId: string,
  reason: ExcludeReason,
  { amount, scale }: { amount: number; scale: number },
): ExcludedPart {
  return amount === 0 ? { recordId, reason } : { recordId, reason, amount: amount / scale };
}

/** The order of event time. */
export function compareParts(a: Part, b: Part): number {
  return a.at - b.at || compareText(a.recordId, b.recordId) || compareText(a.side, b.side);
}

/** floor(amount / unit) of whole numbers; a plain division may round up next to 2^53. */
export function floorUnits(amount: number, unit: number): number {
  return (amount - amount % unit) / unit;
}

/** By code units, the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
