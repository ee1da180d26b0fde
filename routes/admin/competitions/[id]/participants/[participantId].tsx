import { type Context, page } from "fresh";
import { AdjustForm, type AdjustValues, NO_ADJUSTMENT } from "@/components/board/AdjustForm.tsx";
import { Badge } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import {
  ExplainedEvents,
  ExplainedRecords,
  StandingCard,
} from "@/components/board/ExplanationParts.tsx";
import { NO_MOVE, PlaceFields, type Places } from "@/components/team/MoveForm.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import {
  amountFormatOf,
  type ScoreFormat,
  scoreFormatOf,
  scoreText,
} from "@/components/score_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { AdjustRequest } from "@/contracts/corrections.ts";
import { type Explanation, ExplanationQuery } from "@/contracts/explanation.ts";
import type { PageMeta } from "@/contracts/envelope.ts";
import { MoveRequest } from "@/contracts/teams.ts";
import { invalid } from "@/domain/error.ts";
import { CompetitionFrame } from "../../../../(_frames)/CompetitionFrame.tsx";
import { staffedCompetition } from "../../../../competition_of.ts";
import { define, type State } from "../../../../define.ts";
import { type FormAction, idOf, tryAction } from "../../../../forms/attempt.ts";
import { faultsOfSchema, textOf } from "../../../../forms/fields.ts";
import { instantOf } from "../../../../forms/local_time.ts";
import { destinationOf, moveValuesOf, placesOf } from "../../../../forms/move_form.ts";
import { queryOf } from "../../../../forms/query.ts";
import { seeOther } from "../../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  explanation: Explanation;
  meta: PageMeta;
  attempt: Attempt;
  adjustment: AdjustValues;
  places: Places;
}

async function dataOf(
  ctx: Context<State>,
  competition: CompetitionView,
  attempt: Attempt = NO_ATTEMPT,
  adjustment: AdjustValues = NO_ADJUSTMENT,
): Promise<Data> {
  const { services, actor } = ctx.state;
  const id = idOf(ctx.params.participantId);
  const query = queryOf(ExplanationQuery, ctx.url.searchParams);
  const told = await services.explanations.explain(actor, competition.id, id, query);
  const places = await placesOf(ctx.state, competition);
  return { competition, ...told, attempt, adjustment, places };
}

/** What the buttons about the participant do. */
function actionsOf(
  { state: { services: { corrections, teams }, actor }, params }: Context<State>,
  { id }: CompetitionView,
): Record<string, FormAction> {
  const participantId = idOf(params.participantId);
  return {
    async disqualify({ reason }) {
      const { revision } = await corrections.disqualify(actor, id, participantId, { reason });
      return `Disqualified: listed last, without a rank.${revised(revision)}`;
    },
    async reinstate({ reason }) {
      const { revision } = await corrections.reinstate(actor, id, participantId, { reason });
      return `Taken back, with the score of before.${revised(revision)}`;
    },
    async move({ reason, form }) {
      const destination = destinationOf(moveValuesOf(form));
      const request = MoveRequest.safeParse({ ...destination, reason });
      if (!request.success) throw invalid("reason", "nowhere", "Choose a division or a team");
      const { changed } = await teams.move(actor, id, participantId, request.data);
      return changed ? "Moved. What was given to a team stays with it." : "Was there already.";
    },
  };
}

function revised(revision: number | null): string {
  return revision === null ? "" : ` The result has revision ${revision} now.`;
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx, await staffedCompetition(ctx)));
  },
  async POST(ctx) {
    const competition = await staffedCompetition(ctx);
    if (textOf(ctx.state.form, "action") === "adjust") return await adjust(ctx, competition);
    const tried = await tryAction(ctx, actionsOf(ctx, competition));
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, competition, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, ctx.url.pathname, { tone: "good", text: tried.done });
  },
});

async function adjust(ctx: Context<State>, competition: CompetitionView) {
  const { services, actor, form } = ctx.state;
  const values: AdjustValues = {
    operator: textOf(form, "operator"),
    score: textOf(form, "score"),
    occurredAt: textOf(form, "occurredAt"),
    key: textOf(form, "key"),
  };
  const reason = textOf(form, "reason");
  const request = AdjustRequest.safeParse({
    operator: values.operator,
    score: values.score === "" ? undefined : Number(values.score.replace(",", ".")),
    occurredAt: values.occurredAt === ""
      ? undefined
      : instantOf(values.occurredAt, competition.timeZone) ?? values.occurredAt,
    reason,
    ...(values.key === "" ? {} : { idempotencyKey: values.key }),
  });
  if (!request.success) {
    const attempt = { action: "adjust", reason, faults: faultsOfSchema(request.error) };
    return page<Data>(await dataOf(ctx, competition, attempt, values), { status: 422 });
  }
  const tried = await tryAction(ctx, {
    async adjust() {
      const participantId = idOf(ctx.params.participantId);
      const { score } = await services.corrections.adjust(
        ...[actor, competition.id, participantId, request.data] as const,
      );
      const shown = scoreText(score, scoreFormatOf(competition.scoring));
      return `The score is ${shown} now. Voiding the event takes it back.`;
    },
  });
  if (tried.done === undefined) {
    const data = await dataOf(ctx, competition, tried.attempt, values);
    return page<Data>(data, { status: tried.status });
  }
  return seeOther(ctx, ctx.url.pathname, { tone: "good", text: tried.done });
}

