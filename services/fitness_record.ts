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
import { EARLIEST_AT, type EpochMs, HOUR_MS } from "@/domain/time.ts";
import { sha256 } from "@/platform/sha256.ts";

/** One record with its place in the request and its identity at the provider. */
export interface IncomingRecord {
  index: number;
  identity: string;
  record: ParsedRecord;
}

/** A record that may be stored. */
export type UsableRecord = IncomingRecord & {
  record: Exclude<ParsedRecord, { kind: "rejected" }>;
};

/** Clocks of phones run ahead a little; a record further ahead is wrong. */
const CLOCK_AHEAD_MAX_MS = HOUR_MS;
/** The longest session or sample: an expedition's day, and samples that cover a month. */
const INTERVAL_MAX_MS = 31 * 24 * HOUR_MS;

/** Rejects what time forbids; returns the record as it is otherwise. */
export function checkTimes(incoming: IncomingRecord, now: EpochMs): IncomingRecord {
  const { record } = incoming;
  if (record.kind === "rejected") return incoming;
  const reason = timeFault(record.startedAt, record.endedAt, now);
  if (reason === undefined) return incoming;
  return { ...incoming, record: { kind: "rejected", reason, message: TIME_MESSAGES[reason] } };
}

type TimeFault = Extract<RejectReason, "invalid_interval" | "ancient" | "future">;

const TIME_MESSAGES = {
  invalid_interval: "The end must be after the start, and at most 31 days later",
  ancient: "The record is older than 2000-01-01",
  future: "The record ends in the future",
} as const satisfies Record<TimeFault, string>;

function timeFault(startedAt: EpochMs, endedAt: EpochMs, now: EpochMs): TimeFault | undefined {
  if (!(endedAt > startedAt) || endedAt - startedAt > INTERVAL_MAX_MS) return "invalid_interval";
  if (startedAt < EARLIEST_AT) return "ancient";
  return endedAt > now + CLOCK_AHEAD_MAX_MS ? "future" : undefined;
}

/** Tells records with the same content from changed ones. */
export function contentHash(record: UsableRecord["record"]): Uint8Array<ArrayBuffer> {
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
  const { index, record } = incoming;
  if (record.kind === "rejected") {
    const { reason, message } = record;
    const unknown = { kind: "unknown" as const, type: null, startedAt: null, endedAt: null };
    return { index, ...unknown, values: {}, reason, message };
  }
  return {
    index,
    kind: record.kind,
    type: record.kind === "activity" ? record.type : record.quantity,
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: new Date(record.endedAt).toISOString(),
    values: toValues(
      record.kind === "activity" ? record.quantities : { [record.quantity]: record.value },
    ),
  };
}

/** Stored integers as the wire shows them: m, s, kcal, steps, floors. */
export function toValues(quantities: Quantities): Partial<Record<Quantity, number>> {
  const entries = Object.entries(quantities) as [Quantity, number][];
  return Object.fromEntries(entries.map(([name, value]) => [name, value / QUANTITIES[name].scale]));
}
