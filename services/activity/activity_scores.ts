/**
 * Scores computed from stored activity: recomputes participants from the stored facts and appends
 * a superseding `set` event where (score, reachedAt) changed.
 *
 * An athlete's lock makes sure that nobody else stores facts of the athlete meanwhile, so that
 * facts are read and scores computed before the competitions are locked: a long history never
 * holds up the others. What was changed in a competition until its lock is scored again.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { ExcludeReason } from "@/domain/activity.ts";
import type { Interval } from "@/domain/days.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import {
  type ActivityEntry,
  isSameTerms,
  readAthlete,
  readEntries,
  readLetIn,
  readStoredScores,
  type ScoringTerms,
  type StoredScore,
  touches,
} from "./activity_entries.ts";
import { compute } from "./activity_compute.ts";
import type { Facts } from "./activity_facts.ts";
import { tellCourse } from "./activity_course.ts";
import type { ScoresCommitted } from "../boards/board_state.ts";
import type { HistoryAnswers, HistoryAsk } from "./history_answers.ts";
import { askHistory, scoreHistory } from "./history_scores.ts";
import { type AsOf, decisionsFor, frameOf, orderOf, termsOf } from "./score_orders.ts";
import type { ScoreOrder } from "./score_worker.ts";
import type { CompetitionLogService, LockedCompetition } from "../leaderboard/competition_log.ts";
import { type Decisions, NO_DECISIONS, noteHeld, readDecisions } from "../reviews/review_store.ts";
import type { ScoresWriter } from "../leaderboard/scores.ts";

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
  importId?: string;
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

/** What new facts did in one competition that the athlete entered. */
export interface EntryScore extends Rescored {
  competition: { id: string; slug: string; name: string };
  /** Why nothing is computed there any more. */
  refusal: "locked" | "not_participating" | null;
  /** For the board, after the commit. */
  committed?: ScoresCommitted;
}

/** Facts that changed, with the time they span. */
export interface ChangedFacts {
  userId: string;
  span: Interval;
  recordIds: readonly string[];
}

export interface ActivityScores {
  /** Scores one participant anew. Does nothing (`changed: false`) in competitions with direct scores. */
  rescore(
    tx: Tx,
    locked: LockedCompetition,
    participant: ScoredParticipant,
    cause: ScoreCause,
  ): Promise<Rescored>;
  /** Scores an athlete anew wherever the changed facts may count; locks those competitions. */
  rescoreAthlete(
    tx: Tx,
    changed: ChangedFacts,
    cause: Omit<ScoreCause, "recordIds">,
  ): Promise<EntryScore[]>;
  /** What counts of the named records wherever their span touches; locks and writes nothing. */
  explainAthlete(
    tx: Tx,
    changed: ChangedFacts,
  ): Promise<{ competition: ActivityEntry; computed: ActivityScore }[]>;
  /** Tells of an athlete's stored activity what counts, or how far it has come; writes nothing. */
  ask<Ask extends HistoryAsk>(
    tx: Tx,
    ask: Ask,
    competition: { id: string } & ScoringTerms,
    userId: string,
  ): Promise<HistoryAnswers[Ask]>;
  /** Scores anew whoever has facts that the times of before left out and those of now let in. */
  rescoreMoved(
    tx: Tx,
    locked: LockedCompetition,
    before: Pick<LockedCompetition, "endsAt" | "graceMs">,
    cause: ScoreCause,
  ): Promise<void>;
}

export interface ActivityScoresDeps {
  log: CompetitionLogService;
  scores: ScoresWriter;
  clock: Clock;
  newId: IdGenerator;
}

