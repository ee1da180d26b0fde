import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { ImportTable } from "@/components/activity/ImportTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { PageQuery } from "@/contracts/envelope.ts";
import { define } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

export const handler = define.handlers({
  async GET({ state: { services, actor }, url }) {
    return page({
      list: await services.fitness.imports(actor, queryOf(PageQuery, url.searchParams)),
    });
  },
});

export default define.page<typeof handler>(function Imports({ data: { list }, state }) {
  return (
    <>
      <PageHead title="My uploads" crumbs={[{ href: "/me", label: "My page" }]}>
        <a class="button primary" href="/me/upload">Upload an activity</a>
      </PageHead>
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState title="No activity yet" text="Upload a FIT, TCX or GPX file to begin.">
              <a class="button" href="/me/upload">Upload an activity</a>
            </EmptyState>
          )
          : (
            <>
              <ImportTable imports={list.items} view={state.view} />
              <Pagination path="/me/imports" state={{}} {...list} noun="uploads" />
            </>
          )}
      </div>
    </>
  );
});
