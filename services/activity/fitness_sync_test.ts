import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SyncRequest } from "@/contracts/fitness.ts";
import { checkRecord, contentHash } from "./fitness_record.ts";
import { readSync } from "./fitness_sync.ts";

const NOW = Date.UTC(2026, 4, 1, 12);
const TIMES = { start: "2026-05-01T07:00:00Z", end: "2026-05-01T08:00:00Z" };
const STEPS = { id: "s1", type: "steps", ...TIMES, value: 812 };
const RUN = { id: "r1", type: "running", ...TIMES, distance: 10012.4 };

function read(request: Partial<Record<keyof SyncRequest, unknown>>) {
  return readSync(SyncRequest.parse({ provider: "health_connect", ...request }))
    .map((record) => checkRecord(record, NOW));
}

/** The reason of each record, or its kind. */
function outcomes(request: Parameters<typeof read>[0]): string[] {
  return read(request).map(({ record }) =>
    record.kind === "rejected" ? record.reason : record.kind
  );
}

function readSample(change: object) {
  const [incoming] = read({ records: [{ ...STEPS, ...change }] });
  const { record } = incoming!;
  assert(record.kind === "sample", JSON.stringify(record));
  return record;
}

function readWorkout(change: object) {
  const [incoming] = read({ workouts: [{ ...RUN, ...change }] });
  const { record } = incoming!;
  assert(record.kind === "activity", JSON.stringify(record));
  return record;
}

Deno.test("readSync() reads a record in its unit, its type's unit, or the platform's", () => {
  const distance = (type: string, part: object) => readSample({ type, ...part }).value;

  assertEquals(readSample({}).value, 812);
  assertEquals(distance("distance", { value: 1.5 }), 1500);
  assertEquals(distance("distance", { value: 1.5, unit: "mi" }), 2_414_016);
  assertEquals(distance("HKQuantityTypeIdentifierDistanceWalkingRunning", { value: 1.5 }), 1.5e6);
  assertEquals(readSample({ type: "ActiveCaloriesBurnedRecord", value: 2.5 }).value, 2500);
});

Deno.test("readSync() keeps instants, offset and source as they are given", () => {
  const { startedAt, endedAt, zoneOffsetMinutes, source } = readSample({
    start: "2026-05-01T09:30:00+02:30",
    end: "2026-05-01T07:30:00.500Z",
    zoneOffset: "-03:30",
    source: { app: " com.example\n steps ", device: "\t", recordingMethod: "automatic" },
  });

  assertEquals([startedAt, endedAt], [
    Date.UTC(2026, 4, 1, 7),
    Date.UTC(2026, 4, 1, 7, 30, 0, 500),
  ]);
  assertEquals(zoneOffsetMinutes, -210);
  assertEquals(source, { app: "com.example steps", recordingMethod: "automatic" });
  assertEquals(readSample({}).source, { recordingMethod: "unknown" });
});

Deno.test("readSync() takes offsets that the database takes, and no others", () => {
  const offset = (zoneOffset: string) =>
    read({ records: [{ ...STEPS, zoneOffset }] })[0]!.record.kind;

  for (const zoneOffset of ["Z", "-00:00", "+14:00", "+18:00", "-18:00", "+05:45"]) {
    assertEquals(offset(zoneOffset), "sample", zoneOffset);
  }
  for (const zoneOffset of ["+18:01", "+18:59", "+19:00", "2", "", "+2:00"]) {
    assertEquals(offset(zoneOffset), "rejected", zoneOffset);
  }
  assertEquals(Object.is(readSample({ zoneOffset: "-00:00" }).zoneOffsetMinutes, 0), true);
});

