import { type Context, page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { EventTable } from "@/components/board/EventTable.tsx";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { listHref } from "@/components/list_url.ts";
import { Pagination } from "@/components/Pagination.tsx";
import { type Attempt, NO_ATTEMPT } from "@/components/ReasonForm.tsx";
import { SOURCE_TEXT } from "@/components/board/event_text.ts";
import { scoreFormatOf } from "@/components/score_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { EventQuery, type EventRow } from "@/contracts/corrections.ts";
import type { Page } from "@/contracts/envelope.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { staffedCompetition } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { idOf, tryAction } from "../../../forms/attempt.ts";
import { textOf } from "../../../forms/fields.ts";
import { queryOf } from "../../../forms/query.ts";
import { seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  query: EventQuery;
  list: Page<EventRow>;
  attempt: Attempt;
  /** Whose form was not accepted. */
  eventId: string;
}

async function dataOf(
  ctx: Context<State>,
  competition: CompetitionView,
  attempt: Attempt = NO_ATTEMPT,
): Promise<Data> {
  const { services, actor, form } = ctx.state;
  const query = queryOf(EventQuery, ctx.url.searchParams);
  const list = await services.corrections.events(actor, competition.id, query);
  return { competition, query, list, attempt, eventId: textOf(form, "eventId") };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx, await staffedCompetition(ctx)));
  },
  async POST(ctx) {
    const { services: { corrections }, actor, form } = ctx.state;
    const competition = await staffedCompetition(ctx);
    const tried = await tryAction(ctx, {
      async void({ reason }) {
        const { changed } = await corrections.voidEvent(actor, idOf(textOf(form, "eventId")), {
          reason,
        });
        return changed ? "The event counts as never written." : "The event was void already.";
      },
      async reinstate({ reason }) {
        const { changed } = await corrections.reinstateEvent(actor, idOf(textOf(form, "eventId")), {
          reason,
        });
        return changed ? "The event counts again, exactly as before." : "The event counts already.";
      },
    });
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, competition, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, ctx.url.pathname + ctx.url.search, { tone: "good", text: tried.done });
  },
});

export default define.page<typeof handler>(function Events({ data, state }) {
  const { competition, query, list, attempt, eventId } = data;
  const path = `/admin/competitions/${competition.id}/events`;
  const listState = {
    participantId: query.participantId,
    source: query.source,
    voided: query.voided === undefined ? undefined : String(query.voided),
  };
  const isFiltered = Object.values(listState).some((value) => value !== undefined);
  return (
    <CompetitionFrame competition={competition} tab="/events">
      <Filters path={path} query={query} name={list.items[0]?.name} />
      <div class="card">
        {list.items.length === 0 ? <Nothing path={path} isFiltered={isFiltered} /> : (
          <>
            <EventTable
              events={list.items}
              competition={competition}
              format={scoreFormatOf(competition.scoring)}
              csrfToken={state.csrfToken}
              view={state.view}
              attempt={attempt}
              attemptedId={eventId}
            />
            <Pagination path={path} state={listState} {...list} noun="events" />
          </>
        )}
      </div>
    </CompetitionFrame>
  );
});

function Filters(
  { path, query, name }: { path: string; query: EventQuery; name: string | undefined },
) {
  const { participantId, source, voided } = query;
  return (
    <FilterForm path={path}>
      {participantId
        ? (
          <>
            <input type="hidden" name="participantId" value={participantId} />
            <p class="filter-note">
              <Badge tone="info">Only {name ?? "one participant"}</Badge>{" "}
              <a href={listHref(path, { source, voided: voided?.toString() }, {})}>
                Show everybody’s
              </a>
            </p>
          </>
        )
        : null}
      <SelectField
        name="source"
        label="Source"
        value={source ?? ""}
        options={[
          { value: "", label: "Any source" },
          ...Object.entries(SOURCE_TEXT).map(([value, label]) => ({ value, label })),
        ]}
      />
      <SelectField
        name="voided"
        label="Counting"
        value={voided?.toString() ?? ""}
        options={[
          { value: "", label: "Void or not" },
          { value: "false", label: "Not void" },
          { value: "true", label: "Void" },
        ]}
      />
    </FilterForm>
  );
}

function Nothing({ path, isFiltered }: { path: string; isFiltered: boolean }) {
  return isFiltered
    ? (
      <EmptyState title="No event fits these filters" text="Other events may.">
        <a class="button" href={path}>Show all</a>
      </EmptyState>
    )
    : (
      <EmptyState
        title="No scores yet"
        text="Each score that arrives is listed here, and can be voided and taken back."
      />
    );
}
