import { assertEquals } from "@std/assert";
import type { ActivityRecord, SampleRecord } from "@/domain/activity.ts";
import { AppleHealthReader } from "./apple_health.ts";

interface Found {
  samples: SampleRecord[];
  activities: ActivityRecord[];
  identities: string[];
  rejected: string[];
  skipped: Record<string, number>;
}

function read(content: string, zone = "Europe/Helsinki"): Found {
  const found: Found = { samples: [], activities: [], identities: [], rejected: [], skipped: {} };
  const reader = new AppleHealthReader({
    sample(record, identity) {
      found.samples.push(record);
      found.identities.push(identity);
    },
    activity(record, identity) {
      found.activities.push(record);
      found.identities.push(identity);
    },
    reject: (reason) => void found.rejected.push(reason),
  }, zone);
  reader.push(new TextEncoder().encode(`<HealthData>${content}</HealthData>`));
  reader.end();
  found.skipped = Object.fromEntries(reader.totals.skipped);
  return found;
}

interface RecordText {
  type?: string;
  unit?: string;
  value?: string;
  start?: string;
  end?: string;
  created?: string;
  source?: string;
  device?: string;
  inside?: string;
}

const WATCH =
  "name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,7, software:";

function record(given: RecordText = {}): string {
  const device = given.device ?? `&lt;&lt;HKDevice: 0x3012772a0&gt;, ${WATCH}10.2&gt;`;
  return `<Record type="HKQuantityTypeIdentifier${given.type ?? "StepCount"}" ` +
    `sourceName="${given.source ?? "Mira’s Watch"}" device="${device}" ` +
    `unit="${given.unit ?? "count"}" ` +
    `creationDate="${given.created ?? "2026-05-01 10:20:00 +0300"}" ` +
    `startDate="${given.start ?? "2026-05-01 10:00:00 +0300"}" ` +
    `endDate="${given.end ?? "2026-05-01 10:10:00 +0300"}" ` +
    `value="${given.value ?? "812"}">${given.inside ?? ""}</Record>`;
}

const metadata = (key: string, value: string) => `<MetadataEntry key="${key}" value="${value}"/>`;

Deno.test("AppleHealthReader gives readings with their times, source and zone", () => {
  const { samples } = read(record());

  assertEquals(samples, [{
    kind: "sample",
    quantity: "steps",
    value: 812,
    startedAt: Date.UTC(2026, 4, 1, 7),
    endedAt: Date.UTC(2026, 4, 1, 7, 10),
    zoneOffsetMinutes: 180,
    source: { recordingMethod: "automatic", app: "Mira’s Watch", device: "Apple Inc. Watch6,7" },
  }]);
});

Deno.test("AppleHealthReader takes the zone of HKTimeZone, else the person's, summer and winter", () => {
  const winter = { start: "2026-01-01 10:00:00 +0300", end: "2026-01-01 10:10:00 +0300" };
  const zoneOf = (text: string, zone?: string) => read(text, zone).samples[0]!.zoneOffsetMinutes;

  assertEquals(zoneOf(record(winter)), 120);
  assertEquals(zoneOf(record({ inside: metadata("HKTimeZone", "Asia/Kathmandu") })), 345);
  assertEquals(zoneOf(record({ inside: metadata("HKTimeZone", "Nowhere/At all") })), 180);
  assertEquals(zoneOf(record(winter), "Pacific/Kiritimati"), 840);
});

Deno.test("AppleHealthReader knows who wrote a reading: by hand, a device, or nobody says", () => {
  const methodOf = (given: RecordText) => read(record(given)).samples[0]!.source.recordingMethod;

  assertEquals(methodOf({ inside: metadata("HKWasUserEntered", "1") }), "manual");
  assertEquals(methodOf({ inside: metadata("HKWasUserEntered", "0") }), "automatic");
  assertEquals(read(record().replace(/device="[^"]*" /, "")).samples[0]!.source, {
    recordingMethod: "unknown",
    app: "Mira’s Watch",
  });
});

