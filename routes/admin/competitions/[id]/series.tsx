import { type Context, HttpError, page } from "fresh";
import { Badge, PhaseBadge } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { rhythmText } from "@/components/competition/recurrence_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import {
  type Competition,
  CompetitionQuery,
  type CompetitionView,
} from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Series } from "@/contracts/recurrence.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { managedCompetition } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { textOf } from "../../../forms/fields.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  series: Series;
  list: Page<Competition>;
}

async function dataOf(ctx: Context<State>): Promise<Data> {
  const { services, actor } = ctx.state;
  const competition = await managedCompetition(ctx);
  const series = await services.series.get(actor, competition.id);
  if (!series) throw new HttpError(404, "Cannot find a series: this does not come again");
  const query = CompetitionQuery.parse({
    series: series.id,
    page: ctx.url.searchParams.get("page") ?? undefined,
  });
  return { competition, series, list: await services.competitions.list(actor, query) };
}

/** What each button does, and what it says afterwards. */
const ACTIONS: Record<string, (ctx: Context<State>, index: number) => Promise<string>> = {
  async stop({ state: { services, actor }, params }) {
    await services.series.stop(actor, params.id!);
    return "No more are made. Those there are stay as they are.";
  },
  async resume({ state: { services, actor }, params }) {
    await services.series.resume(actor, params.id!);
    return "The series goes on.";
  },
  async skip({ state: { services, actor }, params }, index) {
    await services.series.skip(actor, params.id!, index);
    return `No. ${index + 1} is left out.`;
  },
  async unskip({ state: { services, actor }, params }, index) {
    await services.series.unskip(actor, params.id!, index);
    return `No. ${index + 1} will be made.`;
  },
};

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { form } = ctx.state;
    const path = `/admin/competitions/${ctx.params.id}/series`;
    const name = textOf(form, "action");
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw new HttpError(400, "Cannot do this: the action is not known");
    let text = "";
    const refusal = await refusalOf(async () => {
      text = await action(ctx, Number(textOf(form, "index")));
    });
    if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
    return seeOther(ctx, path, { tone: "good", text });
  },
});

export default define.page<typeof handler>(function SeriesTab({ data, state }) {
  const { competition, series, list } = data;
  return (
    <CompetitionFrame competition={competition} tab="/series">
      <div class="stack">
        <section class="card" aria-labelledby="rhythm-title">
          <div class="card-head">
            <h2 id="rhythm-title">{rhythmText(series.recurrence)}</h2>
            {series.stoppedAt ? <Badge tone="warn">Stopped</Badge> : null}
          </div>
          <div class="card-body stack">
            <p class="muted">
              Each is made and published when the one before it starts, with its settings
              {series.recurrence.carryOver ? " and its participants" : ""}. To leave out one that is
              made already, cancel it.
            </p>
            <StopForm isStopped={series.stoppedAt !== null} csrfToken={state.csrfToken} />
          </div>
        </section>
        {series.planned.length === 0 ? null : <Planned series={series} state={state} />}
        <Made competition={competition} list={list} state={state} />
      </div>
    </CompetitionFrame>
  );
});

function StopForm({ isStopped, csrfToken }: { isStopped: boolean; csrfToken: string }) {
  return (
    <form method="post" class="actions">
      <CsrfField token={csrfToken} />
      {isStopped
        ? (
          <button type="submit" class="button primary" name="action" value="resume">
            Go on with the next
          </button>
        )
        : (
          <button type="submit" class="button danger" name="action" value="stop">
            Make no more
          </button>
        )}
    </form>
  );
}

function Planned({ series: { planned }, state }: { series: Series; state: State }) {
  return (
    <section class="card" aria-labelledby="planned-title">
      <div class="card-head">
        <h2 id="planned-title">Planned</h2>
      </div>
      <table class="table blocks">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Starts</th>
            <th scope="col">Ends</th>
            <th scope="col">
              <span class="hidden-text">Skip</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {planned.map(({ index, startsAt, endsAt, isSkipped }) => (
            <tr key={index}>
              <td data-label="No.">
                {index + 1} {isSkipped ? <Badge>Left out</Badge> : null}
              </td>
              <td data-label="Starts">
                <TimeText at={startsAt} view={state.view} />
              </td>
              <td data-label="Ends">
                <TimeText at={endsAt} view={state.view} />
              </td>
              <td>
                <form method="post">
                  <CsrfField token={state.csrfToken} />
                  <input type="hidden" name="index" value={index} />
                  <button
                    type="submit"
                    class="button"
                    name="action"
                    value={isSkipped ? "unskip" : "skip"}
                  >
                    {isSkipped ? "Take in" : "Leave out"}
                    <span class="hidden-text">{` no. ${index + 1}`}</span>
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Made({ competition, list, state }: Omit<Data, "series"> & { state: State }) {
  const path = `/admin/competitions/${competition.id}/series`;
  return (
    <section class="card" aria-labelledby="made-title">
      <div class="card-head">
        <h2 id="made-title">Made so far</h2>
      </div>
      <table class="table blocks">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Starts</th>
            <th scope="col">Phase</th>
            <th scope="col" class="num">Participants</th>
          </tr>
        </thead>
        <tbody>
          {list.items.map(({ id, series, startsAt, phase, participantCount }) => (
            <tr key={id} aria-current={id === competition.id ? "true" : undefined}>
              <td>
                <a href={`/admin/competitions/${id}`}>No. {(series?.index ?? 0) + 1}</a>
              </td>
              <td data-label="Starts">
                <TimeText at={startsAt} view={state.view} />
              </td>
              <td>
                <PhaseBadge phase={phase} />
              </td>
              <td class="num" data-label="Participants">{groupDigits(participantCount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pagination path={path} state={{}} {...list} noun="repetitions" />
    </section>
  );
}
