import type { UserCompetition } from "@/contracts/dashboard.ts";
import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import { PhaseBadge } from "../Badge.tsx";
import { Icon } from "../Icon.tsx";
import { ProgressFigures } from "../activity/ProgressFigures.tsx";
import { ruleText } from "../competition/rule_text.ts";
import { groupDigits, scoreFormatOf, scoreText } from "../score_text.ts";
import { durationText, nextMoment } from "../time_text.ts";

/** Where somebody stands in each competition, what is missing to the next rank, and how long it goes on. */
export function StandingsTable(
  { entered, nowMs, progress = new Map() }: {
    entered: readonly UserCompetition[];
    nowMs: number;
    /** By competition, where the rule has a goal. */
    progress?: ReadonlyMap<string, ProgressOfAthlete>;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Competition</th>
          <th scope="col">Phase</th>
          <th scope="col" class="num">Rank</th>
          <th scope="col" class="num">Score</th>
          <th scope="col" class="num">To the next</th>
          <th scope="col" class="num">To the leader</th>
          <th scope="col">Time</th>
        </tr>
      </thead>
      <tbody>
        {entered.map((one) => (
          <Row
            key={one.participantId}
            one={one}
            nowMs={nowMs}
            progress={progress.get(one.competition.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ one, nowMs, progress }: {
  one: UserCompetition;
  nowMs: number;
  progress: ProgressOfAthlete | undefined;
}) {
  const { competition, me, participantId, timeElapsed } = one;
  const { slug, name, phase, scoring, frozen } = competition;
  const format = scoreFormatOf(scoring);
  const moment = nextMoment(competition, nowMs);
  return (
    <tr>
      <td>
        <a href={`/c/${slug}`}>{name}</a>
        <span class="under">
          {ruleText(scoring)} <a href={`/c/${slug}/why/${participantId}`}>Why this score?</a>
        </span>
        {progress ? <ProgressFigures progress={progress} scoring={scoring} /> : null}
      </td>
      <td>
        <PhaseBadge phase={phase} />
      </td>
      <td class="num" data-label="Rank">
        <Rank one={one} />
      </td>
      <td class="num" data-label="Score">{scoreText(me.score, format)}</td>
      <td class="num" data-label="To the next">
        {me.next
          ? (
            <>
              {me.next.gap === 0 ? "Equal score" : scoreText(me.next.gap, format)}
              <span class="under">{`${me.next.name}, rank ${me.next.rank}`}</span>
            </>
          )
          : me.rank === 1
          ? "You lead"
          : "–"}
      </td>
      <td class="num" data-label="To the leader">
        {me.gapToLeader === null || me.rank === 1 ? "–" : scoreText(me.gapToLeader, format)}
      </td>
      <td>
        {moment ? `${moment.label} ${unbroken(durationText(moment.atMs - nowMs))}` : "Over"}
        {phase === "active" && !frozen
          ? <meter class="time-bar" value={timeElapsed} aria-label={`Time over of ${name}`} />
          : null}
      </td>
    </tr>
  );
}

/** The rank, or why there is none to tell. */
function Rank({ one: { me, participation, competition } }: { one: UserCompetition }) {
  if (participation === "disqualified") return <>Disqualified</>;
  if (participation === "withdrawn") return <>Left</>;
  if (me.rank !== null) return <>{`${me.rank} of ${groupDigits(me.total)}`}</>;
  if (!competition.frozen) return <>–</>;
  return (
    <span title="The board is frozen">
      <Icon name="snow" /> <span class="hidden-text">Frozen</span>
    </span>
  );
}

function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}
