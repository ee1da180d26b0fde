import { Choice, CsrfField, Fault, type Faults, TextArea } from "@/components/Field.tsx";
import { type MoveValues, NO_MOVE, PlaceFields, type Places } from "@/components/team/MoveForm.tsx";
import { groupDigits } from "@/components/score_text.ts";
import type { ParticipantQuery } from "@/contracts/competitions.ts";
import { chosenOf, textOf } from "../forms/fields.ts";
import { destinationOf, moveValuesOf } from "../forms/move_form.ts";

/** A move of many, as it was posted. */
export interface BulkMove {
  /** `chosen` rows, or `all` that the filter finds. */
  whom: string;
  ids: string[];
  /** How many the filter found when the page was made. */
  expected: string;
  values: MoveValues;
  reason: string;
  faults: Faults;
}

export const NO_BULK_MOVE: BulkMove = {
  whom: "chosen",
  ids: [],
  expected: "",
  values: NO_MOVE,
  reason: "",
  faults: {},
};

/** The form that the boxes of the table above belong to. */
export const MOVE_FORM = "move-many";

/** What was posted. */
export function bulkMoveOf(form: FormData): BulkMove {
  return {
    whom: textOf(form, "whom"),
    ids: chosenOf(form, "ids"),
    expected: textOf(form, "expected"),
    values: moveValuesOf(form),
    reason: textOf(form, "reason"),
    faults: {},
  };
}

type Filter = Pick<ParticipantQuery, "q" | "status" | "division" | "team">;

/** What the contract checks. */
export function toRequest({ whom, ids, expected, values, reason }: BulkMove, filter: Filter) {
  const whose = whom === "all" ? { filter, expected: Number(expected) } : { participantIds: ids };
  return { ...destinationOf(values), reason, ...whose };
}

/** Moves the chosen, or all that the filter finds. */
export function BulkMoveCard(
  { move, places, total, csrfToken }: {
    move: BulkMove;
    places: Places;
    total: number;
    csrfToken: string;
  },
) {
  const { faults, values, whom, reason } = move;
  const general = faults[""] ?? faults.filter ?? faults.expected;
  return (
    <section class="card" aria-labelledby="move-title">
      <div class="card-head">
        <h2 id="move-title">Move people</h2>
      </div>
      <form class="card-body form" method="post" id={MOVE_FORM} noValidate>
        <CsrfField token={csrfToken} />
        <input type="hidden" name="expected" value={total} />
        {general ? <p class="notice" data-tone="bad" role="alert">{general}</p> : null}
        <div class="field" role="radiogroup" aria-labelledby="whom-label">
          <span class="label" id="whom-label">Whom</span>
          <Choice
            type="radio"
            name="whom"
            value="chosen"
            label="Those chosen above"
            checked={whom !== "all"}
          />
          <Choice
            type="radio"
            name="whom"
            value="all"
            label={`All ${groupDigits(total)} that the filter finds`}
            checked={whom === "all"}
          />
          <Fault name="participantIds" faults={faults} />
        </div>
        <div class="pair">
          <PlaceFields places={places} values={values} faults={faults} stays="Stays as it is" />
        </div>
        <TextArea
          name="reason"
          label="Reason"
          value={reason}
          faults={faults}
          rows={2}
          maxLength={500}
          required
          hint="Told to each of them, and kept in the audit log. What was given to a team stays with it."
        />
        <div class="actions">
          <button type="submit" class="button primary">Move</button>
        </div>
      </form>
    </section>
  );
}
