/** What a rule makes of sample athletes, or of those who take part, before it holds. */

import { z } from "zod";
import { EXCLUDE_REASONS, type ExcludeReason } from "@/domain/activity.ts";
import { Id, Instant } from "./envelope.ts";
import { RankMethod, ScoringRule, TieBreaks } from "./scoring.ts";
import { TimeZone } from "./users.ts";

const SCORING_EXAMPLE = {
  kind: "activity",
  metric: "distance",
  aggregate: "total",
  activityTypes: ["running"],
};

/** A rule to try; nothing is stored. */
export const RulePreviewRequest = z.object({
  scoring: ScoringRule,
  rankMethod: RankMethod.default("standard"),
  tieBreaks: TieBreaks.default([]),
  timeZone: TimeZone.default("UTC").describe("Whose days count"),
}).meta({
  id: "RulePreviewRequest",
  description: "A rule to try; nothing is stored",
  example: { scoring: SCORING_EXAMPLE, timeZone: "Europe/Helsinki" },
});
export type RulePreviewRequest = z.infer<typeof RulePreviewRequest>;

/** As above for a competition that is there: what is left out is as it is. */
export const CompetitionPreviewRequest = z.object({
  scoring: ScoringRule.optional(),
  rankMethod: RankMethod.optional(),
  tieBreaks: TieBreaks.optional(),
  on: z.enum(["samples", "participants"]).default("samples").describe(
    "Sample athletes, or the participants' own activity so far",
  ),
}).meta({
  id: "CompetitionPreviewRequest",
  description: "A rule to try on a competition; what is left out is as it is",
  example: { scoring: SCORING_EXAMPLE, on: "participants" },
});
export type CompetitionPreviewRequest = z.infer<typeof CompetitionPreviewRequest>;

const Reason = z.enum(Object.keys(EXCLUDE_REASONS) as [ExcludeReason, ...ExcludeReason[]]).meta({
  description: "Why not; explained at /docs/reasons",
  example: "manual",
});
const LeftOut = z.object({
  reason: Reason,
  amount: z.number().optional().meta({
    description: "How much, in units of the metric, where that can be told",
    example: 800,
  }),
});

export const PreviewRecord = z.object({
  type: z.string().meta({ description: "What was recorded", example: "running" }),
  source: z.string().meta({ description: "Device or app", example: "watch" }),
  startedAt: Instant.describe("Its start"),
  endedAt: Instant.describe("Its end"),
  counted: z.number().meta({ description: "How much of it counts", example: 5200 }),
  excluded: z.array(LeftOut).describe("What of it does not count, and why"),
}).meta({ id: "PreviewRecord", description: "A record and what the rule makes of it" });
export type PreviewRecord = z.infer<typeof PreviewRecord>;

export const PreviewRow = z.object({
  name: z.string().meta({ description: "Who it is", example: "Runner" }),
  about: z.string().nullable().meta({
    description: "Whom a sample athlete stands for; null for participants",
    example: "Four runs with a watch",
  }),
  participantId: Id.nullable().describe("Null for sample athletes"),
  rank: z.int().nullable().meta({ description: "Rank under the rule", example: 1 }),
  score: z.number().nullable().meta({ description: "Score under the rule", example: 39300 }),
  rankNow: z.int().nullable().optional().meta({
    description: "Rank on the board as it is, of participants",
    example: 2,
  }),
  scoreNow: z.number().nullable().optional().meta({
    description: "Score on the board as it is, of participants",
    example: 36100,
  }),
  counted: z.int().meta({ description: "Records that count at least in part", example: 4 }),
  excluded: z.array(LeftOut.extend({
    records: z.int().meta({ description: "How many records, at least in part", example: 2 }),
  })).describe("What does not count, by reason"),
  records: z.array(PreviewRecord).describe("Record by record, of sample athletes; oldest first"),
}).meta({ id: "PreviewRow", description: "One athlete under the rule" });
export type PreviewRow = z.infer<typeof PreviewRow>;

export const RulePreview = z.object({
  on: z.enum(["samples", "participants"]).describe("Whose activity it was tried on"),
  startsAt: Instant.describe("Start of the time that counts"),
  endsAt: Instant.describe("Its end, excluded"),
  timeZone: z.string().meta({ description: "Whose days count", example: "Europe/Helsinki" }),
  total: z.int().meta({
    description: "Athletes there are; of participants the best ranked 50 are tried",
    example: 10,
  }),
  rows: z.array(PreviewRow).describe("The board under the rule"),
}).meta({ id: "RulePreview", description: "What a rule makes of athletes" });
export type RulePreview = z.infer<typeof RulePreview>;
