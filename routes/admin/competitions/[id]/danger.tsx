import type { ComponentChildren } from "preact";
import { type Context, HttpError, page } from "fresh";
import { Consequences } from "@/components/Consequences.tsx";
import { CsrfField, type Faults, FaultSummary, TextArea } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { groupDigits } from "@/components/score_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define, type State } from "../../../define.ts";
import { faultsOfRefusal, textOf } from "../../../forms/fields.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  reason: string;
  faults: Faults;
}

async function managed({ state: { services, actor }, params }: Context<State>) {
  const competition = await services.competitions.get(actor, params.id!);
  if (competition.canManage) return competition;
  throw new HttpError(403, "Cannot manage this competition: it is another organiser's");
}

/** What each button does, and what it says afterwards. */
const ACTIONS: Record<
  string,
  (ctx: Context<State>, id: string, reason: string) => Promise<{ path: string; text: string }>
> = {
  async publish({ state: { services, actor } }, id) {
    const { name } = await services.competitions.publish(actor, id);
    return { path: `/admin/competitions/${id}`, text: `${name} is published.` };
  },
  async cancel({ state: { services, actor } }, id, reason) {
    const { name } = await services.competitions.cancel(actor, id, { reason });
    return { path: `/admin/competitions/${id}`, text: `${name} is cancelled.` };
  },
  async remove({ state: { services, actor } }, id) {
    await services.competitions.remove(actor, id);
    return { path: "/admin/competitions", text: "The draft is deleted." };
  },
};

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>({ competition: await managed(ctx), reason: "", faults: {} });
  },
  async POST(ctx) {
    const { form } = ctx.state;
    const competition = await managed(ctx);
    const name = textOf(form, "action");
    const reason = textOf(form, "reason");
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw new HttpError(400, "Cannot do this: the action is not known");
    if (name === "cancel" && reason === "") {
      const faults = { reason: "Say why; participants and the audit log will show it" };
      return page<Data>({ competition, reason, faults }, { status: 422 });
    }
    let done = { path: "", text: "" };
    const refusal = await refusalOf(async () => {
      done = await action(ctx, competition.id, reason);
    });
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>({ competition, reason, faults }, { status: refusal.status });
    }
    return seeOther(ctx, done.path, { tone: "good", text: done.text });
  },
});

export default define.page<typeof handler>(function Danger({ data, state }) {
  const { competition, reason, faults } = data;
  const { status } = competition;
  const csrf = <CsrfField token={state.csrfToken} />;
  return (
    <CompetitionFrame competition={competition} tab="/danger">
      <div class="stack narrow">
        {faults[""] ? <FaultSummary faults={faults} /> : null}
        {status === "draft" ? <Publish>{csrf}</Publish> : null}
        {status === "published"
          ? <Cancel competition={competition} reason={reason} faults={faults}>{csrf}</Cancel>
          : null}
        {status === "draft" ? <Remove>{csrf}</Remove> : null}
        {status === "draft" || status === "published" ? null : (
          <p class="notice">
            <Icon name="lock" />
            <span>This competition is {status}; nothing is left to do here.</span>
          </p>
        )}
      </div>
    </CompetitionFrame>
  );
});

interface PartProps {
  children: ComponentChildren;
}

function Publish({ children }: PartProps) {
  return (
    <section class="card" id="publish" aria-labelledby="publish-title">
      <div class="card-head">
        <h2 id="publish-title">Publish</h2>
      </div>
      <form method="post" class="card-body stack">
        {children}
        <Consequences
          texts={[
            "People see it and can join, as its visibility and registration window say.",
            "Scoring, ranks, ties, start and time zone are locked.",
            "It can no longer be deleted, only cancelled.",
          ]}
        />
        <div class="actions">
          <button type="submit" class="button primary" name="action" value="publish">
            <Icon name="flag" /> Publish now
          </button>
        </div>
      </form>
    </section>
  );
}

function Cancel(
  { competition, reason, faults, children }: PartProps & {
    competition: CompetitionView;
    reason: string;
    faults: Faults;
  },
) {
  const people = groupDigits(competition.participantCount);
  return (
    <section class="card danger-card" aria-labelledby="cancel-title">
      <div class="card-head">
        <h2 id="cancel-title">Cancel the competition</h2>
      </div>
      <form method="post" class="card-body stack" noValidate>
        {children}
        <Consequences
          texts={[
            `The board stops where it is; ${people} participants see that it is cancelled, and why.`,
            "Nobody can join, and no activity or score counts any more.",
            "It cannot be taken back.",
          ]}
        />
        <TextArea
          name="reason"
          label="Reason"
          rows={3}
          value={reason}
          faults={faults}
          maxLength={500}
          required
          hint="Shown to participants and kept in the audit log."
        />
        <div class="actions">
          <button type="submit" class="button danger" name="action" value="cancel">
            Cancel this competition
          </button>
        </div>
      </form>
    </section>
  );
}

function Remove({ children }: PartProps) {
  return (
    <section class="card danger-card" aria-labelledby="remove-title">
      <div class="card-head">
        <h2 id="remove-title">Delete the draft</h2>
      </div>
      <form method="post" class="card-body stack">
        {children}
        <Consequences
          texts={[
            "The draft and its settings are gone for good; its address is free again.",
            "Nobody has joined a draft, so nobody loses anything.",
          ]}
        />
        <div class="actions">
          <button type="submit" class="button danger" name="action" value="remove">
            Delete this draft
          </button>
        </div>
      </form>
    </section>
  );
}
