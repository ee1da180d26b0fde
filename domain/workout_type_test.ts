import { assertEquals } from "@std/assert";
import { ACTIVITY_TYPES } from "./activity.ts";
import { activityTypeOf, isWorkoutRecord } from "./workout_type.ts";

Deno.test("activityTypeOf() knows each type by its own name", () => {
  assertEquals(ACTIVITY_TYPES.map(activityTypeOf), [...ACTIVITY_TYPES]);
});

Deno.test("activityTypeOf() reads the names of every platform", () => {
  const names = {
    "HKWorkoutActivityTypeRunning": "running",
    "HKWorkoutActivityTypeTraditionalStrengthTraining": "strength",
    "HKWorkoutActivityTypeWheelchairRunPace": "wheelchair",
    "EXERCISE_TYPE_RUNNING_TREADMILL": "running",
    "EXERCISE_TYPE_BIKING_STATIONARY": "cycling",
    "EXERCISE_SESSION_TYPE_SWIMMING_OPEN_WATER": "swimming",
    "running.treadmill": "running",
    "rowing.machine": "rowing",
    "TrailRun": "running",
    "MountainBikeRide": "cycling",
    "NordicSki": "skiing",
    "high_intensity_interval_training": "cardio",
  };

  for (const [name, type] of Object.entries(names)) assertEquals(activityTypeOf(name), type, name);
});

Deno.test("activityTypeOf() lets what a motor moves compete with nobody", () => {
  assertEquals(activityTypeOf("EBikeRide"), "other");
  assertEquals(activityTypeOf("EMountainBikeRide"), "other");
});

Deno.test("activityTypeOf() reads Health Connect's numbers", () => {
  assertEquals([56, 57, 79, 8, 74, 83].map(activityTypeOf), [
    "running",
    "running",
    "walking",
    "cycling",
    "swimming",
    "yoga",
  ]);
  assertEquals([0, -1, 1.5, 9999, NaN].map(activityTypeOf), [
    "other",
    "other",
    "other",
    "other",
    "other",
  ]);
});

Deno.test("activityTypeOf() takes any text, however long or strange", () => {
  for (const name of ["", "__proto__", "constructor", "走る", "x".repeat(1_000_000), "run\0"]) {
    assertEquals(activityTypeOf(name), name === "run\0" ? "running" : "other");
  }
});

Deno.test("isWorkoutRecord() tells sessions from readings", () => {
  assertEquals(isWorkoutRecord("ExerciseSessionRecord"), true);
  assertEquals(isWorkoutRecord("StepsRecord"), false);
});
