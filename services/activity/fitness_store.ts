/** Stores records by identity: the same content is a duplicate, other content replaces. */

import type { RecordResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { Interval } from "@/domain/days.ts";
import type { SpeedTrace } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { FitnessDeps } from "./fitness.ts";
import { contentHash, type IncomingRecord, resultOf, type UsableRecord } from "./fitness_record.ts";

/** What is stored for whom. */
export interface StoreRequest {
  userId: string;
  importId: string;
  provider: string;
  incoming: readonly IncomingRecord[];
  at: EpochMs;
}

/** What became of the records. */
export interface StoreResult {
  results: RecordResult[];
  /** Stored records that the request holds, by their index in it. */
  indexByRecordId: Map<string, number>;
  /** Indexes of records whose place another one of the request took. */
  replacedIndexes: number[];
  /** From the first start to the last end, replaced records included; null without any record. */
  span: Interval | null;
}

/** Rows of one insert, a megabyte or two of JSON. */
const INSERT_ROWS_MAX = 5000;

/** A record that is stored now or was before. */
interface Known {
  id: string;
  hash: string;
  startedAt: EpochMs;
  endedAt: EpochMs;
}

interface Insert {
  id: string;
  incoming: UsableRecord;
  hash: Uint8Array;
  isReplaced: boolean;
}

interface Plan extends StoreResult {
  inserts: Map<string, Insert>;
  /** Ids of records stored before whose place is taken. */
  replaced: string[];
}

export async function storeRecords(
  deps: FitnessDeps,
  tx: Tx,
  request: StoreRequest,
): Promise<StoreResult> {
  const usable = request.incoming.filter(isUsable);
  const known = await readKnown(tx, request, usable);
  const plan = planStores(deps, request, known);
  await replace(tx, plan.replaced, request.at);
  await insert(tx, request, plan);
  return plan;
}

function isUsable(incoming: IncomingRecord): incoming is UsableRecord {
  return incoming.record.kind !== "rejected";
}

async function readKnown(
  tx: Tx,
  request: StoreRequest,
  usable: readonly UsableRecord[],
): Promise<Map<string, Known>> {
  const identities = usable.map(({ identity }) => identity);
  const rows = await tx.sql<(Omit<Known, "hash"> & { identity: string; hash: Uint8Array })[]>`
    select id, identity, content_hash as hash, started_at as "startedAt", ended_at as "endedAt"
    from activities where user_id = ${request.userId} and provider = ${request.provider}
      and deleted_at is null and identity = any(${identities})
    union all
    select id, identity, content_hash, started_at, ended_at
    from samples where user_id = ${request.userId} and provider = ${request.provider}
      and deleted_at is null and identity = any(${identities})`;
  return new Map(rows.map((row) => [row.identity, { ...row, hash: row.hash.toHex() }]));
}

function planStores(
  deps: FitnessDeps,
  request: StoreRequest,
  known: Map<string, Known>,
): Plan {
  const plan: Plan = {
    results: [],
    indexByRecordId: new Map(),
    replacedIndexes: [],
    span: null,
    inserts: new Map(),
    replaced: [],
  };
  for (const incoming of request.incoming) {
    plan.results.push(
      isUsable(incoming)
        ? planOne(deps, plan, known, incoming)
        : { ...resultOf(incoming), outcome: "rejected" },
    );
  }
  return plan;
}

function planOne(
  deps: FitnessDeps,
  plan: Plan,
  known: Map<string, Known>,
  incoming: UsableRecord,
): RecordResult {
  const { record, identity, index } = incoming;
  const hash = contentHash(record);
  const before = known.get(identity);
  widen(plan, record);
  if (before?.hash === hash.toHex()) {
    if (!plan.indexByRecordId.has(before.id)) plan.indexByRecordId.set(before.id, index);
    return { ...resultOf(incoming), outcome: "duplicate", activityId: before.id };
  }
  const id = deps.newId();
  if (before) takeOver(plan, before);
  plan.inserts.set(id, { id, incoming, hash, isReplaced: false });
  plan.indexByRecordId.set(id, index);
  const { startedAt, endedAt } = record;
  known.set(identity, { id, hash: hash.toHex(), startedAt, endedAt });
  const replaces = before ? { replaces: before.id } : {};
  return { ...resultOf(incoming), outcome: "imported", activityId: id, ...replaces };
}

function widen(plan: Plan, { startedAt, endedAt }: { startedAt: EpochMs; endedAt: EpochMs }): void {
  plan.span = {
    startsAt: Math.min(startedAt, plan.span?.startsAt ?? startedAt),
    endsAt: Math.max(endedAt, plan.span?.endsAt ?? endedAt),
  };
}

/** Marks a stored record, or one earlier in this very request, as replaced. */
function takeOver(plan: Plan, before: Known): void {
  widen(plan, before);
  const sibling = plan.inserts.get(before.id);
  if (sibling) sibling.isReplaced = true;
  else plan.replaced.push(before.id);
  const index = plan.indexByRecordId.get(before.id);
  if (index === undefined) return;
  plan.indexByRecordId.delete(before.id);
  plan.replacedIndexes.push(index);
}

async function replace(tx: Tx, ids: readonly string[], at: EpochMs): Promise<void> {
  if (ids.length === 0) return;
  await tx.sql`
    update activities set deleted_at = ${at}, replaced_at = ${at}
    where id = any(${[...ids]}::uuid[])`;
  await tx.sql`
    update samples set deleted_at = ${at}, replaced_at = ${at}
    where id = any(${[...ids]}::uuid[])`;
}

async function insert(tx: Tx, request: StoreRequest, plan: Plan): Promise<void> {
  const inserts = [...plan.inserts.values()];
  for (const part of chunks(inserts.flatMap((item) => activityRow(request, item)))) {
    await insertActivities(tx, request, part);
  }
  for (const part of chunks(inserts.flatMap((item) => sampleRow(request, item)))) {
    await insertSamples(tx, request, part);
  }
}

function activityRow(request: StoreRequest, item: Insert) {
  const { record } = item.incoming;
  if (record.kind !== "activity") return [];
  const { type, quantities, trace } = record;
  return [{ ...commonColumns(request, item), type, ...quantities, ...traceColumns(trace) }];
}

function traceColumns(trace: SpeedTrace | undefined) {
  if (!trace) return {};
  const { bucketMs, speeds, peak60, peak600 } = trace;
  return { bucketMs, speeds, peak60, peak600 };
}

function sampleRow(request: StoreRequest, item: Insert) {
  const { record } = item.incoming;
  if (record.kind !== "sample") return [];
  const { quantity, value } = record;
  return [{ ...commonColumns(request, item), quantity, value }];
}

function commonColumns({ at }: StoreRequest, item: Insert) {
  const { record, identity } = item.incoming;
  return {
    id: item.id,
    identity,
    contentHash: item.hash.toHex(),
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: new Date(record.endedAt).toISOString(),
    zoneOffset: record.zoneOffsetMinutes,
    method: record.source.recordingMethod,
    app: record.source.app,
    device: record.source.device,
    replacedAt: item.isReplaced ? new Date(at).toISOString() : null,
  };
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += INSERT_ROWS_MAX) {
    yield rows.slice(at, at + INSERT_ROWS_MAX);
  }
}

