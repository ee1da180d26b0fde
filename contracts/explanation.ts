/** Why somebody is ranked where they are. */

import { z } from "zod";
import { EXCLUDE_REASONS, type ExcludeReason } from "@/domain/activity.ts";
import { UNCOUNTED_REASONS, type UncountedReason } from "@/domain/participant_fold.ts";
import { TIE_BREAKS } from "@/domain/rules.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { ScoreOperatorName } from "./scoring.ts";

export const ExplanationQuery = PageQuery;
export type ExplanationQuery = z.infer<typeof ExplanationQuery>;

const DecidedBy = z.enum(["score", ...TIE_BREAKS, "reached_at", "shared"]).meta({
  description:
    "What separates the two: the score, a step of the tie-break chain, who was first, or nothing: they share the rank",
  example: "score",
});

const Neighbour = z.object({
  participantId: Id.describe("The other participant"),
  name: z.string().meta({ description: "Name as the board shows it", example: "Heron" }),
  rank: z.int().meta({ description: "The other's rank", example: 2 }),
  score: z.number().meta({ description: "The other's score", example: 14120 }),
  gap: z.number().meta({ description: "How far the scores are apart, 0 or more", example: 277 }),
  decidedBy: DecidedBy,
});

const EventReason = z.enum(
  Object.keys(UNCOUNTED_REASONS) as [UncountedReason, ...UncountedReason[]],
).meta({ description: "A reason code of the documented table", example: "voided" });

export const ExplainedEvent = z.object({
  eventId: Id.describe("The score event"),
  seq: z.int().meta({ description: "Its number in the log", example: 42 }),
  occurredAt: Instant.describe("The event's own time, in whose order events count"),
  operator: ScoreOperatorName,
  value: z.number().nullable().meta({
    description: "What it sets, adds or takes away; null: no activity counts any more",
    example: 250,
  }),
  source: z.enum(["direct", "activity", "staff"])
    .describe("Sent, computed from activity, or entered by staff"),
  counts: z.boolean().meta({ description: "Whether it is part of the score", example: true }),
  reason: EventReason.nullable().describe("Why it does not count; null: it does"),
  scoreAfter: z.number().nullable().meta({
    description: "The score after it, in the order of event times; null where it does not count",
    example: 13843,
  }),
}).meta({ id: "ExplainedEvent", description: "A score event and what it did" });
export type ExplainedEvent = z.infer<typeof ExplainedEvent>;

const ExcludedReason = z.enum(
  Object.keys(EXCLUDE_REASONS) as [ExcludeReason, ...ExcludeReason[]],
).meta({ description: "A reason code of the documented table", example: "manual" });

export const ExplainedRecord = z.object({
  recordId: Id.describe("The activity or reading"),
  type: z.string().meta({ description: "What was recorded", example: "running" }),
  startedAt: Instant.describe("Its start"),
  endedAt: Instant.describe("Its end"),
  counted: z.number().meta({
    description: "How much of it counts, in units of the metric",
    example: 4835,
  }),
  excluded: z.array(z.object({
    reason: ExcludedReason,
    amount: z.number().optional().meta({
      description: "How much of it does not count, where that can be told",
      example: 800,
    }),
  })).describe("What of it does not count, and why"),
}).meta({ id: "ExplainedRecord", description: "A recorded activity and what counts of it" });
export type ExplainedRecord = z.infer<typeof ExplainedRecord>;

export const Explanation = z.object({
  competitionId: Id.describe("The competition"),
  epoch: Id.describe("The epoch of the board"),
  offset: z.int().meta({ description: "The board's offset that this explains", example: 42 }),
  frozen: z.boolean().meta({
    description: "Whether the public board stands still",
    example: false,
  }),
  participantId: Id.describe("Whose rank it is"),
  name: z.string().meta({ description: "Name as the board shows it", example: "Lynx" }),
  status: z.enum(["active", "disqualified"]).describe("Disqualified rows have no rank"),
  rank: z.int().nullable().meta({ description: "Rank; null without one", example: 3 }),
  score: z.number().nullable().meta({ description: "Score", example: 13843 }),
  reachedAt: Instant.nullable().describe("When the score was reached; earlier wins a tie"),
  tieBreaks: z.array(z.enum([...TIE_BREAKS, "reached_at"])).meta({
    description: "What is compared between equal scores, in this order",
    example: ["earliest_join", "reached_at"],
  }),
  inDivision: z.object({
    division: z.string().meta({ description: "Name of the division", example: "Women 40+" }),
    rank: z.int().nullable().meta({ description: "Rank among those in it", example: 1 }),
    total: z.int().meta({ description: "Rows of its board", example: 31 }),
  }).nullable().describe("The place in the division; null: the competition has none"),
  ahead: Neighbour.nullable().describe("The row above"),
  behind: Neighbour.nullable().describe("The row below"),
  nextRank: Neighbour.nullable().describe("The nearest row with a better rank: what is to beat"),
  counted: z.int().meta({ description: "Events that count", example: 12 }),
  excluded: z.int().meta({ description: "Events that do not", example: 1 }),
  events: z.array(ExplainedEvent).describe("One page of the events, newest event time first"),
  records: z.array(ExplainedRecord).optional().describe(
    "The recorded activity behind a computed score, newest first; for the athlete and staff",
  ),
  recordCount: z.int().optional().meta({
    description: "How many records there are; only the newest are listed",
    example: 31,
  }),
}).meta({ id: "Explanation", description: "Why somebody is ranked where they are" });
export type Explanation = z.infer<typeof Explanation>;
