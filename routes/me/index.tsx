import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { ImportTable } from "@/components/activity/ImportTable.tsx";
import { NoticeLine } from "@/components/frame/NoticeLine.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { StandingsTable } from "@/components/board/StandingsTable.tsx";
import { totalFigures, WeekBars } from "@/components/activity/WeekBars.tsx";
import type { Competition } from "@/contracts/competitions.ts";
import type { Dashboard } from "@/contracts/dashboard.ts";
import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import { progressOf } from "../board_data.ts";
import { define, type State } from "../define.ts";
import { personIn } from "../page_answer.ts";

export const handler = define.handlers({
  async GET({ state }) {
    const { services, actor } = state;
    const dashboard = await services.dashboard.dashboard(actor, personIn(state).userId);
    return page({ dashboard, progress: await progressIn(state, dashboard) });
  },
});

/** Targets and streaks under way; of more than these the boards' own pages tell. */
const PROGRESS_MAX = 5;

/** How far somebody has come where the rule has a goal, by competition. */
async function progressIn(
  state: State,
  { competitions }: Dashboard,
): Promise<Map<string, ProgressOfAthlete>> {
  const aimed = competitions.filter(({ competition }) => hasGoal(competition));
  const found = await Promise.all(
    aimed.slice(0, PROGRESS_MAX).map(({ competition, participantId }) => {
      return progressOf(state, { ...competition, participantId });
    }),
  );
  return new Map(found.flatMap((one) => one ? [[one.competitionId, one] as const] : []));
}

function hasGoal({ phase, scoring }: Competition): boolean {
  return phase === "active" && scoring.kind === "activity" && GOALS.includes(scoring.aggregate);
}

const GOALS: readonly string[] = ["target", "streak_days", "days_at_goal"];

export default define.page<typeof handler>(function Me({ data: { dashboard, progress }, state }) {
  const { competitions, imports } = dashboard;
  return (
    <>
      <PageHead title="My page" sub={`Signed in as ${state.account?.email}`}>
        <a class="button primary" href="/me/upload">
          <Icon name="upload" /> Upload an activity
        </a>
      </PageHead>
      <div class="stack">
        <Waiting count={dashboard.reviewsWaiting} />
        <Days dashboard={dashboard} locale={state.view.locale} />
        <section class="card" aria-labelledby="joined">
          <div class="card-head">
            <h2 id="joined">Where I stand</h2>
            <a href="/me/competitions">All of mine</a>
          </div>
          {competitions.length === 0
            ? (
              <EmptyState
                title="You take part in nothing that runs"
                text="Join a competition; activity from before you joined may count as well."
              >
                <a class="button primary" href="/">Find a competition</a>
              </EmptyState>
            )
            : (
              <StandingsTable
                entered={competitions}
                nowMs={state.nowMs}
                progress={progress}
              />
            )}
        </section>
        <section class="card" aria-labelledby="imports">
          <div class="card-head">
            <h2 id="imports">Latest uploads</h2>
            {imports.length > 0
              ? <a href="/me/imports">What counted, and why the rest did not</a>
              : null}
          </div>
          {imports.length === 0
            ? (
              <EmptyState
                title="No activity yet"
                text="Upload a FIT, TCX or GPX file from your watch or app; it counts at once in every competition it fits."
              >
                <a class="button" href="/me/upload">Upload an activity</a>
              </EmptyState>
            )
            : <ImportTable imports={imports} view={state.view} />}
        </section>
        <News dashboard={dashboard} state={state} />
      </div>
    </>
  );
});

/** Own results that do not count until somebody looked at them. */
function Waiting({ count }: { count: number }) {
  if (count === 0) return null;
  const [subject, verb] = count === 1
    ? ["One result of yours waits", "does"]
    : [`${count} results of yours wait`, "do"];
  return (
    <p class="notice" data-tone="warn">
      <Icon name="alert" />
      <span>
        {subject} for review and {verb} not count meanwhile. <a href="/me/reviews">See why</a>
      </span>
    </p>
  );
}

/** Today and this week. */
function Days({ dashboard, locale }: { dashboard: Dashboard; locale: string }) {
  const { today, week, currentStreakDays, timeZone } = dashboard;
  return (
    <section aria-label="My activity" class="split">
      <div class="card">
        <div class="card-head">
          <h2>Today</h2>
          <span class="muted small">
            {currentStreakDays > 0
              ? `${currentStreakDays} active ${currentStreakDays === 1 ? "day" : "days"} in a row`
              : "No active day lately"}
          </span>
        </div>
        <Totals
          figures={totalFigures(today.totals)}
          none="Nothing recorded today. What your watch or app sends shows here at once."
        />
        <h3 class="totals-title">Since Monday</h3>
        <Totals figures={totalFigures(week.totals)} none="Nothing recorded this week." />
      </div>
      <div class="card">
        <div class="card-head">
          <h2>This week</h2>
          <span class="muted small">Days in {timeZone}</span>
        </div>
        <div class="card-body">
          <WeekBars week={week} locale={locale} />
        </div>
      </div>
    </section>
  );
}

function Totals(
  { figures, none }: { figures: { label: string; value: string }[]; none: string },
) {
  if (figures.length === 0) return <p class="card-body muted">{none}</p>;
  return (
    <dl class="totals">
      {figures.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The latest notices; nothing where there are none. */
function News({ dashboard: { notices }, state }: { dashboard: Dashboard; state: State }) {
  if (notices.length === 0) return null;
  return (
    <section class="card" aria-labelledby="news">
      <div class="card-head">
        <h2 id="news">Latest notices</h2>
        <a href="/me/notices">All</a>
      </div>
      <ul class="plain notices">
        {notices.map((notice) => <NoticeLine key={notice.id} notice={notice} view={state.view} />)}
      </ul>
    </section>
  );
}