Deno.test("readSync() takes as entered by hand what says so, by method, metadata or provider", () => {
  const method = (change: object) => readSample(change).source.recordingMethod;
  const [typedIn] = read({ provider: "manual", records: [STEPS] });

  for (const flag of [true, 1, "1", "true"]) {
    assertEquals(method({ metadata: { HKWasUserEntered: flag } }), "manual");
  }
  for (const flag of [false, 0, "0", null, "no"]) {
    assertEquals(method({ metadata: { HKWasUserEntered: flag } }), "unknown");
  }
  assertEquals(method({ source: { recordingMethod: "manual" } }), "manual");
  assert(typedIn?.record.kind === "sample");
  assertEquals(typedIn.record.source.recordingMethod, "manual");
});

Deno.test("readSync() does not mind what else metadata or a record holds", () => {
  const record = readSample({
    metadata: { HKTimeZone: "Europe/Helsinki", nested: { deep: [1, null] }, nothing: null },
    extra: "ignored",
  });

  assertEquals(record.value, 812);
});

Deno.test("readSync() reads workouts with their quantities; without a moving time all time moved", () => {
  const given = readWorkout({
    ...{ type: "HKWorkoutActivityTypeHiking", movingTime: 3120, activeEnergy: 640.5 },
    ...{ elevationGain: 84, steps: 8920, floors: 12 },
  });

  assertEquals([given.type, given.quantities], ["hiking", {
    "distance": 10_012_400,
    "moving_time": 3_120_000,
    "active_energy": 640_500,
    "elevation_gain": 84_000,
    "steps": 8920,
    "floors": 12,
  }]);
  assertEquals(readWorkout({}).quantities, { "distance": 10_012_400, "moving_time": 3_600_000 });
});

Deno.test("readSync() reads sessions of Health Connect and HealthKit wherever they are listed", () => {
  const session = { ...RUN, type: "ExerciseSessionRecord", exerciseType: 56 };
  const [listed, placed] = read({ records: [session], workouts: [session] });

  assertEquals([listed!.identity, placed!.identity], ["workout:r1", "workout:r1"]);
  assertEquals(listed!.record, placed!.record);
  assertEquals(readWorkout(session).type, "running");
  assertEquals(readWorkout({ type: "HKWorkout", exerciseType: "Walking" }).type, "walking");
  assertEquals(readWorkout({ type: "ExerciseSessionRecord" }).type, "other");
  assertEquals(readWorkout({ type: "cycling", exerciseType: 56 }).type, "cycling");
});

Deno.test("readSync() rejects each faulty record with its reason", () => {
  const faults: [object, string][] = [
    [{ value: -1 }, "invalid_value"],
    [{ value: -0.4 }, "invalid_value"],
    [{ value: NaN }, "invalid_value"],
    [{ value: Infinity }, "invalid_value"],
    [{ value: 1e300 }, "invalid_value"],
    [{ value: 2 ** 53 }, "invalid_value"],
    [{ value: "812" }, "malformed"],
    [{ value: null }, "malformed"],
    [{ value: undefined }, "malformed"],
    [{ type: "HeartRateRecord" }, "unknown_type"],
    [{ type: "__proto__" }, "unknown_type"],
    [{ type: "steps\0" }, "malformed"],
    [{ unit: "km" }, "unknown_unit"],
    [{ unit: "toString" }, "unknown_unit"],
    [{ start: "yesterday" }, "malformed"],
    [{ start: "2026-02-30T07:00:00Z" }, "malformed"],
    [{ start: "2026-05-01T07:00:00" }, "malformed"],
    [{ start: TIMES.end }, "invalid_interval"],
    [{ start: "2026-03-01T07:00:00Z" }, "invalid_interval"],
    [{ start: "1999-12-31T23:00:00Z", end: "1999-12-31T23:30:00Z" }, "ancient"],
    [{ start: "0000-01-01T00:00:00Z", end: "0000-01-01T01:00:00Z" }, "ancient"],
    [{ start: "2026-05-01T12:00:00Z", end: "2026-05-01T12:06:00Z" }, "future"],
    [{ start: "9999-12-31T23:00:00Z", end: "9999-12-31T23:30:00Z" }, "future"],
    [{ id: "" }, "malformed"],
    [{ id: 7 }, "malformed"],
    [{ id: "a\0b" }, "malformed"],
    [{ id: "\ud800" }, "malformed"],
    [{ id: "x".repeat(201) }, "malformed"],
    [{ source: { recordingMethod: "magic" } }, "malformed"],
    [{ metadata: "none" }, "malformed"],
  ];

  for (const [change, reason] of faults) {
    assertEquals(outcomes({ records: [{ ...STEPS, ...change }] }), [reason], Deno.inspect(change));
  }
  for (const distance of [-0.001, Infinity, 1e12]) {
    assertEquals(outcomes({ workouts: [{ ...RUN, distance }] }), ["invalid_value"]);
  }
  assertEquals(outcomes({ workouts: [{ ...RUN, movingTime: "3120" }] }), ["malformed"]);
  assertEquals(outcomes({ records: [null, "steps", 7, [], {}] }), Array(5).fill("malformed"));
});

