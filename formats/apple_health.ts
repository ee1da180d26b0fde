/**
 * Apple's export of Health: years of readings and workouts in one XML, read as it comes. Readings
 * that nobody competes in (heart rate, sleep, food) are counted by type and not kept.
 *
 * Records have no id there, so theirs is made of what stays the same from one export to the next:
 * type, times, hardware, and roughly the amount. Names of sources (people rename their phones) and
 * units (a setting, and with them the last digits of amounts) do not.
 *
 * @module
 */

import type {
  ActivityRecord,
  Quantity,
  RecordingMethod,
  RecordSource,
  RejectReason,
  SampleRecord,
} from "@/domain/activity.ts";
import { findRecordType, type RecordType, toStoredInteger } from "@/domain/record_type.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { activityTypeOf } from "@/domain/workout_type.ts";
import { finishActivity } from "./activity_draft.ts";
import { deviceFrom } from "./apple_device.ts";
import { identityOf, RecentIdentities } from "./apple_identity.ts";
import { type AppleAttribute, type AppleTag, AppleXml, ATTRIBUTE } from "./apple_xml.ts";
import { madeOf, type Word } from "./byte_words.ts";
import { nameFrom } from "./name.ts";
import { FormatError } from "./reader.ts";
import { ZoneOffsets } from "./zone_offsets.ts";

/** What takes the records as they are read. */
export interface AppleHealthSink {
  /** A reading; the identity is unique to it among all exports of a person. */
  sample(record: SampleRecord, identity: string): void;
  activity(record: ActivityRecord, identity: string): void;
  reject(reason: RejectReason, message: string): void;
}

/** What was in the file so far. */
export interface AppleHealthTotals {
  /** All readings, kept or not. */
  records: number;
  workouts: number;
  /** Readings that are not kept, by type. */
  skipped: Map<string, number>;
}

/** A file with more types of readings is no export. */
const TYPES_MAX = 1_000;

export class AppleHealthReader {
  readonly totals: AppleHealthTotals = { records: 0, workouts: 0, skipped: new Map() };
  readonly #xml: AppleXml;
  readonly #offsets = new ZoneOffsets();
  readonly #identities = new RecentIdentities();
  readonly #sources = new LastSource();
  #record: PendingRecord | undefined;
  #workout: PendingWorkout | undefined;

