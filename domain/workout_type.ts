/** The names that platforms give their workouts, in our activity types. */

import type { ActivityType } from "./activity.ts";

/** Names of activity by type: lower case, letters only, without the platform's prefix. */
const NAMES: Readonly<Record<ActivityType, readonly string[]>> = {
  running: [
    "running",
    "run",
    "runningtreadmill",
    "runningjogging",
    "trailrunning",
    "trailrun",
    "virtualrun",
    "jogging",
    "treadmill",
  ],
  walking: ["walking", "walk", "walkingfitness", "walkingtreadmill", "nordicwalking"],
  hiking: ["hiking", "hike", "snowshoe", "snowshoeing"],
  cycling: [
    "cycling",
    "biking",
    "ride",
    "bikingstationary",
    "bikingroad",
    "bikingmountain",
    "bikingspinning",
    "virtualride",
    "mountainbikeride",
    "gravelride",
  ],
  swimming: ["swimming", "swim", "swimmingpool", "swimmingopenwater"],
  rowing: ["rowing", "rowingmachine", "virtualrow"],
  skiing: [
    "skiing",
    "crosscountryskiing",
    "downhillskiing",
    "alpineski",
    "nordicski",
    "backcountryski",
    "snowboarding",
    "snowboard",
  ],
  skating: ["skating", "skatingsports", "iceskating", "iceskate", "inlineskate"],
  paddling: ["paddling", "paddlesports", "kayaking", "canoeing", "standuppaddling"],
  strength: [
    "strength",
    "strengthtraining",
    "traditionalstrengthtraining",
    "weightlifting",
    "functionalstrengthtraining",
    "weighttraining",
    "coretraining",
    "calisthenics",
  ],
  yoga: ["yoga", "pilates"],
  cardio: [
    "cardio",
    "mixedcardio",
    "elliptical",
    "highintensityintervaltraining",
    "crosstraining",
    "crossfit",
    "stairs",
    "stairclimbing",
    "stairclimbingmachine",
    "stairstepper",
    "jumprope",
  ],
  // Handcycles and wheelchairs are moved by the arms; they do not compete with bicycles.
  wheelchair: ["wheelchair", "wheelchairwalkpace", "wheelchairrunpace", "handcycling", "handcycle"],
  other: ["other"],
};

/** `exerciseType` of Health Connect's `ExerciseSessionRecord`. */
const EXERCISE_TYPES: Readonly<Record<number, ActivityType>> = {
  8: "cycling",
  9: "cycling",
  13: "strength",
  25: "cardio",
  36: "cardio",
  37: "hiking",
  39: "skating",
  46: "paddling",
  48: "yoga",
  53: "rowing",
  54: "rowing",
  56: "running",
  57: "running",
  60: "skating",
  61: "skiing",
  62: "skiing",
  63: "hiking",
  68: "cardio",
  69: "cardio",
  70: "strength",
  73: "swimming",
  74: "swimming",
  79: "walking",
  81: "strength",
  82: "wheelchair",
  83: "yoga",
};

/** Types of record that are whole workouts. */
const WORKOUT_RECORDS: ReadonlySet<string> = new Set([
  "ExerciseSessionRecord",
  "HKWorkout",
  "HKWorkoutTypeIdentifier",
]);

const TYPES: ReadonlyMap<string, ActivityType> = new Map(
  (Object.entries(NAMES) as [ActivityType, readonly string[]][])
    .flatMap(([type, names]) => names.map((name) => [name, type] as const)),
);

const PREFIX = /^(HKWorkoutActivityType|EXERCISE_TYPE_|EXERCISE_SESSION_TYPE_)/;
/** Longer than any name above with its prefix. */
const NAME_CHARS_READ = 120;

/** Tells whether a record of this type is a workout, so that its own field names the activity. */
export function isWorkoutRecord(type: string): boolean {
  return WORKOUT_RECORDS.has(type);
}

/** The activity type of a workout's name, or of Health Connect's number; `other` when unknown.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activityTypeOf } from "@/domain/workout_type.ts";
 *
 * assertEquals(activityTypeOf("HKWorkoutActivityTypeRunning"), "running");
 * assertEquals(activityTypeOf("EXERCISE_TYPE_SWIMMING_POOL"), "swimming");
 * assertEquals(activityTypeOf(79), "walking");
 * assertEquals(activityTypeOf("Curling"), "other");
 * ```
 */
export function activityTypeOf(name: string | number): ActivityType {
  if (typeof name === "number") return EXERCISE_TYPES[name] ?? "other";
  const word = name.slice(0, NAME_CHARS_READ).replace(PREFIX, "").replace(/[^A-Za-z]/g, "");
  return TYPES.get(word.toLowerCase()) ?? "other";
}
