/** What apps send by JSON, record by record: a bad one is rejected, the others go on. */

import type { z } from "zod";
import { SyncRecord, type SyncRequest, SyncWorkout } from "@/contracts/fitness.ts";
import type {
  ActivityRecord,
  ParsedRecord,
  Quantities,
  Quantity,
  RecordSource,
  RejectReason,
  SampleRecord,
} from "@/domain/activity.ts";
import { findRecordType, toStoredInteger } from "@/domain/record_type.ts";
import { activityTypeOf } from "@/domain/workout_type.ts";
import type { IncomingRecord } from "./fitness_record.ts";

/** The largest stored quantity: every integer up to here is exact. */
const VALUE_MAX = Number.MAX_SAFE_INTEGER;

/** Reads records, then workouts; their indexes run on. */
export function readSync(request: SyncRequest): IncomingRecord[] {
  const { records, workouts } = request;
  return [
    ...records.map((value, index) => readOne(value, index, "record", SyncRecord, toSample)),
    ...workouts.map((value, index) =>
      readOne(value, records.length + index, "workout", SyncWorkout, toActivity)
    ),
  ];
}

/** A record and a workout may carry the same id, so the kind is part of the identity. */
function readOne<T extends { id: string }>(
  value: unknown,
  index: number,
  kind: string,
  schema: z.ZodType<T>,
  convert: (value: T) => ParsedRecord,
): IncomingRecord {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "record";
    const record = rejected("malformed", `${field}: ${issue?.message ?? "is not valid"}`);
    return { index, identity: `${kind}:#${index}`, record };
  }
  return { index, identity: `${kind}:${parsed.data.id}`, record: convert(parsed.data) };
}

function toSample(value: SyncRecord): ParsedRecord {
  const type = findRecordType(value.type);
  if (type === undefined) {
    return rejected("unknown_type", `"${value.type}" is not a record type that is counted`);
  }
  const unit = value.unit ?? type.unit;
  const stored = toStoredInteger(type.quantity, value.value, unit);
  if (stored === undefined) {
    return rejected("unknown_unit", `"${unit}" is not a unit of ${type.quantity}`);
  }
  if (!isQuantity(stored)) return rejected("invalid_value", "The value is negative or too large");
  const sample: SampleRecord = {
    kind: "sample",
    quantity: type.quantity,
    value: stored,
    ...timesOf(value),
    source: sourceOf(value),
  };
  return sample;
}

const WORKOUT_QUANTITIES = {
  distance: ["distance", "m"],
  movingTime: ["moving_time", "s"],
  activeEnergy: ["active_energy", "kcal"],
  elevationGain: ["elevation_gain", "m"],
  steps: ["steps", "count"],
} as const satisfies Partial<Record<keyof SyncWorkout, readonly [Quantity, string]>>;

function toActivity(value: SyncWorkout): ParsedRecord {
  const quantities: Quantities = {};
  for (const [field, [quantity, unit]] of Object.entries(WORKOUT_QUANTITIES)) {
    const given = value[field as keyof typeof WORKOUT_QUANTITIES];
    if (given === undefined) continue;
    const stored = toStoredInteger(quantity, given, unit);
    if (stored === undefined || !isQuantity(stored)) {
      return rejected("invalid_value", `${field}: the value is negative or too large`);
    }
    quantities[quantity] = stored;
  }
  const activity: ActivityRecord = {
    kind: "activity",
    type: activityTypeOf(value.type),
    ...timesOf(value),
    quantities,
    source: sourceOf(value),
  };
  // A workout without a moving time moved all along, as far as anybody knows.
  quantities.moving_time ??= Math.max(0, activity.endedAt - activity.startedAt);
  return activity;
}

function isQuantity(stored: number): boolean {
  return Number.isFinite(stored) && stored >= 0 && stored <= VALUE_MAX;
}

function timesOf(value: { start: string; end: string; zoneOffset?: string | undefined }) {
  return {
    startedAt: Date.parse(value.start),
    endedAt: Date.parse(value.end),
    zoneOffsetMinutes: offsetMinutes(value.zoneOffset),
  };
}

function offsetMinutes(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === "Z") return 0;
  const [hours, minutes] = text.slice(1).split(":").map(Number);
  return (text.startsWith("-") ? -1 : 1) * (hours! * 60 + minutes!);
}

function sourceOf(value: SyncRecord | SyncWorkout): RecordSource {
  const { app, device, recordingMethod = "unknown" } = value.source ?? {};
  const isEnteredByHand = isTrue(value.metadata?.HKWasUserEntered);
  return {
    recordingMethod: isEnteredByHand ? "manual" : recordingMethod,
    ...(app ? { app } : {}),
    ...(device ? { device } : {}),
  };
}

/** HealthKit exports write booleans as true, 1 or "1". */
function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === "1" || value === "true";
}

function rejected(reason: RejectReason, message: string): ParsedRecord {
  return { kind: "rejected", reason, message };
}
