/**
 * What a device or app reports: activities (recorded sessions) and samples (one reading over an
 * interval). Quantities are integers: distance in mm, time in ms, energy in cal (thousandths of a
 * kcal), elevation in mm, steps and floors as counts, so that sums are exact.
 *
 * @module
 */

import type { EpochMs } from "./time.ts";

/** Kinds of activity the rules can name. Device sports without a place here become `other`. */
export const ACTIVITY_TYPES = [
  "running",
  "walking",
  "hiking",
  "cycling",
  "swimming",
  "rowing",
  "skiing",
  "skating",
  "paddling",
  "strength",
  "yoga",
  "cardio",
  "wheelchair",
  "other",
] as const;
export type ActivityType = (typeof ACTIVITY_TYPES)[number];

/**
 * Quantities an activity or a sample can carry, each with its scale (stored integers per unit) and
 * the most that one record may hold, in stored integers. What is plausible is much less; this keeps
 * a broken record out, and the sums of a lifetime below 2^53.
 */
export const QUANTITIES = {
  distance: { unit: "m", scale: 1000, max: 100_000_000_000 },
  moving_time: { unit: "s", scale: 1000, max: 31 * 86_400_000 },
  active_energy: { unit: "kcal", scale: 1000, max: 1_000_000_000 },
  elevation_gain: { unit: "m", scale: 1000, max: 1_000_000_000 },
  steps: { unit: "steps", scale: 1, max: 10_000_000 },
  floors: { unit: "floors", scale: 1, max: 1_000_000 },
} as const;
export type Quantity = keyof typeof QUANTITIES;

/** Stored integers by quantity; a missing key means the device did not say. */
export type Quantities = Partial<Record<Quantity, number>>;

/** How a record came to be; `unknown` is not `automatic`. */
export const RECORDING_METHODS = ["active", "automatic", "manual", "unknown"] as const;
export type RecordingMethod = (typeof RECORDING_METHODS)[number];

/** Where a record comes from. Text as the device gives it, trimmed; never an address or a serial that identifies a person. */
export interface RecordSource {
  app?: string;
  /** Maker and product, e.g. `garmin fr110`. */
  device?: string;
  recordingMethod: RecordingMethod;
}

/** How fast a session went, in cm/s: mean speeds of buckets from the first point on, and peaks. */
export interface SpeedTrace {
  bucketMs: number;
  speeds: readonly number[];
  /** The greatest mean speed over a minute; absent where the record is shorter. */
  peak60?: number;
  /** The same over ten minutes. */
  peak600?: number;
}

/** A recorded session as read from a file or a sync; `elapsedMs` is end − start. */
export interface ActivityRecord {
  kind: "activity";
  type: ActivityType;
  startedAt: EpochMs;
  endedAt: EpochMs;
  /** Minutes east of UTC where the device said so. */
  zoneOffsetMinutes: number | null;
  quantities: Quantities;
  source: RecordSource;
  /** Where points say how fast it went. */
  trace?: SpeedTrace;
}

/** One reading over an interval, e.g. 120 steps between two instants. */
export interface SampleRecord {
  kind: "sample";
  quantity: Quantity;
  value: number;
  startedAt: EpochMs;
  endedAt: EpochMs;
  zoneOffsetMinutes: number | null;
  source: RecordSource;
}

/** A part of a file or sync that cannot be used, with its reason. */
export interface RejectedRecord {
  kind: "rejected";
  reason: RejectReason;
  message: string;
}

export type ParsedRecord = ActivityRecord | SampleRecord | RejectedRecord;

/** Why a record or file was refused; the documented table. */
export const REJECT_REASONS = {
  unknown_format: "The file is neither FIT, TCX nor GPX, nor an export of Apple Health.",
  archive_refused:
    "The archive holds no file that is read, only archives, or names that point outside.",
  empty: "The file or list has no bytes or no records.",
  too_large: "The file or record count is over the limit.",
  bad_crc: "The checksum does not match: the file was damaged on its way.",
  truncated: "The file ends before its header says.",
  malformed: "The content cannot be read as its format.",
  entity_refused: "The XML declares or uses entities, which are not read.",
  not_activity: "The file holds settings, a course or another kind of data, not activity.",
  no_track: "The file has a route or waypoints but no recorded track.",
  no_times: "The points have no times, so duration and day are unknown.",
  relative_time: "The times count from the device's start, not from a calendar date.",
  future: "The record ends in the future.",
  ancient: "The record is older than 2000-01-01.",
  invalid_interval: "The end is not after the start, or the interval is longer than allowed.",
  invalid_value: "A value is negative, not finite or beyond what the unit allows.",
  upload_lost: "The file was lost before it was read.",
  interrupted: "Reading the file was interrupted too often.",
  unknown_type: "The record type is not known.",
  unknown_unit: "The unit does not fit the record type.",
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

/** Why a stored record does not count in a competition; the documented table. */
export const EXCLUDE_REASONS = {
  manual: "Entered by hand, and the rules exclude manual entries, or what is above their cap.",
  duplicate: "The same session is there from another source, which counts instead.",
  in_review: "Flagged as not plausible; it counts when a referee has accepted it.",
  implausible: "Flagged as not plausible, and a referee has rejected it.",
  type_not_counted: "The rules name other activity types.",
  not_in_metric: "The record carries nothing the competition's metric measures.",
  before_start: "Started before the competition (or the counted period after joining).",
  after_end: "Ended after the competition.",
  capped: "Over a cap or the target; the part above it does not count.",
  below_minimum: "Below the daily or per-activity minimum.",
  below_goal: "The day did not reach the goal.",
  not_best: "Another activity, day or streak is the better one that counts.",
  superseded: "The day's other source (samples or activities) is larger and counts instead.",
  late: "Arrived after the end and the sync grace.",
  locked: "The result was already final, or the competition was cancelled.",
  replaced: "A later record with the same id took its place.",
  not_participating: "The athlete had left, was disqualified or had not joined.",
} as const;
export type ExcludeReason = keyof typeof EXCLUDE_REASONS;
