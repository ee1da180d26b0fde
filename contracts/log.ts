/** The hash-chained log of a competition on the wire, and the rules that it enters. */

import { z } from "zod";
import { COMPETITION_STATUSES } from "@/domain/competition.ts";
import { Id, Instant } from "./envelope.ts";
import { RankMethod, ScoreOperatorName, ScoringRule, TieBreaks } from "./scoring.ts";
import { TeamRule } from "./team_rule.ts";

/** What staff decided of a competition. */
export const CompetitionStatusName = z.enum(COMPETITION_STATUSES).describe(
  "What staff decided; the phase adds the clock",
);

/** One version of the rules, as the log holds it. */
export const RuleSet = z.object({
  version: z.int().meta({ description: "1, 2, 3, …", example: 1 }),
  scoring: ScoringRule,
  rankMethod: RankMethod,
  tieBreaks: TieBreaks,
  teams: TeamRule.optional().describe("How teams score; absent: there are none"),
}).meta({ id: "RuleSet", description: "One version of the rules" });
export type RuleSet = z.infer<typeof RuleSet>;

/** One entry of the hash-chained log; `hash` is SHA-256(previous hash ‖ canonical row), in hex. */
export const LogRow = z.object({
  seq: z.int().meta({ description: "1, 2, 3, … without a gap", example: 42 }),
  kind: z.string().meta({ description: "What happened: score, join, leave, …", example: "score" }),
  arrivedAt: Instant.describe("When it was written; never before the entry that precedes it"),
  participantId: Id.optional().describe("Whom it is about"),
  eventId: Id.optional().describe("The score event it is, voids or reinstates"),
  operator: ScoreOperatorName.optional(),
  value: z.number().nullable().optional().meta({
    description: "Stored integer: score · 10^decimals",
    example: 13843,
  }),
  occurredAt: Instant.optional().describe("The event's own time, which decides its place"),
  source: z.enum(["direct", "activity", "staff"]).optional()
    .describe("Sent, computed from activity, or adjusted by staff"),
  rulesVersion: z.int().optional().meta({
    description: "Rules the value was computed under",
    example: 1,
  }),
  division: z.string().nullable().optional().meta({
    description: "Division from now on",
    example: null,
  }),
  body: z.object({
    status: CompetitionStatusName.optional(),
    rules: RuleSet.optional(),
    teamId: Id.nullable().optional().describe(
      "The team somebody is in from now on, null: none; or the one that is gone",
    ),
    eventId: Id.optional().describe("The computed event whose course this tells"),
    steps: z.array(z.array(z.number())).optional().meta({
      description: "When its score moved: pairs of epoch milliseconds and change",
      example: [[1_777_600_800_000, 4835]],
    }),
  }).optional().describe("The new status or rules, the team, or the course of a computed score"),
  hash: z.string().meta({
    description: "SHA-256 of the previous hash and this row, in hex",
    example: "6f1d0c2f9a3be0d7c7f7a2a5a4d1b8f0c6f3d9e2b1a4875c3e6d0f9b8a7c6d5e",
  }),
}).meta({ id: "LogRow", description: "One entry of the hash-chained log" });
export type LogRow = z.infer<typeof LogRow>;

/** A part of the log: the entries with seq > `after`. */
export const LogQuery = z.object({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe(
    "Entries with a larger seq only",
  ),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("Most entries to give"),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const Log = z.object({
  competitionId: Id.describe("The competition"),
  epoch: Id.describe("Changes only when sequence numbers lose their meaning"),
  lastSeq: z.int().meta({ description: "Number of the newest entry there is", example: 42 }),
  lastHash: z.string().meta({
    description: "Its hash, in hex",
    example: "6f1d0c2f9a3be0d7c7f7a2a5a4d1b8f0c6f3d9e2b1a4875c3e6d0f9b8a7c6d5e",
  }),
  entries: z.array(LogRow).describe("A part of the log, oldest first"),
}).meta({ id: "Log", description: "From it anybody can recompute the board" });
export type Log = z.infer<typeof Log>;
