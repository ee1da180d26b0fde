/**
 * The one statement that makes score events durable: entries of the log, the folds they lead to, and
 * the head of the log.
 *
 * What a batch says the same of all its rows goes as one value, and hashes go as one piece of bytes
 * of which each row takes its own, so that the database reads six arrays of a usual batch where it
 * would read seventeen. The text of the statement follows from what is the same, by groups of
 * columns, so that there are few such texts to plan.
 *
 * @module
 */

import type postgres from "postgres";
import { RowColumns, StatementValues } from "@/db/row_columns.ts";
import { actorIdOf } from "@/domain/actor.ts";
import type { ScoreEntry } from "@/domain/log.ts";
import { HASH_LENGTH } from "@/domain/log_hash.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { LockedCompetition, LogDraft } from "./competition_log.ts";

/** A participant's fold with the newest event it holds, in the order (`occurredAt`, seq). */
export interface StoredFold {
  folded: FoldedScore;
  lastOccurredAt: EpochMs | null;
  lastEventSeq: number | null;
}

/** A score event to write, with what the log keeps besides. */
export interface PlannedScore {
  entry: ScoreEntry;
  draft: LogDraft;
  scoreAfter: number | null;
}

/** What is to be written, thought out wholly before. */
export interface ScoreRows {
  /** The competition as it stands afterwards. */
  locked: LockedCompetition;
  plan: {
    /** One number after the other. */
    rows: readonly PlannedScore[];
    /** By participant id. */
    folds: ReadonlyMap<string, StoredFold>;
    /** The participants among them that have no row of `standings` yet. */
    newcomers: ReadonlySet<string>;
  };
  /** Of the rows, in hex. */
  hashes: readonly string[];
  /** Nothing is written unless the competition's row is still of this version. */
  ifVersion?: string;
}

/**
 * Writes all of it; gives the version of the competition's row afterwards, or undefined when the row
 * was of another version than asked for, and then nothing was written. Throws `RangeError` when a
 * standing is gone that the plan knew of.
 */
export async function writeScoreRows(
  sql: postgres.Sql | postgres.TransactionSql,
  rows: ScoreRows,
): Promise<string | undefined> {
  const values = new StatementValues();
  const { folds, newcomers } = rows.plan;
  const known = newcomers.size === 0 ? folds : partOf(folds, (id) => !newcomers.has(id));
  const added = newcomers.size === 0 ? NO_FOLDS : partOf(folds, (id) => newcomers.has(id));
  const parts = [
    `head as (${moveHead(values, rows)})`,
    `entries as (${insertEntries(values, rows)})`,
    ...(known.size > 0 ? [`moved as (${updateFolds(values, known)})`] : []),
    ...(added.size > 0 ? [`added as (${insertFolds(values, added)})`] : []),
  ];
  const moved = known.size > 0 ? "(select count(*)::int from moved)" : "0";
  const [written] = await sql.unsafe<{ version: string; moved: number }[]>(
    `with ${parts.join(", ")} select version, ${moved} as moved from head`,
    values.all,
    { prepare: true },
  );
  if (written && written.moved !== known.size) {
    throw new RangeError(`Cannot write scores: ${known.size - written.moved} standings are gone`);
  }
  return written?.version;
}

type Folds = ReadonlyMap<string, StoredFold>;

const NO_FOLDS: Folds = new Map();

function partOf(folds: Folds, isIn: (participantId: string) => boolean): Folds {
  return new Map([...folds].filter(([participantId]) => isIn(participantId)));
}

function moveHead(values: StatementValues, { locked, ifVersion }: ScoreRows): string {
  const { id, lastSeq, lastArrivedAt, lastHash } = locked;
  return `update competitions set last_seq = ${values.add(lastSeq, "bigint")},
      last_arrived_at = ${values.add(lastArrivedAt, "timestamptz")},
      last_hash = ${values.add(lastHash, "bytea")}
    where id = ${values.add(id, "uuid")}
      and xmin = coalesce(${values.add(ifVersion ?? null, "xid")}, xmin)
    returning id, last_arrived_at, xmin::text as version`;
}

