/** Divisions and team mode of a competition, and what somebody chooses of them. */

import { z } from "zod";
import {
  DIVISIONS_MAX,
  GROUP_NAME_MAX,
  TEAM_CREATORS,
  TEAM_MEMBERS_MAX,
  TEAM_MOVES,
  TEAM_SCORES,
} from "@/domain/team_rule.ts";
import { Id, isPlainLine, PLAIN_LINE_FAULT } from "./envelope.ts";

const name = z.string().trim().min(1).max(GROUP_NAME_MAX).refine(isPlainLine, PLAIN_LINE_FAULT);

/** A division's name. */
export const DivisionName = name.meta({ description: "Name of a division", example: "Women 40+" });

/** A team's name. */
export const TeamName = name.meta({ description: "Name of the team", example: "River Otters" });

/** The divisions a competition declares, in the order in which they are shown. */
export const Divisions = z.array(DivisionName).max(DIVISIONS_MAX).refine(
  (names) => new Set(names.map((one) => one.toLowerCase())).size === names.length,
  "Each division may be named once",
).meta({
  description: "Divisions, each a board of its own; whoever joins chooses one. Empty: none",
  example: [],
});

const team = {
  score: z.enum(TEAM_SCORES).meta({
    description: "What members give makes: their sum; the average, day by day, over the members " +
      "active that day; or the sum of the best so many",
    example: "average",
  }),
  count: z.int().min(1).max(TEAM_MEMBERS_MAX).optional().meta({
    description: "How many members count, for `best`",
    example: 4,
  }),
  maxMembers: z.int().min(1).max(TEAM_MEMBERS_MAX).optional().meta({
    description: "Members of a team at most; absent: as many as come",
    example: 12,
  }),
  creators: z.enum(TEAM_CREATORS).meta({
    description: "Who makes teams: the competition's staff, or participants too",
    example: "members",
  }),
  moves: z.enum(TEAM_MOVES).meta({
    description: "Until when participants choose and change their team themselves",
    example: "any_time",
  }),
};

export const TeamRuleInput = z.object({
  ...team,
  creators: team.creators.default("staff"),
  moves: team.moves.default("any_time"),
}).meta({
  id: "TeamRuleInput",
  description: "How teams score; where lower scores win only `best` is possible",
  example: { score: "average", maxMembers: 12 },
});
export type TeamRuleInput = z.infer<typeof TeamRuleInput>;

export const TeamRule = z.object({
  ...team,
  timeZone: z.string().meta({
    description: "The zone whose days an average compares: the competition's",
    example: "Europe/Helsinki",
  }),
}).meta({ id: "TeamRule", description: "How teams score" });
export type TeamRule = z.infer<typeof TeamRule>;

/** What somebody chooses who joins. */
export const GroupChoice = z.object({
  division: DivisionName.optional().meta({
    description: "Needed where the competition has divisions: one of them",
    example: "Women 40+",
  }),
  teamId: Id.optional().describe("The team to join at once"),
});
export type GroupChoice = z.infer<typeof GroupChoice>;
