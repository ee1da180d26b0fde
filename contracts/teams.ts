/** Teams and divisions: what they are, who is in them, their board, and moves between them. */

import { z } from "zod";
import { GROUP_NAME_MAX } from "@/domain/team_rule.ts";
import { PhaseName } from "./competitions.ts";
import { Reason } from "./corrections.ts";
import { Id, Instant, PAGE_SIZE_MAX, PageQuery } from "./envelope.ts";
import { DivisionName, TeamName, TeamRule } from "./team_rule.ts";

/** Participants moved by one request: some seconds under the competition's lock. */
export const MOVES_MAX = 1_000;

const Score = z.number().nullable().meta({
  description: "The team's score; null while nothing was given to it",
  example: 48_210,
});
const Rank = z.int().nullable().meta({ description: "Rank; null without a score", example: 2 });
const Members = z.int().meta({ description: "Who is in it now and takes part", example: 7 });

/** A division with who leads it. */
export const Division = z.object({
  name: DivisionName,
  participants: z.int().meta({ description: "Rows of its board", example: 31 }),
  leader: z.object({
    participantId: Id.describe("The participant"),
    name: z.string().meta({ description: "Name as the board shows it", example: "Lynx" }),
    score: z.number().meta({ description: "Score", example: 13843 }),
  }).nullable().describe("First of the division; null while nobody has a score"),
}).meta({ id: "Division", description: "A division, which has a board of its own" });
export type Division = z.infer<typeof Division>;

/** The divisions of a competition in their order. */
export const DivisionList = z.array(Division).meta({
  id: "DivisionList",
  description: "The divisions in their order; none where everybody is in one board",
});

/** A team as lists show it. */
export const Team = z.object({
  id: Id.describe("The team's id"),
  competitionId: Id.describe("The competition"),
  name: TeamName,
  members: Members,
  score: Score,
  rank: Rank,
  createdBy: Id.nullable().describe("The participant's user who made it; null: staff"),
  createdAt: Instant.describe("When it was made"),
  isMine: z.boolean().meta({ description: "The asker is in it", example: false }),
  canManage: z.boolean().meta({
    description: "The asker may rename it: staff, or who made it",
    example: false,
  }),
}).meta({ id: "Team", description: "A team of a competition" });
export type Team = z.infer<typeof Team>;

export const TeamInput = z.object({ name: TeamName }).meta({
  id: "TeamInput",
  description: "A team to make, or its new name",
});
export type TeamInput = z.infer<typeof TeamInput>;

export const TeamQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional().meta({
    description: "Part of the name",
    example: "otter",
  }),
});
export type TeamQuery = z.infer<typeof TeamQuery>;

export const TeamRemoval = z.object({ reason: Reason.optional() }).meta({
  id: "TeamRemoval",
  description: "Why a team goes, told to its members",
});
export type TeamRemoval = z.infer<typeof TeamRemoval>;

/** What became of the people of a team that is gone. */
export const TeamRemoved = z.object({
  id: Id.describe("The team that is gone"),
  members: z.int().meta({ description: "People who are in no team now", example: 3 }),
}).meta({ id: "TeamRemoved", description: "A team that is gone" });
export type TeamRemoved = z.infer<typeof TeamRemoved>;

/** Where somebody is now. */
export const Placement = z.object({
  participantId: Id.describe("The participant"),
  division: z.string().nullable().meta({ description: "Division; null: none", example: "Open" }),
  teamId: Id.nullable().describe("Team; null: none"),
  changed: z.boolean().meta({ description: "False where it was so already", example: true }),
}).meta({ id: "Placement", description: "The division and team of a participant" });
export type Placement = z.infer<typeof Placement>;

export const DivisionChoice = z.object({ division: DivisionName }).meta({
  id: "DivisionChoice",
  description: "The division that a participant chooses",
});
export type DivisionChoice = z.infer<typeof DivisionChoice>;

const destination = {
  division: DivisionName.optional().describe("The division to be in; absent: stays"),
  teamId: Id.nullable().optional().describe("The team to be in, null: none; absent: stays"),
  reason: Reason,
};

const HAS_DESTINATION = "Give division or teamId";

export const MoveRequest = z.object(destination).refine(
  ({ division, teamId }) => division !== undefined || teamId !== undefined,
  { message: HAS_DESTINATION, path: ["division"] },
).meta({
  id: "MoveRequest",
  description: "Where staff put a participant",
  example: { division: "Women 40+", reason: "Entered the wrong one" },
});
export type MoveRequest = z.infer<typeof MoveRequest>;

