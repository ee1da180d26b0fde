/** Readings of types that no rule knows: kept and counted, scored by nobody. */

import { z } from "zod";
import { OtherRecord, type RecordResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import { findRecordType } from "@/domain/record_type.ts";
import { EARLIEST_AT, type EpochMs } from "@/domain/time.ts";
import { isWorkoutRecord } from "@/domain/workout_type.ts";
import type { IncomingRecord } from "./fitness_record.ts";
import type { StoreRequest } from "./fitness_store.ts";

/** A night of heart rates in one record is some 10 KB; what is larger is not kept whole. */
const CONTENT_CHARS_MAX = 32 * 1024;

const Anything = z.record(z.string(), z.unknown());

/** Reads a record whose type no rule knows; undefined for any other, and for one without id, type or times. */
export function readOther(value: unknown, index: number): IncomingRecord | undefined {
  const content = Anything.safeParse(value);
  const parsed = OtherRecord.safeParse(value);
  if (!parsed.success || !content.success) return undefined;
  const { id, type, start, end } = parsed.data;
  if (findRecordType(type) || isWorkoutRecord(type) || !isInterval(start, end)) return undefined;
  const isWhole = JSON.stringify(content.data).length <= CONTENT_CHARS_MAX;
  const kept = { type, start, end, content: isWhole ? content.data : { id, type, start, end } };
  const record = { kind: "rejected" as const, reason: "unknown_type" as const, message: type };
  return { index, identity: `record:${id}`, record, other: kept };
}

/** Times of a device that has a clock. */
function isInterval(start: string, end: string): boolean {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return from >= EARLIEST_AT && to >= from && to < LATEST_AT;
}

/** Dates with four-digit years, which ISO text and SQL agree on. */
const LATEST_AT: EpochMs = Date.UTC(10_000, 0, 1);

/** Keeps them, and tells so in the place of their rejection. */
export async function keepOthers(
  tx: Tx,
  newId: () => string,
  request: StoreRequest,
  results: readonly RecordResult[],
): Promise<RecordResult[]> {
  const others = request.incoming.filter((incoming) => incoming.other !== undefined);
  if (others.length === 0) return [...results];
  const known = await insertOthers(tx, newId, request, others);
  const byIndex = new Map(others.map((incoming) => [incoming.index, incoming]));
  return results.map((result) => {
    const incoming = byIndex.get(result.index);
    return incoming ? toResult(incoming, known.has(incoming.identity)) : result;
  });
}

/** The identities that were there before, with the same content; other content replaces. */
async function insertOthers(
  tx: Tx,
  newId: () => string,
  { userId, importId, provider, at }: StoreRequest,
  others: readonly IncomingRecord[],
): Promise<Set<string>> {
  // Of two with one identity the later stands, as one statement cannot write a row twice.
  const rows = [...new Map(others.map(({ identity, other }) => [identity, {
    id: newId(),
    identity,
    type: other!.type,
    startedAt: other!.start,
    endedAt: other!.end,
    content: other!.content,
  }])).values()];
  const written = await tx.sql<{ identity: string }[]>`
    insert into other_records as o (id, user_id, import_id, provider, identity, type, started_at,
      ended_at, content, arrived_at)
    select id, ${userId}, ${importId}, ${provider}, identity, type, "startedAt", "endedAt", content,
      ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, identity text,
      type text, "startedAt" timestamptz, "endedAt" timestamptz, content jsonb)
    on conflict (user_id, provider, identity) do update set import_id = excluded.import_id,
      type = excluded.type, started_at = excluded.started_at, ended_at = excluded.ended_at,
      content = excluded.content, arrived_at = excluded.arrived_at
    where o.content <> excluded.content
    returning identity`;
  const fresh = new Set(written.map(({ identity }) => identity));
  return new Set(rows.map(({ identity }) => identity).filter((identity) => !fresh.has(identity)));
}

function toResult({ index, other }: IncomingRecord, isKnown: boolean): RecordResult {
  const { type, start, end } = other!;
  return {
    index,
    kind: "sample",
    type,
    startedAt: new Date(start).toISOString(),
    endedAt: new Date(end).toISOString(),
    values: {},
    outcome: isKnown ? "duplicate" : "imported",
    message: "Kept; no competition measures it",
  };
}
