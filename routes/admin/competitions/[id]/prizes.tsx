import { type Context, page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { feeFacts, planFacts } from "@/components/money/prize_text.ts";
import { type Attempt, NO_ATTEMPT } from "@/components/ReasonForm.tsx";
import { type CompetitionView, ParticipantQuery } from "@/contracts/competitions.ts";
import {
  type PrizeDistribution,
  type PrizePreview,
  PrizeQuery,
  type PrizeResult,
} from "@/contracts/prizes.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { ClawBackCard } from "../../../(_frames)/ClawBackCard.tsx";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { DistributeCard, ProgressCard } from "../../../(_frames)/PrizeCards.tsx";
import { PreviewCard } from "../../../(_frames)/PrizePreviewCard.tsx";
import { PayoutsCard } from "../../../(_frames)/PayoutsCard.tsx";
import { competitionOf } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { type FormAction, idOf, tryAction } from "../../../forms/attempt.ts";
import { textOf } from "../../../forms/fields.ts";
import { queryOf } from "../../../forms/query.ts";
import { seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  /** May pay prizes. */
  isFinance: boolean;
  progress: PrizeDistribution | null;
  /** Null once it is decided, and for those who may not look. */
  preview: PrizePreview | null;
  result: (PrizeResult & { total: number; page: number; pageSize: number }) | null;
  /** Participants who were disqualified: their prizes can come back. */
  disqualified: ReadonlySet<string>;
  names: MoneyNames;
  attempt: Attempt;
}

async function dataOf(
  ctx: Context<State>,
  competition: CompetitionView,
  attempt: Attempt = NO_ATTEMPT,
): Promise<Data> {
  const { services, actor, account } = ctx.state;
  const { id, canManage, entryFee, prizes, status } = competition;
  const isFinance = account?.role === "finance" || account?.role === "admin";
  const isOpen = (canManage || isFinance) && (entryFee !== null || prizes !== null);
  const progress = isOpen ? await services.prizes.progress(actor, id) : null;
  const isDecided = progress !== null && progress.status !== "requested";
  const isPreviewed = isOpen && !isDecided && status !== "cancelled" && status !== "draft";
  const [preview, result, disqualified, names] = await Promise.all([
    isPreviewed ? services.prizes.calculate(actor, id) : null,
    isDecided ? resultOf(ctx, id) : null,
    isDecided && isFinance ? disqualifiedOf(ctx.state, id) : new Set<string>(),
    services.moneyNames.of(actor, [
      { userId: progress?.requestedBy ?? null },
      { userId: progress?.approvedBy ?? null },
    ]),
  ]);
  return { competition, isFinance, progress, preview, result, disqualified, names, attempt };
}

async function resultOf({ state: { services, actor }, url }: Context<State>, id: string) {
  const query = queryOf(PrizeQuery, url.searchParams);
  const result = await services.prizes.get(actor, id, query);
  return { ...result, page: query.page, pageSize: query.page_size };
}

async function disqualifiedOf({ services, actor }: State, id: string): Promise<Set<string>> {
  const query = ParticipantQuery.parse({ status: "disqualified", page_size: 100 });
  const { items } = await services.competitions.participants(actor, id, query);
  return new Set(items.map(({ participantId }) => participantId));
}

/** What the buttons of the page do. */
function actionsOf(
  { state: { services, actor } }: Context<State>,
  { id, name }: CompetitionView,
): Record<string, FormAction> {
  return {
    async distribute({ reason }) {
      const decision = reason === "" ? {} : { reason };
      const { status, payoutCount } = await services.prizes.distribute(actor, id, decision);
      return status === "requested"
        ? "Asked for. Another one of the finance staff has to approve it now."
        : `The prizes of ${name} are paid: ${payoutCount} in all.`;
    },
    async clawBack({ reason, form }) {
      const participantId = idOf(textOf(form, "participantId"));
      const { takenBack } = await services.prizes.clawBack(actor, id, participantId, { reason });
      return takenBack === 0
        ? "Nothing was left to take back."
        : "The prize is taken back into the pool's rest.";
    },
  };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx, await competitionOf(ctx)));
  },
  async POST(ctx) {
    const competition = await competitionOf(ctx);
    const tried = await tryAction(ctx, actionsOf(ctx, competition), ["distribute"]);
    if (tried.done === undefined) {
      const data = await dataOf(ctx, competition, tried.attempt);
      return page<Data>(data, { status: tried.status });
    }
    const path = `/admin/competitions/${competition.id}/prizes`;
    return seeOther(ctx, path, { tone: "good", text: tried.done });
  },
});

export default define.page<typeof handler>(function Prizes({ data, state, url }) {
  const { competition, isFinance, progress, preview, result, attempt } = data;
  const { entryFee, prizes } = competition;
  const hasMoney = entryFee !== null || prizes !== null;
  const chosen = url.searchParams.get("takeBack");
  const loser = result?.payouts.find(({ participantId }) => participantId === chosen);
  return (
    <CompetitionFrame competition={competition} tab="/prizes">
      {hasMoney
        ? (
          <div class="stack">
            {progress ? <ProgressCard {...data} progress={progress} state={state} /> : null}
            {isFinance ? <DistributeCard {...data} state={state} /> : null}
            {loser
              ? (
                <ClawBackCard
                  payout={loser}
                  competition={competition}
                  csrfToken={state.csrfToken}
                  attempt={attempt}
                />
              )
              : null}
            {preview ? <PreviewCard preview={preview} /> : null}
            {result
              ? (
                <PayoutsCard
                  competition={competition}
                  result={result}
                  disqualified={data.disqualified}
                />
              )
              : null}
            <Plan competition={competition} />
          </div>
        )
        : <NoMoney competition={competition} />}
    </CompetitionFrame>
  );
});

function Plan({ competition: { entryFee, prizes } }: { competition: CompetitionView }) {
  return (
    <section class="card" aria-labelledby="plan-title">
      <div class="card-head">
        <h2 id="plan-title">Fee and plan</h2>
      </div>
      <div class="card-body">
        <Facts facts={[...feeFacts(entryFee), ...planFacts(prizes)]} />
      </div>
    </section>
  );
}

function NoMoney({ competition: { id, status, canManage } }: { competition: CompetitionView }) {
  const mayEdit = status === "draft" && canManage;
  return (
    <div class="card">
      <EmptyState
        title="No fee and no prizes"
        text={mayEdit
          ? "Entering is free and nobody wins money. Until it is published you can change that."
          : "Entering is free and nobody wins money. Publishing fixed that."}
      >
        {mayEdit ? <a class="button" href={`/admin/competitions/${id}/edit`}>Set them</a> : null}
      </EmptyState>
    </div>
  );
}
