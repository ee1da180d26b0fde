import { Choice, Fault, type Faults, TextArea, TextField } from "../Field.tsx";
import type { CompetitionFormValues } from "./competition_form.ts";
import { VISIBILITIES } from "@/domain/competition.ts";
import { VISIBILITY_TEXT } from "./rule_text.ts";

/** What every part of the form is given. */
export interface FieldsProps {
  values: CompetitionFormValues;
  faults: Faults;
}

/** Name, text, address and who may see it. */
export function AboutFields({ values, faults }: FieldsProps) {
  return (
    <fieldset class="card group">
      <legend>About</legend>
      <TextField
        name="name"
        label="Name"
        value={values.name}
        faults={faults}
        required
        maxLength={120}
        autocomplete="off"
        placeholder="Spring Distance Cup"
      />
      <TextArea
        name="description"
        label="Description"
        value={values.description}
        faults={faults}
        maxLength={10_000}
        hint="Markdown. Say what it is about, who may join and what there is to win."
      />
      <TextField
        name="slug"
        label="Address"
        value={values.slug}
        faults={faults}
        maxLength={80}
        autocomplete="off"
        spellcheck={false}
        placeholder="spring-distance-cup"
        hint="The end of the public link, /c/…. Left empty, it is made from the name."
      />
      <div class="field" role="radiogroup" aria-labelledby="visibility-label">
        <span class="label" id="visibility-label">Who may see it</span>
        <div class="cards-choice">
          {VISIBILITIES.map((visibility) => (
            <Choice
              type="radio"
              name="visibility"
              value={visibility}
              label={VISIBILITY_TEXT[visibility].name}
              about={VISIBILITY_TEXT[visibility].about}
              checked={values.visibility === visibility}
            />
          ))}
        </div>
        <Fault name="visibility" faults={faults} />
      </div>
      <TextField
        name="inviteCode"
        label="Invite code"
        class="only-invite"
        value={values.inviteCode}
        faults={faults}
        maxLength={64}
        autocomplete="off"
        spellcheck={false}
        hint="At least 6 characters; give it to the people you invite."
      />
    </fieldset>
  );
}

/** Start, end, zone and registration; what publishing locks is left out when locked. */
export function ScheduleFields(
  { values, faults, zones, isLocked }: FieldsProps & {
    zones: readonly string[];
    isLocked: boolean;
  },
) {
  const moment = (name: keyof CompetitionFormValues, label: string, hint: string) => (
    <TextField
      name={name}
      label={label}
      type="datetime-local"
      value={values[name] as string}
      faults={faults}
      hint={hint}
      required={name === "startsAt" || name === "endsAt"}
    />
  );
  return (
    <fieldset class="card group">
      <legend>When</legend>
      <p class="about">
        All times are local to the time zone{isLocked ? ` ${values.timeZone}` : " you choose"}.
      </p>
      {isLocked ? null : (
        <TextField
          name="timeZone"
          label="Time zone"
          value={values.timeZone}
          faults={faults}
          list="zones"
          required
          autocomplete="off"
          spellcheck={false}
          hint="Days of the competition begin at midnight here, e.g. Europe/Helsinki."
        />
      )}
      <div class="pair">
        {isLocked ? null : moment("startsAt", "Starts", "The first moment that counts")}
        {moment("endsAt", "Ends", "The first moment that no longer counts")}
      </div>
      <div class="pair">
        {moment("registrationOpensAt", "Registration opens", "Empty: when published")}
        {moment("registrationClosesAt", "Registration closes", "Empty: at the end")}
      </div>
      <TextField
        name="graceHours"
        label="Late data counts for (hours)"
        value={values.graceHours}
        faults={faults}
        inputMode="numeric"
        hint="Watches upload late. Activity from before the end still scores for so long."
      />
      {moment(
        "freezeAt",
        "Public board freezes",
        "Empty: it does not. From then on only staff see it move, until you unfreeze or finalise",
      )}
      <datalist id="zones">
        {zones.map((zone) => <option key={zone} value={zone} />)}
      </datalist>
    </fieldset>
  );
}

/** How many may take part. */
export function PlacesFields({ values, faults }: FieldsProps) {
  return (
    <fieldset class="card group">
      <legend>Participants</legend>
      <div class="pair">
        <TextField
          name="capacity"
          label="At most"
          value={values.capacity}
          faults={faults}
          inputMode="numeric"
          hint="Empty: no limit"
        />
        <TextField
          name="minimumParticipants"
          label="At least"
          value={values.minimumParticipants}
          faults={faults}
          inputMode="numeric"
          hint="Empty: no minimum"
        />
      </div>
    </fieldset>
  );
}
