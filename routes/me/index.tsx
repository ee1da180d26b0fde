import { page } from "fresh";
import { PhaseBadge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { ImportTable } from "@/components/ImportTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText } from "@/components/rule_text.ts";
import { groupDigits, scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { quantityText } from "@/components/activity_text.ts";
import { durationText, nextMoment } from "@/components/time_text.ts";
import { type Competition, CompetitionQuery } from "@/contracts/competitions.ts";
import type { Stats } from "@/contracts/fitness.ts";
import { ReviewQuery } from "@/contracts/reviews.ts";
import { ownStandings, type Standings } from "../board_data.ts";
import { define, type State } from "../define.ts";
import { personIn } from "../page_answer.ts";

/** Entries of each list here; the whole lists have pages of their own. */
const LATEST = 5;

const WAITING = ReviewQuery.parse({ page_size: 1 });

export const handler = define.handlers({
  async GET({ state }) {
    const { services, actor } = state;
    const joinedQuery = CompetitionQuery.parse({ scope: "joined", page_size: 20 });
    const { userId } = personIn(state);
    const [joined, imports, stats, reviews] = await Promise.all([
      services.competitions.list(actor, joinedQuery),
      services.fitness.imports(actor, { page: 1, page_size: LATEST }),
      services.fitness.stats(actor, userId, { bucket: "week" }),
      services.reviews.list(actor, { ...WAITING, userId }),
    ]);
    const standings = await ownStandings(state, joined.items);
    const waiting = reviews.total;
    return page({ joined: joined.items, imports, stats, standings, waiting });
  },
});

export default define.page<typeof handler>(function Me({ data, state }) {
  const { joined, imports, stats, standings, waiting } = data;
  return (
    <>
      <PageHead title="My page" sub={`Signed in as ${state.account?.email}`}>
        <a class="button primary" href="/me/upload">
          <Icon name="upload" /> Upload an activity
        </a>
      </PageHead>
      <div class="stack">
        {waiting > 0
          ? (
            <p class="notice" data-tone="warn">
              <Icon name="alert" />
              <span>
                {waiting === 1
                  ? "One activity of yours waits"
                  : `${waiting} activities of yours wait`} for review and{" "}
                {waiting === 1 ? "does" : "do"} not count meanwhile.{" "}
                <a href="/me/reviews">See why</a>
              </span>
            </p>
          )
          : null}
        <StatFigures stats={stats} />
        <section class="card" aria-labelledby="joined">
          <div class="card-head">
            <h2 id="joined">My competitions</h2>
            <a href="/">Find more</a>
          </div>
          <Joined competitions={joined} standings={standings} state={state} />
        </section>
        <section class="card" aria-labelledby="imports">
          <div class="card-head">
            <h2 id="imports">Latest uploads</h2>
            {imports.total > LATEST ? <a href="/me/imports">All {imports.total}</a> : null}
          </div>
          {imports.items.length === 0
            ? (
              <EmptyState
                title="No activity yet"
                text="Upload a FIT, TCX or GPX file from your watch or app; it counts at once in every competition it fits."
              >
                <a class="button" href="/me/upload">Upload an activity</a>
              </EmptyState>
            )
            : <ImportTable imports={imports.items} view={state.view} />}
        </section>
      </div>
    </>
  );
});

function StatFigures({ stats }: { stats: Stats }) {
  const { totals, longestStreakDays, currentStreakDays } = stats;
  const figures = [
    { label: "Distance", value: quantityText("distance", totals.distance) },
    { label: "Moving time", value: quantityText("moving_time", totals.moving_time) },
    { label: "Steps", value: groupDigits(totals.steps) },
    { label: "Activities", value: groupDigits(totals.activities) },
    {
      label: "Streak",
      value: `${currentStreakDays} d`,
      note: `longest ${longestStreakDays} d`,
    },
  ];
  return (
    <section aria-label={`My activity from ${stats.from} to ${stats.to}`}>
      <dl class="figures">
        {figures.map(({ label, value, note }) => (
          <div key={label} class="card figure">
            <dt>{label}</dt>
            <dd>
              {value}
              {note ? <small>{` ${note}`}</small> : null}
            </dd>
          </div>
        ))}
      </dl>
      <p class="muted small figures-note">
        From {stats.from} to {stats.to}, days in {stats.timeZone}.
      </p>
    </section>
  );
}

function Joined(
  { competitions, standings, state }: {
    competitions: Competition[];
    standings: Standings;
    state: State;
  },
) {
  if (competitions.length === 0) {
    return (
      <EmptyState
        title="You take part in nothing yet"
        text="Join a competition; activity from before you joined may count as well."
      >
        <a class="button primary" href="/">Find a competition</a>
      </EmptyState>
    );
  }
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Competition</th>
          <th scope="col">Phase</th>
          <th scope="col" class="num">Rank</th>
          <th scope="col" class="num">Score</th>
          <th scope="col">Next</th>
        </tr>
      </thead>
      <tbody>
        {competitions.map((one) => {
          const me = standings.get(one.id);
          const next = nextMoment(one, state.nowMs);
          return (
            <tr key={one.id}>
              <td>
                <a href={`/c/${one.slug}`}>{one.name}</a>
                <span class="under">{ruleText(one.scoring)}</span>
              </td>
              <td>
                <PhaseBadge phase={one.phase} />
              </td>
              <td class="num" data-label="Rank">
                {me?.rank ? `${me.rank} of ${groupDigits(one.participantCount)}` : "–"}
              </td>
              <td class="num" data-label="Score">
                {scoreText(me?.score ?? null, scoreFormatOf(one.scoring))}
              </td>
              <td>
                {next ? `${next.label} ${durationText(next.atMs - state.nowMs)}` : "Over"}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
