import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SpeedProfile, TRACE_BUCKETS_MAX } from "./speed_profile.ts";

function profileOf(points: readonly (readonly [seconds: number, metres: number])[]) {
  const profile = new SpeedProfile();
  for (const [seconds, metres] of points) profile.add(seconds * 1000, metres);
  return profile.finish();
}

/** Even motion, a point a second. */
function steady(seconds: number, mps: number, from = 0, way = 0): [number, number][] {
  return Array.from({ length: seconds + 1 }, (_, s) => [from + s, way + s * mps]);
}

Deno.test("a steady run has its speed everywhere", () => {
  const trace = profileOf(steady(1200, 3))!;

  assertEquals([trace.bucketMs, trace.speeds.length], [10_000, 120]);
  assertEquals(new Set(trace.speeds), new Set([300]));
  assertEquals([trace.peak60, trace.peak600], [300, 300]);
});

Deno.test("a drive home inside a walk shows in both peaks", () => {
  const walk = steady(1800, 1.5);
  const drive = steady(900, 14, 1800, 2700);
  const trace = profileOf([...walk, ...drive])!;

  assertEquals([trace.peak60, trace.peak600], [1400, 1400]);
});

Deno.test("a few wild fixes raise the minute a little and ten minutes hardly", () => {
  const points = steady(1800, 3).map(([s, m]): [number, number] => [s, m + (s >= 900 ? 120 : 0)]);
  const trace = profileOf(points)!;

  assertEquals([trace.peak60, trace.peak600], [500, 320]);
});

Deno.test("what is too short has no peak, and one point no trace", () => {
  assertEquals(profileOf([[0, 0]]), undefined);
  assertEquals(profileOf([]), undefined);
  const trace = profileOf([[0, 0], [30, 90]])!;
  assertEquals([trace.peak60, trace.peak600, trace.speeds.length], [undefined, undefined, 6]);
});

Deno.test("a count that begins anew loses nothing", () => {
  const trace = profileOf([...steady(100, 5), ...steady(100, 5, 101, 0)])!;

  assertEquals([trace.speeds.at(0), trace.speeds.at(-1), trace.peak60], [500, 500, 500]);
});

Deno.test("SpeedProfile stays bounded and never goes backwards, whatever the points say", () => {
  const points = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 1_000_000 })),
    { maxLength: 200 },
  );
  fc.assert(fc.property(points, (list) => {
    const trace = profileOf(list);
    if (!trace) return;

    assert(trace.speeds.length <= TRACE_BUCKETS_MAX);
    assert(trace.speeds.every((speed) => Number.isSafeInteger(speed) && speed >= 0));
    assert((trace.peak600 ?? 0) <= Math.max(trace.peak60 ?? 0, 0) * 2 + 1);
  }));
});
