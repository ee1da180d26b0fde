/**
 * Scores computed from stored activity: recomputes one participant in one competition from the
 * stored facts and appends a superseding `set` event where (score, reachedAt) changed.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { ExcludeReason } from "@/domain/activity.ts";
import { type ActivityScore, scoreActivity } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { readFacts } from "./activity_facts.ts";
import type { LockedCompetition } from "./competition_log.ts";
import type { ScoresWriter } from "./scores.ts";

/** The participant to score. */
export interface ScoredParticipant {
  id: string;
  userId: string;
}

/** Why a participant is scored anew. */
export interface ScoreCause {
  actor: Actor;
  /** What happened, e.g. `import` or `join`. */
  reason: string;
  /** Records to explain even where they lie outside the competition. */
  recordIds?: readonly string[];
}

/** What was computed, and whether it moved the board. Amounts are in base units of the metric. */
export interface Rescored {
  before: number | null;
  score: number | null;
  changed: boolean;
  counted: { recordId: string; amount: number }[];
  excluded: { recordId: string; reason: ExcludeReason; amount?: number }[];
}

export interface ActivityScores {
  /** Does nothing (`changed: false`) in competitions with direct scores. */
  rescore(
    tx: Tx,
    locked: LockedCompetition,
    participant: ScoredParticipant,
    cause: ScoreCause,
  ): Promise<Rescored>;
}

export interface ActivityScoresDeps {
  scores: ScoresWriter;
  clock: Clock;
  newId: IdGenerator;
}

export function createActivityScores(deps: ActivityScoresDeps): ActivityScores {
  return {
    async rescore(tx, locked, participant, cause) {
      const folded = (await deps.scores.read(tx, locked.id, [participant.id])).get(participant.id);
      const before = folded?.score ?? null;
      const computed = await compute(tx, locked, participant, cause);
      if (computed === undefined || locked.status !== "published") {
        return { before, score: before, changed: false, counted: [], excluded: [] };
      }
      const { counted, excluded } = computed;
      const last = await readLastEvent(tx, locked.id, participant.id);
      if (last.value === computed.score && last.reachedAt === computed.reachedAt) {
        return { before, score: before, changed: false, counted, excluded };
      }
      const [write] = await deps.scores.write(tx, locked, [
        eventOf(deps, locked, participant.id, computed, cause),
      ]);
      return { before, score: write?.after.score ?? null, changed: true, counted, excluded };
    },
  };
}

/**
 * Serialises everything that stores activity of one athlete or lets it in: without it a join and an
 * import at the same moment would each miss the other. Taken before the locks of competitions.
 */
export async function lockAthlete(tx: Tx, userId: string): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${userId}, ${ATHLETE_LOCK}))`;
}

/** Keeps the keys of this lock apart from those of others. */
const ATHLETE_LOCK = 7;

async function compute(
  tx: Tx,
  locked: LockedCompetition,
  participant: ScoredParticipant,
  cause: ScoreCause,
): Promise<ActivityScore | undefined> {
  const { scoring } = locked.rules;
  if (scoring.kind === "direct") return undefined;
  const facts = await readFacts(tx, participant.userId, {
    from: locked.startsAt,
    to: locked.endsAt,
    recordIds: cause.recordIds ?? [],
  });
  return scoreActivity({ scoring, competition: locked, ...facts });
}

async function readLastEvent(
  tx: Tx,
  competitionId: string,
  participantId: string,
): Promise<{ value: number | null; reachedAt: EpochMs | null }> {
  const [row] = await tx.sql<{ value: number | null; reachedAt: EpochMs }[]>`
    select value, occurred_at as "reachedAt" from competition_log
    where competition_id = ${competitionId} and participant_id = ${participantId}
      and kind = 'score' and source = 'activity'
    order by seq desc limit 1`;
  // The last event says either a score and when it was reached, or that nothing counts any more.
  return row === undefined || row.value === null ? { value: null, reachedAt: null } : row;
}

function eventOf(
  deps: ActivityScoresDeps,
  locked: LockedCompetition,
  participantId: string,
  computed: ActivityScore,
  cause: ScoreCause,
) {
  return {
    entry: {
      kind: "score" as const,
      eventId: deps.newId(),
      participantId,
      operator: "set" as const,
      value: computed.score,
      occurredAt: computed.reachedAt ?? deps.clock.now(),
      source: "activity" as const,
      rulesVersion: locked.rules.version,
    },
    actor: cause.actor,
    metadata: { cause: cause.reason },
  };
}
