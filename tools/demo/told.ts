/** Past syncs read as the server would have read them, and written in a few statements. */

import type { RecordResult, SyncRequest } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { ActivityFact, SampleFact } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { Effect } from "@/services/activity/fitness_effects.ts";
import { countOutcomes } from "@/services/activity/fitness_imports.ts";
import { contentHash, resultOf, type UsableRecord } from "@/services/activity/fitness_record.ts";
import { readSync } from "@/services/activity/fitness_sync.ts";
import type { PastSync } from "./history.ts";

/** A sync that was told, before it is stored. */
export interface ToldSync {
  at: EpochMs;
  importId: string;
  userId: string;
  provider: SyncRequest["provider"];
  records: { identity: string; contentHash: string; fact: ActivityFact | SampleFact }[];
  results: RecordResult[];
  indexByRecordId: Map<string, number>;
  /** What it did in each competition; filled in while the past is replayed. */
  effects: Effect[];
}

/** Reads a past sync by the rules of real ones. */
export function tell(userId: string, past: PastSync, newId: IdGenerator): ToldSync {
  const told: ToldSync = {
    at: past.at,
    importId: newId(),
    userId,
    provider: past.request.provider,
    records: [],
    results: [],
    indexByRecordId: new Map(),
    effects: [],
  };
  for (const incoming of readSync(past.request)) {
    const { record, identity, index } = incoming;
    if (record.kind === "rejected") throw new RangeError(`Cannot tell a record: ${record.message}`);
    const id = newId();
    const fact = { ...record, id, arrivedAt: past.at };
    told.records.push({ identity, contentHash: contentHash(record).toHex(), fact });
    told.results.push({
      ...resultOf(incoming as UsableRecord),
      outcome: "imported",
      activityId: id,
    });
    told.indexByRecordId.set(id, index);
  }
  return told;
}

/** Rows of one statement; a few megabytes of JSON. */
const ROWS_MAX = 2_000;

/** Stores imports, activities and samples. */
export async function insertTold(tx: Tx, syncs: readonly ToldSync[]): Promise<void> {
  for (const part of chunks(syncs.map(importRow))) await insertImports(tx, part);
  const rows = syncs.flatMap((sync) => sync.records.map((record) => recordRow(sync, record)));
  for (const part of chunks(rows.filter(({ kind }) => kind === "activity"))) {
    await insertActivities(tx, part);
  }
  for (const part of chunks(rows.filter(({ kind }) => kind === "sample"))) {
    await insertSamples(tx, part);
  }
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_MAX) yield rows.slice(at, at + ROWS_MAX);
}

function importRow(sync: ToldSync) {
  const { imported } = countOutcomes(sync.results);
  return {
    id: sync.importId,
    user_id: sync.userId,
    provider: sync.provider,
    imported_count: imported,
    records: sync.results,
    competitions: sync.effects,
    created_at: new Date(sync.at).toISOString(),
  };
}

function recordRow(sync: ToldSync, { identity, contentHash, fact }: ToldSync["records"][number]) {
  const own = fact.kind === "activity"
    ? { type: fact.type, ...fact.quantities }
    : { quantity: fact.quantity, value: fact.value };
  return {
    kind: fact.kind,
    id: fact.id,
    user_id: sync.userId,
    import_id: sync.importId,
    provider: sync.provider,
    identity,
    content_hash: contentHash,
    started_at: new Date(fact.startedAt).toISOString(),
    ended_at: new Date(fact.endedAt).toISOString(),
    recording_method: fact.source.recordingMethod,
    source_app: fact.source.app,
    source_device: fact.source.device,
    arrived_at: new Date(sync.at).toISOString(),
    ...own,
  };
}

async function insertImports(tx: Tx, rows: unknown[]): Promise<void> {
  await tx.sql`
    insert into imports (id, user_id, kind, provider, size_bytes, status, imported_count, records,
      competitions, created_at)
    select id, user_id, 'sync', provider, 0, 'done', imported_count, records, competitions,
      created_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, user_id uuid,
      provider text, imported_count integer, records jsonb, competitions jsonb,
      created_at timestamptz)`;
}

async function insertActivities(tx: Tx, rows: unknown[]): Promise<void> {
  await tx.sql`
    insert into activities (id, user_id, import_id, provider, identity, content_hash, type,
      started_at, ended_at, distance_mm, moving_time_ms, active_energy_cal, elevation_gain_mm,
      recording_method, source_app, source_device, arrived_at)
    select id, user_id, import_id, provider, identity, decode(content_hash, 'hex'), type,
      started_at, ended_at, distance, moving_time, active_energy, elevation_gain,
      recording_method, source_app, source_device, arrived_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, user_id uuid,
      import_id uuid, provider text, identity text, content_hash text, type text,
      started_at timestamptz, ended_at timestamptz, distance bigint, moving_time bigint,
      active_energy bigint, elevation_gain bigint, recording_method text, source_app text,
      source_device text, arrived_at timestamptz)`;
}

async function insertSamples(tx: Tx, rows: unknown[]): Promise<void> {
  await tx.sql`
    insert into samples (id, user_id, import_id, provider, identity, content_hash, quantity, value,
      started_at, ended_at, recording_method, source_app, source_device, arrived_at)
    select id, user_id, import_id, provider, identity, decode(content_hash, 'hex'), quantity,
      value, started_at, ended_at, recording_method, source_app, source_device, arrived_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, user_id uuid,
      import_id uuid, provider text, identity text, content_hash text, quantity text,
      value bigint, started_at timestamptz, ended_at timestamptz, recording_method text,
      source_app text, source_device text, arrived_at timestamptz)`;
}
