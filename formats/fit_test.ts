import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { ActivityRecord, RejectReason } from "@/domain/activity.ts";
import {
  chain,
  field,
  fileId,
  type FitFileOptions,
  type FitMessageSpec,
  fitSeconds,
  type FitSummarySpec,
  lap,
  record,
  session,
  timerEvent,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { fitReader } from "./fit.ts";
import { FIT_PARTS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

const START = fitSeconds("2024-05-01T06:00:00Z");
const STARTED_AT = Date.parse("2024-05-01T06:00:00Z");
const RUN: FitSummarySpec = {
  startS: START,
  endS: START + 1810,
  sport: 1,
  elapsedMs: 1_805_500,
  timerMs: 1_700_250,
  distanceCm: 500_123,
  calories: 321,
  ascentM: 45,
};

function readActivities(bytes: Uint8Array): ActivityRecord[] {
  return fitReader.read(bytes).records.filter((each) => each.kind === "activity");
}

/** The only activity of a file with these messages after its `file_id`. */
function readOne(...messages: FitMessageSpec[]): ActivityRecord {
  const [activity, ...others] = readActivities(writeFit([fileId(), ...messages]));
  assert(activity && others.length === 0);
  return activity;
}

function reasonOf(bytes: Uint8Array): string {
  return assertThrows(() => fitReader.read(bytes), FormatError).reason;
}

function runFile(options: FitFileOptions = {}): Uint8Array<ArrayBuffer> {
  return writeFit([fileId(), record({ at: START }), session(RUN)], options);
}

Deno.test("fitReader gives a session as one activity with exact amounts", () => {
  const file = fitReader.read(runFile());

  assertEquals(file, {
    format: "fit",
    device: "garmin fr110",
    records: [{
      kind: "activity",
      type: "running",
      startedAt: STARTED_AT,
      endedAt: STARTED_AT + 1_805_500,
      zoneOffsetMinutes: null,
      quantities: {
        distance: 5_001_230,
        moving_time: 1_700_250,
        active_energy: 321_000,
        elevation_gain: 45_000,
      },
      source: { device: "garmin fr110", recordingMethod: "active" },
    }],
  });
});

Deno.test("fitReader never gives the serial number away", () => {
  const text = JSON.stringify(fitReader.read(runFile()));

  assertEquals(text.includes("3819347952"), false);
});

Deno.test.each<[string, FitFileOptions]>([
  ["a header of 12 bytes", { headerBytes: 12 }],
  ["a header checksum of 0, which means absent", { headerCrc: "absent" }],
])("fitReader reads %s", (_name, options) => {
  assertEquals(readActivities(runFile(options)).length, 1);
});

Deno.test("fitReader refuses wrong checksums of header and file", () => {
  assertEquals(reasonOf(runFile({ headerCrc: "wrong" })), "bad_crc");
  assertEquals(reasonOf(runFile({ fileCrc: "wrong" })), "bad_crc");
});

Deno.test("fitReader answers every cut of a file with truncated", () => {
  const bytes = runFile();

  for (let length = 12; length < bytes.length; length++) {
    assertEquals(reasonOf(bytes.subarray(0, length)), "truncated");
  }
});

Deno.test("fitReader.matches() wants the signature, wherever the bytes lie in their buffer", () => {
  const bytes = runFile();
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);

  assert(fitReader.matches(shifted.subarray(3)));
  assertEquals(readActivities(shifted.subarray(3)).length, 1);
  assert(!fitReader.matches(shifted));
  assert(!fitReader.matches(bytes.subarray(0, 11)));
});

Deno.test("fitReader reads every part of a chain", () => {
  const later = session({ ...RUN, startS: START + 7200, endS: START + 9010 });
  const bytes = chain(runFile(), writeFit([fileId(), later]));

  const starts = readActivities(bytes).map((each) => each.startedAt);

  assertEquals(starts, [STARTED_AT, STARTED_AT + 7_200_000]);
});

Deno.test.each<[string, Uint8Array, RejectReason]>([
  ["has a wrong checksum", runFile({ fileCrc: "wrong" }), "bad_crc"],
  ["is cut", runFile().subarray(0, 40), "truncated"],
  ["is no FIT", new TextEncoder().encode("not a FIT header"), "malformed"],
  ["holds settings", writeFit([fileId(2)]), "not_activity"],
])("fitReader keeps the good first part when the second %s", (_name, second, reason) => {
  const { records } = fitReader.read(chain(runFile(), second));

  assertEquals(records.map((each) => each.kind), ["activity", "rejected"]);
  assertEquals(records[1]?.kind === "rejected" && records[1].reason, reason);
});

Deno.test("fitReader keeps a good part behind a bad one", () => {
  const { records } = fitReader.read(chain(runFile({ fileCrc: "wrong" }), runFile()));

  assertEquals(records.map((each) => each.kind), ["rejected", "activity"]);
});

Deno.test("fitReader passes over zeros after the last part", () => {
  const { records } = fitReader.read(chain(runFile(), new Uint8Array(500)));

  assertEquals(records.map((each) => each.kind), ["activity"]);
});

Deno.test("fitReader bounds the parts of a chain", () => {
  const parts = Array.from({ length: FIT_PARTS_MAX + 5 }, () => runFile());

  const { records } = fitReader.read(chain(...parts));

  assertEquals(records.length, FIT_PARTS_MAX + 1);
  const last = records.at(-1);
  assertEquals(last?.kind === "rejected" && last.reason, "too_large");
});

Deno.test.each([1, 2, 3, 5, 6, 10, 34, 200])("fitReader refuses file type %i", (type) => {
  const bytes = writeFit([fileId(type), session(RUN)]);

  assertEquals(reasonOf(bytes), "not_activity");
});

Deno.test("fitReader reads sessions of a file that does not say its type", () => {
  assertEquals(readActivities(writeFit([session(RUN)])).length, 1);
});

Deno.test("fitReader answers an activity file without any session, lap or record with empty", () => {
  assertEquals(reasonOf(writeFit([fileId()])), "empty");
});

Deno.test("fitReader refuses a session whose time counts from device start", () => {
  const relative = session({ ...RUN, startS: 17_217_864, endS: 17_221_751 });

  assertEquals(reasonOf(writeFit([fileId(), relative])), "relative_time");
});

Deno.test("fitReader keeps the other session beside one with a relative time", () => {
  const relative = session({ ...RUN, startS: 17_217_864 });

  const { records } = fitReader.read(writeFit([fileId(), relative, session(RUN)]));

  assertEquals(records.map((each) => each.kind), ["rejected", "activity"]);
});

Deno.test("fitReader leaves the transitions of a multisport file out", () => {
  const legs = [5, 3, 2, 3, 1].map((sport, index) =>
    session({ ...RUN, sport, startS: START + index * 2000 })
  );

  const types = readActivities(writeFit([fileId(), ...legs])).map((each) => each.type);

  assertEquals(types, ["swimming", "cycling", "running"]);
});

Deno.test("fitReader takes the sport from the sport message when the session has none", () => {
  const sport = { global: 12, fields: [field(0, "enum", 4), field(1, "enum", 14)] };
  const { sport: _sport, ...nameless } = RUN;

  assertEquals(readOne(sport, session(nameless)).type, "rowing");
});

Deno.test("fitReader ends a session without elapsed time at its timestamp", () => {
  const { elapsedMs: _elapsed, ...spec } = RUN;

  assertEquals(readOne(session(spec)).endedAt, STARTED_AT + 1_810_000);
});

Deno.test("fitReader finds the start of a session that has only its end", () => {
  const { startS: _start, ...spec } = RUN;

  assertEquals(readOne(session(spec)).startedAt, STARTED_AT + 1_810_000 - 1_805_500);
});

Deno.test("fitReader refuses a session that ends where it starts", () => {
  const instant = session({ ...RUN, elapsedMs: 0, endS: START });

  assertEquals(reasonOf(writeFit([fileId(), instant])), "invalid_interval");
});

Deno.test("fitReader leaves out what a session does not say, but for the time it took", () => {
  const bare = session({ startS: START, sport: 1, elapsedMs: 60_000, distanceCm: 0xffffffff });

  const activity = readOne(bare);

  assertEquals(activity.quantities, { moving_time: 60_000 });
  assertEquals(activity.source.recordingMethod, "unknown");
});

Deno.test.each([[-240], [0], [345], [840]])(
  "fitReader takes %i minutes of zone offset",
  (minutes) => {
    const end = START + 1810;
    const activity = {
      global: 34,
      fields: [field(253, "uint32", end), field(5, "uint32", end + minutes * 60 + 3)],
    };

    assertEquals(readOne(session(RUN), activity).zoneOffsetMinutes, minutes);
  },
);

Deno.test.each<[string, number]>([
  ["no time", 0],
  ["a time since power-up", 698_070_063 - 690_000_000],
  ["no zone's distance from UTC", START + 1810 + 20 * 3600],
  ["a time between zones", START + 1810 + 7 * 60],
])("fitReader knows no zone when the local time is %s", (_name, local) => {
  const activity = {
    global: 34,
    fields: [field(253, "uint32", START + 1810), field(5, "uint32", local)],
  };

  assertEquals(readOne(session(RUN), activity).zoneOffsetMinutes, null);
});

Deno.test.each<[string, FitSummarySpec, number | undefined]>([
  ["two steps a stride when running", { sport: 1, cycles: 2200 }, 4400],
  ["two steps a stride when walking", { sport: 11, cycles: 1500 }, 3000],
  ["none from turns of a crank", { sport: 2, cycles: 2200 }, undefined],
  ["none from a count no legs can make", { sport: 1, cycles: 4400 }, undefined],
])("fitReader gives %s", (_name, spec, steps) => {
  assertEquals(readOne(session({ ...RUN, ...spec })).quantities.steps, steps);
});

Deno.test("fitReader takes the moving time where the timer is left out", () => {
  const { timerMs: _, ...untimed } = RUN;
  const lapped = { ...untimed, startS: START, endS: START + 600, movingMs: 540_000 };

  const moving = readOne(session({ ...untimed, movingMs: 1_650_000 }));
  const byLap = readOne(lap(lapped));

  assertEquals(moving.quantities.moving_time, 1_650_000);
  assertEquals(byLap.quantities.moving_time, 540_000);
});

Deno.test("fitReader sums the laps when there is no session", () => {
  const first = { ...RUN, startS: START, endS: START + 600, timerMs: 600_000, distanceCm: 200_000 };
  const second = { ...RUN, startS: START + 700, endS: START + 1300, timerMs: 590_000 };

  const activity = readOne(lap(first), lap({ ...second, distanceCm: 150_050 }));

  assertEquals(activity.type, "running");
  assertEquals([activity.startedAt, activity.endedAt], [STARTED_AT, STARTED_AT + 1_300_000]);
  assertEquals(activity.quantities, {
    distance: 3_500_500,
    moving_time: 1_190_000,
    active_energy: 642_000,
    elevation_gain: 90_000,
  });
});

Deno.test("fitReader falls back to records, timed by the timer events", () => {
  const activity = readOne(
    timerEvent(START, "start"),
    record({ at: START, distanceM: 10, elevationM: 100 }),
    record({ at: START + 60, distanceM: 210, elevationM: 110 }),
    timerEvent(START + 60, "stop"),
    timerEvent(START + 300, "start"),
    record({ at: START + 300, distanceM: 210, elevationM: 200 }),
    record({ at: START + 400, distanceM: 500.5, elevationM: 205 }),
  );

  assertEquals([activity.startedAt, activity.endedAt], [STARTED_AT, STARTED_AT + 400_000]);
  assertEquals(activity.quantities, {
    distance: 490_500,
    moving_time: 160_000,
    elevation_gain: 15_000,
  });
});

Deno.test("fitReader measures records that have positions but no distance", () => {
  const points = [0, 1, 2].map((n) =>
    record({ at: START + n * 30, latitude: 0, longitude: n / 1000 })
  );

  const { quantities } = readOne(...points);

  // 0.002° of the equator, less what degrees lose in semicircles.
  assertAlmostEquals(quantities.distance!, 222_390, 10);
  assertEquals(quantities.moving_time, 60_000);
});

Deno.test("fitReader fills a session's missing distance from its records", () => {
  const { distanceCm: _distance, ...spec } = RUN;
  const points = [record({ at: START, distanceM: 0 }), record({ at: START + 9, distanceM: 42.42 })];

  assertEquals(readOne(...points, session(spec)).quantities.distance, 42_420);
});

Deno.test("fitReader passes over records from before the device knew the date", () => {
  const points = [record({ at: 5000 }), record({ at: START }), record({ at: START + 60 })];

  assertEquals(readOne(...points).startedAt, STARTED_AT);
});

Deno.test("fitReader refuses amounts and times beyond what can be stored", () => {
  const huge = { global: 18, fields: [field(2, "uint32", START), field(7, "uint32", 60_000)] };
  const distance = { ...huge, fields: [...huge.fields, field(9, "float64", 1e300)] };
  const start = { ...huge, fields: [field(2, "float64", 1e15), field(7, "uint32", 60_000)] };

  assertEquals(reasonOf(writeFit([fileId(), distance])), "invalid_value");
  assertEquals(reasonOf(writeFit([fileId(), start])), "invalid_value");
});
