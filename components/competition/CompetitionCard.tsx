import type { Competition } from "@/contracts/competitions.ts";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { Phase } from "@/domain/competition.ts";
import { Avatar } from "../Avatar.tsx";
import { PhaseBadge } from "../Badge.tsx";
import { Icon } from "../Icon.tsx";
import { ruleText } from "./rule_text.ts";
import { groupDigits, scoreFormatOf, scoreText } from "../score_text.ts";
import { durationText, nextMoment, progressPercent } from "../time_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

const LEADER_WORDS: Partial<Record<Phase, string>> = {
  provisional: "first, not final yet",
  final: "won",
  settled: "won",
  cancelled: "was in the lead",
};

/** A competition in the public list, with who leads it. */
export function CompetitionCard(
  { competition, leader, nowMs, view }: {
    competition: Competition;
    leader: BoardRow | undefined;
    nowMs: number;
    view: Viewer;
  },
) {
  const { slug, name, phase, participantCount, scoring } = competition;
  return (
    <article class="card contest">
      <div class="contest-top">
        <PhaseBadge phase={phase} />
        <span class="row">
          <Icon name="people" small />
          <span>
            {groupDigits(participantCount)}
            <span class="hidden-text">participants</span>
          </span>
        </span>
      </div>
      <h3>
        <a href={`/c/${slug}`}>{name}</a>
      </h3>
      <p class="muted small">{ruleText(scoring)}</p>
      {leader && leader.score !== null
        ? (
          <p class="contest-leader">
            <Avatar id={leader.userId} name={leader.name} />
            <span>
              <b>{leader.name}</b>
              <small>{LEADER_WORDS[phase] ?? "in the lead"}</small>
            </span>
            <span>{scoreText(leader.score, scoreFormatOf(scoring))}</span>
          </p>
        )
        : <p class="contest-leader muted small">Nobody has scored yet</p>}
      <CardTrack competition={competition} nowMs={nowMs} view={view} />
    </article>
  );
}

function CardTrack(
  { competition, nowMs, view }: {
    competition: Competition;
    nowMs: number;
    view: Viewer;
  },
) {
  const next = competition.phase === "cancelled" ? null : nextMoment(competition, nowMs);
  const percent = progressPercent(competition, nowMs);
  return (
    <div>
      <progress class="track" max={100} value={percent} aria-label="Time elapsed">
        {percent} %
      </progress>
      <p class="track-ends">
        <TimeText at={competition.startsAt} view={view} style="day" />
        <span>
          {next ? `${next.label} ${durationText(next.atMs - nowMs)}` : overText(competition.phase)}
        </span>
        <TimeText at={competition.endsAt} view={view} style="day" />
      </p>
    </div>
  );
}

function overText(phase: Phase): string {
  return phase === "cancelled" ? "Cancelled" : "Over";
}
