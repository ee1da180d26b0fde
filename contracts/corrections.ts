/** How staff correct a competition: score events, participants, and the list that they do it from. */

import { z } from "zod";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { ScoreOperatorName } from "./scoring.ts";

/** Why staff did something; participants may be shown it. */
export const Reason = z.string().trim().min(1).max(500).meta({
  description: "Why, for the audit log and those concerned",
  example: "Recorded on a bicycle",
});

export const CorrectionRequest = z.object({ reason: Reason }).meta({
  id: "CorrectionRequest",
  description: "Why staff correct something",
});
export type CorrectionRequest = z.infer<typeof CorrectionRequest>;

const Changed = z.boolean().meta({
  description: "False where it was so already, and nothing was written",
  example: true,
});
const Offset = z.int().meta({ description: "Number of the newest log entry", example: 43 });
const Score = z.number().nullable().meta({
  description: "The participant's score after it; null without a counted event",
  example: 13843,
});
const Rank = z.int().nullable().meta({ description: "The live rank after it", example: 3 });

/** What became of an event that was voided or counts again. */
export const EventCorrected = z.object({
  competitionId: Id.describe("The competition"),
  eventId: Id.describe("The score event"),
  participantId: Id.describe("Whose event it is"),
  voided: z.boolean().meta({ description: "Whether it counts as never written", example: true }),
  changed: Changed,
  score: Score,
  rank: Rank,
  offset: Offset,
}).meta({ id: "EventCorrected", description: "A score event after its correction" });
export type EventCorrected = z.infer<typeof EventCorrected>;

/** What became of a participant who was disqualified or taken back. */
export const ParticipantCorrected = z.object({
  competitionId: Id.describe("The competition"),
  participantId: Id.describe("The participant"),
  status: z.enum(["active", "withdrawn", "disqualified"]).meta({
    description: "The status after it",
    example: "disqualified",
  }),
  changed: Changed,
  rank: Rank,
  offset: Offset,
  revision: z.int().nullable().meta({
    description: "The new revision of a result that was final; null otherwise",
    example: null,
  }),
}).meta({ id: "ParticipantCorrected", description: "A participant after a correction" });
export type ParticipantCorrected = z.infer<typeof ParticipantCorrected>;

/** A score entered or corrected by staff. */
export const AdjustRequest = z.object({
  score: z.number().meta({
    description: "The score to set, or how much to add or take away",
    example: 250,
  }),
  operator: z.enum(["set", "increment", "decrement"]).default("increment")
    .describe("Add to the score, take away from it, or make it this"),
  occurredAt: Instant.optional()
    .describe("The event's own time; absent: now, or the last moment that counts"),
  reason: Reason,
  idempotencyKey: z.string().min(1).max(255).optional().meta({
    description: "Made by you, unique in the competition: the same again changes nothing",
    example: "protest-7",
  }),
}).meta({ id: "AdjustRequest", description: "A score entered or corrected by staff" });
export type AdjustRequest = z.infer<typeof AdjustRequest>;

export const ScoreAdjusted = z.object({
  competitionId: Id.describe("The competition"),
  participantId: Id.describe("Whose score it is"),
  eventId: Id.describe("The event that was written; voiding it undoes the adjustment"),
  score: Score,
  rank: Rank,
  offset: Offset,
}).meta({ id: "ScoreAdjusted", description: "What an adjustment did" });
export type ScoreAdjusted = z.infer<typeof ScoreAdjusted>;

/** Filters of the list of score events. */
export const EventQuery = PageQuery.extend({
  participantId: Id.optional().describe("Only this participant's"),
  source: z.enum(["direct", "activity", "staff"]).optional()
    .describe("Only those sent, computed, or entered by staff"),
  voided: z.stringbool().optional().meta({
    description: "Only voided events, or only those that stand",
    example: true,
  }),
});
export type EventQuery = z.infer<typeof EventQuery>;

/** A score event as staff see it. */
export const EventRow = z.object({
  eventId: Id.describe("The event"),
  seq: z.int().meta({ description: "Its number in the log", example: 42 }),
  participantId: Id.describe("Whose event it is"),
  name: z.string().meta({ description: "Name as the board shows it", example: "Lynx" }),
  operator: ScoreOperatorName,
  value: z.number().nullable().meta({
    description: "What it sets, adds or takes away; null: no activity counts any more",
    example: 13843,
  }),
  occurredAt: Instant.describe("The event's own time"),
  arrivedAt: Instant.describe("When it was written"),
  source: z.enum(["direct", "activity", "staff"])
    .describe("Sent, computed from activity, or entered by staff"),
  voided: z.boolean().meta({ description: "Counts as never written", example: false }),
  actorKind: z.enum(["user", "api_key", "system"]).describe("Who wrote it"),
  actorName: z.string().nullable().meta({
    description: "Name of the person who wrote it, or of the app's key",
    example: "Olga Organiser",
  }),
  reason: z.string().nullable().meta({
    description: "Why staff wrote it; of a voided one why it was voided",
    example: null,
  }),
}).meta({ id: "ScoreEvent", description: "A score event as staff see it" });
export type EventRow = z.infer<typeof EventRow>;
