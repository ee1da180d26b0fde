/** Moves between divisions and teams, as posted. */

import type { MoveValues, Places } from "@/components/team/MoveForm.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { TeamQuery } from "@/contracts/teams.ts";
import type { State } from "../define.ts";
import { textOf } from "./fields.ts";

/** More teams than a select is good for; the rest is moved by its own page. */
const TEAMS_OFFERED = 100;

/** The places that people of a competition can be put. */
export async function placesOf(
  { services, actor }: State,
  { id, divisions, teams }: CompetitionView,
): Promise<Places> {
  if (teams === null) return { divisions, teams: [] };
  const query = TeamQuery.parse({ page_size: TEAMS_OFFERED });
  return { divisions, teams: (await services.teams.list(actor, id, query)).items };
}

/** The chosen places as they were posted. */
export function moveValuesOf(form: FormData): MoveValues {
  return { division: textOf(form, "division"), teamId: textOf(form, "teamId") };
}

/** The destination as the service takes it; what was left as it is stays out. */
export function destinationOf({ division, teamId }: MoveValues) {
  return {
    ...(division === "" ? {} : { division }),
    ...(teamId === "" ? {} : { teamId: teamId === "none" ? null : teamId }),
  };
}
