/**
 * The rules of a competition: how scores come to be, rank and tie. A published rule set never
 * changes; an edit is a new version, entered in the log.
 *
 * @module
 */

import type { ActivityType, Quantity } from "./activity.ts";
import type { PlausibilityLimits } from "./plausibility.ts";
import type { TeamRule } from "./team_rule.ts";

/** How one direct score event changes the score. */
export const SCORE_OPERATORS = ["set", "best", "increment", "decrement"] as const;
export type ScoreOperator = (typeof SCORE_OPERATORS)[number];

/** Which scores win. */
export const DIRECTIONS = ["higher", "lower"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** 1224 · 1223 · 1234 · 1334. */
export const RANK_METHODS = ["standard", "dense", "ordinal", "modified"] as const;
export type RankMethod = (typeof RANK_METHODS)[number];

/**
 * Steps that separate equal scores, compared before `reachedAt`: `fewest_events` (fewer counted
 * score events first), `best_event` (the better single counted value first), `earliest_join`.
 */
export const TIE_BREAKS = ["fewest_events", "best_event", "earliest_join"] as const;
export type TieBreak = (typeof TIE_BREAKS)[number];

/** Metrics a computed competition can measure: a quantity, the number of activities, or points for them. */
export const METRICS = [
  "steps",
  "distance",
  "moving_time",
  "active_energy",
  "elevation_gain",
  "floors",
  "activities",
  "points",
] as const;
export type Metric = (typeof METRICS)[number];

/** The quantity behind a metric; `activities` counts sessions and `points` weighs them instead. */
export type MetricQuantity = Extract<Metric, Quantity>;

/**
 * What is made of the amounts: all of it, the best session, the best local day, the total by days
 * begun, the longest run of days at the goal, the number of days at the goal, or the total up to a
 * target, which whoever reaches first wins.
 */
export const AGGREGATES = [
  "total",
  "best_activity",
  "best_day",
  "average_per_day",
  "streak_days",
  "days_at_goal",
  "target",
] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/**
 * What happens to entries made by hand: none count, they count up to `manualDailyCap` a local day,
 * or all count. `unknown` recording is not `manual`, and not `automatic`.
 */
export const MANUAL_POLICIES = ["exclude", "cap", "include"] as const;
export type ManualPolicy = (typeof MANUAL_POLICIES)[number];

/**
 * How samples of several sources make a day: the source with the most of that day, the union of
 * their times (where they overlap the finest reading counts, pro rata), or everything added up.
 */
export const OVERLAP_RULES = ["largest_source", "interval_union", "sum"] as const;
export type OverlapRule = (typeof OVERLAP_RULES)[number];

/** Whose midnights part the days: those of the competition's zone, or of the athlete's at the join. */
export const DAY_ZONES = ["competition", "athlete"] as const;
export type DayZone = (typeof DAY_ZONES)[number];

/** What a type's points are given for: each session, minute moved or kilometre. */
export const POINT_UNITS = ["activity", "minute", "km"] as const;
export type PointUnit = (typeof POINT_UNITS)[number];

/** The points of one activity type; types without a line get none. */
export type ActivityPoints = { type: ActivityType; points: number; per: PointUnit };

/** Apps send scores. Stored scores are integers of the last decimal. */
export interface DirectScoring {
  kind: "direct";
  operator: ScoreOperator;
  direction: Direction;
  /** 0–3 digits after the point. */
  decimals: number;
  /** Whether participants may report their own scores. */
  selfReport: boolean;
}

/**
 * Scores are computed from activity, in whole base units (m, s, kcal, steps, …; days where days are
 * counted). Amounts below are in base units of the metric too; absent limits do not limit.
 */
export interface ActivityScoring {
  kind: "activity";
  metric: Metric;
  aggregate: Aggregate;
  direction: Direction;
  /** Only these count; absent: all. */
  activityTypes?: readonly ActivityType[];
  /** A local day with less does not count at all. */
  dailyMinimum?: number;
  /** The part of a local day above it does not count. */
  dailyCap?: number;
  /** An activity with less does not count at all. */
  activityMinimum?: number;
  /** The part of an activity above it does not count. */
  activityCap?: number;
  /** What a day must reach, for `streak_days` and `days_at_goal`. */
  dailyGoal?: number;
  /** Where `target` ends. */
  target?: number;
  manualPolicy: ManualPolicy;
  /** For the manual policy `cap`. */
  manualDailyCap?: number;
  /** Local days before the day of joining from which on activity counts; absent: from the start. */
  backfillDays?: number;
  /** `competition` unless told. */
  dayZone?: DayZone;
  /** `largest_source` unless told. */
  overlap?: OverlapRule;
  /** For the metric `points`. */
  points?: readonly ActivityPoints[];
  /** What of the usual limits of plausibility is otherwise here. */
  plausibility?: PlausibilityLimits;
}

export type Scoring = DirectScoring | ActivityScoring;

/** One version of the rules that decide a board. */
export interface Rules {
  version: number;
  scoring: Scoring;
  rankMethod: RankMethod;
  tieBreaks: readonly TieBreak[];
  /** How teams score; absent: there are none. */
  teams?: TeamRule;
}

/** The largest magnitude of a stored score: every integer up to here is exact in a JSON number. */
export const SCORE_MAX = Number.MAX_SAFE_INTEGER;

/** Digits after the point of a rule's scores as shown. */
export function decimalsOf(scoring: Scoring): number {
  return scoring.kind === "direct" ? scoring.decimals : 0;
}
