/** What apps send by JSON, record by record: a bad one is rejected, the others go on. */

import type { z } from "zod";
import { SyncRecord, type SyncRequest, SyncWorkout } from "@/contracts/fitness.ts";
import type {
  ActivityRecord,
  ActivityType,
  ParsedRecord,
  Quantities,
  Quantity,
  RecordSource,
  RejectReason,
  SampleRecord,
} from "@/domain/activity.ts";
import { findRecordType, toStoredInteger } from "@/domain/record_type.ts";
import { activityTypeOf, isWorkoutRecord } from "@/domain/workout_type.ts";
import { readOther } from "./fitness_other.ts";
import type { IncomingRecord } from "./fitness_record.ts";

/** Reads records, then workouts; their indexes run on. */
export function readSync(request: SyncRequest): IncomingRecord[] {
  const { provider, records, workouts } = request;
  const read = [
    ...records.map((value, index) =>
      isWorkout(value) ? workout(value, index) : sample(value, index)
    ),
    ...workouts.map((value, index) => workout(value, records.length + index)),
  ];
  return provider === "manual" ? read.map(byHand) : read;
}

/** What comes from the provider `manual` was entered by hand, whatever its records say. */
function byHand(incoming: IncomingRecord): IncomingRecord {
  const { record } = incoming;
  if (record.kind === "rejected") return incoming;
  const source = { ...record.source, recordingMethod: "manual" as const };
  return { ...incoming, record: { ...record, source } };
}

/** Health Connect and HealthKit list sessions as records of a type of their own. */
function isWorkout(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string" && isWorkoutRecord(value.type);
}

function sample(value: unknown, index: number): IncomingRecord {
  return readOther(value, index) ??
    readOne(value, { index, kind: "record", schema: SyncRecord, convert: toSample });
}

function workout(value: unknown, index: number): IncomingRecord {
  return readOne(value, { index, kind: "workout", schema: SyncWorkout, convert: toActivity });
}

interface Reading<T> {
  index: number;
  /** A record and a workout may carry the same id, so the kind is part of the identity. */
  kind: "record" | "workout";
  schema: z.ZodType<T>;
  convert: (value: T) => ParsedRecord;
}

function readOne<T extends { id: string }>(value: unknown, reading: Reading<T>): IncomingRecord {
  const { index, kind, schema, convert } = reading;
  const parsed = schema.safeParse(asMeant(value));
  if (parsed.success) {
    return { index, identity: `${kind}:${parsed.data.id}`, record: convert(parsed.data) };
  }
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || kind;
  const reason = isInfiniteAt(value, issue?.path[0]) ? "invalid_value" : "malformed";
  const record = rejected(reason, `${field}: ${issue?.message ?? "is not valid"}`);
  return { index, identity: `${kind}:#${index}`, record };
}

/** Health Connect's numbers and names for how something was recorded. */
const METHODS: Readonly<Record<string, string>> = {
  0: "unknown",
  1: "active",
  2: "automatic",
  3: "manual",
  "RECORDING_METHOD_UNKNOWN": "unknown",
  "RECORDING_METHOD_ACTIVELY_RECORDED": "active",
  "RECORDING_METHOD_AUTOMATICALLY_RECORDED": "automatic",
  "RECORDING_METHOD_MANUAL_ENTRY": "manual",
};

/**
 * What apps write that take a platform's own objects: null for what is not there, zones as
 * `+0200`, and the platform's words for how something was recorded.
 */
function asMeant(value: unknown): unknown {
  const given = withoutNulls(value);
  if (typeof given !== "object" || given === null) return given;
  const { zoneOffset, source, ...rest } = given as Record<string, unknown>;
  const told = withoutNulls(source);
  return {
    ...rest,
    ...(zoneOffset === undefined ? {} : { zoneOffset: withColon(zoneOffset) }),
    ...(told === undefined ? {} : { source: withMethod(told) }),
  };
}

/** An object without its members that are null. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

function withColon(offset: unknown): unknown {
  return typeof offset === "string" ? offset.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2") : offset;
}

function withMethod(source: unknown): unknown {
  if (typeof source !== "object" || source === null || !("recordingMethod" in source)) {
    return source;
  }
  const method = String(source.recordingMethod);
  return Object.hasOwn(METHODS, method) ? { ...source, recordingMethod: METHODS[method] } : source;
}

/** NaN and the infinities, which schemas take for something else than a number. */
function isInfiniteAt(value: unknown, key: PropertyKey | undefined): boolean {
  if (key === undefined || typeof value !== "object" || value === null) return false;
  const member = (value as Record<PropertyKey, unknown>)[key];
  return typeof member === "number" && !Number.isFinite(member);
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
  const sample: SampleRecord = {
    kind: "sample",
    quantity: type.quantity,
    value: stored,
    ...timesOf(value),
    source: sourceOf(value),
  };
  return isNegative(value.value) ? negative("value") : sample;
}

const WORKOUT_QUANTITIES = {
  distance: ["distance", "m"],
  movingTime: ["moving_time", "s"],
  activeEnergy: ["active_energy", "kcal"],
  elevationGain: ["elevation_gain", "m"],
  steps: ["steps", "count"],
  floors: ["floors", "count"],
} as const satisfies Partial<Record<keyof SyncWorkout, readonly [Quantity, string]>>;
type WorkoutField = keyof typeof WORKOUT_QUANTITIES;

function toActivity(value: SyncWorkout): ParsedRecord {
  const fields = Object.keys(WORKOUT_QUANTITIES) as WorkoutField[];
  const wrong = fields.find((field) => isNegative(value[field] ?? 0));
  if (wrong !== undefined) return negative(wrong);
  const times = timesOf(value);
  const activity: ActivityRecord = {
    kind: "activity",
    type: typeOf(value),
    ...times,
    // A workout without a moving time moved all along, as far as anybody knows.
    quantities: {
      "moving_time": Math.max(0, times.endedAt - times.startedAt),
      ...quantitiesOf(value, fields),
    },
    source: sourceOf(value),
  };
  return activity;
}

function quantitiesOf(value: SyncWorkout, fields: readonly WorkoutField[]): Quantities {
  const quantities: Quantities = {};
  for (const field of fields) {
    const given = value[field];
    if (given === undefined) continue;
    const [quantity, unit] = WORKOUT_QUANTITIES[field];
    quantities[quantity] = toStoredInteger(quantity, given, unit)!;
  }
  return quantities;
}

function typeOf({ type, exerciseType }: SyncWorkout): ActivityType {
  return activityTypeOf(isWorkoutRecord(type) ? exerciseType ?? type : type);
}

/** Before rounding: a small negative value would round to nothing. */
function isNegative(value: number): boolean {
  return value < 0;
}

function negative(field: string): ParsedRecord {
  return rejected("invalid_value", `${field}: the value is negative`);
}

function timesOf(value: { start: string; end: string; zoneOffset?: string | undefined }) {
  return {
    startedAt: Date.parse(value.start),
    endedAt: Date.parse(value.end),
    zoneOffsetMinutes: offsetMinutes(value.zoneOffset),
  };
}

const HOUR_MINUTES = 60;

function offsetMinutes(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === "Z") return 0;
  const [hours, minutes] = text.slice(1).split(":").map(Number);
  const east = hours! * HOUR_MINUTES + minutes!;
  return text.startsWith("-") ? 0 - east : east;
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
