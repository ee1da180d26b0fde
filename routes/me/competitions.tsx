import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { StandingsTable } from "@/components/board/StandingsTable.tsx";
import { type UserCompetition, UserCompetitionQuery } from "@/contracts/dashboard.ts";
import { define } from "../define.ts";
import { queryOf } from "../forms/query.ts";
import { personIn } from "../page_answer.ts";

const PATH = "/me/competitions";

/** The lists that people look for. */
const LISTS: readonly { label: string; query: string }[] = [
  { label: "All", query: "" },
  { label: "Running", query: "?phase=active" },
  { label: "Final", query: "?phase=final" },
  { label: "Left", query: "?participation=withdrawn" },
];

export const handler = define.handlers({
  async GET({ state, url }) {
    const query = queryOf(UserCompetitionQuery, url.searchParams);
    const { services, actor } = state;
    const { userId } = personIn(state);
    return page({ query, list: await services.dashboard.competitions(actor, userId, query) });
  },
});

export default define.page<typeof handler>(function Entered({ data: { query, list }, state }) {
  const { phase, status, participation } = query;
  return (
    <>
      <PageHead
        title="My competitions"
        crumbs={[{ href: "/me", label: "My page" }]}
        sub="All that you entered, the latest to end first."
      />
      <nav class="tabs" aria-label="Which competitions">
        {LISTS.map(({ label, query: search }) => (
          <a
            key={label}
            href={PATH + search}
            aria-current={isCurrent(search, { phase, participation }) ? "page" : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="card">
        {list.items.length === 0 ? <Nothing /> : (
          <>
            <StandingsTable entered={list.items} nowMs={state.nowMs} />
            <Pagination
              path={PATH}
              state={{ phase, status, participation }}
              {...list}
              noun="competitions"
            />
          </>
        )}
      </div>
    </>
  );
});

function Nothing() {
  return (
    <EmptyState title="None here" text="Whatever you join is listed here with where you stand.">
      <a class="button" href="/">Find a competition</a>
    </EmptyState>
  );
}

function isCurrent(
  search: string,
  { phase, participation }: {
    phase: UserCompetitionQuery["phase"];
    participation: UserCompetition["participation"] | undefined;
  },
): boolean {
  const given = new URLSearchParams(search);
  return (given.get("phase") ?? undefined) === phase &&
    (given.get("participation") ?? undefined) === participation;
}
