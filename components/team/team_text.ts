/** Teams in words. */

import type { TeamRule } from "@/contracts/team_rule.ts";
import type { TeamCreators, TeamMoves, TeamScore } from "@/domain/team_rule.ts";
import type { Fact } from "../Facts.tsx";

export const TEAM_SCORE_TEXT: Record<TeamScore, string> = {
  sum: "The sum of what members give",
  average: "Day by day, the average of the members active that day",
  best: "The sum of its best members",
};

export const TEAM_CREATORS_TEXT: Record<TeamCreators, string> = {
  staff: "The organiser makes teams",
  members: "Participants make teams too",
};

export const TEAM_MOVES_TEXT: Record<TeamMoves, string> = {
  "any_time": "Until the end",
  "before_start": "Until the start",
};

/** How teams score, in a sentence. */
export function teamRuleText({ score, count }: Pick<TeamRule, "score" | "count">): string {
  return score === "best" ? `The sum of its best ${count}` : TEAM_SCORE_TEXT[score];
}

/** Divisions and team mode in terms and values; nothing where there are none. */
export function groupFacts(
  { divisions, teams }: { divisions: readonly string[]; teams: TeamRule | null },
): Fact[] {
  return [
    ...(divisions.length > 0 ? [{ term: "Divisions", value: divisions.join(" · ") }] : []),
    ...(teams
      ? [
        { term: "A team's score", value: teamRuleText(teams) },
        ...(teams.maxMembers ? [{ term: "Members at most", value: `${teams.maxMembers}` }] : []),
        { term: "Choosing a team", value: TEAM_MOVES_TEXT[teams.moves] },
      ]
      : []),
  ];
}
