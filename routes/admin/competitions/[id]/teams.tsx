import { type Context, page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { CsrfField, type Faults, TextField } from "@/components/Field.tsx";
import { scoreHead } from "@/components/competition/rule_text.ts";
import { scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { groupFacts } from "@/components/team/team_text.ts";
import { Pagination } from "@/components/Pagination.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import { type Team, TeamInput, TeamQuery } from "@/contracts/teams.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { competitionOf } from "../../../competition_of.ts";
import { define, type State } from "../../../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../../forms/fields.ts";
import { queryOf } from "../../../forms/query.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  list: Page<Team>;
  query: TeamQuery;
  name: string;
  faults: Faults;
}

async function dataOf(
  ctx: Context<State>,
  attempt: Pick<Data, "name" | "faults"> = { name: "", faults: {} },
): Promise<Data> {
  const { services, actor } = ctx.state;
  const competition = await competitionOf(ctx);
  const query = queryOf(TeamQuery, ctx.url.searchParams);
  return {
    competition,
    query,
    list: await services.teams.list(actor, competition.id, query),
    ...attempt,
  };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const name = textOf(form, "name");
    const input = TeamInput.safeParse({ name });
    if (!input.success) {
      return page<Data>(await dataOf(ctx, { name, faults: faultsOfSchema(input.error) }), {
        status: 422,
      });
    }
    const refusal = await refusalOf(() => services.teams.create(actor, ctx.params.id!, input.data));
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>(await dataOf(ctx, { name, faults }), { status: refusal.status });
    }
    return seeOther(ctx, ctx.url.pathname, { tone: "good", text: `Team ${name} is made.` });
  },
});

export default define.page<typeof handler>(function Teams({ data, state, url }) {
  const { competition, list } = data;
  return (
    <CompetitionFrame competition={competition} tab="/teams">
      {competition.teams === null
        ? (
          <div class="card">
            <EmptyState
              title="No teams here"
              text="Turn teams on while the competition is a draft, or with a new version of its rules."
            >
              <a class="button" href={`/admin/competitions/${competition.id}/rules`}>Rules</a>
            </EmptyState>
          </div>
        )
        : (
          <div class="split">
            <div class="card">
              {list.items.length === 0
                ? (
                  <EmptyState
                    title="No teams yet"
                    text="Make the first one, or let participants make theirs."
                  />
                )
                : (
                  <>
                    <TeamList teams={list.items} competition={competition} />
                    <Pagination path={url.pathname} state={{}} {...list} noun="teams" />
                  </>
                )}
            </div>
            <div class="stack">
              {competition.canManage && isOpen(competition)
                ? <NewTeam data={data} csrfToken={state.csrfToken} />
                : null}
              <section class="card" aria-labelledby="rule-title">
                <div class="card-head">
                  <h2 id="rule-title">Team rule</h2>
                </div>
                <div class="card-body">
                  <Facts isTight facts={groupFacts({ divisions: [], teams: competition.teams })} />
                </div>
                <div class="card-foot">
                  Board as{" "}
                  <a href={`/api/v1/competitions/${competition.id}/export?what=teams`} download>
                    CSV
                  </a>{" "}
                  or{" "}
                  <a
                    href={`/api/v1/competitions/${competition.id}/export?what=teams&format=json`}
                    download
                  >
                    JSON
                  </a>.
                </div>
              </section>
            </div>
          </div>
        )}
    </CompetitionFrame>
  );
});

function isOpen({ status }: CompetitionView): boolean {
  return status === "draft" || status === "published";
}

function TeamList({ teams, competition }: { teams: Team[]; competition: CompetitionView }) {
  const format = scoreFormatOf(competition.scoring);
  const base = `/admin/competitions/${competition.id}/teams`;
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Team</th>
          <th scope="col" class="num">Members</th>
          <th scope="col" class="num">Rank</th>
          <th scope="col" class="num">{scoreHead(competition.scoring)}</th>
        </tr>
      </thead>
      <tbody>
        {teams.map(({ id, name, members, rank, score, createdBy }) => (
          <tr key={id}>
            <td>
              <a class="lead-link" href={`${base}/${id}`}>{name}</a>
              {createdBy ? <span class="under">made by a participant</span> : null}
            </td>
            <td class="num" data-label="Members">{members}</td>
            <td class="num" data-label="Rank">{rank ?? "–"}</td>
            <td class="num" data-label="Score">{scoreText(score, format)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewTeam({ data: { name, faults }, csrfToken }: { data: Data; csrfToken: string }) {
  return (
    <section class="card" aria-labelledby="new-title">
      <div class="card-head">
        <h2 id="new-title">New team</h2>
      </div>
      <form class="card-body form" method="post" noValidate>
        <CsrfField token={csrfToken} />
        {faults[""] ? <p class="notice" data-tone="bad" role="alert">{faults[""]}</p> : null}
        <TextField
          name="name"
          label="Name"
          value={name}
          faults={faults}
          required
          maxLength={80}
          autocomplete="off"
        />
        <div class="actions">
          <button type="submit" class="button primary">Make team</button>
        </div>
      </form>
    </section>
  );
}
