/**
 * Writes score events and folds them into the standings, in the caller's transaction; shared by
 * direct updates and by activity.
 *
 * The newest event of a participant in a direct competition takes one step from the stored fold.
 * Anything else (an older event, a computed score, a void) folds the participant's entries anew
 * with the function that a replay of the log uses, so that both always agree.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { NewLogEntry, ScoreEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import { SCORE_MAX } from "@/domain/rules.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import { foldParticipant, nextFold, NO_SCORE } from "@/domain/standings.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { CompetitionLogService, LockedCompetition, LogDraft } from "./competition_log.ts";
import { type PlannedScore, type StoredFold, writeScoreRows } from "./score_entries.ts";
import { type HistoryEntry, readHistories, readRuleVersions } from "./score_history.ts";

/** A draft whose entry is a score event. */
export interface ScoreDraft extends LogDraft {
  entry: Extract<NewLogEntry, { kind: "score" }>;
}

/** What one score event did. */
export interface ScoreWrite {
  participantId: string;
  seq: number;
  eventId: string;
  before: FoldedScore;
  after: FoldedScore;
}

export interface ScoresWriter {
  /**
   * Appends the events in order and updates `standings`. Fails with `VALIDATION_ERROR` when a
   * score would leave ±(2^53 − 1), and then nothing is appended.
   */
  write(tx: Tx, locked: LockedCompetition, drafts: readonly ScoreDraft[]): Promise<ScoreWrite[]>;
  /** As `write`, but an event that cannot count fails alone: its place holds its error. */
  writeEach(
    tx: Tx,
    locked: LockedCompetition,
    drafts: readonly ScoreDraft[],
  ): Promise<(ScoreWrite | DomainError)[]>;
  /** Folds participants anew after a void or a new version of the rules. Fails as `write`. */
  refold(tx: Tx, locked: LockedCompetition, participantIds: readonly string[]): Promise<void>;
  /** The folded score of participants, those without a row as null scores. */
  read(
    tx: Tx,
    competitionId: string,
    participantIds: readonly string[],
  ): Promise<Map<string, FoldedScore>>;
}

export interface ScoresDeps {
  log: CompetitionLogService;
}

export function createScoresWriter(deps: ScoresDeps): ScoresWriter {
  const writeEach: ScoresWriter["writeEach"] = async (tx, locked, drafts) => {
    const plan = planScores(locked, await readStored(tx, locked, drafts), drafts);
    await store(deps, tx, locked, plan);
    return plan.outcomes;
  };
  return {
    writeEach,
    async write(tx, locked, drafts) {
      const plan = planScores(locked, await readStored(tx, locked, drafts), drafts);
      const writes = plan.outcomes.map((outcome) => {
        if (outcome instanceof DomainError) throw outcome;
        return outcome;
      });
      await store(deps, tx, locked, plan);
      return writes;
    },
    refold,
    async read(tx, competitionId, participantIds) {
      const folds = await readFolds(tx, competitionId, participantIds);
      return new Map([...folds].map(([id, fold]) => [id, fold.folded]));
    },
  };
}

/** Of a participant without events. */
export const NO_FOLD: StoredFold = { folded: NO_SCORE, lastOccurredAt: null, lastEventSeq: null };

/** What a call will write, found out before anything is written. */
export interface ScorePlan {
  outcomes: (ScoreWrite | DomainError)[];
  /** The events that count, numbered. */
  rows: PlannedScore[];
  /** The folds that change. */
  folds: Map<string, StoredFold>;
  /** Those among them that have no row yet. */
  newcomers: Set<string>;
}

/** What planning needs of the stored state; participants without a fold have no events. */
export interface StoredScores {
  folds: ReadonlyMap<string, StoredFold>;
  /** Only of participants whose events cannot take one step. */
  histories: Map<string, HistoryEntry[]>;
  versions: [Rules, ...Rules[]];
}

