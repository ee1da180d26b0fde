import { page } from "fresh";
import { Avatar } from "@/components/Avatar.tsx";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/rule_text.ts";
import { scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type Participant, ParticipantQuery } from "@/contracts/competitions.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define, type State } from "../../../define.ts";
import { queryOf } from "../../../forms/query.ts";

const TONES: Record<Participant["status"], Tone> = {
  active: "good",
  withdrawn: "plain",
  disqualified: "bad",
};

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const query = queryOf(ParticipantQuery, ctx.url.searchParams);
    const competition = await services.competitions.get(actor, ctx.params.id!);
    const list = await services.competitions.participants(actor, competition.id, query);
    return page({ competition, query, list });
  },
});

export default define.page<typeof handler>(function Participants({ data, state }) {
  const { competition, query, list } = data;
  const path = `/admin/competitions/${competition.id}/participants`;
  return (
    <CompetitionFrame competition={competition} tab="/participants">
      <search>
        <form class="filters" action={path}>
          <TextField
            name="q"
            label="Search"
            type="search"
            class="search"
            value={query.q ?? ""}
            placeholder="Name or e-mail"
          />
          <SelectField
            name="status"
            label="Status"
            value={query.status ?? ""}
            options={[
              { value: "", label: "Any status" },
              ...Object.keys(TONES).map((value) => ({ value, label: sentence(value) })),
            ]}
          />
          <button type="submit" class="button">Apply</button>
        </form>
      </search>
      <div class="card">
        {list.items.length === 0
          ? <Nobody competition={competition} isFiltered={Boolean(query.q ?? query.status)} />
          : (
            <>
              <People people={list.items} competition={competition} state={state} />
              <Pagination
                path={path}
                state={{ q: query.q, status: query.status }}
                {...list}
                noun="participants"
              />
            </>
          )}
      </div>
    </CompetitionFrame>
  );
});

function People(
  { people, competition, state }: {
    people: Participant[];
    competition: CompetitionView;
    state: State;
  },
) {
  const format = scoreFormatOf(competition.scoring);
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Participant</th>
          <th scope="col">Status</th>
          <th scope="col">Joined</th>
          <th scope="col" class="num">Score</th>
        </tr>
      </thead>
      <tbody>
        {people.map((one) => (
          <tr key={one.participantId}>
            <td>
              <span class="person">
                <Avatar id={one.userId} name={one.name} />
                <span>
                  <Name one={one} competition={competition} />
                  {one.email ? <span class="under">{one.email}</span> : null}
                </span>
              </span>
            </td>
            <td>
              <Badge tone={TONES[one.status]}>{sentence(one.status)}</Badge>
            </td>
            <td data-label="Joined">
              <TimeText at={one.joinedAt} view={state.view} />
            </td>
            <td class="num" data-label="Score">{scoreText(one.score, format)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Staff open whoever is on the board. */
function Name({ one, competition }: { one: Participant; competition: CompetitionView }) {
  if (!competition.isStaff || one.status === "withdrawn") return <b>{one.name}</b>;
  const path = `/admin/competitions/${competition.id}/participants/${one.participantId}`;
  return <a class="lead-link" href={path}>{one.name}</a>;
}

function Nobody(
  { competition, isFiltered }: { competition: CompetitionView; isFiltered: boolean },
) {
  if (isFiltered) {
    return (
      <EmptyState title="Nobody matches" text="No participant fits this search and status.">
        <a class="button" href={`/admin/competitions/${competition.id}/participants`}>
          Show everybody
        </a>
      </EmptyState>
    );
  }
  return competition.phase === "draft"
    ? <EmptyState title="Nobody yet" text="People can join once the competition is published." />
    : (
      <EmptyState
        title="Nobody has joined yet"
        text="Share the public page; people join there with one click."
      >
        <a class="button" href={`/c/${competition.slug}`}>Open the public page</a>
      </EmptyState>
    );
}
