/** Competitions, their participants and their log. */

import { z } from "zod";
import { GRACE_DEFAULT_MS, GRACE_MAX_MS, PHASES, VISIBILITIES } from "@/domain/competition.ts";
import { FINALIZATIONS } from "@/domain/timetable.ts";
import { Id, Instant, isPlainLine, PageQuery, PLAIN_LINE_FAULT } from "./envelope.ts";
import { Acceptance, EntryConditions } from "./entry.ts";
import { CompetitionStatusName } from "./log.ts";
import { EntryFee, EntryFeeInput, PrizePlan, PrizePlanInput } from "./money.ts";
import { Recurrence, SeriesPlace } from "./recurrence.ts";
import { RankMethod, ScoringRule, TieBreaks } from "./scoring.ts";
import { Divisions, GroupChoice, TeamRule, TeamRuleInput } from "./team_rule.ts";
import { TimeZone } from "./users.ts";
import { GROUP_NAME_MAX } from "@/domain/team_rule.ts";

export * from "./log.ts";
export * from "./scoring.ts";
export * from "./team_rule.ts";

export { GRACE_DEFAULT_MS, GRACE_MAX_MS };
export const CAPACITY_MAX = 10_000_000;

const Visibility = z.enum(VISIBILITIES).meta({
  description: "Who finds and sees it: everybody, who has the link, who has the invite code",
});

const NAME = { description: "Name of the competition", example: "Spring Distance Cup" };
const DESCRIPTION = {
  description: "Markdown; HTML is not let through",
  example: "Run **together**.",
};
const SLUG = { description: "Its name in addresses", example: "spring-distance-cup" };
const INVITE_CODE = { description: "What people need to join", example: "lynx-7421" };
const ZONE = { description: "IANA zone whose days count", example: "Europe/Helsinki" };
const OPENS = {
  description: "Joining starts here; null: with publishing",
  example: "2026-04-01T00:00:00.000Z",
};
const CLOSES = {
  description: "Joining ends here; null: with the competition",
  example: "2026-05-31T21:00:00.000Z",
};
const STARTS = { description: "Start, included", example: "2026-04-30T21:00:00.000Z" };
const ENDS = { description: "End, excluded", example: "2026-05-31T21:00:00.000Z" };
const GRACE = {
  description: "How long after the end late data still scores, in milliseconds",
  example: GRACE_DEFAULT_MS,
};
const FREEZE = {
  description: "The public board stands still from here on, until it is unfrozen or final",
  example: "2026-05-31T18:00:00.000Z",
};
const Finalization = z.enum(FINALIZATIONS).meta({
  description:
    "Who approves the result: staff, or the schedule when the grace is over and nothing is open",
  example: "manual",
});
const CAPACITY = { description: "Places; null: as many as come", example: 500 };
const MINIMUM = { description: "Fewer at the start cancel it; null: no minimum", example: null };

/** Paths take an id or a slug, so that none may be taken for the other. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The fields of a competition as its forms and requests share them. */
export const fields = {
  name: z.string().trim().min(1).max(120).refine(isPlainLine, PLAIN_LINE_FAULT).meta(NAME),
  description: z.string().max(10_000).meta(DESCRIPTION),
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "Slug must be lower-case words joined by -")
    .max(80).refine((slug) => !UUID.test(slug), "Slug must not look like an id").meta(SLUG),
  visibility: Visibility,
  inviteCode: z.string().trim().min(6).max(64).meta(INVITE_CODE),
  timeZone: TimeZone.meta(ZONE),
  registrationOpensAt: Instant.meta(OPENS),
  registrationClosesAt: Instant.meta(CLOSES),
  startsAt: Instant.meta(STARTS),
  endsAt: Instant.meta(ENDS),
  graceMs: z.int().min(0).max(GRACE_MAX_MS).meta(GRACE),
  freezeAt: Instant.meta(FREEZE),
  finalization: Finalization,
  capacity: z.int().min(1).max(CAPACITY_MAX).meta(CAPACITY),
  minimumParticipants: z.int().min(1).max(CAPACITY_MAX).meta(MINIMUM),
  entryConditions: EntryConditions.nullable().optional().meta({
    description: "What is asked of those who enter; null: nothing",
  }),
  recurrence: Recurrence.nullable().optional().meta({
    description: "How it comes again; null: it does not, or no more",
  }),
  scoring: ScoringRule,
  rankMethod: RankMethod,
  tieBreaks: TieBreaks,
  divisions: Divisions,
  teams: TeamRuleInput.nullable().optional(),
  entryFee: EntryFeeInput.nullable().optional().meta({
    description: "What entering costs; null or absent: nothing",
  }),
  prizes: PrizePlanInput.nullable().optional().meta({
    description: "Which place gets what; null or absent: no prizes",
  }),
};

