import { type Context, page } from "fresh";
import { Announcements } from "@/components/competition/Announcements.tsx";
import { type BoardChoice, BoardTabs } from "@/components/board/BoardTabs.tsx";
import { EntryCard } from "@/components/competition/EntryCard.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { Markdown } from "@/components/Markdown.tsx";
import { PageTitle } from "@/components/PageTitle.tsx";
import { SeriesNav } from "@/components/competition/SeriesNav.tsx";
import { PhaseBadge } from "@/components/Badge.tsx";
import { feeFacts, planFacts } from "@/components/money/prize_text.ts";
import {
  RANK_METHOD_TEXT,
  ruleFacts,
  ruleText,
  scoreHead,
} from "@/components/competition/rule_text.ts";
import { groupDigits, scoreFormatOf } from "@/components/score_text.ts";
import { groupFacts } from "@/components/team/team_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { Announcement } from "@/contracts/announcements.ts";
import type { TeamBoard } from "@/contracts/teams.ts";
import { DomainError } from "@/domain/error.ts";
import Countdown from "@/islands/Countdown.tsx";
import LiveTeams from "@/islands/LiveTeams.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { BoardPart } from "../../(_frames)/BoardPart.tsx";
import { InviteDoor } from "../../(_frames)/InviteDoor.tsx";
import { purseOf, winnersOf } from "../../competition_purse.ts";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { WinnersCard } from "../../(_frames)/WinnersCard.tsx";
import { Wall } from "../../(_frames)/Wall.tsx";
import { boardOf, progressOf } from "../../board_data.ts";
import { define, type State } from "../../define.ts";
import { groupsOf, teamBoardOf } from "../../group_data.ts";
import { entryCheckOf } from "../../join_request.ts";

/** Undefined for those who lack an invitation. */
async function invited({ state, params }: Context<State>): Promise<CompetitionView | undefined> {
  try {
    return await state.services.competitions.get(state.actor, params.slug!);
  } catch (error) {
    const { code } = error instanceof DomainError ? error : { code: undefined };
    if (code === "FORBIDDEN" || code === "UNAUTHORIZED") return undefined;
    throw error;
  }
}

/** Announcements that the page shows; the newest ones matter. */
const NEWS_SHOWN = 5;

async function newsOf({ state: { services, actor } }: Context<State>, id: string) {
  const list = await services.announcements.list(actor, id, { page: 1, page_size: NEWS_SHOWN });
  return list.items;
}

export const handler = define.handlers({
  async GET(ctx) {
    const competition = await invited(ctx);
    if (!competition) return page(null, { status: 403 });
    if (ctx.params.slug !== competition.slug) {
      return ctx.redirect(`/c/${competition.slug}${ctx.url.search}`, 308);
    }
    if (competition.phase === "draft") {
      return ctx.redirect(`/admin/competitions/${competition.id}`, 303);
    }
    const { services, actor } = ctx.state;
    const choice = choiceOf(ctx.url, competition);
    const board = await boardOf(ctx.state, competition.id, choice.division);
    const isWall = ctx.url.searchParams.get("view") === "wall";
    const [news, purse, prizes, check, progress, series, groups, teams] = await Promise.all([
      newsOf(ctx, competition.id),
      purseOf(ctx.state, competition),
      winnersOf(ctx.state, competition),
      entryCheckOf(ctx.state, competition),
      progressOf(ctx.state, competition),
      competition.series ? services.series.get(actor, competition.id) : null,
      groupsOf(ctx.state, competition),
      choice.isTeams ? teamBoardOf(ctx.state, competition) : null,
    ]);
    const shown = { board, choice, groups, teams };
    return page({ competition, ...shown, isWall, news, purse, prizes, check, progress, series });
  },
});

/** Which board the address asks for; of what is not there, everybody's. */
function choiceOf({ searchParams }: URL, { divisions, teams }: CompetitionView): BoardChoice {
  const wanted = searchParams.get("division");
  return {
    division: divisions.find((name) => name === wanted),
    isTeams: teams !== null && searchParams.get("board") === "teams",
  };
}

