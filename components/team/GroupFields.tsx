import { TEAM_CREATORS, TEAM_MOVES, TEAM_SCORES } from "@/domain/team_rule.ts";
import type { FieldsProps } from "../competition/CompetitionFields.tsx";
import { Choice, Fault, SelectField, TextArea, TextField } from "../Field.tsx";
import { TEAM_CREATORS_TEXT, TEAM_MOVES_TEXT, TEAM_SCORE_TEXT } from "./team_text.ts";

/** The divisions, one a line. */
export function DivisionFields({ values, faults }: FieldsProps) {
  return (
    <fieldset class="card group">
      <legend>Divisions</legend>
      <TextArea
        name="divisions"
        label="One a line"
        value={values.divisions}
        faults={faults}
        rows={4}
        hint="Each has a board and may have prizes of its own. Whoever joins chooses one; you can move people later. Left empty, there are none."
      />
    </fieldset>
  );
}

/** Whether people score in teams, and how. */
export function TeamFields({ values: { teams }, faults }: FieldsProps) {
  return (
    <fieldset class="card group">
      <legend>Teams</legend>
      <div class="field" role="radiogroup" aria-labelledby="team-score-label">
        <span class="label" id="team-score-label">A team's score</span>
        <Choice
          type="radio"
          name="teams.score"
          value=""
          label="No teams"
          checked={teams.score === ""}
        />
        {TEAM_SCORES.map((score) => (
          <Choice
            type="radio"
            name="teams.score"
            value={score}
            label={TEAM_SCORE_TEXT[score]}
            checked={teams.score === score}
          />
        ))}
        <Fault name="teams.score" faults={faults} />
      </div>
      <p class="about only-teams">
        What members give while they are in a team stays with it when they go. Where lower scores
        win, teams compare their best members.
      </p>
      <div class="pair only-teams">
        <TextField
          name="teams.count"
          label="Members that count"
          class="only-bestMembers"
          value={teams.count}
          faults={faults}
          inputMode="numeric"
          autocomplete="off"
          hint="For the best members only"
        />
        <TextField
          name="teams.maxMembers"
          label="Members at most"
          value={teams.maxMembers}
          faults={faults}
          inputMode="numeric"
          autocomplete="off"
          hint="Empty: as many as come"
        />
      </div>
      <div class="pair only-teams">
        <SelectField
          name="teams.creators"
          label="Who makes teams"
          value={teams.creators}
          faults={faults}
          options={TEAM_CREATORS.map((value) => ({ value, label: TEAM_CREATORS_TEXT[value] }))}
        />
        <SelectField
          name="teams.moves"
          label="People choose theirs"
          value={teams.moves}
          faults={faults}
          options={TEAM_MOVES.map((value) => ({ value, label: TEAM_MOVES_TEXT[value] }))}
        />
      </div>
    </fieldset>
  );
}