// One JSON parameter costs a third of a parameter for each value.
async function insertActivities(
  tx: Tx,
  { userId, importId, provider, at }: StoreRequest,
  rows: readonly object[],
): Promise<void> {
  await tx.sql`
    insert into activities (id, user_id, import_id, provider, identity, content_hash, type,
      started_at, ended_at, zone_offset_minutes, distance_mm, moving_time_ms, active_energy_cal,
      elevation_gain_mm, steps, floors, recording_method, source_app, source_device, arrived_at,
      deleted_at, replaced_at, peak_minute_cms, peak_ten_minutes_cms, trace_bucket_ms,
      trace_speeds)
    select id, ${userId}, ${importId}, ${provider}, identity, decode("contentHash", 'hex'), type,
      "startedAt", "endedAt", "zoneOffset", distance, moving_time, active_energy, elevation_gain,
      steps, floors, method, app, device, ${at}, "replacedAt", "replacedAt", peak60, peak600,
      "bucketMs", speeds
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, identity text,
      peak60 integer, peak600 integer, "bucketMs" integer, speeds integer[],
      "contentHash" text, type text, "startedAt" timestamptz, "endedAt" timestamptz,
      "zoneOffset" smallint, distance bigint, moving_time bigint, active_energy bigint,
      elevation_gain bigint, steps bigint, floors bigint, method text, app text, device text,
      "replacedAt" timestamptz)`;
}

async function insertSamples(
  tx: Tx,
  { userId, importId, provider, at }: StoreRequest,
  rows: readonly object[],
): Promise<void> {
  await tx.sql`
    insert into samples (id, user_id, import_id, provider, identity, content_hash, quantity, value,
      started_at, ended_at, zone_offset_minutes, recording_method, source_app, source_device,
      arrived_at, deleted_at, replaced_at)
    select id, ${userId}, ${importId}, ${provider}, identity, decode("contentHash", 'hex'),
      quantity, value, "startedAt", "endedAt", "zoneOffset", method, app, device, ${at},
      "replacedAt", "replacedAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, identity text,
      "contentHash" text, quantity text, value bigint, "startedAt" timestamptz,
      "endedAt" timestamptz, "zoneOffset" smallint, method text, app text, device text,
      "replacedAt" timestamptz)`;
}