/** Thinks out what events do to the folds that are stored; changes and writes nothing. */
export function planScores(
  locked: LockedCompetition,
  stored: StoredScores,
  drafts: readonly ScoreDraft[],
): ScorePlan {
  const plan: ScorePlan = { outcomes: [], rows: [], folds: new Map(), newcomers: new Set() };
  for (const draft of drafts) plan.outcomes.push(planOne(locked, stored, plan, draft));
  return plan;
}

/** The next event of the log; its arrival is set when it is chained. */
function toEvent(
  { lastSeq }: LockedCompetition,
  { rows }: ScorePlan,
  draft: ScoreDraft,
): ScoreEntry {
  const { kind, eventId, participantId, operator, value, occurredAt, source, rulesVersion } =
    draft.entry;
  const seq = lastSeq + rows.length + 1;
  // Spelled out: thousands of these a second, and a spread costs as much as the fold.
  return {
    seq,
    arrivedAt: 0,
    kind,
    eventId,
    participantId,
    operator,
    value,
    occurredAt,
    source,
    rulesVersion,
  };
}

function planOne(
  locked: LockedCompetition,
  stored: StoredScores,
  plan: ScorePlan,
  draft: ScoreDraft,
): ScoreWrite | DomainError {
  const event = toEvent(locked, plan, draft);
  const { participantId, seq, eventId, occurredAt } = event;
  const fold = plan.folds.get(participantId) ?? stored.folds.get(participantId) ?? NO_FOLD;
  const history = stored.histories.get(participantId);
  const after = history
    ? foldParticipant([...history, event], stored.versions)
    : nextFold(fold.folded, event, locked.rules.scoring);
  if (!after) return outOfRange();
  history?.push(event);
  const isNewest = fold.lastOccurredAt === null || occurredAt >= fold.lastOccurredAt;
  const next = isNewest
    ? { folded: after, lastOccurredAt: occurredAt, lastEventSeq: seq }
    : { ...fold, folded: after };
  if (fold === NO_FOLD) plan.newcomers.add(participantId);
  plan.folds.set(participantId, next);
  plan.rows.push({ entry: event, draft, scoreAfter: after.score });
  return { participantId, seq, eventId, before: fold.folded, after };
}

function outOfRange(): DomainError {
  return invalid("score", "out_of_range", `Score must stay within ±${SCORE_MAX} of its last digit`);
}

async function readStored(
  tx: Tx,
  locked: LockedCompetition,
  drafts: readonly ScoreDraft[],
): Promise<StoredScores> {
  const ids = [...new Set(drafts.map((draft) => draft.entry.participantId))];
  const folds = await readFolds(tx, locked.id, ids);
  const isComputed = locked.rules.scoring.kind === "activity";
  const unordered = isComputed ? ids : idsOutOfOrder(drafts, folds);
  const histories = await readHistories(tx, locked.id, unordered, {
    // A new computed result supersedes the earlier ones, so that they need not be read.
    skipActivity: isComputed && drafts.every((draft) => draft.entry.source === "activity"),
  });
  const versions = await readRuleVersions(tx, locked, [...histories.values()].flat());
  return { folds, histories, versions };
}

/** Participants that get an event older than their newest, whose fold takes more than a step. */
export function idsOutOfOrder(
  drafts: readonly ScoreDraft[],
  folds: ReadonlyMap<string, StoredFold>,
): string[] {
  if (comeInOrder(drafts, folds)) return [];
  const newest = new Map<string, EpochMs>();
  const ids = new Set<string>();
  for (const { entry: { participantId, occurredAt } } of drafts) {
    const last = newest.get(participantId) ?? folds.get(participantId)?.lastOccurredAt ?? -Infinity;
    if (occurredAt < last) ids.add(participantId);
    newest.set(participantId, Math.max(last, occurredAt));
  }
  return [...ids];
}

