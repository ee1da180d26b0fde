import { type Context, page } from "fresh";
import { type Attempt, NO_ATTEMPT } from "@/components/ReasonForm.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { FinaliseState, ResultRevision } from "@/contracts/results.ts";
import { CloneRequest } from "@/contracts/rules.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { CopyCard, copyOf, type CopyValues } from "../../../(_frames)/CopyCard.tsx";
import { ExportsCard } from "../../../(_frames)/ExportsCard.tsx";
import { FinaliseCard } from "../../../(_frames)/FinaliseCard.tsx";
import { FreezeCard } from "../../../(_frames)/FreezeCard.tsx";
import { staffedCompetition } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { type FormAction, tryAction } from "../../../forms/attempt.ts";
import { faultsOfSchema, textOf } from "../../../forms/fields.ts";
import { instantOf } from "../../../forms/local_time.ts";
import { seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  /** Null where the result cannot become final, or is. */
  finalise: FinaliseState | null;
  result: ResultRevision | null;
  copy: CopyValues;
  attempt: Attempt;
}

async function dataOf(
  { state: { services, actor } }: Context<State>,
  competition: CompetitionView,
  attempt: Attempt = NO_ATTEMPT,
  copy: CopyValues = copyOf(competition),
): Promise<Data> {
  const { id, status, canManage } = competition;
  const [finalise, { revisions }] = await Promise.all([
    status === "published" && canManage ? services.lifecycle.finaliseState(actor, id) : null,
    services.results.get(actor, id),
  ]);
  return { competition, finalise, result: revisions[0] ?? null, copy, attempt };
}

/** What the buttons of the page do. */
function actionsOf(
  { state: { services, actor } }: Context<State>,
  { id, name }: CompetitionView,
): Record<string, FormAction> {
  const noted = (reason: string) => reason === "" ? {} : { reason };
  return {
    async freeze({ reason }) {
      await services.lifecycle.freeze(actor, id, noted(reason));
      return "The public board stands still. Staff go on seeing it live.";
    },
    async unfreeze({ reason }) {
      await services.lifecycle.unfreeze(actor, id, noted(reason));
      return "The public board moves again.";
    },
    async finalise({ reason }) {
      await services.lifecycle.finalise(actor, id, noted(reason));
      return `The result of ${name} is final and signed.`;
    },
  };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx, await staffedCompetition(ctx)));
  },
  async POST(ctx) {
    const competition = await staffedCompetition(ctx);
    if (textOf(ctx.state.form, "action") === "clone") return await copy(ctx, competition);
    if (textOf(ctx.state.form, "action") === "finalise" && !ctx.state.form.has("approve")) {
      const faults = { approve: "Tick this: somebody has to approve the result" };
      const attempt = { action: "finalise", reason: textOf(ctx.state.form, "reason"), faults };
      return page<Data>(await dataOf(ctx, competition, attempt), { status: 422 });
    }
    const tried = await tryAction(ctx, actionsOf(ctx, competition), OPTIONAL);
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, competition, tried.attempt), { status: tried.status });
    }
    const path = `/admin/competitions/${competition.id}/steering`;
    return seeOther(ctx, path, { tone: "good", text: tried.done });
  },
});

/** The service asks no reason for these. */
const OPTIONAL = ["freeze", "unfreeze", "finalise", "clone"];

async function copy(ctx: Context<State>, competition: CompetitionView) {
  const { services, actor, form } = ctx.state;
  const values = {
    name: textOf(form, "name"),
    slug: textOf(form, "slug"),
    startsAt: textOf(form, "startsAt"),
  };
  const request = CloneRequest.safeParse({
    name: values.name || undefined,
    slug: values.slug || undefined,
    startsAt: values.startsAt === ""
      ? undefined
      : instantOf(values.startsAt, competition.timeZone) ?? values.startsAt,
  });
  if (!request.success) {
    const attempt = { action: "clone", reason: "", faults: faultsOfSchema(request.error) };
    return page<Data>(await dataOf(ctx, competition, attempt, values), { status: 422 });
  }
  let id = "";
  const tried = await tryAction(ctx, {
    async clone() {
      const draft = await services.competitions.clone(actor, competition.id, request.data);
      id = draft.id;
      return `${draft.name} is a draft now. Look it through, then publish it.`;
    },
  }, OPTIONAL);
  if (tried.done === undefined) {
    const data = await dataOf(ctx, competition, tried.attempt, values);
    return page<Data>(data, { status: tried.status });
  }
  return seeOther(ctx, `/admin/competitions/${id}/edit`, { tone: "good", text: tried.done });
}

export default define.page<typeof handler>(function Steering({ data, state }) {
  const { competition, finalise, result, copy, attempt } = data;
  const { canManage, status } = competition;
  return (
    <CompetitionFrame competition={competition} tab="/steering">
      <div class="stack narrow">
        {canManage && status === "published"
          ? <FreezeCard competition={competition} state={state} attempt={attempt} />
          : null}
        {canManage
          ? (
            <FinaliseCard
              competition={competition}
              finalise={finalise}
              result={result}
              state={state}
              attempt={attempt}
            />
          )
          : null}
        <ExportsCard competition={competition} />
        {canManage
          ? (
            <CopyCard
              competition={competition}
              values={copy}
              attempt={attempt}
              csrfToken={state.csrfToken}
            />
          )
          : null}
      </div>
    </CompetitionFrame>
  );
});