Deno.test("readSync() tells of a malformed record which field is wrong", () => {
  const [record] = read({ records: [{ ...STEPS, source: { app: 5 } }] });

  assert(record?.record.kind === "rejected");
  assertEquals(record.record.message.split(":")[0], "source.app");
});

Deno.test("readSync() counts indexes on from records to workouts", () => {
  const all = read({ records: [null, STEPS], workouts: [RUN, null] });

  assertEquals(all.map(({ index, identity }) => [index, identity]), [
    [0, "record:#0"],
    [1, "record:s1"],
    [2, "workout:r1"],
    [3, "workout:#3"],
  ]);
});

/** Anything JSON can be, and objects that are nearly records. */
const hostile = fc.oneof(
  fc.jsonValue({ noUnicodeString: false }),
  fc.record({
    id: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    type: fc.oneof(fc.constantFrom("steps", "HKWorkout", "DistanceRecord", "x"), fc.jsonValue()),
    start: fc.oneof(fc.constant(TIMES.start), fc.jsonValue()),
    end: fc.oneof(fc.constant(TIMES.end), fc.jsonValue()),
    value: fc.oneof(fc.double(), fc.jsonValue()),
    unit: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    distance: fc.oneof(fc.double(), fc.jsonValue()),
    source: fc.record({ app: fc.string({ unit: "binary" }) }, { requiredKeys: [] }),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  }, { requiredKeys: ["id", "type"] }),
);

Deno.test("readSync() survives anything, and a bad record never changes what the others are", () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 6 }), fc.nat(6), (others, place) => {
      const records = others.toSpliced(place, 0, STEPS);
      const all = read({ records, workouts: others });

      assertEquals(all.map(({ index }) => index), [...all.keys()]);
      const good = all[Math.min(place, others.length)]!;
      assertEquals(good.record, read({ records: [STEPS] })[0]!.record);
      for (const { record } of all) {
        if (record.kind !== "rejected") assertEquals(contentHash(record).length, 32);
        else assertEquals(/[\0\ud800-\udfff]/u.test(record.message), false);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("readSync() takes null for what is not there, and the platform's words", () => {
  const none = readSample({ unit: null, zoneOffset: null, metadata: null, source: null });
  const platform = readWorkout({
    movingTime: null,
    zoneOffset: "+0530",
    source: { app: "x", device: null, recordingMethod: 2 },
  });
  const byHand = readSample({ source: { recordingMethod: "RECORDING_METHOD_MANUAL_ENTRY" } });

  assertEquals([none.zoneOffsetMinutes, none.source], [null, { recordingMethod: "unknown" }]);
  assertEquals([platform.zoneOffsetMinutes, platform.source], [330, {
    app: "x",
    recordingMethod: "automatic",
  }]);
  assertEquals(byHand.source.recordingMethod, "manual");
  assertEquals(outcomes({ records: [{ ...STEPS, value: null }, null, [null]] }), [
    ...["malformed", "malformed", "malformed"],
  ]);
  assertEquals(outcomes({ records: [{ ...STEPS, source: { recordingMethod: "toString" } }] }), [
    "malformed",
  ]);
});
