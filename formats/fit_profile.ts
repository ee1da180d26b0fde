/** The part of the FIT profile this reader uses: message and field numbers, file types, sports. */

import type { ActivityType } from "@/domain/activity.ts";

/** Global message numbers. */
export const MESSAGE = {
  fileId: 0,
  sport: 12,
  session: 18,
  lap: 19,
  record: 20,
  event: 21,
  activity: 34,
  monitoring: 55,
  monitoringInfo: 103,
} as const;

/** Field numbers by message. Field 3 of `file_id` is the serial number, which is never read. */
export const FIELD = {
  fileId: { type: 0, manufacturer: 1, product: 2, productName: 8 },
  sport: { sport: 0, subSport: 1 },
  session: {
    startTime: 2,
    sport: 5,
    subSport: 6,
    elapsed: 7,
    timer: 8,
    moving: 59,
    distance: 9,
    cycles: 10,
    calories: 11,
    ascent: 22,
  },
  lap: {
    startTime: 2,
    sport: 25,
    subSport: 39,
    elapsed: 7,
    timer: 8,
    moving: 52,
    distance: 9,
    cycles: 10,
    calories: 11,
    ascent: 21,
  },
  record: {
    latitude: 0,
    longitude: 1,
    altitude: 2,
    distance: 5,
    compressedSpeedDistance: 8,
    enhancedAltitude: 78,
  },
  event: { event: 0, eventType: 1 },
  activity: { localTimestamp: 5 },
  monitoring: {
    distance: 2,
    cycles: 3,
    activityType: 5,
    cycles16: 9,
    distance16: 8,
    typeAndIntensity: 24,
    timestamp16: 26,
  },
  monitoringInfo: { localTimestamp: 0 },
} as const;

/** Where session and lap keep the same quantities. */
export type SummaryFields = typeof FIELD.session | typeof FIELD.lap;

/** Event 0 is the timer; its event types that begin and end timed stretches. */
export const TIMER_EVENT = 0;
export const TIMER_START = 0;
export const TIMER_STOPS: ReadonlySet<number> = new Set([1, 4, 8, 9]);

/** File types of recorded activity: `activity` and `activity_summary`. */
export const ACTIVITY_FILES: ReadonlySet<number> = new Set([4, 20]);
/** File types of all-day monitoring: `monitoring_a`, `monitoring_daily`, `monitoring_b`. */
export const MONITORING_FILES: ReadonlySet<number> = new Set([15, 28, 32]);

/** Names of the other file types, for the message that refuses them. */
export const FILE_TYPE_NAMES: Readonly<Record<number, string>> = {
  1: "device",
  2: "settings",
  3: "sport settings",
  5: "workout",
  6: "course",
  7: "schedule",
  9: "weight",
  10: "totals",
  11: "goals",
  14: "blood pressure",
  34: "segment",
  35: "segment list",
};

/** Sport 3: the time between the legs of a multisport activity, which is no activity of its own. */
export const TRANSITION_SPORT = 3;

const SPORTS: Readonly<Record<number, ActivityType>> = {
  1: "running",
  2: "cycling",
  4: "cardio",
  5: "swimming",
  11: "walking",
  12: "skiing",
  13: "skiing",
  14: "skiing",
  15: "rowing",
  16: "hiking",
  17: "hiking",
  19: "paddling",
  30: "skating",
  33: "skating",
  35: "hiking",
  37: "paddling",
  41: "paddling",
  42: "paddling",
  47: "cardio",
  48: "cardio",
  62: "cardio",
  65: "wheelchair",
  66: "wheelchair",
  83: "cardio",
  84: "cardio",
};

/** Sub-sports that say more than the sport, which for them is often `fitness_equipment`. */
const SUB_SPORTS: Readonly<Record<number, ActivityType>> = {
  1: "running",
  5: "cycling",
  6: "cycling",
  14: "rowing",
  15: "cardio",
  16: "cardio",
  17: "swimming",
  18: "swimming",
  20: "strength",
  25: "skiing",
  26: "cardio",
  27: "walking",
  // An electric bicycle carries its rider: it never competes with cycling.
  28: "other",
  42: "skiing",
  43: "yoga",
  44: "yoga",
  45: "running",
  47: "other",
  70: "cardio",
  73: "cardio",
  74: "cardio",
  75: "cardio",
  86: "wheelchair",
  87: "wheelchair",
};

/** Maps FIT sport and sub-sport; what has no place among the types is `other`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitActivityType } from "@/formats/fit_profile.ts";
 *
 * assertEquals(fitActivityType(4, 14), "rowing"); // fitness equipment, indoor rowing
 * assertEquals(fitActivityType(25, undefined), "other"); // golf
 * ```
 */
export function fitActivityType(
  sport: number | undefined,
  subSport: number | undefined,
): ActivityType {
  const bySubSport = subSport === undefined ? undefined : SUB_SPORTS[subSport];
  return bySubSport ?? (sport === undefined ? undefined : SPORTS[sport]) ?? "other";
}
