import type { ActivityType } from "@/domain/activity.ts";

/** Words for activities in TCX `Sport` and GPX `<type>`, in lower case without spaces or marks. */
const NAMES: Readonly<Record<ActivityType, readonly string[]>> = {
  running: [
    "running",
    "run",
    "jogging",
    "trailrunning",
    "trailrun",
    "treadmill",
    "treadmillrunning",
    "indoorrunning",
    "trackrunning",
    "streetrunning",
    "obstaclerun",
    "ultrarun",
    "virtualrun",
  ],
  walking: [
    "walking",
    "walk",
    "casualwalking",
    "indoorwalking",
    "nordicwalking",
    "dogwalking",
    "speedwalking",
  ],
  hiking: [
    "hiking",
    "hike",
    "trekking",
    "rucking",
    "mountaineering",
    "snowshoe",
    "snowshoeing",
    "snowshoeingws",
  ],
  cycling: [
    "cycling",
    "biking",
    "bike",
    "ride",
    "bicycle",
    "roadbiking",
    "roadcycling",
    "mountainbiking",
    "mountainbikeride",
    "mtb",
    "gravelride",
    "gravelcycling",
    "virtualride",
    "indoorcycling",
    "cyclingsport",
    "cyclingtransport",
    "racebike",
    "touringbicycle",
    "bmx",
    "cyclocross",
    "downhillbiking",
    "recumbentcycling",
    "trackcycling",
  ],
  swimming: ["swimming", "swim", "openwaterswimming", "lapswimming", "poolswimming"],
  rowing: ["rowing", "row", "rowingv2", "indoorrowing", "virtualrow"],
  skiing: [
    "skiing",
    "ski",
    "alpineski",
    "alpineskiing",
    "backcountryski",
    "nordicski",
    "crosscountryskiing",
    "downhillskiing",
    "backcountryskiing",
    "skateskiing",
    "skateskiingws",
    "crosscountryskiingws",
    "resortskiing",
    "resortskiingsnowboarding",
    "resortskiingsnowboardingws",
    "backcountryskiingsnowboarding",
    "backcountryskiingsnowboardingws",
    "snowboard",
    "snowboarding",
    "skitouring",
  ],
  skating: [
    "skating",
    "skatingws",
    "iceskate",
    "iceskating",
    "inlineskate",
    "inlineskating",
    "rollerskating",
  ],
  paddling: [
    "paddling",
    "paddlingv2",
    "kayaking",
    "kayakingv2",
    "canoeing",
    "standuppaddling",
    "standuppaddleboarding",
    "standuppaddleboardingv2",
    "sup",
  ],
  strength: ["strength", "strengthtraining", "weighttraining", "weightlifting"],
  yoga: ["yoga", "pilates"],
  cardio: [
    "cardio",
    "cardiotraining",
    "elliptical",
    "hiit",
    "crossfit",
    "stairstepper",
    "stairclimbing",
    "workout",
  ],
  wheelchair: ["wheelchair", "wheelchairpushwalk", "wheelchairpushrun"],
  other: [],
};

/** Numbers that older Strava exports write in place of a name. */
const NUMBERS: Readonly<Record<string, ActivityType>> = {
  "1": "cycling",
  "4": "hiking",
  "9": "running",
  "10": "walking",
};

const TYPES: ReadonlyMap<string, ActivityType> = new Map([
  ...Object.entries(NUMBERS),
  ...(Object.entries(NAMES) as [ActivityType, readonly string[]][])
    .flatMap(([type, names]) => names.map((name) => [name, type] as const)),
]);

/** The activity type a file names in words; `other` when it names none that is known.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activityTypeNamed } from "@/formats/activity_name.ts";
 *
 * assertEquals(activityTypeNamed("Trail Running"), "running");
 * assertEquals(activityTypeNamed("resort_skiing_snowboarding_ws"), "skiing");
 * assertEquals(activityTypeNamed("e-bike ride"), "other");
 * ```
 */
export function activityTypeNamed(name: string | undefined): ActivityType {
  const key = (name ?? "").slice(0, 100).toLowerCase().replace(/[^a-z0-9]+/g, "");
  return TYPES.get(key) ?? "other";
}
