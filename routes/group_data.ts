/** Divisions and teams as the public page of a competition needs them. */

import type { Groups } from "@/components/team/GroupChoice.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { type TeamBoard, TeamBoardQuery, TeamQuery } from "@/contracts/teams.ts";
import { DomainError } from "@/domain/error.ts";
import { checkOwnChoice } from "@/domain/group_choice.ts";
import type { State } from "./define.ts";

/** Teams offered in a select; more are joined from the team's page. */
const TEAMS_OFFERED = 100;

/** What there is to choose, and where the viewer is; null where there are no groups. */
export async function groupsOf(
  { services, actor, nowMs }: State,
  competition: CompetitionView,
): Promise<Groups | null> {
  const { id, divisions, teams } = competition;
  if (divisions.length === 0 && teams === null) return null;
  const query = TeamQuery.parse({ page_size: TEAMS_OFFERED });
  const [list, own] = await Promise.all([
    teams === null ? [] : services.teams.list(actor, id, query).then(({ items }) => items),
    services.teams.placement(actor, id),
  ]);
  const mayChoose = (what: "division" | "team") => isOpen(competition, what, nowMs);
  return {
    divisions,
    teams: list,
    own,
    mayChangeDivision: divisions.length > 0 && mayChoose("division"),
    mayChangeTeam: teams !== null && mayChoose("team"),
    mayMakeTeam: teams?.creators === "members" && mayChoose("team"),
  };
}

function isOpen(competition: CompetitionView, what: "division" | "team", nowMs: number): boolean {
  const { name, status, teams } = competition;
  const startsAt = Date.parse(competition.startsAt);
  const endsAt = Date.parse(competition.endsAt);
  try {
    checkOwnChoice(what, { name, status, startsAt, endsAt, teams: teams ?? undefined }, nowMs);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

/** The first page of the team board; null where there are no teams. */
export async function teamBoardOf(
  { services, actor }: State,
  { id, teams }: CompetitionView,
): Promise<TeamBoard | null> {
  if (teams === null) return null;
  return (await services.teams.board(actor, id, TeamBoardQuery.parse({}))).board;
}