export const MoveManyRequest = z.object({
  ...destination,
  participantIds: z.array(Id).min(1).max(MOVES_MAX).optional().describe("Whom, by id"),
  filter: z.object({
    q: z.string().trim().max(100).optional().describe("Part of the name"),
    status: z.enum(["active", "withdrawn", "disqualified"]).optional().describe("Only this status"),
    division: z.string().max(GROUP_NAME_MAX).optional().describe("Only this division"),
    team: z.union([Id, z.literal("none")]).optional().describe("Only this team, or those in none"),
  }).optional().describe("Whom, as the list of participants finds them"),
  expected: z.int().min(1).max(MOVES_MAX).optional().describe(
    "With a filter: how many it must find; another number moves nobody (CONFLICT)",
  ),
}).refine(
  ({ division, teamId }) => division !== undefined || teamId !== undefined,
  { message: HAS_DESTINATION, path: ["division"] },
).refine(
  ({ participantIds, filter }) => (participantIds === undefined) !== (filter === undefined),
  { message: "Give participantIds or filter, one of them", path: ["participantIds"] },
).refine(
  ({ filter, expected }) => filter === undefined || expected !== undefined,
  { message: "A filter needs the number that is expected", path: ["expected"] },
).meta({
  id: "MoveManyRequest",
  description: "Whom staff put where; all of them or nobody",
  example: { filter: { division: "Open" }, expected: 12, division: "Men", reason: "Split" },
});
export type MoveManyRequest = z.infer<typeof MoveManyRequest>;

export const MovedMany = z.object({
  moved: z.int().meta({ description: "Participants that are elsewhere now", example: 11 }),
  unchanged: z.int().meta({ description: "Participants that were there already", example: 1 }),
}).meta({ id: "MovedMany", description: "What a move of many did" });
export type MovedMany = z.infer<typeof MovedMany>;

/** A row of the team board. */
export const TeamRow = z.object({
  rank: Rank,
  teamId: Id.describe("The team"),
  name: TeamName,
  score: Score,
  reachedAt: Instant.nullable().describe("When the score was reached; earlier wins a tie"),
  members: Members,
  provisional: z.boolean().meta({ description: "The row may still change", example: true }),
}).meta({ id: "TeamRow", description: "One row of the team board" });
export type TeamRow = z.infer<typeof TeamRow>;

export const TeamBoardQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1).describe("Page, counted from 1"),
  page_size: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE_MAX)
    .describe("Rows on a page"),
  asOf: Instant.optional().describe("The board as it was shown then, instead of now"),
});
export type TeamBoardQuery = z.infer<typeof TeamBoardQuery>;

const Frozen = z.boolean().meta({
  description: "The public board stands still until the result",
  example: false,
});

/** The teams in their order; epoch and offset are those of the participants' board. */
export const TeamBoard = z.object({
  competitionId: Id.describe("The competition"),
  epoch: Id.describe("Changes only when offsets lose their meaning"),
  offset: z.int().meta({ description: "Number of the newest log entry in it", example: 42 }),
  phase: PhaseName,
  frozen: Frozen,
  live: z.literal(true).optional().meta({
    description: "The rows move although the public board is frozen: given to staff only",
    example: true,
  }),
  rule: TeamRule.nullable().describe("How teams score; null: there are none"),
  total: z.int().meta({ description: "Teams that have or had members", example: 6 }),
  rows: z.array(TeamRow).describe("One page of them, best first"),
}).meta({ id: "TeamBoard", description: "The team board; its state is that of the board" });
export type TeamBoard = z.infer<typeof TeamBoard>;

export const TeamMember = z.object({
  participantId: Id.describe("The participant"),
  userId: Id.describe("The user"),
  name: z.string().meta({ description: "Name as boards show it", example: "Lynx" }),
  status: z.enum(["member", "left", "disqualified"]).describe(
    "In the team, gone from it (what was given stays), or taken out by a referee",
  ),
  gave: z.number().nullable().meta({
    description: "What the member gave to the team; null: nothing yet",
    example: 9_120,
  }),
  counts: z.boolean().meta({
    description: "Whether it is part of the team's score",
    example: true,
  }),
  spans: z.array(z.object({
    from: Instant.describe("Since when"),
    to: Instant.nullable().describe("Until when, excluded; null: still in it"),
  })).describe("When the participant was in the team"),
}).meta({ id: "TeamMember", description: "Who gave what to a team, and since when" });
export type TeamMember = z.infer<typeof TeamMember>;

/** Why a team is ranked where it is. */
export const TeamExplanation = z.object({
  ...TeamBoard.pick({ competitionId: true, epoch: true, offset: true, frozen: true, rule: true })
    .shape,
  team: TeamRow,
  members: z.array(TeamMember).describe("Present and former members, who gave most first"),
}).meta({ id: "TeamExplanation", description: "Why a team is ranked where it is" });
export type TeamExplanation = z.infer<typeof TeamExplanation>;
