import type { FieldsProps } from "./CompetitionFields.tsx";
import { Choice, TextField } from "../Field.tsx";

/** What is asked of those who enter. */
export function EntryFields({ values: { entry }, faults }: FieldsProps) {
  const number = (
    name: "minimumAge" | "maximumAge" | "perDomainMax",
    label: string,
    hint: string,
  ) => (
    <TextField
      name={`entryConditions.${name}`}
      label={label}
      value={entry[name]}
      faults={faults}
      inputMode="numeric"
      hint={hint}
    />
  );
  return (
    <fieldset class="card group">
      <legend>Who may enter</legend>
      <p class="about">
        Each condition is answered before people join; what stays empty asks nothing.
      </p>
      <div class="pair">
        {number("minimumAge", "Minimum age", "Full years on the day of the join")}
        {number("maximumAge", "Maximum age", "Full years")}
      </div>
      <TextField
        name="entryConditions.countries"
        label="Countries"
        value={entry.countries}
        faults={faults}
        autocomplete="off"
        spellcheck={false}
        hint="Two letters each, e.g. FI, SE. The profile's country must be one of them."
      />
      <div class="pair">
        <TextField
          name="entryConditions.emailDomains"
          label="E-mail domains"
          value={entry.emailDomains}
          faults={faults}
          autocomplete="off"
          spellcheck={false}
          hint="e.g. example.org, for a company or a school"
        />
        {number("perDomainMax", "Places per domain", "People whose addresses share it")}
      </div>
      <div class="field">
        <Choice
          type="checkbox"
          name="entryConditions.acceptRules"
          value="on"
          label="Ask people to agree to the rules"
          about="Noted with the version of the rules."
          checked={entry.acceptRules}
        />
        <Choice
          type="checkbox"
          name="entryConditions.healthConsent"
          value="on"
          label="Ask for consent to use health data"
          about="That their activity is used for this competition."
          checked={entry.healthConsent}
        />
      </div>
    </fieldset>
  );
}
