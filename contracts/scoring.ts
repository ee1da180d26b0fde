/** The rules that decide scores and ranks, as organisers give them. */

import { z } from "zod";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import {
  AGGREGATES,
  DAY_ZONES,
  DIRECTIONS,
  MANUAL_POLICIES,
  METRICS,
  OVERLAP_RULES,
  POINT_UNITS,
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

/** The most a limit may be, in units of the metric: above what a lifetime holds. */
const AMOUNT_MAX = 1_000_000_000;
/** A year of backfill; whoever wants more starts the competition earlier. */
const BACKFILL_DAYS_MAX = 366;
/** With the most a record can hold, a product of points stays far below 2^53. */
const POINTS_MAX = 1000;

const amount = (description: string, example: number) =>
  z.int().min(1).max(AMOUNT_MAX).optional().meta({
    description: `${description}, in units of the metric`,
    example,
  });

const ActivityPoints = z.object({
  type: z.enum(ACTIVITY_TYPES).describe("Which activities"),
  points: z.int().min(1).max(POINTS_MAX).describe("Points they get"),
  per: z.enum(POINT_UNITS).describe("What the points are for: each activity, minute moved or km"),
}).meta({ id: "ActivityPoints", description: "What activities of one type are worth" });

/** No unit of a limit needs more. */
const LIMIT_MAX = 1_000_000;

const Limit = z.object({
  flag: z.int().min(1).max(LIMIT_MAX).describe("Above it somebody has to look"),
  reject: z.int().min(1).max(LIMIT_MAX).describe("Above it it counts only when accepted"),
}).refine(({ flag, reject }) => flag <= reject, "Give a reject that is not below flag").meta({
  id: "PlausibilityLimit",
  description: "Two limits of one figure",
});

const limit = (description: string) => Limit.optional().describe(description);
const speeds = (description: string) =>
  z.partialRecord(z.enum(ACTIVITY_TYPES), Limit).optional().describe(description);

const Plausibility = z.object({
  meanSpeed: speeds("Mean speed of a session by type, cm/s"),
  peakSpeed: speeds("Speed of its fastest minute by type, cm/s"),
  climbRate: limit("Metres climbed an hour"),
  energyRate: limit("kcal an hour"),
  cadence: limit("Steps a minute"),
  duration: limit("Hours of a session"),
  dailySteps: limit("Steps of a local day"),
}).strict().meta({
  id: "Plausibility",
  description: "Limits that are otherwise than usual here; the usual ones are at /docs/reasons",
});

const ActivityScoringFields = z.object({
  kind: z.literal("activity").describe("Scores are computed"),
  metric: z.enum(METRICS).meta({ description: "What is measured", example: "distance" }),
  aggregate: z.enum(AGGREGATES).default("total").describe(
    "What is made of it: all, the best activity or local day, the average of the days begun, the " +
      "longest run or the number of days at the goal, or all of it up to a target",
  ),
  direction: Direction.default("higher"),
  activityTypes: z.array(z.enum(ACTIVITY_TYPES)).min(1).max(ACTIVITY_TYPES.length).optional().meta({
    description: "Only these count; absent: all",
    example: ["running"],
  }),
  dailyMinimum: amount("A local day with less does not count", 1000),
  dailyCap: amount("Most that counts of one local day", 42195),
  activityMinimum: amount("An activity with less does not count", 1000),
  activityCap: amount("Most that counts of one activity", 100_000),
  dailyGoal: amount("What a day must reach, for `streak_days` and `days_at_goal`", 10_000),
  target: amount("Where `target` ends", 1_000_000),
  manualPolicy: z.enum(MANUAL_POLICIES).default("exclude")
    .describe("Whether records entered by hand count: none, up to `manualDailyCap` a day, or all"),
  manualDailyCap: amount("Most that counts of a day's records entered by hand", 5000),
  backfillDays: z.int().min(0).max(BACKFILL_DAYS_MAX).optional().meta({
    description: "Local days before that of joining from which on activity counts; absent: " +
      "everything since the start",
    example: 7,
  }),
  dayZone: z.enum(DAY_ZONES).optional()
    .describe("Whose midnights part the days; absent: the competition's"),
  overlap: z.enum(OVERLAP_RULES).optional()
    .describe("How samples of several sources make a day; absent: the day's largest source"),
  points: z.array(ActivityPoints).min(1).max(ACTIVITY_TYPES.length).optional()
    .describe("For the metric `points`, a line for each type that counts"),
  plausibility: Plausibility.optional().describe("Own limits of what is doubtful"),
});

/** Fields that belong to a choice: there where it is made, and nowhere else. */
const BELONGS: readonly {
  field: "dailyGoal" | "target" | "manualDailyCap" | "points";
  isWanted: (rule: z.infer<typeof ActivityScoringFields>) => boolean;
  choice: string;
}[] = [
  {
    field: "dailyGoal",
    isWanted: ({ aggregate }) => aggregate === "streak_days" || aggregate === "days_at_goal",
    choice: "days are compared with a goal",
  },
  {
    field: "target",
    isWanted: ({ aggregate }) => aggregate === "target",
    choice: "the aggregate is target",
  },
  {
    field: "manualDailyCap",
    isWanted: ({ manualPolicy }) => manualPolicy === "cap",
    choice: "the manual policy is cap",
  },
  {
    field: "points",
    isWanted: ({ metric }) => metric === "points",
    choice: "the metric is points",
  },
];

export const ActivityScoring = ActivityScoringFields.superRefine((rule, context) => {
  const fault = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  for (const { field, isWanted, choice } of BELONGS) {
    const isGiven = rule[field] !== undefined;
    if (isWanted(rule) && !isGiven) fault(field, `Is needed where ${choice}`);
    if (!isWanted(rule) && isGiven) fault(field, `Is only for rules where ${choice}`);
  }
  const isOfDays = rule.aggregate !== "best_activity";
  if (!isOfDays && rule.dailyMinimum !== undefined) {
    fault("dailyMinimum", "The best activity has no daily minimum; give activityMinimum");
  }
  for (
    const [least, most] of [["dailyMinimum", "dailyCap"], [
      "activityMinimum",
      "activityCap",
    ]] as const
  ) {
    const [min = 0, max = Infinity] = [rule[least], rule[most]];
    if (min > max) fault(least, `Cannot be above ${most}, for then nothing would count`);
  }
  if ((rule.dailyGoal ?? 0) > (rule.dailyCap ?? Infinity)) {
    fault("dailyGoal", "Cannot be above dailyCap, for then no day would reach it");
  }
  const types = rule.points?.map(({ type }) => type) ?? [];
  if (new Set(types).size < types.length) fault("points", "A type may have one line only");
}).meta({
  id: "ActivityScoring",
  description:
    "Scores are computed from activity, in whole m, s, kcal, steps, floors, sessions, points or days",
});

export const ScoringRule = z.discriminatedUnion("kind", [DirectScoring, ActivityScoring]).meta({
  id: "ScoringRule",
  description: "How scores come to be",
});
export type ScoringRule = z.infer<typeof ScoringRule>;