export default define.page<typeof handler>(function ParticipantPage({ data, state, url }) {
  const { competition, explanation, meta } = data;
  const { name, status, records, recordCount } = explanation;
  const format = scoreFormatOf(competition.scoring);
  const base = `/admin/competitions/${competition.id}`;
  return (
    <CompetitionFrame competition={competition} tab="/participants">
      <div class="section-head first">
        <h2>
          {name} {status === "disqualified" ? <Badge tone="bad">Disqualified</Badge> : null}
        </h2>
        <a href={`${base}/events?participantId=${explanation.participantId}`}>
          Events, to void or reinstate
        </a>
      </div>
      <div class="split">
        <div class="stack">
          <StandingCard explanation={explanation} format={format} view={state.view} />
          <section class="card" aria-labelledby="events-title">
            <div class="card-head">
              <h2 id="events-title">Events</h2>
              <span class="muted small">
                {explanation.counted} count, {explanation.excluded} do not
              </span>
            </div>
            {explanation.events.length === 0
              ? <p class="card-body muted">No score has arrived yet.</p>
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
                format={amountFormatOf(competition.scoring)}
                view={state.view}
              />
            )
            : null}
        </div>
        <div class="stack">
          <Forms data={data} state={state} format={format} />
        </div>
      </div>
    </CompetitionFrame>
  );
});

function Forms({ data, state, format }: { data: Data; state: State; format: ScoreFormat }) {
  const { competition, explanation, attempt, adjustment } = data;
  const { status, canManage } = competition;
  return (
    <>
      {canManage && status === "published"
        ? (
          <AdjustForm
            values={adjustment.key === "" ? { ...adjustment, key: state.requestId } : adjustment}
            attempt={attempt}
            format={format}
            timeZone={competition.timeZone}
            csrfToken={state.csrfToken}
          />
        )
        : null}
      {canManage && status === "published"
        ? <Move data={data} csrfToken={state.csrfToken} />
        : null}
      {JUDGED.includes(status)
        ? <Judge explanation={explanation} attempt={attempt} csrfToken={state.csrfToken} />
        : <p class="notice">The competition is {status}; nothing can be corrected.</p>}
    </>
  );
}

/** Another division or team. */
function Move({ data: { places, attempt }, csrfToken }: { data: Data; csrfToken: string }) {
  if (places.divisions.length + places.teams.length === 0) return null;
  return (
    <section class="card" aria-labelledby="move-title">
      <div class="card-head">
        <h2 id="move-title">Move</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action="move"
          csrfToken={csrfToken}
          button="Move"
          hint="Told to the participant, and kept in the audit log."
          attempt={attempt}
        >
          <PlaceFields places={places} values={NO_MOVE} faults={{}} stays="Stays as it is" />
        </ReasonForm>
      </div>
    </section>
  );
}

/** Also of a final result, which then gets another revision. */
const JUDGED: readonly CompetitionView["status"][] = ["published", "final", "settled"];

const DISQUALIFYING = [
  "Listed last, without a rank; those below move up.",
  "The score stays as it is and can be taken back whole.",
  "A final result gets a new revision.",
];

function Judge(
  { explanation, attempt, csrfToken }: {
    explanation: Explanation;
    attempt: Attempt;
    csrfToken: string;
  },
) {
  const isOut = explanation.status === "disqualified";
  return (
    <section class={isOut ? "card" : "card danger-card"} aria-labelledby="judge-title">
      <div class="card-head">
        <h2 id="judge-title">{isOut ? "Take back" : "Disqualify"}</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action={isOut ? "reinstate" : "disqualify"}
          csrfToken={csrfToken}
          button={isOut ? "Take back" : "Disqualify"}
          tone={isOut ? "primary" : "danger"}
          hint="Kept in the audit log and the log of the competition."
          attempt={attempt}
        >
          <Consequences
            texts={isOut ? ["Ranked again by the score of before."] : DISQUALIFYING}
          />
        </ReasonForm>
      </div>
    </section>
  );
}
