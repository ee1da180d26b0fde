import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { SampleRecord } from "@/domain/activity.ts";
import {
  field,
  fileId,
  type FitFieldSpec,
  type FitMessageSpec,
  fitSeconds,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { fitReader } from "./fit.ts";
import { FormatError } from "./reader.ts";

const MIDNIGHT = fitSeconds("2024-05-01T22:00:00Z"); // 2 May in UTC+2
const MIDNIGHT_AT = Date.parse("2024-05-01T22:00:00Z");
const WALKING = 6;
const RUNNING = 1;
const CYCLING = 2;

function info(at = MIDNIGHT, zoneMinutes = 120): FitMessageSpec {
  return {
    global: 103,
    fields: [field(253, "uint32", at), field(0, "uint32", at + zoneMinutes * 60)],
  };
}

function reading(at: number, type: number, steps: number, ...more: FitFieldSpec[]): FitMessageSpec {
  return {
    global: 55,
    local: 1,
    fields: [field(253, "uint32", at), field(5, "enum", type), field(3, "uint32", steps), ...more],
  };
}

/** A reading with 16 bits of time and type and intensity in one byte. */
function shortReading(at: number, type: number, ...counts: FitFieldSpec[]): FitMessageSpec {
  return {
    global: 55,
    local: 2,
    fields: [field(26, "uint16", at & 0xffff), field(24, "byte", (3 << 5) | type), ...counts],
  };
}

function samplesOf(...messages: FitMessageSpec[]): SampleRecord[] {
  const { records } = fitReader.read(writeFit([fileId(32), ...messages]));
  return records.filter((each) => each.kind === "sample");
}

function valuesOf(...messages: FitMessageSpec[]): number[] {
  return samplesOf(...messages).map((sample) => sample.value);
}

Deno.test("monitoring gives the growth of each counter between its readings", () => {
  const samples = samplesOf(
    info(),
    reading(MIDNIGHT + 600, WALKING, 100),
    reading(MIDNIGHT + 900, RUNNING, 31),
    reading(MIDNIGHT + 1200, WALKING, 250),
  );

  const source = { device: "garmin fr110", recordingMethod: "automatic" as const };
  const steps = { kind: "sample", quantity: "steps", zoneOffsetMinutes: 120, source } as const;
  assertEquals(samples, [
    { ...steps, value: 100, startedAt: MIDNIGHT_AT, endedAt: MIDNIGHT_AT + 600_000 },
    { ...steps, value: 31, startedAt: MIDNIGHT_AT, endedAt: MIDNIGHT_AT + 900_000 },
    { ...steps, value: 150, startedAt: MIDNIGHT_AT + 600_000, endedAt: MIDNIGHT_AT + 1_200_000 },
  ]);
});

Deno.test("monitoring counts again from zero after a reset, from local midnight on", () => {
  const samples = samplesOf(
    info(MIDNIGHT - 3600),
    reading(MIDNIGHT - 1800, WALKING, 9000),
    reading(MIDNIGHT + 1800, WALKING, 40),
  );

  assertEquals(samples.map(({ value }) => value), [9000, 40]);
  assertEquals(samples[1]?.startedAt, MIDNIGHT_AT);
});

Deno.test("monitoring takes a reading at the file's start as where counting began", () => {
  const start = MIDNIGHT + 36_000;

  const values = valuesOf(
    info(start),
    reading(start, WALKING, 5000),
    reading(start + 60, WALKING, 5100),
  );

  assertEquals(values, [100]);
});

Deno.test("monitoring counts steps on foot only, and distance of every movement", () => {
  const samples = samplesOf(
    info(),
    reading(MIDNIGHT + 60, CYCLING, 500, field(2, "uint32", 12_345)),
  );

  assertEquals(samples.map(({ quantity, value }) => [quantity, value]), [["distance", 123_450]]);
});

Deno.test("monitoring expands times of 16 bits past their roll-over", () => {
  // 20 hours hold one roll-over of 65 536 s.
  const times = [3_000, 40_000, 72_000];

  const samples = samplesOf(
    info(),
    ...times.map((at, n) =>
      shortReading(MIDNIGHT + at, WALKING, field(3, "uint32", (n + 1) * 100))
    ),
  );

  assertEquals(samples.map((each) => each.endedAt), times.map((at) => MIDNIGHT_AT + at * 1000));
});

Deno.test("monitoring expands counts of 16 bits past their roll-over", () => {
  const values = valuesOf(
    info(),
    shortReading(MIDNIGHT + 60, WALKING, field(9, "uint16", 30_000)),
    shortReading(MIDNIGHT + 120, WALKING, field(9, "uint16", 60_000)),
    shortReading(MIDNIGHT + 180, WALKING, field(9, "uint16", 1_000)),
  );

  assertEquals(values, [30_000, 30_000, 6_536]);
});

Deno.test("monitoring ignores readings that go back in time", () => {
  const values = valuesOf(
    info(),
    reading(MIDNIGHT + 600, WALKING, 100),
    reading(MIDNIGHT + 300, WALKING, 900),
    reading(MIDNIGHT + 900, WALKING, 120),
  );

  assertEquals(values, [100, 20]);
});

Deno.test("monitoring tells relative times once", () => {
  const bytes = writeFit([fileId(32), reading(4000, WALKING, 10), reading(5000, WALKING, 20)]);

  const error = assertThrows(() => fitReader.read(bytes), FormatError);

  assertEquals(error.reason, "relative_time");
});

Deno.test("monitoring without any movement is empty", () => {
  const bytes = writeFit([fileId(32), info()]);

  assertEquals(assertThrows(() => fitReader.read(bytes), FormatError).reason, "empty");
});

Deno.test("monitoring sums to the last value of each counter for any readings", () => {
  const step = fc.record({
    type: fc.constantFrom(WALKING, RUNNING),
    afterS: fc.integer({ min: 0, max: 900 }),
    growth: fc.integer({ min: 0, max: 500 }),
  });

  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
    const counts: Record<number, number> = { [WALKING]: 1, [RUNNING]: 1 };
    let at = MIDNIGHT + 1;
    const messages = steps.map(({ type, afterS, growth }) =>
      reading(at += afterS, type, counts[type]! += growth)
    );
    const read = new Set(steps.map(({ type }) => type));

    const samples = samplesOf(info(), ...messages);

    const total = samples.reduce((sum, { value }) => sum + value, 0);
    assertEquals(total, [...read].reduce((sum, type) => sum + counts[type]!, 0));
    assertEquals(samples.every((each) => each.endedAt > each.startedAt), true);
  }));
});
