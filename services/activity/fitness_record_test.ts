import { assertEquals, assertNotEquals } from "@std/assert";
import type { ActivityRecord, SampleRecord } from "@/domain/activity.ts";
import { QUANTITIES } from "@/domain/activity.ts";
import { EARLIEST_AT } from "@/domain/time.ts";
import {
  checkRecord,
  CLOCK_AHEAD_MAX_MS,
  contentHash,
  type IncomingRecord,
  INTERVAL_MAX_MS,
  resultOf,
  toValues,
} from "./fitness_record.ts";

const NOW = Date.UTC(2026, 4, 1, 12);
const HOUR_MS = 3_600_000;

const RUN: ActivityRecord = {
  kind: "activity",
  type: "running",
  startedAt: NOW - 2 * HOUR_MS,
  endedAt: NOW - HOUR_MS,
  zoneOffsetMinutes: 180,
  quantities: { distance: 5_000_000 },
  source: { device: "garmin fr110", recordingMethod: "active" },
};
const STEPS: SampleRecord = {
  kind: "sample",
  quantity: "steps",
  value: 812,
  startedAt: NOW - 2 * HOUR_MS,
  endedAt: NOW - HOUR_MS,
  zoneOffsetMinutes: null,
  source: { recordingMethod: "automatic" },
};

function incoming(record: IncomingRecord["record"]): IncomingRecord {
  return { index: 3, identity: "record:1", record };
}

function reasonOf(change: Partial<SampleRecord>): string | undefined {
  const { record } = checkRecord(incoming({ ...STEPS, ...change }), NOW);
  return record.kind === "rejected" ? record.reason : undefined;
}

Deno.test("checkRecord() lets good records through as they are", () => {
  assertEquals(checkRecord(incoming(STEPS), NOW), incoming(STEPS));
  assertEquals(checkRecord(incoming(RUN), NOW), incoming(RUN));
});

Deno.test("checkRecord() holds intervals to their order and length, to the millisecond", () => {
  assertEquals(reasonOf({ endedAt: STEPS.startedAt }), "invalid_interval");
  assertEquals(reasonOf({ endedAt: STEPS.startedAt + 1 }), undefined);
  assertEquals(reasonOf({ startedAt: STEPS.endedAt + 1 }), "invalid_interval");
  assertEquals(reasonOf({ startedAt: STEPS.endedAt - INTERVAL_MAX_MS }), undefined);
  assertEquals(reasonOf({ startedAt: STEPS.endedAt - INTERVAL_MAX_MS - 1 }), "invalid_interval");
  assertEquals(reasonOf({ startedAt: NaN }), "invalid_interval");
  assertEquals(reasonOf({ endedAt: NaN }), "invalid_interval");
});

Deno.test("checkRecord() refuses times before 2000 and in the future", () => {
  const at = (startedAt: number) => reasonOf({ startedAt, endedAt: startedAt + HOUR_MS });

  assertEquals(at(EARLIEST_AT), undefined);
  assertEquals(at(EARLIEST_AT - 1), "ancient");
  assertEquals(at(NOW + CLOCK_AHEAD_MAX_MS - HOUR_MS), undefined);
  assertEquals(at(NOW + CLOCK_AHEAD_MAX_MS - HOUR_MS + 1), "future");
});

Deno.test("checkRecord() holds values to whole numbers that one record may have", () => {
  for (const value of [-1, NaN, Infinity, 1.5, 2 ** 53, QUANTITIES.steps.max + 1]) {
    assertEquals(reasonOf({ value }), "invalid_value", String(value));
  }
  assertEquals(reasonOf({ value: 0 }), undefined);
  assertEquals(reasonOf({ value: QUANTITIES.steps.max }), undefined);
  const run = { ...RUN, quantities: { distance: 1, floors: QUANTITIES.floors.max + 1 } };
  const { record } = checkRecord(incoming(run), NOW);
  assertEquals(record.kind === "rejected" && record.reason, "invalid_value");
});

Deno.test("checkRecord() tolerates a timer that ran a second longer than the activity", () => {
  const quantities = { "moving_time": RUN.endedAt - RUN.startedAt + 1000 };

  assertEquals(checkRecord(incoming({ ...RUN, quantities }), NOW).record.kind, "activity");
});

Deno.test("checkRecord() leaves rejected records as they are", () => {
  const rejected = incoming({ kind: "rejected", reason: "malformed", message: "No" });

  assertEquals(checkRecord(rejected, NOW), rejected);
});

Deno.test("resultOf() tells what was read even of a record that is rejected", () => {
  const future = { ...STEPS, startedAt: NOW + HOUR_MS, endedAt: NOW + 2 * HOUR_MS };

  assertEquals(resultOf(checkRecord(incoming(future), NOW)), {
    index: 3,
    kind: "sample",
    type: "steps",
    startedAt: "2026-05-01T13:00:00.000Z",
    endedAt: "2026-05-01T14:00:00.000Z",
    values: { steps: 812 },
    reason: "future",
    message: "The record ends in the future",
  });
  assertEquals(
    resultOf(incoming({ kind: "rejected", reason: "malformed", message: "id: is missing" })),
    {
      ...{ index: 3, kind: "unknown", type: null, startedAt: null, endedAt: null, values: {} },
      ...{ reason: "malformed", message: "id: is missing" },
    },
  );
});

Deno.test("contentHash() is the same for the same content, and changes with any part of it", () => {
  const same = { ...RUN, quantities: { ...RUN.quantities }, source: { ...RUN.source } };
  const changes: Partial<ActivityRecord>[] = [
    { type: "walking" },
    { startedAt: RUN.startedAt + 1 },
    { endedAt: RUN.endedAt + 1 },
    { zoneOffsetMinutes: null },
    { quantities: { distance: 5_000_001 } },
    { quantities: { distance: 5_000_000, steps: 0 } },
    { source: { device: "garmin fr110", recordingMethod: "manual" } },
    { source: { app: "garmin fr110", recordingMethod: "active" } },
  ];

  assertEquals(contentHash(same), contentHash(RUN));
  for (const change of changes) {
    assertNotEquals(contentHash({ ...RUN, ...change }), contentHash(RUN));
  }
});

Deno.test("toValues() shows stored integers in m, s, kcal and counts", () => {
  assertEquals(
    toValues({ "distance": 4_835_380, "moving_time": 1500, "active_energy": 336_000, "steps": 7 }),
    { "distance": 4835.38, "moving_time": 1.5, "active_energy": 336, "steps": 7 },
  );
});
