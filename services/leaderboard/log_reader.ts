/** Reads stored log entries back as the pure functions take them. */

import type { Database, Tx } from "@/db/client.ts";
import type { LogEntry } from "@/domain/log.ts";
import type { EpochMs } from "@/domain/time.ts";

interface StoredRow {
  seq: number;
  kind: LogEntry["kind"];
  arrivedAt: EpochMs;
  participantId: string | null;
  eventId: string | null;
  operator: string | null;
  value: number | null;
  occurredAt: EpochMs | null;
  source: string | null;
  rulesVersion: number | null;
  division: string | null;
  body: Record<string, unknown> | null;
  hash: Uint8Array;
}

/** A part of a log: numbers above `after`, up to `upTo`, at most `limit` entries. */
export interface LogRange {
  after: number;
  upTo?: number;
  limit: number;
  /** Only entries about these, and those about nobody (rules, status, freeze). */
  participantIds?: readonly string[];
}

/** An entry with the hash it was stored with. */
export interface StoredEntry {
  entry: LogEntry;
  hash: Uint8Array;
}

/** Entries of a range, oldest first. */
export async function readLogEntries(
  sql: Database["sql"] | Tx["sql"],
  competitionId: string,
  { after, upTo = Number.MAX_SAFE_INTEGER, limit, participantIds }: LogRange,
): Promise<StoredEntry[]> {
  const about = participantIds === undefined
    ? sql``
    : sql`and (participant_id is null or participant_id = any(${[...participantIds]}::uuid[]))`;
  const rows = await sql<StoredRow[]>`
    select seq, kind, arrived_at as "arrivedAt", participant_id as "participantId",
      event_id as "eventId", operator, value, occurred_at as "occurredAt", source,
      rules_version as "rulesVersion", division, body, hash
    from competition_log
    where competition_id = ${competitionId} and seq > ${after} and seq <= ${upTo} ${about}
    order by seq limit ${limit}`;
  return rows.map((row) => ({ entry: toEntry(row), hash: row.hash }));
}

/** The row as the pure functions take it: exactly the keys that were hashed. */
function toEntry(row: StoredRow): LogEntry {
  const base = { seq: row.seq, arrivedAt: row.arrivedAt };
  const { kind, participantId, eventId } = row;
  if (kind === "score") {
    const { operator, value, occurredAt, source, rulesVersion } = row;
    const facts = {
      kind,
      eventId,
      participantId,
      operator,
      value,
      occurredAt,
      source,
      rulesVersion,
    };
    return { ...base, ...facts } as LogEntry;
  }
  if (kind === "void_event" || kind === "reinstate_event") {
    return { ...base, kind, eventId, participantId } as LogEntry;
  }
  if (kind === "rules" || kind === "status" || kind === "team_removal") {
    return { ...base, kind, ...row.body } as LogEntry;
  }
  if (kind === "team" || kind === "course") {
    return { ...base, kind, participantId, ...row.body } as LogEntry;
  }
  if (kind === "freeze" || kind === "unfreeze") return { ...base, kind };
  const division = row.division === null ? {} : { division: row.division };
  return { ...base, kind, participantId, ...division } as LogEntry;
}