export function createActivityScores(deps: ActivityScoresDeps): ActivityScores {
  const rescore: ActivityScores["rescore"] = async (tx, locked, { id, userId }, cause) => {
    const stored = (await readStoredScores(tx, [id])).get(id)!;
    const { recordIds = [] } = cause;
    const decisions = (await readDecisions(tx, [id])).get(id) ?? NO_DECISIONS;
    const frame = { recordIds, athlete: stored, decisions, now: deps.clock.now() };
    const order = { competition: termsOf(locked), frame };
    const computed = isScored(locked)
      ? (await scoreHistory(tx, [order], { userId, recordIds })).scores[0]
      : undefined;
    return await settle(deps, tx, { locked, stored, computed, cause, decisions });
  };
  return {
    rescore,
    rescoreAthlete: (tx, changed, cause) => rescoreAthlete(deps, tx, changed, cause),
    async explainAthlete(tx, changed) {
      const entries = (await readEntries(tx, changed.userId, changed.span))
        .filter((entry) => touches(entry, changed.span));
      const decisions = await readDecisions(tx, entries.map((entry) => entry.participantId));
      const asOf = { decisions, now: deps.clock.now() };
      const orders = entries.map((entry) => orderOf(entry, entry, { changed, asOf }));
      const { scores } = await scoreHistory(tx, orders, changed);
      return entries.map((entry, index) => ({ competition: entry, computed: scores[index]! }));
    },
    async ask(tx, ask, competition, userId) {
      const order = await ownOrder(deps, tx, competition, userId);
      return await askHistory(tx, ask, { order, userId });
    },
    async rescoreMoved(tx, locked, before, cause) {
      if (!isScored(locked)) return;
      for (const participant of await readLetIn(tx, locked, before)) {
        await rescore(tx, locked, participant, cause);
      }
    },
  };
}

