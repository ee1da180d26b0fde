import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { PayoutTable } from "@/components/money/PayoutTable.tsx";
import { feeFacts, planFacts } from "@/components/money/prize_text.ts";
import { SplitProof } from "@/components/money/SplitProof.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { PrizeQuery, type PrizeResult } from "@/contracts/prizes.ts";
import { SplitFacts } from "../../(_frames)/PrizePreviewCard.tsx";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { shownCompetition } from "../../board_visitor.ts";
import { prizesOf } from "../../competition_purse.ts";
import { define } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const competition = await shownCompetition(ctx);
    const query = queryOf(PrizeQuery, ctx.url.searchParams);
    const result = await prizesOf(ctx.state, competition, query);
    return page({ competition, query, result });
  },
});

export default define.page<typeof handler>(function PrizesPage({ data, state, url }) {
  const { competition, query, result } = data;
  const { slug, name, entryFee, prizes } = competition;
  const isTest = state.services.orders.gateway?.isTestMoney;
  return (
    <SitePage state={state} url={url}>
      <PageHead
        title={`Prizes of ${name}`}
        crumbs={[{ href: `/c/${slug}`, label: name }]}
        badge={isTest ? <Badge tone="warn">Test money</Badge> : null}
      />
      <div class="split">
        {result
          ? <Winners competition={competition} result={result} query={query} />
          : (
            <div class="card">
              <EmptyState
                title="No prizes yet"
                text="Once the result is final and the prizes are paid, everybody sees here who got what, and how the pool was split."
              >
                <a class="button" href={`/c/${slug}`}>See the board</a>
              </EmptyState>
            </div>
          )}
        <section class="card" aria-labelledby="plan-title">
          <div class="card-head">
            <h2 id="plan-title">The plan</h2>
          </div>
          <div class="card-body">
            <Facts isTight facts={[...feeFacts(entryFee), ...planFacts(prizes)]} />
          </div>
        </section>
      </div>
    </SitePage>
  );
});

function Winners(
  { competition, result, query }: {
    competition: CompetitionView;
    result: PrizeResult & { total: number };
    query: PrizeQuery;
  },
) {
  return (
    <section class="card" aria-labelledby="winners-title">
      <div class="card-head">
        <h2 id="winners-title">Who got what</h2>
      </div>
      <div class="card-body stack">
        <SplitFacts split={result} />
        <SplitProof split={result} />
      </div>
      {result.total === 0
        ? <p class="card-body muted">No place was taken; the rest went by rule.</p>
        : (
          <>
            <PayoutTable payouts={result.payouts} currency={result.currency} />
            <Pagination
              path={`/c/${competition.slug}/prizes`}
              state={{}}
              page={query.page}
              pageSize={query.page_size}
              total={result.total}
              noun="prizes"
            />
          </>
        )}
    </section>
  );
}
