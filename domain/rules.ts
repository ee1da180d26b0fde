/**
 * The rules of a competition: how scores come to be, rank and tie. A published rule set never
 * changes; an edit is a new version, entered in the log.
 *
 * @module
 */

import type { ActivityType, Quantity } from "./activity.ts";

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

/** Metrics a computed competition can measure: a quantity, or the number of activities. */
export const METRICS = [
  "steps",
  "distance",
  "moving_time",
  "active_energy",
  "elevation_gain",
  "floors",
  "activities",
] as const;
export type Metric = (typeof METRICS)[number];

/** The quantity behind a metric; `activities` counts sessions instead. */
export type MetricQuantity = Extract<Metric, Quantity>;

export const AGGREGATES = ["total", "best_activity"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** What happens to entries made by hand. `unknown` recording is not `manual`, and not `automatic`. */
export const MANUAL_POLICIES = ["exclude", "include"] as const;
export type ManualPolicy = (typeof MANUAL_POLICIES)[number];

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

/** Scores are computed from activity, in whole base units (m, s, kcal, steps, …). */
export interface ActivityScoring {
  kind: "activity";
  metric: Metric;
  aggregate: Aggregate;
  direction: Direction;
  /** Only these count; absent: all. */
  activityTypes?: readonly ActivityType[];
  /** In base units of the metric; the part of a local day above it does not count. */
  dailyCap?: number;
  manualPolicy: ManualPolicy;
}

export type Scoring = DirectScoring | ActivityScoring;

/** One version of the rules that decide a board. */
export interface Rules {
  version: number;
  scoring: Scoring;
  rankMethod: RankMethod;
  tieBreaks: readonly TieBreak[];
}

/** The largest magnitude of a stored score: every integer up to here is exact in a JSON number. */
export const SCORE_MAX = Number.MAX_SAFE_INTEGER;

/** Digits after the point of a rule's scores as shown. */
export function decimalsOf(scoring: Scoring): number {
  return scoring.kind === "direct" ? scoring.decimals : 0;
}