/** Instants go as numbers, which both sides write and read in a tenth of the time of dates. */
function insertEntries(values: StatementValues, { plan: { rows }, hashes }: ScoreRows): string {
  const of = <T>(read: (row: PlannedScore) => T): T[] => rows.map(read);
  const columns = new RowColumns(values, rows.length);
  columns.each("participant_id", "uuid", of(({ entry }) => entry.participantId));
  columns.each("event_id", "uuid", of(({ entry }) => entry.eventId));
  columns.each("value", "bigint", of(({ entry }) => entry.value));
  columns.each("score_after", "bigint", of(({ scoreAfter }) => scoreAfter));
  addManner(columns, rows);
  addSender(columns, rows);
  const requestHash = addKeys(values, columns, rows);
  return `
    insert into competition_log (competition_id, seq, kind, arrived_at, participant_id, event_id,
      operator, value, occurred_at, source, rules_version, score_after, idempotency_key,
      request_hash, actor_kind, actor_id, request_id, reason, metadata, hash)
    select head.id, ${values.add(rows[0]!.entry.seq, "bigint")} + n, 'score', head.last_arrived_at,
      participant_id, event_id, operator, value, to_timestamp(occurred_ms / 1000::float8), source,
      rules_version, score_after, idempotency_key, ${requestHash}, actor_kind, actor_id, request_id,
      reason, metadata::jsonb, ${hashOf(values, hashes)}
    from head, (${columns.select}) r`;
}

/** What happened, but for the score itself. */
function addManner(columns: RowColumns, rows: readonly PlannedScore[]): void {
  const [{ entry: first }] = rows as [PlannedScore];
  const isOne = rows.every(({ entry: { operator, source, rulesVersion } }) =>
    operator === first.operator && source === first.source && rulesVersion === first.rulesVersion
  );
  if (isOne) {
    columns.all("operator", "text", first.operator);
    columns.all("source", "text", first.source);
    columns.all("rules_version", "integer", first.rulesVersion);
  } else {
    columns.each("operator", "text", rows.map(({ entry }) => entry.operator));
    columns.each("source", "text", rows.map(({ entry }) => entry.source));
    columns.each("rules_version", "integer", rows.map(({ entry }) => entry.rulesVersion));
  }
  const isAtOnce = rows.every(({ entry }) => entry.occurredAt === first.occurredAt);
  if (isAtOnce) columns.all("occurred_ms", "bigint", first.occurredAt);
  else columns.each("occurred_ms", "bigint", rows.map(({ entry }) => entry.occurredAt));
}

/** Who sent it, by which request, and with which words. */
function addSender(columns: RowColumns, rows: readonly PlannedScore[]): void {
  const [{ draft: { actor: first } }] = rows as [PlannedScore];
  const isOne = rows.every(({ draft: { actor } }) =>
    actor === first || (actor.kind === first.kind && actorIdOf(actor) === actorIdOf(first))
  );
  if (isOne) {
    columns.all("actor_kind", "text", actorKindOf(rows[0]!));
    columns.all("actor_id", "uuid", actorIdOf(first));
  } else {
    columns.each("actor_kind", "text", rows.map(actorKindOf));
    columns.each("actor_id", "uuid", rows.map(({ draft }) => actorIdOf(draft.actor)));
  }
  const isOneRequest = rows.every(({ draft }) => draft.actor.requestId === first.requestId);
  if (isOneRequest) columns.all("request_id", "text", first.requestId);
  else columns.eachText("request_id", rows.map(({ draft }) => draft.actor.requestId));
  const isSilent = rows.every(({ draft }) =>
    draft.reason === undefined && draft.metadata === undefined
  );
  if (isSilent) {
    columns.all("reason", "text", null);
    columns.all("metadata", "text", null);
  } else {
    columns.eachText("reason", rows.map(({ draft }) => draft.reason ?? null));
    columns.eachText("metadata", rows.map(metadataOf));
  }
}

