import type { Team } from "@/contracts/teams.ts";
import { type Faults, SelectField } from "../Field.tsx";

/** Where people can be put. */
export interface Places {
  divisions: readonly string[];
  teams: readonly Pick<Team, "id" | "name">[];
}

/** What was chosen; empty: stays, `none` of teams: no team. */
export interface MoveValues {
  division: string;
  teamId: string;
}

export const NO_MOVE: MoveValues = { division: "", teamId: "" };

/** The places to choose from; nothing where there is no choice. */
export function PlaceFields(
  { places, values, faults, stays }: {
    places: Places;
    values: MoveValues;
    faults: Faults;
    /** What an empty choice means. */
    stays: string;
  },
) {
  const { divisions, teams } = places;
  return (
    <>
      {divisions.length === 0 ? null : (
        <SelectField
          name="division"
          label="Division"
          value={values.division}
          faults={faults}
          options={[
            { value: "", label: stays },
            ...divisions.map((name) => ({ value: name, label: name })),
          ]}
        />
      )}
      {teams.length === 0 ? null : (
        <SelectField
          name="teamId"
          label="Team"
          value={values.teamId}
          faults={faults}
          options={[
            { value: "", label: stays },
            { value: "none", label: "No team" },
            ...teams.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
    </>
  );
}