export default define.page<typeof handler>(function PublicBoard({ data, state, url, params }) {
  if (!data) return <InviteDoor state={state} url={url} slug={params.slug!} />;
  const { competition, board, isWall, news, purse, prizes, check, progress, series } = data;
  const { choice, groups, teams } = data;
  const title = <PageTitle title={competition.name} />;
  if (isWall) {
    return (
      <>
        {title}
        <Wall
          competition={competition}
          board={board}
          division={choice.division}
          publicUrl={state.publicUrl}
        />
      </>
    );
  }
  return (
    <SitePage state={state} url={url} hero={<Hero competition={competition} state={state} />}>
      {title}
      {series
        ? <SeriesNav series={series} index={competition.series!.index} view={state.view} />
        : null}
      <div class="split">
        <div>
          <BoardTabs
            path={`/c/${competition.slug}`}
            divisions={competition.divisions}
            hasTeams={competition.teams !== null}
            chosen={choice}
          />
          {teams
            ? <TeamsPart competition={competition} board={teams} mineId={groups?.own?.teamId} />
            : <BoardPart competition={competition} board={board} division={choice.division} />}
        </div>
        <div class="stack">
          <EntryCard
            competition={competition}
            me={board.me}
            groups={groups}
            check={check}
            progress={progress}
            purse={purse}
            isSignedIn={state.account !== null}
            csrfToken={state.csrfToken}
            nowMs={state.nowMs}
            view={state.view}
          />
          {prizes ? <WinnersCard competition={competition} result={prizes} /> : null}
          <News items={news} state={state} />
          <About competition={competition} />
        </div>
      </div>
    </SitePage>
  );
});

/** The live team board with its present rows. */
function TeamsPart(
  { competition, board, mineId }: {
    competition: CompetitionView;
    board: TeamBoard;
    mineId?: string | null | undefined;
  },
) {
  return (
    <LiveTeams
      competitionId={competition.id}
      initial={board}
      format={scoreFormatOf(competition.scoring)}
      scoreLabel={scoreHead(competition.scoring)}
      path={`/c/${competition.slug}/teams`}
      mineId={mineId ?? null}
    />
  );
}

function News({ items, state }: { items: Announcement[]; state: State }) {
  if (items.length === 0) return null;
  return (
    <section class="card" aria-labelledby="news">
      <div class="card-head">
        <h2 id="news">News</h2>
      </div>
      <Announcements items={items} view={state.view} />
    </section>
  );
}

function Hero({ competition, state }: { competition: CompetitionView; state: State }) {
  const { name, phase, scoring, startsAt, endsAt, graceMs, canManage, id } = competition;
  const isOver = phase === "cancelled" || phase === "final" || phase === "settled";
  return (
    <div class="hero board-hero lanes">
      <PhaseBadge phase={phase} />
      <h1>{name}</h1>
      <p>{ruleText(scoring)}</p>
      <dl class="hero-facts">
        <div>
          <dt>Starts</dt>
          <dd>
            <TimeText at={startsAt} view={state.view} />
          </dd>
        </div>
        <div>
          <dt>Ends</dt>
          <dd>
            <TimeText at={endsAt} view={state.view} />
          </dd>
        </div>
        {isOver
          ? null
          : <Countdown startsAt={startsAt} endsAt={endsAt} graceMs={graceMs} nowMs={state.nowMs} />}
      </dl>
      <div class="actions">
        {phase === "final" || phase === "settled"
          ? (
            <a class="button volt" href={`/c/${competition.slug}/result`}>
              <Icon name="check" /> Final result
            </a>
          )
          : null}
        <a class="button night" href={`/c/${competition.slug}?view=wall`}>
          <Icon name="screen" /> Wall screen
        </a>
        {canManage
          ? (
            <a class="button night" href={`/admin/competitions/${id}`}>
              <Icon name="gauge" /> Manage
            </a>
          )
          : null}
      </div>
    </div>
  );
}

function About({ competition }: { competition: CompetitionView }) {
  const { description, scoring, rankMethod, timeZone, capacity, cancelReason } = competition;
  const { participantCount } = competition;
  const places = capacity ? ` of ${groupDigits(capacity)}` : "";
  return (
    <>
      {cancelReason
        ? (
          <p class="notice" data-tone="bad">
            <Icon name="alert" />
            <span>Cancelled: {cancelReason}</span>
          </p>
        )
        : null}
      {description
        ? (
          <section class="card" aria-labelledby="about">
            <div class="card-head">
              <h2 id="about">About</h2>
            </div>
            <div class="card-body">
              <Markdown source={description} />
            </div>
          </section>
        )
        : null}
      <section class="card" aria-labelledby="rules">
        <div class="card-head">
          <h2 id="rules">Rules</h2>
        </div>
        <div class="card-body">
          <Facts
            isTight
            facts={[
              { term: "Participants", value: groupDigits(participantCount) + places },
              ...ruleFacts(scoring),
              { term: "Ranks", value: RANK_METHOD_TEXT[rankMethod] },
              ...groupFacts(competition),
              { term: "Days begin at midnight in", value: timeZone },
              ...(competition.entryFee ? feeFacts(competition.entryFee) : []),
              ...(competition.prizes ? planFacts(competition.prizes) : []),
            ]}
          />
        </div>
      </section>
    </>
  );
}
