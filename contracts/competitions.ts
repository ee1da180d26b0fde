/** Competitions, their participants and their log. */

import { z } from "zod";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import {
  COMPETITION_STATUSES,
  GRACE_DEFAULT_MS,
  GRACE_MAX_MS,
  PHASES,
  VISIBILITIES,
} from "@/domain/competition.ts";
import {
  AGGREGATES,
  DIRECTIONS,
  MANUAL_POLICIES,
  METRICS,
  RANK_METHODS,
  SCORE_OPERATORS,
  TIE_BREAKS,
} from "@/domain/rules.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { TimeZone } from "./users.ts";

export { GRACE_DEFAULT_MS, GRACE_MAX_MS };
export const CAPACITY_MAX = 10_000_000;

export const ScoreOperatorName = z.enum(SCORE_OPERATORS).meta({ id: "ScoreOperator" });
const Direction = z.enum(DIRECTIONS).meta({ id: "Direction" });

export const DirectScoring = z.object({
  kind: z.literal("direct"),
  operator: ScoreOperatorName.default("set"),
  direction: Direction.default("higher"),
  decimals: z.int().min(0).max(3).default(0),
  selfReport: z.boolean().default(false),
}).meta({ id: "DirectScoring", description: "Apps send scores." });

export const ActivityScoring = z.object({
  kind: z.literal("activity"),
  metric: z.enum(METRICS),
  aggregate: z.enum(AGGREGATES).default("total"),
  direction: Direction.default("higher"),
  activityTypes: z.array(z.enum(ACTIVITY_TYPES)).min(1).max(ACTIVITY_TYPES.length).optional(),
  dailyCap: z.int().min(1).max(1_000_000_000).optional(),
  manualPolicy: z.enum(MANUAL_POLICIES).default("exclude"),
}).meta({
  id: "ActivityScoring",
  description: "Scores are computed from activity, in whole m, s, kcal, steps, floors or sessions.",
});

export const ScoringRule = z.discriminatedUnion("kind", [DirectScoring, ActivityScoring]).meta({
  id: "ScoringRule",
});
export type ScoringRule = z.infer<typeof ScoringRule>;

const fields = {
  name: z.string().trim().min(1).max(120).meta({ example: "Spring Distance Cup" }),
  description: z.string().max(10_000).meta({ description: "Markdown" }),
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "Slug must be lower-case words joined by -")
    .max(80),
  visibility: z.enum(VISIBILITIES),
  inviteCode: z.string().trim().min(6).max(64),
  timeZone: TimeZone,
  registrationOpensAt: Instant,
  registrationClosesAt: Instant,
  startsAt: Instant,
  endsAt: Instant,
  graceMs: z.int().min(0).max(GRACE_MAX_MS),
  capacity: z.int().min(1).max(CAPACITY_MAX),
  minimumParticipants: z.int().min(1).max(CAPACITY_MAX),
  scoring: ScoringRule,
  rankMethod: z.enum(RANK_METHODS),
  tieBreaks: z.array(z.enum(TIE_BREAKS)).max(TIE_BREAKS.length),
};

/** A new competition, made as a draft. Registration is open from publishing to the end by default. */
export const CompetitionInput = z.object({
  name: fields.name,
  description: fields.description.default(""),
  slug: fields.slug.optional(),
  visibility: fields.visibility.default("public"),
  inviteCode: fields.inviteCode.optional(),
  timeZone: fields.timeZone.default("UTC"),
  registrationOpensAt: fields.registrationOpensAt.nullable().optional(),
  registrationClosesAt: fields.registrationClosesAt.nullable().optional(),
  startsAt: fields.startsAt,
  endsAt: fields.endsAt,
  graceMs: fields.graceMs.default(GRACE_DEFAULT_MS),
  capacity: fields.capacity.nullable().optional(),
  minimumParticipants: fields.minimumParticipants.nullable().optional(),
  scoring: fields.scoring,
  rankMethod: fields.rankMethod.default("standard"),
  tieBreaks: fields.tieBreaks.default([]),
}).meta({ id: "CompetitionInput" });
export type CompetitionInput = z.infer<typeof CompetitionInput>;

/** A change: absent fields stay. Rules are locked by publishing (RULES_LOCKED). */
export const CompetitionChange = z.object({
  name: fields.name.optional(),
  description: fields.description.optional(),
  slug: fields.slug.optional(),
  visibility: fields.visibility.optional(),
  inviteCode: fields.inviteCode.nullable().optional(),
  timeZone: fields.timeZone.optional(),
  registrationOpensAt: fields.registrationOpensAt.nullable().optional(),
  registrationClosesAt: fields.registrationClosesAt.nullable().optional(),
  startsAt: fields.startsAt.optional(),
  endsAt: fields.endsAt.optional(),
  graceMs: fields.graceMs.optional(),
  capacity: fields.capacity.nullable().optional(),
  minimumParticipants: fields.minimumParticipants.nullable().optional(),
  scoring: fields.scoring.optional(),
  rankMethod: fields.rankMethod.optional(),
  tieBreaks: fields.tieBreaks.optional(),
}).meta({ id: "CompetitionChange" });
export type CompetitionChange = z.infer<typeof CompetitionChange>;