  /** `zone` is the person's, for records that do not tell theirs. */
  constructor(readonly sink: AppleHealthSink, readonly zone: string) {
    this.#xml = new AppleXml({
      open: (name, parent, tag) => this.#open(name, parent, tag),
      close: (name) => this.#close(name),
    });
  }

  /** Reads on. Throws `FormatError` when what follows cannot be read; what was read stands. */
  push(chunk: Uint8Array): void {
    this.#xml.push(chunk);
  }

  /** Ends the file. Throws `FormatError` with `truncated` when it is not whole. */
  end(): void {
    this.#xml.end();
  }

  #open(name: string, parent: string, tag: AppleTag): void {
    if (parent === "" && name !== "HealthData") {
      throw new FormatError("unknown_format", "Cannot read file: it is no export of Health");
    }
    if (name === "Record") this.#openRecord(parent, tag);
    else if (name === "MetadataEntry") this.#metadata(parent, tag);
    else if (name === "Workout") this.#workout = openWorkout(tag);
    else if (name === "WorkoutStatistics" && parent === "Workout") {
      addStatistics(this.#workout, tag);
    }
  }

  #close(name: string): void {
    if (name === "Record") this.#closeRecord();
    else if (name === "Workout") this.#closeWorkout();
  }

  #openRecord(parent: string, tag: AppleTag): void {
    this.totals.records++;
    const type = tag.word(ATTRIBUTE.type);
    // What a correlation holds stands in the file by itself too.
    const plan = type && parent !== "Correlation" ? planOf(type) : undefined;
    if (!type || !plan) return this.#skip(type?.text ?? "none");
    this.#record = {
      plan,
      startedAt: tag.instant(ATTRIBUTE.startDate),
      endedAt: tag.instant(ATTRIBUTE.endDate),
      createdAt: tag.instant(ATTRIBUTE.creationDate),
      value: tag.decimal(ATTRIBUTE.value),
      unit: tag.word(ATTRIBUTE.unit)?.text ?? plan.unit,
      app: tag.word(ATTRIBUTE.sourceName),
      device: tag.device(),
      typeHash: type.hash,
      isByHand: false,
      zone: undefined,
    };
  }

  #skip(type: string): void {
    const { skipped } = this.totals;
    const key = skipped.size < TYPES_MAX || skipped.has(type) ? type : "other";
    skipped.set(key, (skipped.get(key) ?? 0) + 1);
  }

  #metadata(parent: string, tag: AppleTag): void {
    const pending = parent === "Record"
      ? this.#record
      : parent === "Workout"
      ? this.#workout
      : undefined;
    if (!pending) return;
    const key = tag.word(ATTRIBUTE.key)?.text;
    if (key === "HKWasUserEntered") {
      pending.isByHand = TRUE.has(tag.word(ATTRIBUTE.value)?.text ?? "");
    } else if (key === "HKTimeZone") pending.zone = tag.word(ATTRIBUTE.value)?.text;
    else if (key === "HKElevationAscended" && pending === this.#workout) {
      pending.elevationMm = lengthMm(tag.word(ATTRIBUTE.value)?.text);
    }
  }

  #closeRecord(): void {
    const record = this.#record;
    if (!record) return;
    this.#record = undefined;
    const sample = this.#sampleOf(record);
    if (typeof sample === "string") this.sink.reject(sample, REJECTED[sample]);
    else this.sink.sample(sample, this.#identities.take(identityOf(record, sample.value)));
  }

  #sampleOf(record: PendingRecord): SampleRecord | keyof typeof REJECTED {
    const { plan, startedAt, endedAt, value, unit } = record;
    if (startedAt === undefined || endedAt === undefined) return "no_times";
    if (endedAt < startedAt) return "invalid_interval";
    if (value === undefined || value < 0) return "invalid_value";
    const stored = toStoredInteger(plan.quantity, value, unit);
    if (stored === undefined) return "unknown_unit";
    return {
      kind: "sample",
      quantity: plan.quantity,
      value: stored,
      startedAt,
      // Times are whole seconds: what begins and ends in the same one lasts it.
      endedAt: endedAt === startedAt ? startedAt + SECOND_MS : endedAt,
      zoneOffsetMinutes: this.#offsetAt(record.zone, startedAt),
      source: this.#sources.of(record, record.device ? "automatic" : "unknown"),
    };
  }

  #closeWorkout(): void {
    const workout = this.#workout;
    if (!workout) return;
    this.#workout = undefined;
    this.totals.workouts++;
    const { startedAt, endedAt, durationMs = 0 } = workout;
    const isInstant = startedAt !== undefined && endedAt === startedAt;
    const activity = finishActivity({
      type: activityTypeOf(workout.type),
      startedAt,
      // Some apps write only how long it was.
      endedAt: isInstant ? startedAt + Math.max(durationMs, SECOND_MS) : endedAt,
      zoneOffsetMinutes: startedAt === undefined ? null : this.#offsetAt(workout.zone, startedAt),
      quantities: quantitiesOf(workout),
      source: sourceOf(workout, "active"),
    });
    if (activity.kind === "rejected") this.sink.reject(activity.reason, activity.message);
    else this.sink.activity(activity, this.#identities.take(identityOf(workout, durationMs)));
  }

  #offsetAt(zone: string | undefined, at: EpochMs): number | null {
    const told = zone === undefined ? null : this.#offsets.at(zone, at);
    return told ?? this.#offsets.at(this.zone, at);
  }
}

const TRUE: ReadonlySet<string> = new Set(["1", "true", "YES"]);

const REJECTED = {
  no_times: "Cannot read record: it has no start or end",
  invalid_interval: "Cannot read record: its end is before its start",
  invalid_value: "Cannot read record: its value is no number from 0 on",
  unknown_unit: "Cannot read record: its unit does not fit its type",
} as const satisfies Partial<Record<RejectReason, string>>;

/** A record or workout whose children are still to come. */
interface Pending {
  startedAt: EpochMs | undefined;
  endedAt: EpochMs | undefined;
  createdAt: EpochMs | undefined;
  app: Word | undefined;
  device: Word | undefined;
  typeHash: number;
  isByHand: boolean;
  zone: string | undefined;
}

interface PendingRecord extends Pending {
  plan: RecordType;
  value: number | undefined;
  unit: string;
}

interface PendingWorkout extends Pending {
  type: string;
  durationMs: number | undefined;
  distanceMm: number | undefined;
  energyCal: number | undefined;
  elevationMm: number | undefined;
  /** What the workout's own statistics say, which are the newer form of the totals above. */
  statistics: Map<Quantity, number>;
}

