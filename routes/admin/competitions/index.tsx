import { page } from "fresh";
import { PhaseBadge, phaseName } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { ruleText } from "@/components/competition/rule_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { SortHeader } from "@/components/SortHeader.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import { CompetitionQuery } from "@/contracts/competitions.ts";
import { PHASES } from "@/domain/competition.ts";
import { define, type State } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

const PATH = "/admin/competitions";

export const handler = define.handlers({
  async GET(ctx) {
    const query = queryOf(CompetitionQuery, ctx.url.searchParams);
    const list = await ctx.state.services.competitions.list(ctx.state.actor, query);
    return page({ query, list });
  },
});

export default define.page<typeof handler>(function Competitions({ data, state }) {
  const { query, list } = data;
  const { q, phase, scope, sort, order } = query;
  const listState = { q, phase, scope: scope === "all" ? undefined : scope, sort, order };
  const head = { path: PATH, state: listState };
  return (
    <>
      <PageHead title="Competitions" sub="Everything you may see, drafts included.">
        <NewButton state={state} />
      </PageHead>
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0 ? <Nothing query={query} state={state} /> : (
          <>
            <table class="table blocks">
              <thead>
                <tr>
                  <SortHeader {...head} column="name" label="Name" />
                  <th scope="col">Phase</th>
                  <SortHeader
                    {...head}
                    column="participantCount"
                    label="Participants"
                    first="desc"
                    isNumber
                  />
                  <SortHeader {...head} column="startsAt" label="Starts" first="desc" />
                  <SortHeader {...head} column="endsAt" label="Ends" first="desc" />
                </tr>
              </thead>
              <tbody>
                {list.items.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <a href={`${PATH}/${one.id}`}>{one.name}</a>
                      <span class="under">{ruleText(one.scoring)}</span>
                    </td>
                    <td>
                      <PhaseBadge phase={one.phase} />
                    </td>
                    <td class="num" data-label="Participants">
                      {groupDigits(one.participantCount)}
                      {one.capacity
                        ? <span class="muted">/{groupDigits(one.capacity)}</span>
                        : null}
                    </td>
                    <td data-label="Starts">
                      <TimeText at={one.startsAt} view={state.view} />
                    </td>
                    <td data-label="Ends">
                      <TimeText at={one.endsAt} view={state.view} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <Pagination path={PATH} state={listState} {...list} noun="competitions" />
          </>
        )}
      </div>
    </>
  );
});

function Filters({ query }: { query: CompetitionQuery }) {
  return (
    <FilterForm path={PATH}>
      <TextField
        name="q"
        label="Search"
        type="search"
        class="search"
        value={query.q ?? ""}
        placeholder="Name, press / to jump here"
      />
      <SelectField
        name="phase"
        label="Phase"
        value={query.phase ?? ""}
        options={[
          { value: "", label: "Any phase" },
          ...PHASES.map((phase) => ({ value: phase, label: phaseName(phase) })),
        ]}
      />
      <SelectField
        name="scope"
        label="Whose"
        value={query.scope}
        options={[
          { value: "all", label: "Everybody’s" },
          { value: "mine", label: "Organised by me" },
          { value: "joined", label: "Joined by me" },
        ]}
      />
      <input type="hidden" name="sort" value={query.sort} />
      <input type="hidden" name="order" value={query.order} />
    </FilterForm>
  );
}

function NewButton({ state }: { state: State }) {
  const role = state.account?.role;
  if (role !== "admin" && role !== "organiser") return null;
  return (
    <a class="button primary" href={`${PATH}/new`}>
      <Icon name="plus" /> New competition
    </a>
  );
}

function Nothing({ query, state }: { query: CompetitionQuery; state: State }) {
  const isFiltered = query.q !== undefined || query.phase !== undefined || query.scope !== "all";
  if (isFiltered) {
    return (
      <EmptyState
        title="Nothing matches"
        text="No competition fits this search and these filters together."
      >
        <a class="button" href={PATH}>Clear search and filters</a>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="Make the first competition"
      text="Say what is measured and when it runs, try it as a draft, then publish it."
    >
      <NewButton state={state} />
    </EmptyState>
  );
}
