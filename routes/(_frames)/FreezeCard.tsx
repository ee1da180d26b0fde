import { Badge } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { type Attempt, ReasonForm } from "@/components/ReasonForm.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { State } from "../define.ts";

const FREEZING = [
  "Everybody but staff sees the board as it is at this moment, on every page, in the API and in files.",
  "Scores go on arriving and counting; participants see only their own.",
  "It moves again when you unfreeze it, or when the result is final.",
];
const UNFREEZING = ["Everybody sees at once all that happened since."];

/** Stops the public board, or lets it move again. */
export function FreezeCard(
  { competition, state, attempt }: {
    competition: CompetitionView;
    state: State;
    attempt: Attempt;
  },
) {
  const { id, frozen, frozenAt, freezeAt } = competition;
  return (
    <section class="card" aria-labelledby="freeze-title">
      <div class="card-head">
        <h2 id="freeze-title">Public board</h2>
        {frozen ? <Badge tone="info">Frozen</Badge> : <Badge tone="live">Moving</Badge>}
      </div>
      <div class="card-body stack">
        {frozen && frozenAt
          ? (
            <p>
              It stands still since <TimeText at={frozenAt} view={state.view} />.
            </p>
          )
          : (
            <p>
              {freezeAt
                ? (
                  <>
                    It freezes by itself on <TimeText at={freezeAt} view={state.view} />.{" "}
                  </>
                )
                : "No freeze is planned. "}
              <a href={`/admin/competitions/${id}/edit#freezeAt`}>
                {freezeAt ? "Change the plan" : "Plan one"}
              </a>
            </p>
          )}
        <ReasonForm
          action={frozen ? "unfreeze" : "freeze"}
          csrfToken={state.csrfToken}
          button={frozen ? "Unfreeze the board" : "Freeze the board now"}
          hint="Kept in the audit log."
          isOptional
          attempt={attempt}
        >
          <Consequences texts={frozen ? UNFREEZING : FREEZING} />
        </ReasonForm>
      </div>
    </section>
  );
}