Deno.test("AppleHealthReader reads units of other countries, and refuses those that do not fit", () => {
  const valueOf = (given: RecordText) => read(record(given)).samples[0]?.value;

  assertEquals(valueOf({ type: "DistanceWalkingRunning", unit: "mi", value: "1.5" }), 2_414_016);
  assertEquals(valueOf({ type: "DistanceCycling", unit: "km", value: "12.3456789" }), 12_345_679);
  assertEquals(valueOf({ type: "ActiveEnergyBurned", unit: "Cal", value: "0.12" }), 120);
  assertEquals(valueOf({ type: "ActiveEnergyBurned", unit: "kJ", value: "4.184" }), 1_000);
  assertEquals(read(record({ unit: "km" })).rejected, ["unknown_unit"]);
  assertEquals(read(record({ value: "many" })).rejected, ["invalid_value"]);
  assertEquals(read(record({ value: "-1" })).rejected, ["invalid_value"]);
  assertEquals(read(record({ start: "yesterday" })).rejected, ["no_times"]);
  assertEquals(read(record({ end: "2026-05-01 09:00:00 +0300" })).rejected, ["invalid_interval"]);
});

Deno.test("AppleHealthReader lets an instant last its second", () => {
  const at = "2026-05-01 10:00:00 +0300";

  const [sample] = read(record({ start: at, end: at })).samples;

  assertEquals(sample!.endedAt - sample!.startedAt, 1_000);
});

Deno.test("AppleHealthReader counts what nobody competes in, and what stands twice", () => {
  const heart = record({ type: "HeartRate", unit: "count/min" });
  const correlation = `<Correlation type="c">${record()}${heart}</Correlation>`;

  const { samples, skipped } = read(heart + heart + correlation + record());

  assertEquals(samples.length, 1);
  assertEquals(skipped, {
    "HKQuantityTypeIdentifierHeartRate": 3,
    "HKQuantityTypeIdentifierStepCount": 1,
  });
});

Deno.test("AppleHealthReader knows a reading again in a later export, and no other for it", () => {
  const [identity] = read(record()).identities;
  const again = (given: RecordText) => read(record(given)).identities[0] === identity;

  assertEquals(again({ source: "Mira’s new name" }), true);
  assertEquals(again({ device: `&lt;&lt;HKDevice: 0x7&gt;, ${WATCH}11.0&gt;` }), true);
  // A phone elsewhere writes the same instants in its own zone.
  assertEquals(
    again({
      start: "2026-05-01 09:00:00 +0200",
      end: "2026-05-01 09:10:00 +0200",
      created: "2026-05-01 09:20:00 +0200",
    }),
    true,
  );
  assertEquals(again({ value: "900" }), false);
  assertEquals(again({ end: "2026-05-01 10:11:00 +0300" }), false);
  assertEquals(again({ type: "FlightsClimbed" }), false);
  assertEquals(new Set(read(record() + record()).identities).size, 2);
});

const STATISTICS = (type: string, sum: string, unit: string) =>
  `<WorkoutStatistics type="HKQuantityTypeIdentifier${type}" sum="${sum}" unit="${unit}"/>`;

function workout(attributes: string, inside = ""): string {
  return `<Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="55.5" ` +
    `durationUnit="min" sourceName="Mira’s Watch" startDate="2026-05-01 10:00:00 +0300" ` +
    `endDate="2026-05-01 11:00:00 +0300" ${attributes}>${inside}</Workout>`;
}

Deno.test("AppleHealthReader gives workouts with the totals of either form", () => {
  const older = workout(
    `totalDistance="10.012" totalDistanceUnit="km" totalEnergyBurned="640" totalEnergyBurnedUnit="Cal"`,
  );
  const inside = metadata("HKElevationAscended", "8400 cm") + metadata("HKIndoorWorkout", "0") +
    STATISTICS("DistanceWalkingRunning", "10.012", "km") +
    STATISTICS("ActiveEnergyBurned", "640", "Cal") +
    `<WorkoutActivity>${STATISTICS("DistanceWalkingRunning", "99", "km")}</WorkoutActivity>` +
    `<WorkoutRoute>${metadata("HKTimeZone", "Asia/Tokyo")}</WorkoutRoute>`;
  const [first] = read(older).activities;
  const [second] = read(workout("", inside)).activities;

  const { quantities, ...facts } = first!;
  assertEquals(facts, {
    kind: "activity",
    type: "running",
    startedAt: Date.UTC(2026, 4, 1, 7),
    endedAt: Date.UTC(2026, 4, 1, 8),
    zoneOffsetMinutes: 180,
    source: { recordingMethod: "active", app: "Mira’s Watch" },
  });
  const amounts = { distance: 10_012_000, "active_energy": 640_000, "moving_time": 3_330_000 };
  assertEquals(quantities, amounts);
  assertEquals(second!.quantities, { ...amounts, "elevation_gain": 84_000 });
  assertEquals(second!.zoneOffsetMinutes, 180);
});
