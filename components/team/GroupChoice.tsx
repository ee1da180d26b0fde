import type { Placement, Team } from "@/contracts/teams.ts";
import { CsrfField, SelectField, TextField } from "../Field.tsx";

/** The divisions and teams of a competition, and what the viewer may do with them. */
export interface Groups {
  divisions: readonly string[];
  teams: readonly Pick<Team, "id" | "name">[];
  /** Where the viewer is; null for those who do not take part. */
  own: Placement | null;
  mayChangeDivision: boolean;
  mayChangeTeam: boolean;
  mayMakeTeam: boolean;
}

/** What whoever joins chooses. */
export function GroupChoiceFields({ divisions, teams }: Pick<Groups, "divisions" | "teams">) {
  return (
    <>
      {divisions.length === 0 ? null : (
        <SelectField
          name="division"
          label="Division"
          value=""
          options={[
            { value: "", label: "Choose one" },
            ...divisions.map((name) => ({ value: name, label: name })),
          ]}
        />
      )}
      {teams.length === 0 ? null : (
        <SelectField
          name="teamId"
          label="Team"
          value=""
          options={[
            { value: "", label: "None for now" },
            ...teams.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
    </>
  );
}

/** Where the viewer is, and what may still be changed. */
export function OwnGroups(
  { groups, slug, csrfToken }: { groups: Groups | null; slug: string; csrfToken: string },
) {
  if (!groups?.own) return null;
  const { divisions, own } = groups;
  const action = `/c/${slug}/groups`;
  return (
    <>
      {divisions.length === 0
        ? null
        : groups.mayChangeDivision
        ? (
          <form class="form" method="post" action={action}>
            <CsrfField token={csrfToken} />
            <SelectField
              name="division"
              label="Your division"
              value={own.division ?? ""}
              options={divisions.map((name) => ({ value: name, label: name }))}
              hint="You can change it until the start."
            />
            <button type="submit" class="button" name="action" value="division">
              Change division
            </button>
          </form>
        )
        : (
          <p>
            Your division: <b>{own.division ?? "none"}</b>
          </p>
        )}
      <OwnTeam groups={groups} action={action} slug={slug} csrfToken={csrfToken} />
    </>
  );
}

function OwnTeam(
  { groups, action, slug, csrfToken }: {
    groups: Groups;
    action: string;
    slug: string;
    csrfToken: string;
  },
) {
  const { teams, own, mayChangeTeam, mayMakeTeam } = groups;
  const mine = teams.find(({ id }) => id === own?.teamId);
  const hasTeams = teams.length > 0 || mayMakeTeam;
  if (!hasTeams) return null;
  return (
    <>
      <p>
        Your team: {mine ? <a href={`/c/${slug}/teams/${mine.id}`}>{mine.name}</a> : <b>none</b>}
      </p>
      {mayChangeTeam && teams.length > 0
        ? (
          <form class="form" method="post" action={action}>
            <CsrfField token={csrfToken} />
            <SelectField
              name="teamId"
              label={mine ? "Change to" : "Join a team"}
              value={own?.teamId ?? ""}
              options={[
                { value: "", label: "No team" },
                ...teams.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              hint="What you gave to a team stays with it."
            />
            <button type="submit" class="button" name="action" value="team">Change team</button>
          </form>
        )
        : null}
      {mayMakeTeam && !mine
        ? (
          <form class="form" method="post" action={action}>
            <CsrfField token={csrfToken} />
            <TextField
              name="name"
              label="Or make a team"
              maxLength={80}
              autocomplete="off"
              required
            />
            <button type="submit" class="button" name="action" value="make">Make team</button>
          </form>
        )
        : null}
    </>
  );
}
