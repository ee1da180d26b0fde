/** Records on their way in: one shape for what files and syncs hold. */

import {
  type ParsedRecord,
  QUANTITIES,
  type Quantities,
  type Quantity,
  type RejectReason,
} from "@/domain/activity.ts";
import { canonicalJson } from "@/domain/canonical_json.ts";
import type { RecordResult } from "@/contracts/fitness.ts";
import { EARLIEST_AT, type EpochMs, HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import { sha256 } from "@/platform/sha256.ts";

/** A record that was read, before anybody asked whether it may be stored. */
type ReadRecord = Exclude<ParsedRecord, { kind: "rejected" }>;

/** One record with its place in the request and its identity at the provider. */
export interface IncomingRecord {
  index: number;
  identity: string;
  record: ParsedRecord;
  /** What was read of a record that is rejected for its times or values. */
  read?: ReadRecord;
  /** Name of the file that held it, of an archive with several. */
  file?: string;
  /** What is kept of a record whose type no rule knows. */
  other?: KeptRecord;
}

/** A record as it came, beside what every record has; its times are ISO texts. */
export interface KeptRecord {
  type: string;
  start: string;
  end: string;
  content: Record<string, unknown>;
}

/** A record that may be stored. */
export type UsableRecord = IncomingRecord & { record: ReadRecord };

/** Clocks of phones run ahead by minutes; a record further ahead is wrong. */
export const CLOCK_AHEAD_MAX_MS = 5 * MINUTE_MS;
/** The longest session or sample: an expedition's day, and samples that cover a month. */
export const INTERVAL_MAX_MS = 31 * 24 * HOUR_MS;

/** Rejects a record for what its times or values forbid; returns it as it is otherwise. */
export function checkRecord(incoming: IncomingRecord, now: EpochMs): IncomingRecord {
  const { record } = incoming;
  if (record.kind === "rejected") return incoming;
  const reason = faultOf(record, now);
  if (reason === undefined) return incoming;
  const rejected = { kind: "rejected" as const, reason, message: MESSAGES[reason] };
  return { ...incoming, record: rejected, read: record };
}

type Fault = Extract<RejectReason, "invalid_interval" | "ancient" | "future" | "invalid_value">;

const MESSAGES = {
  invalid_interval: "The end must be after the start, and at most 31 days later",
  ancient: "The record is older than 2000-01-01",
  future: "The record ends in the future",
  invalid_value: "A value is negative or larger than one record may hold",
} as const satisfies Record<Fault, string>;

/** What its times or values forbid, if anything. */
export function faultOf(record: ReadRecord, now: EpochMs): Fault | undefined {
  const { startedAt, endedAt } = record;
  if (!(endedAt > startedAt) || endedAt - startedAt > INTERVAL_MAX_MS) return "invalid_interval";
  if (startedAt < EARLIEST_AT) return "ancient";
  if (endedAt > now + CLOCK_AHEAD_MAX_MS) return "future";
  return isWithinLimits(quantitiesOf(record)) ? undefined : "invalid_value";
}

function isWithinLimits(quantities: Quantities): boolean {
  const entries = Object.entries(quantities) as [Quantity, number][];
  return entries.every(([name, value]) =>
    Number.isSafeInteger(value) && value >= 0 && value <= QUANTITIES[name].max
  );
}

function quantitiesOf(record: ReadRecord): Quantities {
  return record.kind === "activity" ? record.quantities : { [record.quantity]: record.value };
}

/** Tells records with the same content from changed ones. */
export function contentHash(record: ReadRecord): Uint8Array<ArrayBuffer> {
  const facts = record.kind === "activity"
    ? [record.type, { ...record.quantities }]
    : [record.quantity, record.value];
  const { app = null, device = null, recordingMethod } = record.source;
  return sha256(canonicalJson([
    record.kind,
    record.startedAt,
    record.endedAt,
    record.zoneOffsetMinutes,
    ...facts,
    [app, device, recordingMethod],
  ]));
}

/** What is told of one record before anything else is known of it. */
export function resultOf(
  incoming: IncomingRecord,
): Omit<RecordResult, "outcome" | "activityId" | "replaces"> {
  const { index, record, file } = incoming;
  const place = file === undefined ? { index } : { index, file };
  if (record.kind !== "rejected") return { ...place, ...factsOf(record) };
  const { reason, message } = record;
  return { ...place, ...(incoming.read ? factsOf(incoming.read) : NOTHING_READ), reason, message };
}

const NOTHING_READ = {
  kind: "unknown",
  type: null,
  startedAt: null,
  endedAt: null,
  values: {},
} as const;

function factsOf(record: ReadRecord) {
  return {
    kind: record.kind,
    type: record.kind === "activity" ? record.type : record.quantity,
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: new Date(record.endedAt).toISOString(),
    values: toValues(quantitiesOf(record)),
  };
}

/** Stored integers as the wire shows them: m, s, kcal, steps, floors. */
export function toValues(quantities: Quantities): Partial<Record<Quantity, number>> {
  const entries = Object.entries(quantities) as [Quantity, number][];
  return Object.fromEntries(entries.map(([name, value]) => [name, value / QUANTITIES[name].scale]));
}
