import { type Context, page } from "fresh";
import { Avatar } from "@/components/Avatar.tsx";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import type { Places } from "@/components/team/MoveForm.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type Participant, ParticipantQuery } from "@/contracts/competitions.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import { MoveManyRequest } from "@/contracts/teams.ts";
import {
  type BulkMove,
  BulkMoveCard,
  bulkMoveOf,
  MOVE_FORM,
  NO_BULK_MOVE,
  toRequest,
} from "../../../(_frames)/BulkMoveCard.tsx";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define, type State } from "../../../define.ts";
import { faultsOfRefusal, faultsOfSchema } from "../../../forms/fields.ts";
import { placesOf } from "../../../forms/move_form.ts";
import { queryOf } from "../../../forms/query.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

const TONES: Record<Participant["status"], Tone> = {
  active: "good",
  withdrawn: "plain",
  disqualified: "bad",
};

interface Data {
  competition: CompetitionView;
  query: ParticipantQuery;
  list: Page<Participant>;
  places: Places;
  move: BulkMove;
}

async function dataOf(ctx: Context<State>, move: BulkMove = NO_BULK_MOVE): Promise<Data> {
  const { services, actor } = ctx.state;
  const query = queryOf(ParticipantQuery, ctx.url.searchParams);
  const competition = await services.competitions.get(actor, ctx.params.id!);
  const list = await services.competitions.participants(actor, competition.id, query);
  return { competition, query, list, places: await placesOf(ctx.state, competition), move };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const { page: _, page_size: __, ...filter } = queryOf(ParticipantQuery, ctx.url.searchParams);
    const move = bulkMoveOf(form);
    const request = MoveManyRequest.safeParse(toRequest(move, filter));
    if (!request.success) {
      const faults = faultsOfSchema(request.error);
      return page<Data>(await dataOf(ctx, { ...move, faults }), { status: 422 });
    }
    let text = "";
    const refusal = await refusalOf(async () => {
      const { moved, unchanged } = await services.teams.moveMany(
        ...[actor, ctx.params.id!, request.data] as const,
      );
      text = `${moved} moved${unchanged > 0 ? `, ${unchanged} were there already` : ""}.`;
    });
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>(await dataOf(ctx, { ...move, faults }), { status: refusal.status });
    }
    return seeOther(ctx, ctx.url.pathname + ctx.url.search, { tone: "good", text });
  },
});

export default define.page<typeof handler>(function Participants({ data, state }) {
  const { competition, query, list, places, move } = data;
  const { q, status, division, team } = query;
  const filter = { q, status, division, team };
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const canMove = competition.canManage && competition.status === "published" &&
    places.divisions.length + places.teams.length > 0;
  const path = `/admin/competitions/${competition.id}/participants`;
  return (
    <CompetitionFrame competition={competition} tab="/participants">
      <FilterForm path={path}>
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
        <GroupFilters places={places} query={query} />
      </FilterForm>
      <div class="stack">
        <div class="card">
          {list.items.length === 0
            ? <Nobody competition={competition} isFiltered={isFiltered} />
            : (
              <>
                <People
                  people={list.items}
                  competition={competition}
                  state={state}
                  picked={canMove ? move.ids : null}
                />
                <Pagination path={path} state={filter} {...list} noun="participants" />
              </>
            )}
        </div>
        {canMove && list.total > 0
          ? (
            <BulkMoveCard
              move={move}
              places={places}
              total={list.total}
              csrfToken={state.csrfToken}
            />
          )
          : null}
      </div>
    </CompetitionFrame>
  );
});

/** Filters by group, where there are any. */
function GroupFilters({ places, query }: { places: Places; query: ParticipantQuery }) {
  const { divisions, teams } = places;
  return (
    <>
      {divisions.length === 0 ? null : (
        <SelectField
          name="division"
          label="Division"
          value={query.division ?? ""}
          options={[
            { value: "", label: "Any division" },
            ...divisions.map((name) => ({ value: name, label: name })),
          ]}
        />
      )}
      {teams.length === 0 ? null : (
        <SelectField
          name="team"
          label="Team"
          value={query.team ?? ""}
          options={[
            { value: "", label: "Any team" },
            { value: "none", label: "No team" },
            ...teams.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
    </>
  );
}

function People(
  { people, competition, state, picked }: {
    people: Participant[];
    competition: CompetitionView;
    state: State;
    /** Who is chosen for a move; null where nobody can be. */
    picked: readonly string[] | null;
  },
) {
  const { divisions, teams } = competition;
  const format = scoreFormatOf(competition.scoring);
  return (
    <table class="table blocks">
      <thead>
        <tr>
          {picked ? <th scope="col">Move</th> : null}
          <th scope="col">Participant</th>
          {divisions.length > 0 ? <th scope="col">Division</th> : null}
          {teams ? <th scope="col">Team</th> : null}
          <th scope="col">Status</th>
          <th scope="col">Joined</th>
          <th scope="col" class="num">Score</th>
        </tr>
      </thead>
      <tbody>
        {people.map((one) => (
          <tr key={one.participantId}>
            {picked
              ? (
                <td data-label="Move">
                  <input
                    type="checkbox"
                    name="ids"
                    form={MOVE_FORM}
                    value={one.participantId}
                    checked={picked.includes(one.participantId)}
                    aria-label={`Move ${one.name}`}
                  />
                </td>
              )
              : null}
            <td>
              <span class="person">
                <Avatar id={one.userId} name={one.name} />
                <span>
                  <Name one={one} competition={competition} />
                  {one.email ? <span class="under">{one.email}</span> : null}
                </span>
              </span>
            </td>
            {divisions.length > 0 ? <td data-label="Division">{one.division ?? "–"}</td> : null}
            {teams ? <td data-label="Team">{one.team?.name ?? "–"}</td> : null}
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