/** What an athlete's own score comes from besides the facts, as of now. */
async function ownOrder(
  deps: ActivityScoresDeps,
  tx: Tx,
  competition: { id: string } & ScoringTerms,
  userId: string,
): Promise<ScoreOrder> {
  const athlete = await readAthlete(tx, competition.id, userId);
  const decided = await readDecisions(tx, [athlete.participantId]);
  const decisions = decided.get(athlete.participantId) ?? NO_DECISIONS;
  const frame = { recordIds: [], athlete, decisions, now: deps.clock.now() };
  return { competition: termsOf(competition), frame };
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

function isScored(competition: Pick<LockedCompetition, "status" | "rules">): boolean {
  return competition.status === "published" && competition.rules.scoring.kind === "activity";
}

async function rescoreAthlete(
  deps: ActivityScoresDeps,
  tx: Tx,
  changed: ChangedFacts,
  cause: ScoreCause,
): Promise<EntryScore[]> {
  const entries = await readEntries(tx, changed.userId, changed.span);
  if (entries.length === 0) return [];
  const now = deps.clock.now();
  const near = entries.filter((entry) => isScored(entry) && touches(entry, changed.span));
  const decisions = await readDecisions(tx, entries.map((entry) => entry.participantId));
  const asOf = { decisions, now };
  const orders = near.map((entry) => orderOf(entry, entry, { changed, asOf }));
  const { scores: computed, facts } = await scoreHistory(tx, orders, changed);
  const planned = new Map(near.map((entry, index) => [entry.id, computed[index]!]));
  const locked = await lockScored(deps, tx, entries);
  const stored = await readStoredScores(tx, entries.map((entry) => entry.participantId));
  const scores: EntryScore[] = [];
  for (const entry of entries) {
    const given = {
      entry,
      locked: locked.get(entry.id),
      stored: stored.get(entry.participantId)!,
      planned: planned.get(entry.id),
    };
    scores.push(await scoreEntry(deps, tx, { ...given, facts, changed, cause, asOf }));
  }
  return scores;
}

async function lockScored(
  deps: ActivityScoresDeps,
  tx: Tx,
  entries: readonly ActivityEntry[],
): Promise<Map<string, LockedCompetition>> {
  const ids = entries.filter(isScored).map(({ id }) => id);
  return ids.length === 0 ? new Map() : await deps.log.lock(tx, ids);
}

interface EntryGiven {
  entry: ActivityEntry;
  /** Absent where nothing scores any more. */
  locked: LockedCompetition | undefined;
  stored: StoredScore;
  /** Computed before the lock, where the changed facts touch the competition. */
  planned: ActivityScore | undefined;
  facts: Facts;
  changed: ChangedFacts;
  cause: ScoreCause;
  asOf: AsOf;
}

async function scoreEntry(
  deps: ActivityScoresDeps,
  tx: Tx,
  given: EntryGiven,
): Promise<EntryScore> {
  const { entry, locked, stored, planned, cause } = given;
  const { id, slug, name } = entry;
  const competition = { id, slug, name };
  if (stored.status !== "active") {
    return { competition, refusal: "not_participating", ...unchanged(stored) };
  }
  if (!locked || !isScored(locked)) {
    return { competition, refusal: "locked", ...unchanged(stored) };
  }
  if (isSameTerms(entry, locked) && !planned) {
    const outside = explainOutside(given);
    return { competition, refusal: null, ...unchanged(stored, outside) };
  }
  const computed = isSameTerms(entry, locked) ? planned! : await computeAnew(tx, locked, given);
  const decisions = decisionsFor(given.asOf, stored);
  const rescored = await settle(deps, tx, { locked, stored, computed, cause, decisions });
  return { competition, refusal: null, ...rescored };
}

function unchanged(stored: StoredScore, computed?: ActivityScore): Rescored {
  const { counted = [], excluded = [] } = computed ?? {};
  return { before: stored.score, score: stored.score, changed: false, counted, excluded };
}

/** Why each of the changed facts lies outside of the competition; its score is of no interest. */
function explainOutside({ entry, facts, changed, asOf }: EntryGiven): ActivityScore {
  const named = new Set(changed.recordIds);
  const ofThem = {
    activities: facts.activities.filter(({ id }) => named.has(id)),
    samples: facts.samples.filter(({ id }) => named.has(id)),
  };
  return compute(entry, ofThem, frameOf(entry, changed, asOf));
}

async function computeAnew(
  tx: Tx,
  locked: LockedCompetition,
  { entry, changed, asOf }: EntryGiven,
): Promise<ActivityScore> {
  const order = orderOf(locked, entry, { changed, asOf });
  return (await scoreHistory(tx, [order], changed)).scores[0]!;
}

interface Settlement {
  locked: LockedCompetition;
  stored: StoredScore;
  /** Undefined where nothing is computed. */
  computed: ActivityScore | undefined;
  cause: ScoreCause;
  decisions: Decisions;
}

/** Writes the computed score where it differs from the newest one of these rules. */
async function settle(
  deps: ActivityScoresDeps,
  tx: Tx,
  { locked, stored, computed, cause, decisions }: Settlement,
): Promise<Rescored & { committed?: ScoresCommitted }> {
  if (computed) {
    const { participantId } = stored;
    const at = deps.clock.now();
    const held = { competitionId: locked.id, participantId, computed, decisions, at };
    await noteHeld(tx, deps.newId, held);
  }
  if (!computed) return unchanged(stored);
  const from = locked.lastSeq;
  const { participantId } = stored;
  const { actor } = cause;
  if (isStanding(stored, computed, locked)) {
    const isTold = await tellCourse(deps, tx, locked, { participantId, computed, actor });
    if (!isTold) return unchanged(stored, computed);
    return { ...unchanged(stored, computed), committed: { locked, from, scores: [] } };
  }
  const [write] = await deps.scores.write(tx, locked, [
    eventOf(deps, locked, participantId, computed, cause),
  ]);
  await tellCourse(deps, tx, locked, { participantId, computed, actor });
  const { before, after } = write!;
  return {
    before: before.score,
    score: after.score,
    changed: true,
    counted: computed.counted,
    excluded: computed.excluded,
    committed: { locked, from, scores: [{ participantId, after }] },
  };
}

/** Whether the newest activity event says the same; one of older rules says nothing any more. */
function isStanding(
  stored: StoredScore,
  computed: ActivityScore,
  locked: LockedCompetition,
): boolean {
  const isOfRules = stored.rulesVersion === locked.rules.version;
  if (!isOfRules || stored.value === null) return computed.score === null;
  return stored.value === computed.score && stored.reachedAt === computed.reachedAt;
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
      // That nothing counts any more is so from now on.
      occurredAt: computed.reachedAt ?? deps.clock.now(),
      source: "activity" as const,
      rulesVersion: locked.rules.version,
    },
    actor: cause.actor,
    metadata: {
      cause: cause.reason,
      ...(cause.importId === undefined ? {} : { importId: cause.importId }),
    },
  };
}
