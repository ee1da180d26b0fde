import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { REVIEW_STATUS_TEXT } from "@/components/activity/review_text.ts";
import { ReviewTable } from "@/components/activity/ReviewParts.tsx";
import { type Competition, CompetitionQuery } from "@/contracts/competitions.ts";
import { REVIEW_STATUSES, ReviewQuery } from "@/contracts/reviews.ts";
import { define, type State } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

const PATH = "/admin/reviews";

/** Competitions to choose from; the one that is chosen is there anyway. */
async function choices({ services, actor, account }: State, chosen: string | undefined) {
  const scope = account?.role === "organiser" ? { scope: "mine" } : {};
  const query = CompetitionQuery.parse({ ...scope, page_size: 100, sort: "endsAt", order: "desc" });
  const { items } = await services.competitions.list(actor, query);
  if (chosen === undefined || items.some(({ id }) => id === chosen)) return items;
  return [await services.competitions.get(actor, chosen), ...items];
}

export const handler = define.handlers({
  async GET({ state, url }) {
    const query = queryOf(ReviewQuery, url.searchParams);
    const [list, competitions] = await Promise.all([
      state.services.reviews.list(state.actor, query),
      choices(state, query.competitionId),
    ]);
    return page({ query, list, competitions });
  },
});

export default define.page<typeof handler>(function Reviews({ data, state }) {
  const { query, list, competitions } = data;
  const { competitionId, status } = query;
  const isFiltered = competitionId !== undefined || status !== "waiting";
  return (
    <>
      <PageHead
        title="Reviews"
        sub="Doubtful sessions and days, the oldest first. They count when somebody accepts them; no result is final while one waits."
      />
      <Filters query={query} competitions={competitions} />
      <div class="card">
        {list.items.length === 0
          ? isFiltered
            ? (
              <EmptyState title="No review fits these filters" text="Others may wait.">
                <a class="button" href={PATH}>Show what waits</a>
              </EmptyState>
            )
            : (
              <EmptyState
                title="Nothing waits"
                text="When an activity is faster, longer or more than people can, it is held back and listed here."
              >
                <a class="button" href={`${PATH}?status=accepted`}>Show accepted ones</a>
                <a class="button" href={`${PATH}?status=rejected`}>Show rejected ones</a>
              </EmptyState>
            )
          : (
            <>
              <ReviewTable reviews={list.items} path={PATH} view={state.view} />
              <Pagination path={PATH} state={{ competitionId, status }} {...list} noun="reviews" />
            </>
          )}
      </div>
    </>
  );
});

function Filters(
  { query, competitions }: { query: ReviewQuery; competitions: readonly Competition[] },
) {
  return (
    <FilterForm path={PATH}>
      <SelectField
        name="competitionId"
        label="Competition"
        class="search"
        value={query.competitionId ?? ""}
        options={[
          { value: "", label: "All competitions" },
          ...competitions.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <SelectField
        name="status"
        label="Status"
        value={query.status}
        options={[
          { value: "waiting", label: "Waiting" },
          ...REVIEW_STATUSES.map((value) => (
            { value, label: value === "open" ? "New" : REVIEW_STATUS_TEXT[value].name }
          )),
        ]}
      />
    </FilterForm>
  );
}
