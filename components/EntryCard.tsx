import type { Competition } from "@/contracts/competitions.ts";
import type { Board } from "@/contracts/leaderboard.ts";
import type { Phase } from "@/domain/competition.ts";
import { CsrfField } from "./Field.tsx";
import { Icon } from "./Icon.tsx";
import { groupDigits, scoreFormatOf, scoreText } from "./score_text.ts";

/** Phases in which somebody may still come in. */
const JOINABLE: readonly Phase[] = ["upcoming", "registration", "active"];

/** The viewer's own part in a competition: joining, the standing, leaving. */
export function EntryCard(
  { competition, me, isSignedIn, csrfToken }: {
    competition: Competition & { participantId: string | null };
    me: Board["me"];
    isSignedIn: boolean;
    csrfToken: string;
  },
) {
  if (competition.participantId) {
    return <OwnEntry competition={competition} me={me} />;
  }
  if (!JOINABLE.includes(competition.phase)) return null;
  const { slug, capacity, participantCount, visibility } = competition;
  if (capacity !== null && participantCount >= capacity) {
    return (
      <p class="notice" data-tone="warn">
        <Icon name="info" />
        <span>All {groupDigits(capacity)} places are taken.</span>
      </p>
    );
  }
  return (
    <section class="card" aria-labelledby="entry">
      <div class="card-body stack">
        <h2 id="entry">Take part</h2>
        {isSignedIn
          ? (
            <form class="form" method="post" action={`/c/${slug}/join`}>
              <CsrfField token={csrfToken} />
              {visibility === "invite"
                ? (
                  <div class="field">
                    <label for="inviteCode">Invite code</label>
                    <input
                      class="input"
                      id="inviteCode"
                      name="inviteCode"
                      required
                      autocomplete="off"
                    />
                  </div>
                )
                : null}
              <button type="submit" class="button primary wide">Join this competition</button>
            </form>
          )
          : (
            <>
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

function OwnEntry({ competition, me }: { competition: Competition; me: Board["me"] }) {
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