/** As the log keeps it: it knows nobody without a name. */
function actorKindOf({ draft: { actor } }: PlannedScore): string {
  return actor.kind === "anonymous" ? "system" : actor.kind;
}

function metadataOf({ draft: { metadata } }: PlannedScore): string | null {
  return metadata ? JSON.stringify(metadata) : null;
}

/** Adds the keys; gives how a row finds the hash of what its key stands for. */
function addKeys(
  values: StatementValues,
  columns: RowColumns,
  rows: readonly PlannedScore[],
): string {
  const hashes: string[] = [];
  let keys = 0;
  for (const { draft } of rows) {
    if (draft.idempotencyKey !== undefined) keys += 1;
    if (draft.requestHash !== undefined) hashes.push(draft.requestHash);
  }
  if (keys === 0) columns.all("idempotency_key", "text", null);
  else columns.eachText("idempotency_key", rows.map(({ draft }) => draft.idempotencyKey ?? null));
  if (hashes.length === 0) return "null";
  if (hashes.length === rows.length) return hashOf(values, hashes);
  columns.each("request_hash", "text", rows.map(({ draft }) => draft.requestHash ?? null));
  return "decode(request_hash, 'hex')";
}

/** Each row's own of hashes in hex that lie one after the other. */
function hashOf(values: StatementValues, hashes: readonly string[]): string {
  const bytes = values.add(`\\x${hashes.join("")}`, "bytea");
  return `substring(${bytes} from n * ${HASH_LENGTH} + 1 for ${HASH_LENGTH})`;
}

function foldColumns(values: StatementValues, folds: Folds): string {
  const rows = [...folds.values()];
  const columns = new RowColumns(values, rows.length);
  columns.each("participant_id", "uuid", [...folds.keys()]);
  columns.each("score", "bigint", rows.map(({ folded }) => folded.score));
  columns.each("reached_ms", "bigint", rows.map(({ folded }) => folded.reachedAt));
  columns.each("event_count", "integer", rows.map(({ folded }) => folded.eventCount));
  columns.each("best_event", "bigint", rows.map(({ folded }) => folded.bestEvent));
  columns.each("last_occurred_ms", "bigint", rows.map(({ lastOccurredAt }) => lastOccurredAt));
  columns.each("last_event_seq", "bigint", rows.map(({ lastEventSeq }) => lastEventSeq));
  return columns.select;
}

/** Half of what an upsert costs, which looks for the row twice and prepares one for each. */
function updateFolds(values: StatementValues, folds: Folds): string {
  return `
    update standings s set score = r.score, reached_at = to_timestamp(reached_ms / 1000::float8),
      event_count = r.event_count, best_event = r.best_event,
      last_occurred_at = to_timestamp(last_occurred_ms / 1000::float8),
      last_event_seq = r.last_event_seq
    from head, (${foldColumns(values, folds)}) r
    where s.competition_id = head.id and s.participant_id = r.participant_id
    returning 1`;
}

/** Whoever has a row all the same, e.g. one without events, keeps it. */
function insertFolds(values: StatementValues, folds: Folds): string {
  return `
    insert into standings (competition_id, participant_id, score, reached_at, event_count,
      best_event, last_occurred_at, last_event_seq)
    select head.id, participant_id, score, to_timestamp(reached_ms / 1000::float8), event_count,
      best_event, to_timestamp(last_occurred_ms / 1000::float8), last_event_seq
    from head, (${foldColumns(values, folds)}) r
    on conflict (competition_id, participant_id) do update set score = excluded.score,
      reached_at = excluded.reached_at, event_count = excluded.event_count,
      best_event = excluded.best_event, last_occurred_at = excluded.last_occurred_at,
      last_event_seq = excluded.last_event_seq`;
}
