import { SelectField, TextField } from "../Field.tsx";
import { type Attempt, ReasonForm } from "../ReasonForm.tsx";
import type { ScoreFormat } from "../score_text.ts";

/** The fields of an adjustment as text. */
export interface AdjustValues {
  operator: string;
  score: string;
  /** Local date and time in the competition's zone; empty: now. */
  occurredAt: string;
  /** So that a form sent twice adjusts once. */
  key: string;
}

/** What the form starts from. */
export const NO_ADJUSTMENT: AdjustValues = {
  operator: "increment",
  score: "",
  occurredAt: "",
  key: "",
};

const OPERATORS = [
  { value: "increment", label: "Add" },
  { value: "decrement", label: "Take away" },
  { value: "set", label: "Make it" },
];

/** Enters or corrects a score. */
export function AdjustForm(
  { values, attempt, format, timeZone, csrfToken }: {
    values: AdjustValues;
    attempt: Attempt;
    format: ScoreFormat;
    timeZone: string;
    csrfToken: string;
  },
) {
  const faults = attempt.action === "adjust" ? attempt.faults : {};
  const unit = format.style === "duration" ? "s" : format.unit;
  return (
    <section class="card" aria-labelledby="adjust-title">
      <div class="card-head">
        <h2 id="adjust-title">Adjust the score</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action="adjust"
          csrfToken={csrfToken}
          button="Adjust"
          hint="Kept in the audit log and shown with the event."
          attempt={attempt}
        >
          <input type="hidden" name="key" value={values.key} />
          <div class="pair">
            <SelectField
              name="operator"
              label="What to do"
              value={values.operator}
              faults={faults}
              options={OPERATORS}
            />
            <TextField
              name="score"
              label={unit ? `How much (${unit})` : "How much"}
              value={values.score}
              faults={faults}
              inputMode="decimal"
              autocomplete="off"
              required
            />
          </div>
          <TextField
            name="occurredAt"
            label="Happened"
            type="datetime-local"
            value={values.occurredAt}
            faults={faults}
            hint={`Empty: now, or the last moment that counts. In ${timeZone}`}
          />
        </ReasonForm>
      </div>
    </section>
  );
}