/** A whole input as the reference shows it. */
const INPUT_EXAMPLE = {
  name: NAME.example,
  description: DESCRIPTION.example,
  visibility: "public",
  timeZone: ZONE.example,
  startsAt: STARTS.example,
  endsAt: ENDS.example,
  capacity: CAPACITY.example,
  scoring: { kind: "activity", metric: "distance", aggregate: "total", activityTypes: ["running"] },
};

/** A new competition, made as a draft. Registration is open from publishing to the end by default. */
export const CompetitionInput = z.object({
  name: fields.name,
  description: fields.description.default(""),
  slug: fields.slug.optional(),
  visibility: fields.visibility.default("public"),
  inviteCode: fields.inviteCode.nullable().optional(),
  timeZone: fields.timeZone.default("UTC"),
  registrationOpensAt: fields.registrationOpensAt.nullable().optional(),
  registrationClosesAt: fields.registrationClosesAt.nullable().optional(),
  startsAt: fields.startsAt,
  endsAt: fields.endsAt,
  graceMs: fields.graceMs.default(GRACE_DEFAULT_MS),
  freezeAt: fields.freezeAt.nullable().optional(),
  finalization: fields.finalization.optional(),
  capacity: fields.capacity.nullable().optional(),
  minimumParticipants: fields.minimumParticipants.nullable().optional(),
  entryConditions: fields.entryConditions,
  recurrence: fields.recurrence,
  scoring: fields.scoring,
  rankMethod: fields.rankMethod.default("standard"),
  tieBreaks: fields.tieBreaks.default([]),
  divisions: fields.divisions.optional(),
  teams: fields.teams,
  entryFee: fields.entryFee,
  prizes: fields.prizes,
}).meta({
  id: "CompetitionInput",
  description: "A new competition, made as a draft",
  example: INPUT_EXAMPLE,
});
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
  freezeAt: fields.freezeAt.nullable().optional(),
  finalization: fields.finalization.optional(),
  capacity: fields.capacity.nullable().optional(),
  minimumParticipants: fields.minimumParticipants.nullable().optional(),
  entryConditions: fields.entryConditions,
  recurrence: fields.recurrence,
  scoring: fields.scoring.optional(),
  rankMethod: fields.rankMethod.optional(),
  tieBreaks: fields.tieBreaks.optional(),
  divisions: fields.divisions.optional(),
  teams: fields.teams,
  entryFee: fields.entryFee,
  prizes: fields.prizes,
}).meta({
  id: "CompetitionChange",
  description: "A change: absent fields stay, null empties",
  example: { name: "Spring Distance Cup 2026", capacity: 800 },
});
export type CompetitionChange = z.infer<typeof CompetitionChange>;

export const PhaseName = z.enum(PHASES).meta({
  id: "Phase",
  description: "Where the competition is in its life; follows from status and clock",
  example: "active",
});

/** A competition as anybody who may see it gets it; `inviteCode` only for its staff. */
export const Competition = z.object({
  id: Id.describe("The competition's id"),
  slug: z.string().meta(SLUG),
  name: z.string().meta(NAME),
  description: z.string().meta(DESCRIPTION),
  visibility: Visibility,
  inviteCode: z.string().nullable().optional().meta({
    description: "What people need to join; given to its staff only",
    example: null,
  }),
  status: CompetitionStatusName.meta({ example: "published" }),
  phase: PhaseName,
  ownerId: Id.describe("The organiser who owns it"),
  timeZone: z.string().meta(ZONE),
  registrationOpensAt: Instant.nullable().meta(OPENS),
  registrationClosesAt: Instant.meta(CLOSES),
  startsAt: Instant.meta(STARTS),
  endsAt: Instant.meta(ENDS),
  graceMs: z.int().meta(GRACE),
  freezeAt: Instant.nullable().meta({ ...FREEZE, example: null }),
  frozen: z.boolean().meta({
    description: "The public board stands still until it is unfrozen or final",
    example: false,
  }),
  frozenAt: Instant.nullable().meta({
    description: "Since when it stands still; null: it moves",
    example: null,
  }),
  finalization: Finalization,
  capacity: z.int().nullable().meta(CAPACITY),
  minimumParticipants: z.int().nullable().meta(MINIMUM),
  entryConditions: EntryConditions.nullable().meta({
    description: "What is asked of those who enter; null: nothing",
    example: { minimumAge: 16 },
  }),
  series: SeriesPlace.nullable().meta({
    description: "Its place among its repetitions; null: it does not come again",
    example: null,
  }),
  scoring: ScoringRule,
  rankMethod: RankMethod,
  tieBreaks: TieBreaks,
  divisions: Divisions,
  teams: TeamRule.nullable().describe("How teams score; null: there are none"),
  rulesVersion: z.int().meta({ description: "Rises with every change of the rules", example: 1 }),
  entryFee: EntryFee.nullable().meta({ description: "What entering costs; null: nothing" }),
  prizes: PrizePlan.nullable().meta({ description: "Which place gets what; null: no prizes" }),
  participantCount: z.int().meta({
    description: "Entries that hold a place; while the board is frozen those of the freeze",
    example: 24,
  }),
  isDemo: z.boolean().meta({ description: "Made by the demo data", example: false }),
  createdAt: Instant.describe("When the draft was made"),
  updatedAt: Instant.describe("When it was last changed"),
  publishedAt: Instant.nullable().describe("When it was published; null for a draft"),
  cancelledAt: Instant.nullable().meta({
    description: "When it was cancelled; null when it was not",
    example: null,
  }),
  cancelReason: z.string().nullable().meta({
    description: "Why it was cancelled, for its participants",
    example: null,
  }),
}).meta({ id: "Competition", description: "A competition as anybody who may see it gets it" });
export type Competition = z.infer<typeof Competition>;

