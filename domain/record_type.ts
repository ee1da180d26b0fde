/** The names that health platforms give their records, in our words. */

import type { Quantity } from "./activity.ts";

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
  HKQuantityTypeIdentifierDistanceDownhillSnowSports: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistanceCrossCountrySkiing: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistancePaddleSports: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistanceRowing: { quantity: "distance", unit: "km" },
  HKQuantityTypeIdentifierDistanceSkatingSports: { quantity: "distance", unit: "km" },
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

const MM_PER_KM = 1_000_000;
const MM_PER_MILE = 1_609_344;
const MM_PER_FOOT = 304.8;
const CAL_PER_KJ = 1_000 / 4.184;

/** Stored integers in one of each unit of length. */
const LENGTHS = {
  m: 1_000,
  meters: 1_000,
  km: MM_PER_KM,
  kilometers: MM_PER_KM,
  mi: MM_PER_MILE,
  miles: MM_PER_MILE,
  ft: MM_PER_FOOT,
  feet: MM_PER_FOOT,
  yd: 3 * MM_PER_FOOT,
} as const;

/** Stored integers in one of each unit, by quantity. `Cal` is a kcal and `cal` is not. */
const UNITS = {
  steps: { count: 1, steps: 1 },
  floors: { count: 1, floors: 1 },
  distance: LENGTHS,
  elevation_gain: LENGTHS,
  active_energy: {
    kcal: 1_000,
    Cal: 1_000,
    kilocalories: 1_000,
    cal: 1,
    kJ: CAL_PER_KJ,
    kilojoules: CAL_PER_KJ,
    J: CAL_PER_KJ / 1_000,
  },
  moving_time: { s: 1_000, min: 60_000, h: 3_600_000, hr: 3_600_000, ms: 1 },
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
