/** The rules that decide scores and ranks, as organisers give them. */

import { z } from "zod";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import {
  AGGREGATES,
  DIRECTIONS,
  MANUAL_POLICIES,
  METRICS,
  RANK_METHODS,
  SCORE_OPERATORS,
  TIE_BREAKS,
} from "@/domain/rules.ts";

export const ScoreOperatorName = z.enum(SCORE_OPERATORS).meta({
  id: "ScoreOperator",
  description: "Replace, replace when better, add, take away; absent: as the rules say",
});
const Direction = z.enum(DIRECTIONS).meta({
  id: "Direction",
  description: "Whether the higher or the lower score wins",
});
export const RankMethod = z.enum(RANK_METHODS).meta({
  description: "Ranks after a tie: standard 1224, dense 1223, ordinal 1234, modified 1334",
});
export const TieBreaks = z.array(z.enum(TIE_BREAKS)).max(TIE_BREAKS.length).meta({
  description: "What separates equal scores, in this order, before who was first",
  example: ["earliest_join"],
});
export const DirectScoring = z.object({
  kind: z.literal("direct").describe("Scores are sent"),
  operator: z.enum(SCORE_OPERATORS).default("set").describe("What a score does unless it says so"),
  direction: Direction.default("higher"),
  decimals: z.int().min(0).max(3).default(0).describe("Digits after the point; more are refused"),
  selfReport: z.boolean().default(false).describe("Whether participants may send their own scores"),
}).meta({ id: "DirectScoring", description: "Apps send scores" });

export const ActivityScoring = z.object({
  kind: z.literal("activity").describe("Scores are computed"),
  metric: z.enum(METRICS).meta({ description: "What is measured", example: "distance" }),
  aggregate: z.enum(AGGREGATES).default("total").describe("All of it, or the best activity alone"),
  direction: Direction.default("higher"),
  activityTypes: z.array(z.enum(ACTIVITY_TYPES)).min(1).max(ACTIVITY_TYPES.length).optional().meta({
    description: "Only these count; absent: all",
    example: ["running"],
  }),
  dailyCap: z.int().min(1).max(1_000_000_000).optional().meta({
    description: "Most that counts of one local day, in units of the metric",
    example: 42195,
  }),
  manualPolicy: z.enum(MANUAL_POLICIES).default("exclude")
    .describe("Whether records entered by hand count"),
}).meta({
  id: "ActivityScoring",
  description: "Scores are computed from activity, in whole m, s, kcal, steps, floors or sessions",
});

export const ScoringRule = z.discriminatedUnion("kind", [DirectScoring, ActivityScoring]).meta({
  id: "ScoringRule",
  description: "How scores come to be",
});
export type ScoringRule = z.infer<typeof ScoringRule>;
