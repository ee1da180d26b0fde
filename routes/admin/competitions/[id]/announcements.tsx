import { type Context, page } from "fresh";
import { Announcements } from "@/components/competition/Announcements.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { CsrfField, TextArea } from "@/components/Field.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { type Attempt, FormFault, NO_ATTEMPT } from "@/components/ReasonForm.tsx";
import {
  type Announcement,
  ANNOUNCEMENT_CHARS_MAX,
  AnnouncementInput,
  AnnouncementQuery,
} from "@/contracts/announcements.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { competitionOf } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../../forms/fields.ts";
import { queryOf } from "../../../forms/query.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  list: Page<Announcement>;
  attempt: Attempt;
}

async function dataOf(ctx: Context<State>, attempt: Attempt = NO_ATTEMPT): Promise<Data> {
  const { services, actor } = ctx.state;
  const competition = await competitionOf(ctx);
  const query = queryOf(AnnouncementQuery, ctx.url.searchParams);
  const list = await services.announcements.list(actor, competition.id, query);
  return { competition, list, attempt };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const given = { action: "announce", reason: textOf(form, "text") };
    const input = AnnouncementInput.safeParse({ text: given.reason });
    if (!input.success) {
      const faults = faultsOfSchema(input.error);
      return page<Data>(await dataOf(ctx, { ...given, faults }), { status: 422 });
    }
    const refusal = await refusalOf(() => {
      return services.announcements.announce(actor, ctx.params.id!, input.data);
    });
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>(await dataOf(ctx, { ...given, faults }), { status: refusal.status });
    }
    const flash = { tone: "good", text: "Everybody who follows the competition is told." } as const;
    return seeOther(ctx, `/admin/competitions/${ctx.params.id}/announcements`, flash);
  },
});

export default define.page<typeof handler>(function AnnouncementsTab({ data, state }) {
  const { competition, list, attempt } = data;
  const { id, canManage, status } = competition;
  return (
    <CompetitionFrame competition={competition} tab="/announcements">
      <div class="stack narrow">
        {canManage && status !== "draft"
          ? <Write attempt={attempt} csrfToken={state.csrfToken} />
          : null}
        <section class="card" aria-labelledby="told-title">
          <div class="card-head">
            <h2 id="told-title">Told so far</h2>
          </div>
          {list.items.length === 0
            ? (
              <EmptyState
                title="Nothing announced yet"
                text={status === "draft"
                  ? "Once the competition is published, you can tell its followers something here."
                  : "Announcements appear on the public page at once, for everybody who has it open."}
              />
            )
            : (
              <>
                <Announcements items={list.items} view={state.view} />
                <Pagination
                  path={`/admin/competitions/${id}/announcements`}
                  state={{}}
                  {...list}
                  noun="announcements"
                />
              </>
            )}
        </section>
      </div>
    </CompetitionFrame>
  );
});

function Write({ attempt, csrfToken }: { attempt: Attempt; csrfToken: string }) {
  const { faults, reason } = attempt;
  return (
    <section class="card" aria-labelledby="announce-title">
      <div class="card-head">
        <h2 id="announce-title">Tell everybody</h2>
      </div>
      <form method="post" class="card-body form" noValidate>
        <CsrfField token={csrfToken} />
        {faults[""] ? <FormFault text={faults[""]} /> : null}
        <TextArea
          name="text"
          label="Announcement"
          rows={4}
          value={reason}
          faults={faults}
          maxLength={ANNOUNCEMENT_CHARS_MAX}
          required
          hint="Markdown. It is sent at once and cannot be taken back."
        />
        <div class="actions">
          <button type="submit" class="button primary">Announce</button>
        </div>
      </form>
    </section>
  );
}
