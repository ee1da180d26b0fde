import { page } from "fresh";
import { approverText } from "@/components/board/approver_text.ts";
import { Badge } from "@/components/Badge.tsx";
import { BoardTabs } from "@/components/board/BoardTabs.tsx";
import { BoardTable } from "@/components/board/BoardTable.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText, scoreHead } from "@/components/competition/rule_text.ts";
import { groupDigits, scoreFormatOf } from "@/components/score_text.ts";
import { TeamTable } from "@/components/team/TeamTable.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Board } from "@/contracts/leaderboard.ts";
import type { TeamBoard } from "@/contracts/teams.ts";
import type { ResultRevision } from "@/contracts/results.ts";
import CopyCode from "@/islands/CopyCode.tsx";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { WinnersCard } from "../../(_frames)/WinnersCard.tsx";
import { boardOf } from "../../board_data.ts";
import { shownCompetition } from "../../board_visitor.ts";
import { winnersOf } from "../../competition_purse.ts";
import { define, type State } from "../../define.ts";
import { teamBoardOf } from "../../group_data.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const competition = await shownCompetition(ctx);
    const { revisions } = await services.results.get(actor, competition.id);
    const wanted = ctx.url.searchParams.get("division");
    const division = competition.divisions.find((name) => name === wanted);
    const isFinal = revisions.length > 0;
    const board = isFinal ? await boardOf(ctx.state, competition.id, division) : null;
    const teams = isFinal ? await teamBoardOf(ctx.state, competition) : null;
    const prizes = await winnersOf(ctx.state, competition);
    return page({ competition, revisions, board, division, teams, prizes });
  },
});

export default define.page<typeof handler>(function ResultPage({ data, state, url }) {
  const { competition, revisions, board, division, teams, prizes } = data;
  const { slug, name, scoring } = competition;
  const [revision] = revisions;
  return (
    <SitePage state={state} url={url}>
      <PageHead
        title={`Result of ${name}`}
        crumbs={[{ href: `/c/${slug}`, label: name }]}
        badge={revision ? <Badge tone="good">Final</Badge> : <Badge tone="warn">Not final</Badge>}
        sub={ruleText(scoring)}
      />
      {revision && board
        ? (
          <div class="split">
            <div class="stack">
              <BoardTabs
                path={`/c/${slug}/result`}
                divisions={competition.divisions}
                hasTeams={false}
                chosen={{ division, isTeams: false }}
              />
              <Standings competition={competition} board={board} division={division} />
              {teams && teams.rows.length > 0
                ? <TeamStandings competition={competition} board={teams} />
                : null}
            </div>
            <div class="stack">
              <Approval revision={revision} state={state} />
              {prizes ? <WinnersCard competition={competition} result={prizes} /> : null}
              <Earlier revisions={revisions.slice(1)} state={state} />
              <Checking competition={competition} revision={revision} state={state} />
            </div>
          </div>
        )
        : (
          <div class="card">
            <EmptyState
              title="No final result yet"
              text="Once the time for late data is over and nothing waits for review, the organiser approves the result, and it is signed and shown here."
            >
              <a class="button" href={`/c/${slug}`}>See the board</a>
            </EmptyState>
          </div>
        )}
    </SitePage>
  );
});

function Standings(
  { competition, board, division }: {
    competition: CompetitionView;
    board: Board;
    division: string | undefined;
  },
) {
  const { id, scoring } = competition;
  const { rows, total, me } = board;
  return (
    <section class="card" aria-labelledby="standings-title">
      <div class="board-head">
        <h2 id="standings-title">Final standings{division ? `: ${division}` : ""}</h2>
        <span class="muted small num">
          {rows.length < total ? `the first ${rows.length} of ` : ""}
          {groupDigits(total)}
        </span>
      </div>
      {rows.length === 0
        ? <p class="muted board-empty">Nobody took part.</p>
        : (
          <div class="table-wrap">
            <BoardTable
              rows={rows}
              format={scoreFormatOf(scoring)}
              scoreLabel={scoreHead(scoring)}
              meId={me?.participantId ?? null}
            />
          </div>
        )}
      <div class="card-foot">
        All of it as <a href={`/api/v1/competitions/${id}/export?format=csv`} download>CSV</a> or
        {" "}
        <a href={`/api/v1/competitions/${id}/export?format=json`} download>JSON</a>.
      </div>
    </section>
  );
}

