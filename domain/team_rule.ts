/** How teams of a competition score, who makes them, and until when their members may move. */

import { type DomainError, invalid } from "./error.ts";
import type { Scoring } from "./rules.ts";

/**
 * What members' contributions make: their `sum`; the `average`, day by day, over the members active
 * that day; or the sum of the `best` so many members.
 */
export const TEAM_SCORES = ["sum", "average", "best"] as const;
export type TeamScore = (typeof TEAM_SCORES)[number];

/** Who makes teams: the competition's staff, or any participant too. */
export const TEAM_CREATORS = ["staff", "members"] as const;
export type TeamCreators = (typeof TEAM_CREATORS)[number];

/** Until when participants choose and change their team themselves; staff always may. */
export const TEAM_MOVES = ["any_time", "before_start"] as const;
export type TeamMoves = (typeof TEAM_MOVES)[number];

/** More than the relay teams of a city run have; bounds what one team's score costs to compute. */
export const TEAM_MEMBERS_MAX = 10_000;
/** As many as a school has classes, with room; the team board is one page's worth of rows. */
export const TEAMS_MAX = 1_000;
/** A team's name, and a division's: what a row of a board shows without breaking it. */
export const GROUP_NAME_MAX = 80;
/** Divisions of a competition; more is a sign of divisions that should be competitions. */
export const DIVISIONS_MAX = 100;

export interface TeamRule {
  score: TeamScore;
  /** How many members count, for `best`. */
  count?: number;
  /** Absent: as many as come. */
  maxMembers?: number;
  creators: TeamCreators;
  moves: TeamMoves;
  /** The zone whose days the `average` compares: the competition's, so that the log tells it. */
  timeZone: string;
}

/** Finds what is wrong with a team rule beside a scoring; undefined where nothing is.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findTeamFault } from "@/domain/team_rule.ts";
 *
 * const scoring = {
 *   kind: "direct" as const,
 *   operator: "best" as const,
 *   direction: "lower" as const,
 *   decimals: 0,
 *   selfReport: false,
 * };
 * const fault = findTeamFault({ score: "sum" }, scoring);
 * assertEquals(fault?.details?.[0]?.field, "teams.score");
 * assertEquals(findTeamFault({ score: "best", count: 4 }, scoring), undefined);
 * ```
 */
export function findTeamFault(
  { score, count, maxMembers }: Pick<TeamRule, "score" | "count" | "maxMembers">,
  scoring: Scoring,
): DomainError | undefined {
  if (score === "best" && count === undefined) {
    return invalid("teams.count", "required", "Tell how many members count");
  }
  if (score !== "best" && count !== undefined) {
    return invalid("teams.count", "not_used", "Only the best members are counted off");
  }
  if (count !== undefined && maxMembers !== undefined && count > maxMembers) {
    return invalid("teams.count", "too_big", "More members cannot count than a team may have");
  }
  // A team with fewer people would win a sum, and changes of a time are no times.
  if (scoring.direction === "lower" && score !== "best") {
    const message = "Where lower scores win, teams compare their best members";
    return invalid("teams.score", "lower_wins", message);
  }
  const isFalling = scoring.kind === "activity" && scoring.aggregate === "average_per_day";
  if (isFalling && score === "average") {
    // Every midnight changes every average, so that nobody would ever be inactive.
    return invalid("teams.score", "average_of_averages", "An average has no days to average over");
  }
  return undefined;
}
