/** How far somebody has come in a computed competition. */

import { z } from "zod";
import { Id } from "./envelope.ts";

const Day = z.string().meta({ description: "Local day", example: "2026-05-14" });

const DaysOfCompetition = z.object({
  total: z.int().meta({ description: "Local days that the competition touches", example: 31 }),
  begun: z.int().meta({ description: "Those that have begun", example: 14 }),
  left: z.int().meta({ description: "Those left, today included", example: 18 }),
}).describe("How many local days there are");

const Today = z.object({
  day: Day,
  amount: z.number().meta({ description: "What counts of today", example: 4100 }),
  goal: z.number().nullable().meta({
    description: "What a day must reach; null without such a rule",
    example: 8000,
  }),
  missing: z.number().nullable().meta({
    description: "What is missing to the goal; 0 once it is reached",
    example: 3900,
  }),
});

const Pace = z.object({
  perDay: z.number().meta({ description: "Average of the days begun", example: 7200 }),
  projected: z.number().meta({
    description: "The amount at the end if the days to come are like those begun",
    example: 223_200,
  }),
});

const Target = z.object({
  target: z.number().meta({ description: "What is to reach", example: 250_000 }),
  amount: z.number().meta({ description: "What is reached so far", example: 100_800 }),
  missing: z.number().meta({ description: "What is missing", example: 149_200 }),
  percent: z.int().meta({
    description: "Whole percent, rounded down; 100 only when it is reached",
    example: 40,
  }),
  isReached: z.boolean().meta({ description: "Whether it is reached", example: false }),
  neededPerDay: z.number().nullable().meta({
    description: "What each day left, today included, must bring; null when reached or over",
    example: 8289,
  }),
  expectedOn: Day.nullable().describe(
    "The day on which the pace reaches it; null when reached, or not within the time",
  ),
  isOnTrack: z.boolean().meta({
    description: "Whether it is reached, or will be at this pace",
    example: false,
  }),
});

const Streak = z.object({
  current: z.int().meta({
    description: "The run that today or yesterday belongs to",
    example: 5,
  }),
  longest: z.int().meta({ description: "The longest run, which is the score", example: 9 }),
  isAtRisk: z.boolean().meta({
    description: "Whether the run ends with today unless today's goal is reached",
    example: true,
  }),
});

const Goal = z.object({
  reached: z.int().meta({ description: "Days at the goal", example: 12 }),
  begun: z.int().meta({ description: "Days that have begun", example: 14 }),
  reachable: z.int().meta({ description: "The most there can be at the end", example: 29 }),
});

/** Amounts are in base units of the rule's metric. */
export const ProgressOfAthlete = z.object({
  competitionId: Id.describe("The competition"),
  participantId: Id.describe("The athlete's entry"),
  days: DaysOfCompetition,
  today: Today.nullable().describe("Today; null before the start and after the end"),
  pace: Pace.nullable().describe("For totals and targets; null before the first day"),
  target: Target.nullable().describe("For the aggregate `target`"),
  streak: Streak.nullable().describe("For the aggregate `streak_days`"),
  goal: Goal.nullable().describe("For `streak_days` and `days_at_goal`"),
}).meta({
  id: "Progress",
  description: "How far somebody has come; amounts are in base units of the metric",
});
export type ProgressOfAthlete = z.infer<typeof ProgressOfAthlete>;
