/** The names that health platforms give their records, in our words. */

import type { ActivityType, Quantity } from "./activity.ts";

/** What a record type measures, and the unit its values have when they name none. */
export interface RecordType {
  quantity: Quantity;
  unit: string;
}

/** Record types by name: our own, Health Connect's, HealthKit's, Google Fit's. */
const RECORD_TYPES = {
  steps: { quantity: "steps", unit: "count" },
  StepsRecord: { quantity: "steps", unit: "count" },
  HKQuantityTypeIdentifierStepCount: { quantity: "steps", unit: "count" },
  "com.google.step_count.delta": { quantity: "steps", unit: "count" },
  distance: { quantity: "distance", unit: "m" },
  DistanceRecord: { quantity: "distance", unit: "m" },
  HKQuantityTypeIdentifierDistanceWalkingRunning: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistanceCycling: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistanceSwimming: { quantity: "distance", unit: "m" },
  HKQuantityTypeIdentifierDistanceWheelchair: { quantity: "distance", unit: "km" },
  "com.google.distance.delta": { quantity: "distance", unit: "m" },
  active_energy: { quantity: "active_energy", unit: "kcal" },
  ActiveCaloriesBurnedRecord: { quantity: "active_energy", unit: "kcal" },
  HKQuantityTypeIdentifierActiveEnergyBurned: { quantity: "active_energy", unit: "kcal" },
  floors: { quantity: "floors", unit: "count" },
  FloorsClimbedRecord: { quantity: "floors", unit: "count" },
  HKQuantityTypeIdentifierFlightsClimbed: { quantity: "floors", unit: "count" },
  elevation_gain: { quantity: "elevation_gain", unit: "m" },
  ElevationGainedRecord: { quantity: "elevation_gain", unit: "m" },
  moving_time: { quantity: "moving_time", unit: "s" },
} as const satisfies Record<string, RecordType>;

/** Stored integers in one of each unit, by quantity. */
const UNITS = {
  steps: { count: 1, steps: 1 },
  floors: { count: 1, floors: 1 },
  distance: { m: 1_000, km: 1_000_000, mi: 1_609_344, ft: 304.8, yd: 914.4 },
  elevation_gain: { m: 1_000, km: 1_000_000, ft: 304.8 },
  active_energy: { kcal: 1_000, Cal: 1_000, cal: 1, kJ: 1_000 / 4.184, J: 1 / 4.184 },
  moving_time: { s: 1_000, min: 60_000, h: 3_600_000, ms: 1 },
} as const satisfies Record<Quantity, Record<string, number>>;

/** Finds what a record type measures.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findRecordType } from "@/domain/record_type.ts";
 *
 * assertEquals(findRecordType("StepsRecord")?.quantity, "steps");
 * assertEquals(findRecordType("HeartRateRecord"), undefined);
 * ```
 */
export function findRecordType(name: string): RecordType | undefined {
  return Object.hasOwn(RECORD_TYPES, name)
    ? RECORD_TYPES[name as keyof typeof RECORD_TYPES]
    : undefined;
}

/** The value in stored integers (mm, ms, cal, counts), rounded once; undefined for a unit that does not fit.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toStoredInteger } from "@/domain/record_type.ts";
 *
 * assertEquals(toStoredInteger("distance", 4.83538, "km"), 4_835_380);
 * assertEquals(toStoredInteger("steps", 10, "km"), undefined);
 * ```
 */
export function toStoredInteger(
  quantity: Quantity,
  value: number,
  unit: string,
): number | undefined {
  const perUnit: Record<string, number> = UNITS[quantity];
  if (!Object.hasOwn(perUnit, unit)) return undefined;
  return Math.round(value * perUnit[unit]!);
}

/** Sports by the last part of a platform's name, lower case without separators. */
const SPORTS: Record<string, ActivityType> = {
  running: "running",
  run: "running",
  runningtreadmill: "running",
  trailrunning: "running",
  virtualrun: "running",
  trailrun: "running",
  walking: "walking",
  walk: "walking",
  hiking: "hiking",
  hike: "hiking",
  cycling: "cycling",
  biking: "cycling",
  bikingstationary: "cycling",
  ride: "cycling",
  virtualride: "cycling",
  mountainbikeride: "cycling",
  gravelride: "cycling",
  handcycling: "cycling",
  swimming: "swimming",
  swim: "swimming",
  swimmingpool: "swimming",
  swimmingopenwater: "swimming",
  rowing: "rowing",
  rowingmachine: "rowing",
  skiing: "skiing",
  crosscountryskiing: "skiing",
  downhillskiing: "skiing",
  alpineski: "skiing",
  nordicski: "skiing",
  skating: "skating",
  skatingsports: "skating",
  iceskating: "skating",
  inlineskate: "skating",
  paddling: "paddling",
  paddlesports: "paddling",
  kayaking: "paddling",
  canoeing: "paddling",
  strength: "strength",
  strengthtraining: "strength",
  traditionalstrengthtraining: "strength",
  functionalstrengthtraining: "strength",
  weighttraining: "strength",
  weightlifting: "strength",
  yoga: "yoga",
  pilates: "yoga",
  cardio: "cardio",
  elliptical: "cardio",
  highintensityintervaltraining: "cardio",
  mixedcardio: "cardio",
  stairclimbing: "cardio",
  wheelchair: "wheelchair",
  wheelchairwalkpace: "wheelchair",
  wheelchairrunpace: "wheelchair",
  other: "other",
};

/** The activity type of a workout's name: ours, `HKWorkoutActivityTypeRunning`, `EXERCISE_TYPE_BIKING`, `Run`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activityTypeOf } from "@/domain/record_type.ts";
 *
 * assertEquals(activityTypeOf("HKWorkoutActivityTypeRunning"), "running");
 * assertEquals(activityTypeOf("EXERCISE_TYPE_SWIMMING_POOL"), "swimming");
 * assertEquals(activityTypeOf("Curling"), "other");
 * ```
 */
export function activityTypeOf(name: string): ActivityType {
  const word = name.replace(/^(HKWorkoutActivityType|EXERCISE_TYPE_)/, "").replace(/[^A-Za-z]/g, "")
    .toLowerCase();
  return Object.hasOwn(SPORTS, word) ? SPORTS[word]! : "other";
}
