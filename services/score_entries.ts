/**
 * The one statement that makes score events durable: entries of the log, the folds they lead to, and
 * the head of the log. One parameter a column, so that its text and plan are the same for any number
 * of rows.
 *
 * @module
 */

import type postgres from "postgres";
import { plainArray, textArray } from "@/db/array_literal.ts";
import { actorIdOf } from "@/domain/actor.ts";
import type { ScoreEntry } from "@/domain/log.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { ChainedDraft, LockedCompetition } from "./competition_log.ts";

/** A participant's fold with the newest event it holds, in the order (`occurredAt`, seq). */
export interface StoredFold {
  folded: FoldedScore;
  lastOccurredAt: EpochMs | null;
  lastEventSeq: number | null;
}

/** What is to be written, thought out wholly before. */
export interface ScoreRows {
  /** The competition as it stands afterwards. */
  locked: LockedCompetition;
  /** Entries of kind `score`, in their order. */
  entries: readonly ChainedDraft<ScoreEntry>[];
  /** By participant id. */
  folds: ReadonlyMap<string, StoredFold>;
  /** Nothing is written unless the competition's row is still of this version. */
  ifVersion?: string;
}

/**
 * Writes all of it; gives the version of the competition's row afterwards, or undefined when the row
 * was of another version than asked for, and then nothing was written.
 */
export async function writeScoreRows(
  sql: postgres.Sql | postgres.TransactionSql,
  rows: ScoreRows,
): Promise<string | undefined> {
  const { locked, ifVersion } = rows;
  const [written] = await sql<{ version: string }[]>`
    with head as (
      update competitions set last_seq = ${locked.lastSeq},
        last_arrived_at = ${locked.lastArrivedAt}, last_hash = ${locked.lastHash}
      where id = ${locked.id} ${ifVersion === undefined ? sql`` : sql`and xmin = ${ifVersion}::xid`}
      returning id, last_arrived_at, xmin::text as version
    ), entries as (${insertEntries(sql, rows)}), folds as (${upsertFolds(sql, rows)})
    select version from head`;
  return written?.version;
}

type Sql = postgres.Sql | postgres.TransactionSql;

/** Instants go as numbers, which both sides write and read in a tenth of the time of dates. */
function insertEntries(sql: Sql, { entries }: ScoreRows) {
  const of = <T>(read: (chained: ChainedDraft<ScoreEntry>) => T): T[] => entries.map(read);
  return sql`
    insert into competition_log (competition_id, seq, kind, arrived_at, participant_id, event_id,
      operator, value, occurred_at, source, rules_version, score_after, idempotency_key,
      request_hash, actor_kind, actor_id, request_id, reason, metadata, hash)
    select head.id, r.seq, 'score', head.last_arrived_at, participant_id, event_id, operator, value,
      to_timestamp(occurred_ms / 1000::float8), source, rules_version, score_after, idempotency_key,
      decode(request_hash, 'hex'), actor_kind, actor_id, request_id, reason, metadata::jsonb,
      decode(hash, 'hex')
    from head, unnest(
      ${plainArray(of(({ entry }) => entry.seq))}::bigint[],
      ${plainArray(of(({ entry }) => entry.participantId))}::uuid[],
      ${plainArray(of(({ entry }) => entry.eventId))}::uuid[],
      ${plainArray(of(({ entry }) => entry.operator))}::text[],
      ${plainArray(of(({ entry }) => entry.value))}::bigint[],
      ${plainArray(of(({ entry }) => entry.occurredAt))}::bigint[],
      ${plainArray(of(({ entry }) => entry.source))}::text[],
      ${plainArray(of(({ entry }) => entry.rulesVersion))}::integer[],
      ${plainArray(of(({ draft }) => draft.scoreAfter ?? null))}::bigint[],
      ${textArray(of(({ draft }) => draft.idempotencyKey ?? null))}::text[],
      ${plainArray(of(({ draft }) => draft.requestHash?.toHex() ?? null))}::text[],
      ${plainArray(of(({ draft }) => actorKindOf(draft)))}::text[],
      ${plainArray(of(({ draft }) => actorIdOf(draft.actor)))}::uuid[],
      ${textArray(of(({ draft }) => draft.actor.requestId))}::text[],
      ${textArray(of(({ draft }) => draft.reason ?? null))}::text[],
      ${
    textArray(of(({ draft }) => draft.metadata ? JSON.stringify(draft.metadata) : null))
  }::text[],
      ${plainArray(of(({ hash }) => hash.toHex()))}::text[]
    ) as r(seq, participant_id, event_id, operator, value, occurred_ms, source, rules_version,
      score_after, idempotency_key, request_hash, actor_kind, actor_id, request_id, reason,
      metadata, hash)`;
}

/** As the log keeps it: it knows nobody without a name. */
function actorKindOf({ actor }: ChainedDraft<ScoreEntry>["draft"]): string {
  return actor.kind === "anonymous" ? "system" : actor.kind;
}

function upsertFolds(sql: Sql, { folds }: ScoreRows) {
  const rows = [...folds.values()];
  const of = (read: (fold: StoredFold) => number | null): string => plainArray(rows.map(read));
  return sql`
    insert into standings (competition_id, participant_id, score, reached_at, event_count,
      best_event, last_occurred_at, last_event_seq)
    select head.id, participant_id, score, to_timestamp(reached_ms / 1000::float8), event_count,
      best_event, to_timestamp(last_occurred_ms / 1000::float8), last_event_seq
    from head, unnest(
      ${plainArray([...folds.keys()])}::uuid[],
      ${of(({ folded }) => folded.score)}::bigint[],
      ${of(({ folded }) => folded.reachedAt)}::bigint[],
      ${of(({ folded }) => folded.eventCount)}::integer[],
      ${of(({ folded }) => folded.bestEvent)}::bigint[],
      ${of(({ lastOccurredAt }) => lastOccurredAt)}::bigint[],
      ${of(({ lastEventSeq }) => lastEventSeq)}::bigint[]
    ) as r(participant_id, score, reached_ms, event_count, best_event, last_occurred_ms,
      last_event_seq)
    on conflict (competition_id, participant_id) do update set score = excluded.score,
      reached_at = excluded.reached_at, event_count = excluded.event_count,
      best_event = excluded.best_event, last_occurred_at = excluded.last_occurred_at,
      last_event_seq = excluded.last_event_seq`;
}
