import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { REVIEW_STATUS_TEXT } from "@/components/activity/review_text.ts";
import { ReviewTable } from "@/components/activity/ReviewParts.tsx";
import { REVIEW_STATUSES, ReviewQuery } from "@/contracts/reviews.ts";
import { define } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";
import { personIn } from "../../page_answer.ts";

const PATH = "/me/reviews";

export const handler = define.handlers({
  async GET({ state, url }) {
    const query = queryOf(ReviewQuery, url.searchParams);
    const { userId } = personIn(state);
    return page({
      status: query.status,
      list: await state.services.reviews.list(state.actor, { ...query, userId }),
    });
  },
});

export default define.page<typeof handler>(function OwnReviews({ data, state }) {
  const { status, list } = data;
  return (
    <>
      <PageHead
        title="My reviews"
        crumbs={[{ href: "/me", label: "My page" }]}
        sub="Activity of yours that was held back because its figures are unusual."
      />
      <FilterForm path={PATH}>
        <SelectField
          name="status"
          label="Status"
          value={status}
          options={[
            { value: "waiting", label: "Waiting" },
            ...REVIEW_STATUSES.map((value) => (
              { value, label: value === "open" ? "New" : REVIEW_STATUS_TEXT[value].name }
            )),
          ]}
        />
      </FilterForm>
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={status === "waiting" ? "Nothing waits" : "No such review"}
              text="When something of yours is held back, you see here why, and what was decided."
            >
              {status === "waiting"
                ? <a class="button" href={`${PATH}?status=rejected`}>Show rejected ones</a>
                : <a class="button" href={PATH}>Show what waits</a>}
            </EmptyState>
          )
          : (
            <>
              <ReviewTable reviews={list.items} path={PATH} view={state.view} isOwn />
              <Pagination path={PATH} state={{ status }} {...list} noun="reviews" />
            </>
          )}
      </div>
    </>
  );
});
