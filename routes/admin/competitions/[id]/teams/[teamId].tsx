import { type Context, page } from "fresh";
import { Consequences } from "@/components/Consequences.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { CsrfField, TextField } from "@/components/Field.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import { scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { TeamMembers } from "@/components/team/TeamMembers.tsx";
import { membersText } from "@/components/team/TeamTable.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { type Team, type TeamExplanation, TeamInput } from "@/contracts/teams.ts";
import { DomainError } from "@/domain/error.ts";
import { CompetitionFrame } from "../../../../(_frames)/CompetitionFrame.tsx";
import { competitionOf } from "../../../../competition_of.ts";
import { define, type State } from "../../../../define.ts";
import { idOf, tryAction } from "../../../../forms/attempt.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../../../forms/fields.ts";
import { refusalOf, seeOther } from "../../../../page_answer.ts";

interface Data {
  competition: CompetitionView;
  team: Team;
  /** Null before anybody was in it. */
  told: TeamExplanation | null;
  name: string;
  attempt: Attempt;
}

async function dataOf(
  ctx: Context<State>,
  { name, attempt = NO_ATTEMPT }: { name?: string; attempt?: Attempt } = {},
): Promise<Data> {
  const { services: { teams }, actor } = ctx.state;
  const competition = await competitionOf(ctx);
  const id = idOf(ctx.params.teamId);
  const team = await teams.get(actor, competition.id, id);
  const told = await teams.explain(actor, competition.id, id).catch((error) => {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  });
  return { competition, team, told, name: name ?? team.name, attempt };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    if (textOf(ctx.state.form, "action") === "rename") return await rename(ctx);
    const { services: { teams }, actor } = ctx.state;
    const id = ctx.params.id!;
    const tried = await tryAction(ctx, {
      async remove({ reason }) {
        const { members } = await teams.remove(actor, id, idOf(ctx.params.teamId), { reason });
        return `The team is gone; ${membersText(members)} of it are in none.`;
      },
    });
    if (tried.done === undefined) {
      const { attempt, status } = tried;
      return page<Data>(await dataOf(ctx, { attempt }), { status });
    }
    return seeOther(ctx, `/admin/competitions/${id}/teams`, { tone: "good", text: tried.done });
  },
});

async function rename(ctx: Context<State>) {
  const { services: { teams }, actor, form } = ctx.state;
  const name = textOf(form, "name");
  const input = TeamInput.safeParse({ name });
  const attemptOf = (faults: Attempt["faults"]) => ({ action: "rename", reason: "", faults });
  if (!input.success) {
    const attempt = attemptOf(faultsOfSchema(input.error));
    return page<Data>(await dataOf(ctx, { name, attempt }), { status: 422 });
  }
  const teamId = idOf(ctx.params.teamId);
  const refusal = await refusalOf(() => teams.rename(actor, ctx.params.id!, teamId, input.data));
  if (refusal) {
    const attempt = attemptOf(faultsOfRefusal(refusal));
    return page<Data>(await dataOf(ctx, { name, attempt }), { status: refusal.status });
  }
  return seeOther(ctx, ctx.url.pathname, { tone: "good", text: `The team is ${name} now.` });
}

const REMOVING = [
  "It leaves the board, with all that was given to it; those below move up.",
  "Its members are in no team, and keep their own scores.",
  "It does not come back; boards of earlier times still show it.",
];

export default define.page<typeof handler>(function TeamPage({ data, state }) {
  const { competition, team, told } = data;
  const format = scoreFormatOf(competition.scoring);
  const base = `/admin/competitions/${competition.id}`;
  return (
    <CompetitionFrame competition={competition} tab="/teams">
      <div class="section-head first">
        <h2>{team.name}</h2>
        <a href={`${base}/participants?team=${team.id}`}>Its members, to move</a>
      </div>
      <div class="split">
        <section class="card" aria-labelledby="members-title">
          <div class="card-head">
            <h2 id="members-title">Who gave what</h2>
            <span class="muted small">
              Rank {team.rank ?? "–"} · {scoreText(team.score, format)}
            </span>
          </div>
          {told === null || told.members.length === 0
            ? (
              <EmptyState
                title="Nobody yet"
                text="Who joins is listed here, with what they give."
              />
            )
            : (
              <TeamMembers
                members={told.members}
                format={format}
                view={state.view}
                path={`${base}/participants`}
              />
            )}
        </section>
        {competition.canManage ? <Forms data={data} csrfToken={state.csrfToken} /> : null}
      </div>
    </CompetitionFrame>
  );
});

function Forms({ data, csrfToken }: { data: Data; csrfToken: string }) {
  const { name, attempt } = data;
  const faults = attempt.action === "rename" ? attempt.faults : {};
  return (
    <div class="stack">
      <section class="card" aria-labelledby="rename-title">
        <div class="card-head">
          <h2 id="rename-title">Name</h2>
        </div>
        <form class="card-body form" method="post" noValidate>
          <CsrfField token={csrfToken} />
          <TextField
            name="name"
            label="Name of the team"
            value={name}
            faults={faults}
            required
            maxLength={80}
            autocomplete="off"
          />
          <div class="actions">
            <button type="submit" class="button" name="action" value="rename">Rename</button>
          </div>
        </form>
      </section>
      <section class="card danger-card" aria-labelledby="remove-title">
        <div class="card-head">
          <h2 id="remove-title">Remove</h2>
        </div>
        <div class="card-body">
          <ReasonForm
            action="remove"
            csrfToken={csrfToken}
            button="Remove team"
            tone="danger"
            hint="Told to its members, and kept in the audit log."
            attempt={attempt}
          >
            <Consequences texts={REMOVING} />
          </ReasonForm>
        </div>
      </section>
    </div>
  );
}
