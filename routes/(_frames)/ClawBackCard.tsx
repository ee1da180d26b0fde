import { Consequences } from "@/components/Consequences.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { type Attempt, ReasonForm } from "@/components/ReasonForm.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { PrizePayout } from "@/contracts/prizes.ts";

const CONSEQUENCES = [
  "The payment is reversed: the amount leaves the wallet again.",
  "What the wallet does not hold is owed, and later prizes and top-ups pay it back first.",
  "The person is told, with your reason.",
];

/** Takes the prize of somebody disqualified back. */
export function ClawBackCard(
  { payout, competition, csrfToken, attempt }: {
    payout: PrizePayout;
    competition: CompetitionView;
    csrfToken: string;
    attempt: Attempt;
  },
) {
  const amount = moneyText(payout.amount, competition.prizes?.currency ?? "");
  return (
    <section class="card danger-card" id="take-back" aria-labelledby="take-back-title">
      <div class="card-head">
        <h2 id="take-back-title">Take back {amount} from {payout.name}</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action="clawBack"
          csrfToken={csrfToken}
          button="Take the prize back"
          tone="danger"
          hint="The person reads it; it is kept in the audit log."
          attempt={attempt}
        >
          <input type="hidden" name="participantId" value={payout.participantId} />
          <Consequences texts={CONSEQUENCES} />
        </ReasonForm>
      </div>
    </section>
  );
}