/** Types by number, so that a word need be looked up once. */
const PLANS: RecordType[] = [];

function planOf(type: Word): RecordType | undefined {
  if (type.note === undefined) {
    const plan = findRecordType(type.text);
    type.note = plan ? PLANS.push(plan) - 1 : -1;
  }
  return PLANS[type.note];
}

function openWorkout(tag: AppleTag): PendingWorkout {
  const type = tag.word(ATTRIBUTE.workoutActivityType);
  return {
    type: type?.text ?? "",
    typeHash: type?.hash ?? 0,
    startedAt: tag.instant(ATTRIBUTE.startDate),
    endedAt: tag.instant(ATTRIBUTE.endDate),
    createdAt: tag.instant(ATTRIBUTE.creationDate),
    app: tag.word(ATTRIBUTE.sourceName),
    device: tag.device(),
    durationMs: amountOf(tag, "moving_time", ATTRIBUTE.duration, ATTRIBUTE.durationUnit),
    distanceMm: amountOf(tag, "distance", ATTRIBUTE.totalDistance, ATTRIBUTE.totalDistanceUnit),
    energyCal: amountOf(
      tag,
      "active_energy",
      ATTRIBUTE.totalEnergyBurned,
      ATTRIBUTE.totalEnergyBurnedUnit,
    ),
    elevationMm: undefined,
    statistics: new Map(),
    isByHand: false,
    zone: undefined,
  };
}

function amountOf(
  tag: AppleTag,
  quantity: Quantity,
  value: AppleAttribute,
  unit: AppleAttribute,
): number | undefined {
  const amount = tag.decimal(value);
  if (amount === undefined) return undefined;
  return toStoredInteger(quantity, amount, tag.word(unit)?.text ?? "");
}

/** A workout may have walked and ridden; the longer way is the one it was about. */
function addStatistics(workout: PendingWorkout | undefined, tag: AppleTag): void {
  const type = tag.word(ATTRIBUTE.type);
  const plan = type && planOf(type);
  const sum = plan && amountOf(tag, plan.quantity, ATTRIBUTE.sum, ATTRIBUTE.unit);
  if (!workout || !plan || sum === undefined) return;
  const known = workout.statistics.get(plan.quantity) ?? 0;
  workout.statistics.set(plan.quantity, Math.max(known, sum));
}

function quantitiesOf(workout: PendingWorkout): Partial<Record<Quantity, number | undefined>> {
  const { statistics, startedAt = 0, endedAt = 0 } = workout;
  return {
    distance: statistics.get("distance") ?? workout.distanceMm,
    "active_energy": statistics.get("active_energy") ?? workout.energyCal,
    // The duration leaves pauses out; without one it moved all along, as far as anybody knows.
    "moving_time": workout.durationMs ?? endedAt - startedAt,
    steps: statistics.get("steps"),
    floors: statistics.get("floors"),
    "elevation_gain": workout.elevationMm,
  };
}

/** `5300 cm` */
const LENGTH = /^(\d{1,12}(?:\.\d{1,12})?) ?(cm|m|ft|km|mi)$/;
const MM_PER_CM = 10;

function lengthMm(text: string | undefined): number | undefined {
  const [, amount, unit] = LENGTH.exec(text ?? "") ?? [];
  if (amount === undefined) return undefined;
  if (unit === "cm") return Number(amount) * MM_PER_CM;
  return toStoredInteger("elevation_gain", Number(amount), unit!);
}

function sourceOf(pending: Pending, method: RecordingMethod): RecordSource {
  const app = pending.app && madeOf(pending.app, nameFrom);
  const device = pending.device && madeOf(pending.device, deviceFrom);
  return {
    recordingMethod: pending.isByHand ? "manual" : method,
    ...(app === undefined ? {} : { app }),
    ...(device === undefined ? {} : { device }),
  };
}

/** The source made last: mostly the next record has the same. */
class LastSource {
  #app: Word | undefined;
  #device: Word | undefined;
  #method: RecordingMethod | undefined;
  #source: RecordSource = { recordingMethod: "unknown" };

  of(pending: Pending, method: RecordingMethod): RecordSource {
    const { app, device } = pending;
    const wanted = pending.isByHand ? "manual" : method;
    if (app !== this.#app || device !== this.#device || wanted !== this.#method) {
      this.#app = app;
      this.#device = device;
      this.#method = wanted;
      this.#source = sourceOf(pending, method);
    }
    return this.#source;
  }
}