/** A competition with what it means to the one who asks. */
export const CompetitionView = Competition.extend({
  canManage: z.boolean().meta({ description: "The asker may edit and publish it", example: false }),
  isStaff: z.boolean().meta({
    description: "The asker is its organiser, a referee or an admin",
    example: false,
  }),
  participantId: Id.nullable().meta({ description: "The asker's own entry, while active" }),
  recurrence: Recurrence.nullable().meta({
    description: "How it comes again; null: it does not, or no more",
    example: null,
  }),
}).meta({
  id: "CompetitionView",
  description: "A competition with what it means to the one who asks",
});
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
  q: z.string().trim().max(100).optional().meta({
    description: "Part of the name or slug",
    example: "spring",
  }),
  phase: z.enum(PHASES).optional().meta({ description: "Only this phase", example: "active" }),
  series: Id.optional().describe("Only the occurrences of this series"),
  scope: z.enum(["all", "mine", "joined"]).default("all")
    .describe("Everything visible, what the caller owns, or takes part in"),
  sort: z.enum(COMPETITION_SORTS).default("startsAt").describe("What to sort by"),
  order: z.enum(["asc", "desc"]).default("desc").describe("Direction of the sorting"),
});
export type CompetitionQuery = z.infer<typeof CompetitionQuery>;

export const CancelRequest = z.object({
  reason: z.string().trim().min(1).max(500).meta({
    description: "What participants read",
    example: "The park is closed after the storm",
  }),
}).meta({ id: "CancelRequest", description: "Why the competition ends" });
export type CancelRequest = z.infer<typeof CancelRequest>;

export const JoinRequest = z.object({
  inviteCode: z.string().trim().max(64).optional().meta({
    description: "Needed where the visibility is `invite`",
    example: "lynx-7421",
  }),
  accept: Acceptance.optional(),
  ...GroupChoice.shape,
}).meta({ id: "JoinRequest", description: "What joining needs besides an account" });
export type JoinRequest = z.infer<typeof JoinRequest>;

/** An entry: the act of joining. */
export const Entry = z.object({
  participantId: Id.describe("The user in this competition; boards and the log speak of it"),
  competitionId: Id.describe("The competition"),
  userId: Id.describe("The user"),
  joinedAt: Instant.describe("When the user joined"),
}).meta({ id: "Entry", description: "The act of joining" });
export type Entry = z.infer<typeof Entry>;

const ParticipantStatus = z.enum(["active", "withdrawn", "disqualified"]).meta({
  description: "Takes part, has left, or was taken out by a referee",
});

export const Left = z.object({
  left: z.literal(true).describe("Always true"),
}).meta({ id: "Left", description: "The entry is withdrawn" });

export const RemovedCompetition = z.object({
  id: z.string().meta({ description: "Id or slug, as asked", example: "spring-distance-cup" }),
}).meta({ id: "RemovedCompetition", description: "The draft that is gone" });

/** A participant as staff see it; e-mail is given to the competition's staff only. */
export const Participant = z.object({
  participantId: Id.describe("The entry's id"),
  userId: Id.describe("The user"),
  name: z.string().meta({ description: "Name as boards show it", example: "Lynx" }),
  email: z.string().optional().meta({
    description: "Given to the competition's staff only",
    example: "mira@example.org",
  }),
  status: ParticipantStatus,
  division: z.string().nullable().meta({ description: "Division; null: none", example: null }),
  team: z.object({ id: Id.describe("The team"), name: z.string().describe("Its name") }).nullable()
    .describe("Team; null: none"),
  joinedAt: Instant.describe("When the user joined"),
  leftAt: Instant.nullable().meta({
    description: "When the user left; null while taking part",
    example: null,
  }),
  score: z.number().nullable().meta({
    description: "Score; null before the first counted event",
    example: 13843,
  }),
}).meta({ id: "Participant", description: "A user in a competition" });
export type Participant = z.infer<typeof Participant>;

export const ParticipantQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional().meta({
    description: "Part of the name",
    example: "lyn",
  }),
  status: ParticipantStatus.optional().describe("Only this status"),
  division: z.string().max(GROUP_NAME_MAX).optional().describe("Only this division"),
  team: z.union([Id, z.literal("none")]).optional().describe("Only this team, or those in none"),
});
export type ParticipantQuery = z.infer<typeof ParticipantQuery>;