export const PhaseName = z.enum(PHASES).meta({ id: "Phase" });

/** A competition as anybody who may see it gets it; `inviteCode` only for its staff. */
export const Competition = z.object({
  id: Id,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  visibility: z.enum(VISIBILITIES),
  inviteCode: z.string().nullable().optional(),
  status: z.enum(COMPETITION_STATUSES),
  phase: PhaseName,
  ownerId: Id,
  timeZone: z.string(),
  registrationOpensAt: Instant.nullable(),
  registrationClosesAt: Instant,
  startsAt: Instant,
  endsAt: Instant,
  graceMs: z.int(),
  capacity: z.int().nullable(),
  minimumParticipants: z.int().nullable(),
  scoring: ScoringRule,
  rankMethod: z.enum(RANK_METHODS),
  tieBreaks: z.array(z.enum(TIE_BREAKS)),
  rulesVersion: z.int(),
  participantCount: z.int(),
  isDemo: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
  publishedAt: Instant.nullable(),
  cancelledAt: Instant.nullable(),
  cancelReason: z.string().nullable(),
}).meta({ id: "Competition" });
export type Competition = z.infer<typeof Competition>;

/** A competition with what it means to the one who asks. */
export const CompetitionView = Competition.extend({
  canManage: z.boolean(),
  isStaff: z.boolean(),
  participantId: Id.nullable().meta({ description: "The asker's own entry, while active" }),
}).meta({ id: "CompetitionView" });
export type CompetitionView = z.infer<typeof CompetitionView>;

export const COMPETITION_SORTS = [
  "name",
  "startsAt",
  "endsAt",
  "participantCount",
  "createdAt",
] as const;

/** Filters of the list. `mine` = owned by the caller, `joined` = takes part. */
export const CompetitionQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional(),
  phase: z.enum(PHASES).optional(),
  scope: z.enum(["all", "mine", "joined"]).default("all"),
  sort: z.enum(COMPETITION_SORTS).default("startsAt"),
  order: z.enum(["asc", "desc"]).default("desc"),
});
export type CompetitionQuery = z.infer<typeof CompetitionQuery>;

export const CancelRequest = z.object({
  reason: z.string().trim().min(1).max(500),
}).meta({ id: "CancelRequest" });
export type CancelRequest = z.infer<typeof CancelRequest>;

export const JoinRequest = z.object({
  inviteCode: z.string().trim().max(64).optional(),
}).meta({ id: "JoinRequest" });
export type JoinRequest = z.infer<typeof JoinRequest>;

/** An entry: the act of joining. */
export const Entry = z.object({
  participantId: Id,
  competitionId: Id,
  userId: Id,
  joinedAt: Instant,
}).meta({ id: "Entry" });
export type Entry = z.infer<typeof Entry>;

/** A participant as staff see it; e-mail is given to the competition's staff only. */
export const Participant = z.object({
  participantId: Id,
  userId: Id,
  name: z.string(),
  email: z.string().optional(),
  status: z.enum(["active", "withdrawn", "disqualified"]),
  division: z.string().nullable(),
  joinedAt: Instant,
  leftAt: Instant.nullable(),
  score: z.number().nullable(),
}).meta({ id: "Participant" });
export type Participant = z.infer<typeof Participant>;

export const ParticipantQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional(),
  status: z.enum(["active", "withdrawn", "disqualified"]).optional(),
});
export type ParticipantQuery = z.infer<typeof ParticipantQuery>;

/** One version of the rules, as the log holds it. */
export const RuleSet = z.object({
  version: z.int(),
  scoring: ScoringRule,
  rankMethod: z.enum(RANK_METHODS),
  tieBreaks: z.array(z.enum(TIE_BREAKS)),
}).meta({ id: "RuleSet" });
export type RuleSet = z.infer<typeof RuleSet>;

/** One entry of the hash-chained log; `hash` is SHA-256(previous hash ‖ canonical row), in hex. */
export const LogRow = z.object({
  seq: z.int(),
  kind: z.string(),
  arrivedAt: Instant,
  participantId: Id.optional(),
  eventId: Id.optional(),
  operator: ScoreOperatorName.optional(),
  value: z.number().nullable().optional().meta({
    description: "Stored integer: score · 10^decimals",
  }),
  occurredAt: Instant.optional(),
  source: z.enum(["direct", "activity", "staff"]).optional(),
  rulesVersion: z.int().optional(),
  division: z.string().nullable().optional(),
  body: z.object({
    status: z.enum(COMPETITION_STATUSES).optional(),
    rules: RuleSet.optional(),
  }).optional(),
  hash: z.string(),
}).meta({ id: "LogRow" });
export type LogRow = z.infer<typeof LogRow>;

/** A part of the log: the entries with seq > `after`. */
export const LogQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const Log = z.object({
  competitionId: Id,
  epoch: Id,
  lastSeq: z.int(),
  lastHash: z.string(),
  entries: z.array(LogRow),
}).meta({ id: "Log" });
export type Log = z.infer<typeof Log>;
