import { Badge, type Tone } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { Facts } from "@/components/Facts.tsx";
import { type Attempt, ReasonForm } from "@/components/ReasonForm.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { PrizeDistribution } from "@/contracts/prizes.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import type { State } from "../define.ts";

const STATES: Record<PrizeDistribution["status"], { name: string; tone: Tone }> = {
  requested: { name: "Waits for approval", tone: "warn" },
  paying: { name: "Being paid", tone: "info" },
  settled: { name: "Paid", tone: "good" },
};

/** How far the distribution is. */
export function ProgressCard(
  { progress, names, state }: {
    progress: PrizeDistribution;
    names: MoneyNames;
    state: State;
  },
) {
  const { status, payoutCount, paidCount, requestedBy, approvedBy, settledAt } = progress;
  const { name, tone } = STATES[status];
  const person = (id: string | null) => id === null ? "An app" : names.users.get(id) ?? "Staff";
  return (
    <section class="card" aria-labelledby="progress-title">
      <div class="card-head">
        <h2 id="progress-title">Distribution</h2>
        <Badge tone={tone}>{name}</Badge>
      </div>
      <div class="card-body stack">
        {status === "requested" ? null : (
          <div class="field">
            <label for="paid-count">
              {groupDigits(paidCount)} of {groupDigits(payoutCount)} prizes in their wallets
            </label>
            <progress id="paid-count" max={Math.max(1, payoutCount)} value={paidCount || 0} />
          </div>
        )}
        <Facts
          facts={[
            {
              term: "Asked for",
              value: (
                <>
                  {person(requestedBy)}, <TimeText at={progress.requestedAt} view={state.view} />
                </>
              ),
            },
            ...(approvedBy === null ? [] : [{ term: "Approved by", value: person(approvedBy) }]),
            ...(settledAt === null
              ? []
              : [{ term: "Settled", value: <TimeText at={settledAt} view={state.view} /> }]),
          ]}
        />
      </div>
    </section>
  );
}

const CONSEQUENCES = [
  "Who gets what is fixed from now on, as the preview shows it.",
  "Every prize goes into its winner's wallet, once, and each winner is told.",
  "What no place takes goes where the plan says, and the competition is settled.",
  "A prize comes back only by a disqualification, as a reversal that everybody can read.",
];

interface DistributeProps {
  competition: CompetitionView;
  progress: PrizeDistribution | null;
  state: State;
  attempt: Attempt;
}

/** The button that pays, for finance. */
export function DistributeCard({ competition, progress, state, attempt }: DistributeProps) {
  const status = progress?.status;
  if (status === "settled" || competition.status === "cancelled") return null;
  if (competition.status !== "final" && status === undefined) {
    return (
      <p class="notice">
        <span>Prizes are paid once the result is final.</span>
      </p>
    );
  }
  if (status === "requested" && progress?.requestedBy === state.account?.id) {
    return (
      <p class="notice" data-tone="warn">
        <span>You asked for it. The plan wants a second person to approve.</span>
      </p>
    );
  }
  return (
    <section class="card danger-card" aria-labelledby="distribute-title">
      <div class="card-head">
        <h2 id="distribute-title">{titleOf(competition, status)}</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action="distribute"
          csrfToken={state.csrfToken}
          button={titleOf(competition, status)}
          tone="danger"
          hint="Kept in the audit log."
          isOptional
          attempt={attempt}
        >
          <Consequences texts={CONSEQUENCES} />
        </ReasonForm>
      </div>
    </section>
  );
}

function titleOf({ prizes }: CompetitionView, status?: PrizeDistribution["status"]): string {
  if (status === "requested") return "Approve and pay the prizes";
  if (status === "paying") return "Go on paying the prizes";
  return prizes?.approvals === 2 ? "Ask to pay the prizes" : "Pay the prizes";
}