/** Whether each is at least as new as all before it and all that is known, as events mostly are. */
function comeInOrder(
  drafts: readonly ScoreDraft[],
  folds: ReadonlyMap<string, StoredFold>,
): boolean {
  let newest: EpochMs = -Infinity;
  for (const { lastOccurredAt } of folds.values()) {
    if (lastOccurredAt !== null && lastOccurredAt > newest) newest = lastOccurredAt;
  }
  for (const { entry: { occurredAt } } of drafts) {
    if (occurredAt < newest) return false;
    newest = occurredAt;
  }
  return true;
}

async function store(
  { log }: ScoresDeps,
  tx: Tx,
  locked: LockedCompetition,
  plan: ScorePlan,
): Promise<void> {
  if (plan.rows.length === 0) return;
  const hashes = log.chainScores(locked, plan.rows.map(({ entry }) => entry));
  await writeScoreRows(tx.sql, { locked, plan, hashes });
}

async function refold(
  tx: Tx,
  locked: LockedCompetition,
  participantIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(participantIds)];
  const folds = await readFolds(tx, locked.id, ids);
  const histories = await readHistories(tx, locked.id, ids, { skipActivity: false });
  const versions = await readRuleVersions(tx, locked, [...histories.values()].flat());
  const changed = new Map<string, StoredFold>();
  for (const [id, history] of histories) {
    if (history.length === 0) continue;
    const folded = foldParticipant(history, versions);
    if (!folded) throw outOfRange();
    changed.set(id, { ...folds.get(id)!, folded });
  }
  await upsertStandings(tx, locked.id, changed);
  // The log need not have moved, e.g. in a repair: nodes that remember folds go by the row's version.
  await tx.sql`update competitions set last_seq = last_seq where id = ${locked.id}`;
}

type StandingRow = FoldedScore & {
  participantId: string;
  lastOccurredAt: EpochMs | null;
  lastEventSeq: number | null;
};

async function readFolds(
  tx: Tx,
  competitionId: string,
  participantIds: readonly string[],
): Promise<Map<string, StoredFold>> {
  const folds = new Map<string, StoredFold>(participantIds.map((id) => [id, NO_FOLD]));
  if (participantIds.length === 0) return folds;
  const rows = await tx.sql<StandingRow[]>`
    select participant_id as "participantId", score, reached_at as "reachedAt",
      event_count as "eventCount", best_event as "bestEvent",
      last_occurred_at as "lastOccurredAt", last_event_seq as "lastEventSeq"
    from standings where competition_id = ${competitionId}
      and participant_id = any(${[...participantIds]}::uuid[])`;
  for (const { participantId, lastOccurredAt, lastEventSeq, ...folded } of rows) {
    folds.set(participantId, { folded, lastOccurredAt, lastEventSeq });
  }
  return folds;
}

async function upsertStandings(
  tx: Tx,
  competitionId: string,
  folds: ReadonlyMap<string, StoredFold>,
): Promise<void> {
  if (folds.size === 0) return;
  const instant = (at: EpochMs | null) => at === null ? null : new Date(at).toISOString();
  const rows = [...folds].map(([participantId, { folded, lastOccurredAt, lastEventSeq }]) => ({
    participant_id: participantId,
    score: folded.score,
    reached_at: instant(folded.reachedAt),
    event_count: folded.eventCount,
    best_event: folded.bestEvent,
    last_occurred_at: instant(lastOccurredAt),
    last_event_seq: lastEventSeq,
  }));
  await tx.sql`
    insert into standings (competition_id, participant_id, score, reached_at, event_count,
      best_event, last_occurred_at, last_event_seq)
    select ${competitionId}::uuid, participant_id, score, reached_at, event_count, best_event,
      last_occurred_at, last_event_seq
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(participant_id uuid,
      score bigint, reached_at timestamptz, event_count integer, best_event bigint,
      last_occurred_at timestamptz, last_event_seq bigint)
    on conflict (competition_id, participant_id) do update set score = excluded.score,
      reached_at = excluded.reached_at, event_count = excluded.event_count,
      best_event = excluded.best_event, last_occurred_at = excluded.last_occurred_at,
      last_event_seq = excluded.last_event_seq`;
}
