import type { ComponentChildren } from "preact";
import type { Competition, CompetitionView } from "@/contracts/competitions.ts";
import type { Board } from "@/contracts/leaderboard.ts";
import { canJoin, type EntryFacts } from "@/domain/competition.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { EntryCheck } from "@/contracts/entry_check.ts";
import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import { EntryDemands } from "./EntryVerdicts.tsx";
import { type Groups, OwnGroups } from "../team/GroupChoice.tsx";
import { JoinForm } from "./JoinForm.tsx";
import { ProgressFigures } from "../activity/ProgressFigures.tsx";
import { FeeLine, type Purse } from "./JoinButtons.tsx";
import { Icon } from "../Icon.tsx";
import { groupDigits, scoreFormatOf, scoreText } from "../score_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** The viewer's own part in a competition: joining, the standing, leaving. */
export function EntryCard(
  { competition, me, groups, check, progress, purse, isSignedIn, csrfToken, nowMs, view }: {
    competition: CompetitionView;
    me: Board["me"];
    /** Divisions and teams to choose from; null where there are none. */
    groups: Groups | null;
    /** Whether the viewer may enter, and why not; null for visitors. */
    check: EntryCheck | null;
    /** How far the viewer has come; null where nothing is computed, or they are not in. */
    progress: ProgressOfAthlete | null;
    /** What the viewer can pay with; null where entering is free. */
    purse: Purse | null;
    isSignedIn: boolean;
    csrfToken: string;
    nowMs: EpochMs;
    view: Viewer;
  },
) {
  if (competition.participantId) {
    const groupsOfOwn = <OwnGroups groups={groups} slug={competition.slug} csrfToken={csrfToken} />;
    return <OwnEntry competition={competition} me={me} progress={progress}>{groupsOfOwn}</OwnEntry>;
  }
  const decision = canJoin(factsOf(competition), nowMs);
  if (!decision.ok) return <Closed competition={competition} nowMs={nowMs} view={view} />;
  const { slug, visibility } = competition;
  return (
    <section class="card" aria-labelledby="entry">
      <div class="card-body stack">
        <h2 id="entry">Take part</h2>
        {isSignedIn
          ? (
            <JoinForm
              action={`/c/${slug}/join`}
              wantsCode={visibility === "invite"}
              competition={competition}
              groups={groups}
              check={check}
              purse={purse}
              csrfToken={csrfToken}
            />
          )
          : (
            <>
              <FeeLine competition={competition} purse={purse} />
              <EntryDemands conditions={competition.entryConditions} />
              <p class="muted">Sign in, join, and your activity counts here.</p>
              <a class="button primary wide" href={`/register?next=/c/${slug}`}>
                Make an account to join
              </a>
              <a class="button wide" href={`/sign-in?next=/c/${slug}`}>Sign in</a>
            </>
          )}
      </div>
    </section>
  );
}

/** Why nobody can join now, where that is worth a word. */
function Closed(
  { competition, nowMs, view }: { competition: Competition; nowMs: EpochMs; view: Viewer },
) {
  const { status, registrationOpensAt, registrationClosesAt, capacity } = competition;
  if (status !== "published") return null;
  const isEarly = registrationOpensAt !== null && nowMs < Date.parse(registrationOpensAt);
  const isLate = nowMs >= Date.parse(registrationClosesAt);
  return (
    <p class="notice" data-tone={isEarly ? "info" : "warn"}>
      <Icon name={isEarly ? "clock" : "lock"} />
      <span>
        {isEarly
          ? (
            <>
              Registration opens <TimeText at={registrationOpensAt} view={view} />.
            </>
          )
          : isLate
          ? "Registration has closed."
          : `All ${groupDigits(capacity ?? 0)} places are taken.`}
      </span>
    </p>
  );
}

function factsOf(competition: Competition): EntryFacts {
  const { name, status, capacity, participantCount, graceMs, registrationOpensAt } = competition;
  return {
    name,
    status,
    capacity,
    participantCount,
    graceMs,
    registrationOpensAt: registrationOpensAt === null ? null : Date.parse(registrationOpensAt),
    registrationClosesAt: Date.parse(competition.registrationClosesAt),
    startsAt: Date.parse(competition.startsAt),
    endsAt: Date.parse(competition.endsAt),
  };
}

function OwnEntry(
  { competition, me, progress, children }: {
    competition: Competition;
    me: Board["me"];
    progress: ProgressOfAthlete | null;
    /** The own division and team. */
    children: ComponentChildren;
  },
) {
  const { slug, id, scoring, phase } = competition;
  const isOver = phase === "final" || phase === "settled" || phase === "cancelled";
  return (
    <section class="card" aria-labelledby="entry">
      <div class="card-body stack">
        <h2 id="entry">You take part</h2>
        <dl class="standing">
          <div>
            <dt>Rank</dt>
            <dd>{me?.rank ?? "–"}</dd>
          </div>
          <div>
            <dt>Score</dt>
            <dd>{scoreText(me?.score ?? null, scoreFormatOf(scoring))}</dd>
          </div>
        </dl>
        {progress ? <ProgressFigures progress={progress} scoring={scoring} /> : null}
        {me
          ? (
            <a href={`/c/${slug}/why/${me.participantId}`}>
              Why am I ranked here?
            </a>
          )
          : null}
        {isOver ? null : children}
        {isOver ? null : (
          <div class="actions">
            {scoring.kind === "activity"
              ? (
                <a class="button primary" href={`/me/upload?competitionId=${id}`}>
                  <Icon name="upload" /> Upload
                </a>
              )
              : null}
            <a class="button" href={`/c/${slug}/leave`}>Leave…</a>
          </div>
        )}
      </div>
    </section>
  );
}