function TeamStandings(
  { competition, board }: { competition: CompetitionView; board: TeamBoard },
) {
  const { id, slug, scoring } = competition;
  return (
    <section class="card" aria-labelledby="teams-title">
      <div class="board-head">
        <h2 id="teams-title">Teams</h2>
        <span class="muted small num">{groupDigits(board.total)}</span>
      </div>
      <div class="table-wrap">
        <TeamTable
          rows={board.rows}
          format={scoreFormatOf(scoring)}
          scoreLabel={scoreHead(scoring)}
          path={`/c/${slug}/teams`}
        />
      </div>
      <div class="card-foot">
        All of it as{" "}
        <a href={`/api/v1/competitions/${id}/export?what=teams&format=csv`} download>CSV</a> or{" "}
        <a href={`/api/v1/competitions/${id}/export?what=teams&format=json`} download>JSON</a>.
      </div>
    </section>
  );
}

const CAUSES: Record<ResultRevision["cause"], string> = {
  finalise: "The result became final",
  disqualify: "Somebody was disqualified",
  reinstate: "Somebody was taken back",
};

function Approval({ revision, state }: { revision: ResultRevision; state: State }) {
  const { approvedAt, cause, reason, seq } = revision;
  return (
    <section class="card" aria-labelledby="approval-title">
      <div class="card-head">
        <h2 id="approval-title">Revision {revision.revision}</h2>
        <Badge tone="good">Signed</Badge>
      </div>
      <div class="card-body stack">
        <p>
          {CAUSES[cause]}, approved by {approverText(revision)} on{" "}
          <TimeText at={approvedAt} view={state.view} />.
        </p>
        {reason ? <p>“{reason}”</p> : null}
        <Facts
          isTight
          facts={[
            { term: "Log up to", value: `no. ${groupDigits(seq)}` },
            { term: "Hash of the log", value: <code class="long">{revision.hash}</code> },
            {
              term: "Hash of the standings",
              value: <code class="long">{revision.standingsHash}</code>,
            },
            ...(revision.teamsHash
              ? [{
                term: "Hash of the team standings",
                value: <code class="long">{revision.teamsHash}</code>,
              }]
              : []),
            { term: "Key", value: <code class="long">{revision.publicKey}</code> },
            { term: "Signature", value: <code class="long">{revision.signature}</code> },
          ]}
        />
      </div>
    </section>
  );
}

function Earlier({ revisions, state }: { revisions: ResultRevision[]; state: State }) {
  if (revisions.length === 0) return null;
  return (
    <section class="card" aria-labelledby="earlier-title">
      <div class="card-head">
        <h2 id="earlier-title">Earlier revisions</h2>
      </div>
      <ol class="announcements" reversed>
        {revisions.map(({ revision, cause, approvedAt, reason, ...by }) => (
          <li key={revision}>
            <b>Revision {revision}</b>
            <p class="muted small">
              {CAUSES[cause]}, {approverText(by)}, <TimeText at={approvedAt} view={state.view} />
              {reason ? ` · “${reason}”` : ""}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What anybody can do to believe nobody. */
function Checking(
  { competition, revision, state }: {
    competition: CompetitionView;
    revision: ResultRevision;
    state: State;
  },
) {
  const address = `${state.publicUrl}/c/${competition.slug}`;
  return (
    <section class="card" aria-labelledby="check-title">
      <div class="card-head">
        <h2 id="check-title">Check it yourself</h2>
      </div>
      <div class="card-body stack">
        <p>
          Nobody has to be believed. Every join, score and correction is an entry of a log, and each
          entry’s hash covers the one before it. The command below, in a copy of this software,
          follows those hashes, computes the standings anew from the log, and checks that the
          signature is of the key above and of these standings.
        </p>
        <CopyCode
          title="Command"
          code={`deno task result:verify ${address} --key ${revision.publicKey}`}
        />
        <p class="muted small">
          Get the key from somewhere else than this page, such as{" "}
          <a href="/api/v1/results/keys">the list of keys</a>{" "}
          on the day before, or from the organiser.
        </p>
        <div class="actions">
          <a
            class="button"
            href={`/api/v1/competitions/${competition.id}/export?what=log`}
            download
          >
            <Icon name="file" /> Published log
          </a>
        </div>
      </div>
    </section>
  );
}
