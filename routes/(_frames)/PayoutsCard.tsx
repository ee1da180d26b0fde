import { EmptyState } from "@/components/EmptyState.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { PayoutTable } from "@/components/money/PayoutTable.tsx";
import { SplitProof } from "@/components/money/SplitProof.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { PrizeResult } from "@/contracts/prizes.ts";
import { SplitFacts } from "./PrizePreviewCard.tsx";

/** What was decided and paid, with the proof of the split. */
export function PayoutsCard(
  { competition, result, disqualified }: {
    competition: CompetitionView;
    result: PrizeResult & { total: number; page: number; pageSize: number };
    disqualified: ReadonlySet<string>;
  },
) {
  const { payouts, total, page, pageSize, currency } = result;
  const path = `/admin/competitions/${competition.id}/prizes`;
  return (
    <section class="card" aria-labelledby="payouts-title">
      <div class="card-head">
        <h2 id="payouts-title">Prizes</h2>
      </div>
      <div class="card-body stack">
        <SplitFacts split={result} />
        <SplitProof split={result} />
      </div>
      {total === 0
        ? <EmptyState title="No prizes" text="No place was taken; the rest went by rule." />
        : (
          <>
            <PayoutTable
              payouts={payouts}
              currency={currency}
              takeBackHref={({ participantId, status }) =>
                status === "paid" && disqualified.has(participantId)
                  ? `${path}?takeBack=${participantId}&page=${page}#take-back`
                  : undefined}
            />
            <Pagination path={path} state={{}} {...{ page, pageSize, total }} noun="prizes" />
          </>
        )}
    </section>
  );
}
