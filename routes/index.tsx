import { page } from "fresh";
import { Head } from "fresh/runtime";
import { CompetitionCard } from "@/components/competition/CompetitionCard.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { isStaffRole } from "@/components/frame/navigation.ts";
import { Pagination } from "@/components/Pagination.tsx";
import { type Competition, CompetitionQuery } from "@/contracts/competitions.ts";
import type { Phase } from "@/domain/competition.ts";
import { SitePage } from "./(_frames)/SitePage.tsx";
import { leadersOf } from "./board_data.ts";
import { define, type State } from "./define.ts";
import { queryOf } from "./forms/query.ts";

/** Cards on one page of the list. */
const CARDS_PER_PAGE = 30;

const SECTIONS: { title: string; phases: readonly Phase[] }[] = [
  { title: "Live now", phases: ["active"] },
  { title: "Coming up", phases: ["registration", "upcoming"] },
  { title: "Finished", phases: ["grace", "provisional", "final", "settled", "cancelled"] },
];

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const asked = queryOf(CompetitionQuery, ctx.url.searchParams);
    const query = { ...asked, scope: "all", page_size: CARDS_PER_PAGE } as const;
    const list = await services.competitions.list(actor, query);
    const shown = list.items.filter(({ phase }) => phase !== "draft");
    const leaders = await leadersOf(ctx.state, shown);
    return page({ q: asked.q ?? "", list, shown, leaders });
  },
});

export default define.page<typeof handler>(function Home({ data, state, url }) {
  const { q, list, shown, leaders } = data;
  const cards = (competitions: Competition[]) => (
    <div class="contests">
      {competitions.map((competition) => (
        <CompetitionCard
          key={competition.id}
          competition={competition}
          leader={leaders.get(competition.id)}
          nowMs={state.nowMs}
          view={state.view}
        />
      ))}
    </div>
  );
  return (
    <SitePage state={state} url={url} hero={<Hero state={state} />}>
      <Head>
        <title>{`${state.settings.platformName} · Live boards for fitness competitions`}</title>
      </Head>
      <search>
        <form class="filters" action="/">
          <div class="field search">
            <label for="q">Find a competition</label>
            <input class="input" type="search" id="q" name="q" value={q} />
          </div>
          <button type="submit" class="button">Search</button>
        </form>
      </search>
      {SECTIONS.map(({ title, phases }) => {
        const part = shown.filter(({ phase }) => phases.includes(phase));
        return part.length === 0 ? null : (
          <section key={title}>
            <div class="section-head">
              <h2>{title}</h2>
            </div>
            {cards(part)}
          </section>
        );
      })}
      {shown.length === 0 ? <NothingToShow q={q} state={state} /> : null}
      {list.total > list.pageSize
        ? <Pagination path="/" state={{ q }} {...list} noun="competitions" />
        : null}
    </SitePage>
  );
});

function Hero({ state }: { state: State }) {
  const { account } = state;
  return (
    <div class="hero lanes">
      <h1>Every metre on the board, as it happens.</h1>
      <p>
        Join a competition, move, and let your watch or a file tell the rest. Ranks change while you
        watch, and every score shows where it comes from.
      </p>
      <div class="actions">
        {account
          ? (
            <>
              <a class="button volt" href="/me/upload">
                <Icon name="upload" /> Upload an activity
              </a>
              <a class="button night" href={isStaffRole(account.role) ? "/admin" : "/me"}>
                {isStaffRole(account.role) ? "Open the panel" : "My page"}
              </a>
            </>
          )
          : (
            <>
              <a class="button volt" href="/register">Make an account</a>
              <a class="button night" href="/sign-in">Sign in</a>
            </>
          )}
      </div>
    </div>
  );
}

function NothingToShow({ q, state }: { q: string; state: State }) {
  const { account } = state;
  const mayCreate = account?.role === "admin" || account?.role === "organiser";
  return (
    <div class="card">
      {q
        ? (
          <EmptyState
            title={`No competition matches “${q}”`}
            text="Try a shorter part of its name, or look at all of them."
          >
            <a class="button" href="/">Show all</a>
          </EmptyState>
        )
        : (
          <EmptyState
            title="No competitions yet"
            text={mayCreate
              ? "Make the first one, publish it, and it appears here."
              : "Organisers have not published one so far. Come back soon."}
          >
            {mayCreate
              ? (
                <a class="button primary" href="/admin/competitions/new">
                  <Icon name="plus" /> New competition
                </a>
              )
              : null}
          </EmptyState>
        )}
    </div>
  );
}
