import { CsrfField, TextField } from "@/components/Field.tsx";
import { type Attempt, FormFault } from "@/components/ReasonForm.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";

/** The fields of the copy form as text. */
export interface CopyValues {
  name: string;
  slug: string;
  /** Local date and time in the competition's zone; empty: the next same weekday. */
  startsAt: string;
}

/** What a copy starts from. */
export function copyOf({ name }: CompetitionView): CopyValues {
  return { name, slug: "", startsAt: "" };
}

/** Makes a new draft with the same settings and rules. */
export function CopyCard(
  { competition, values, attempt, csrfToken }: {
    competition: CompetitionView;
    values: CopyValues;
    attempt: Attempt;
    csrfToken: string;
  },
) {
  const faults = attempt.action === "clone" ? attempt.faults : {};
  return (
    <section class="card" id="copy" aria-labelledby="copy-title">
      <div class="card-head">
        <h2 id="copy-title">Copy as a new draft</h2>
      </div>
      <form method="post" class="card-body form" noValidate>
        <CsrfField token={csrfToken} />
        {faults[""] ? <FormFault text={faults[""]} /> : null}
        <p class="muted">
          Settings and rules go along, people and scores do not. All times move with the start.
        </p>
        <TextField
          name="name"
          label="Name"
          value={values.name}
          faults={faults}
          maxLength={120}
          autocomplete="off"
        />
        <div class="pair">
          <TextField
            name="startsAt"
            label="Starts"
            type="datetime-local"
            value={values.startsAt}
            faults={faults}
            hint={`Empty: the next same weekday. In ${competition.timeZone}`}
          />
          <TextField
            name="slug"
            label="Address"
            value={values.slug}
            faults={faults}
            maxLength={80}
            autocomplete="off"
            spellcheck={false}
            hint="Empty: made from the name"
          />
        </div>
        <div class="actions">
          <button type="submit" class="button" name="action" value="clone">Make the copy</button>
        </div>
      </form>
    </section>
  );
}
