import type { FieldsProps } from "./CompetitionFields.tsx";
import { Choice, SelectField, TextField } from "../Field.tsx";

const EVERY = [
  { value: "", label: "Does not come again" },
  { value: "daily", label: "Daily" },
  { value: "weekly", label: "Weekly" },
  { value: "monthly", label: "Monthly" },
];

/** Whether and how the competition comes again, and who approves its result. */
export function RecurrenceFields({ values: { recurrence, finalization }, faults }: FieldsProps) {
  return (
    <fieldset class="card group">
      <legend>Result and repetition</legend>
      <div class="field">
        <Choice
          type="checkbox"
          name="finalization"
          value="automatic"
          label="Make the result final when the grace is over"
          about="Once no review or payment is open. Otherwise somebody approves it."
          checked={finalization === "automatic"}
        />
      </div>
      <SelectField
        name="recurrence.every"
        label="Comes again"
        value={recurrence.every}
        options={EVERY}
        faults={faults}
        hint="Each repetition is a competition with its own board, made when the one before it starts."
      />
      <div class="pair only-again">
        <TextField
          name="recurrence.interval"
          label="Interval"
          value={recurrence.interval}
          faults={faults}
          inputMode="numeric"
          hint="Each so many days, weeks or months; empty: each one"
        />
        <TextField
          name="recurrence.count"
          label="Times in all"
          value={recurrence.count}
          faults={faults}
          inputMode="numeric"
          hint="Empty: no end by number"
        />
      </div>
      <TextField
        name="recurrence.until"
        label="Last start by"
        class="only-again"
        type="date"
        value={recurrence.until}
        faults={faults}
        hint="Empty: no end by date"
      />
      <div class="field only-again">
        <Choice
          type="checkbox"
          name="recurrence.carryOver"
          value="on"
          label="Take the participants along"
          about="Whoever takes part is entered in the next one; only where entering is free."
          checked={recurrence.carryOver}
        />
      </div>
    </fieldset>
  );
}
