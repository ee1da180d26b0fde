import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import {
  ExplainedEvents,
  ExplainedRecords,
  StandingCard,
} from "@/components/board/ExplanationParts.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { ruleText, TIE_BREAK_TEXT } from "@/components/competition/rule_text.ts";
import { amountFormatOf, scoreFormatOf } from "@/components/score_text.ts";
import { type Explanation, ExplanationQuery } from "@/contracts/explanation.ts";
import { SitePage } from "../../../(_frames)/SitePage.tsx";
import { shownCompetition } from "../../../board_visitor.ts";
import { define } from "../../../define.ts";
import { idOf } from "../../../forms/attempt.ts";
import { queryOf } from "../../../forms/query.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const competition = await shownCompetition(ctx);
    const query = queryOf(ExplanationQuery, ctx.url.searchParams);
    const id = idOf(ctx.params.participantId);
    const told = await services.explanations.explain(actor, competition.id, id, query);
    return page({ competition, ...told });
  },
});

export default define.page<typeof handler>(function Why({ data, state, url }) {
  const { competition, explanation, meta } = data;
  const { slug, scoring, participantId } = competition;
  const { records, recordCount, frozen } = explanation;
  const format = scoreFormatOf(scoring);
  const isOwn = explanation.participantId === participantId;
  return (
    <SitePage state={state} url={url}>
      <PageHead
        title={isOwn ? "Why am I ranked here?" : `Why is ${explanation.name} ranked here?`}
        crumbs={[{ href: `/c/${slug}`, label: competition.name }]}
        badge={explanation.status === "disqualified"
          ? <Badge tone="bad">Disqualified</Badge>
          : undefined}
        sub={ruleText(scoring)}
      />
      <div class="stack">
        {frozen
          ? (
            <p class="notice">
              <Icon name="snow" />
              <span>
                {competition.isStaff
                  ? "The public board is frozen. You are staff: this is of now."
                  : "The board is frozen: this explains how it stood then."}
              </span>
            </p>
          )
          : null}
        <div class="split">
          <StandingCard explanation={explanation} format={format} view={state.view} />
          <Ties tieBreaks={explanation.tieBreaks} />
        </div>
        <section class="card" aria-labelledby="events-title">
          <div class="card-head">
            <h2 id="events-title">What the score is made of</h2>
            <span class="muted small">
              {explanation.counted} count, {explanation.excluded} do not
            </span>
          </div>
          {explanation.events.length === 0
            ? (
              <EmptyState
                title="No score yet"
                text="Every score that arrives is listed here, with what it did."
              />
            )
            : (
              <>
                <ExplainedEvents explanation={explanation} format={format} view={state.view} />
                <Pagination path={url.pathname} state={{}} {...meta} noun="events" />
              </>
            )}
        </section>
        {records
          ? (
            <ExplainedRecords
              records={records}
              total={recordCount ?? records.length}
              format={amountFormatOf(scoring)}
              view={state.view}
            />
          )
          : null}
      </div>
    </SitePage>
  );
});

function Ties({ tieBreaks }: Pick<Explanation, "tieBreaks">) {
  return (
    <section class="card" aria-labelledby="ties-title">
      <div class="card-head">
        <h2 id="ties-title">Equal scores</h2>
      </div>
      <ol class="card-body ties">
        {tieBreaks.map((step) => (
          <li key={step}>
            {step === "reached_at" ? "Who reached it first goes first" : TIE_BREAK_TEXT[step]}
          </li>
        ))}
      </ol>
    </section>
  );
}
