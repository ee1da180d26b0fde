import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { haversineM } from "@/domain/geo.ts";
import { STOP_IGNORED_MS, TrackSummary } from "./track_summary.ts";

/** About a metre of the equator, in degrees. */
const METRE = 1 / 111_195;

/** A segment along the equator: seconds and metres of each point. */
function addSegment(summary: TrackSummary, points: readonly (readonly [number, number])[]): void {
  summary.startSegment();
  for (const [seconds, metres] of points) {
    summary.add({
      at: seconds * 1000,
      position: { latitude: 0, longitude: metres * METRE },
      elevationM: undefined,
    });
  }
}

function movingMs(...points: [number, number][]): number | undefined {
  const summary = new TrackSummary();
  addSegment(summary, points);
  return summary.movingMs;
}

Deno.test("TrackSummary takes a stop of more than ten seconds out of moving time", () => {
  assertEquals(movingMs([0, 0], [10, 30], [21, 30.5], [31, 60]), 20_000);
});

Deno.test("TrackSummary keeps a stop of ten seconds and less in moving time", () => {
  assertEquals(STOP_IGNORED_MS, 10_000);
  assertEquals(movingMs([0, 0], [10, 30], [20, 30], [30, 60]), 30_000);
});

Deno.test("TrackSummary adds up a stop that was recorded second by second", () => {
  const standing = Array.from({ length: 15 }, (_, n): [number, number] => [10 + n, 30]);

  assertEquals(movingMs([0, 0], ...standing, [34, 60]), 20_000);
});

Deno.test("TrackSummary takes out a stop that lasts to the end", () => {
  assertEquals(movingMs([0, 0], [10, 30], [15, 30], [25, 30]), 10_000);
});

Deno.test("TrackSummary counts a gap by the speed across it", () => {
  assertEquals(movingMs([0, 0], [600, 1800]), 600_000);
  assertEquals(movingMs([0, 0], [600, 60]), 0);
});

Deno.test("TrackSummary adds no time where points go back in time", () => {
  const summary = new TrackSummary();
  addSegment(summary, [[0, 0], [20, 60], [10, 90], [30, 120]]);

  assertEquals([summary.startedAt, summary.endedAt, summary.movingMs], [0, 30_000, 30_000]);
});

Deno.test("TrackSummary knows no moving time or climb without positions and elevations", () => {
  const summary = new TrackSummary();
  summary.add({ at: 0, position: undefined, elevationM: undefined });
  summary.add({ at: 5000, position: undefined, elevationM: undefined });

  assertEquals([summary.movingMs, summary.gainM, summary.distanceM], [undefined, undefined, 0]);
});

const points = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 50_000 })),
  { minLength: 1, maxLength: 30 },
);

Deno.test("TrackSummary never moves longer than the track lasts", () => {
  fc.assert(fc.property(fc.array(points, { minLength: 1, maxLength: 4 }), (segments) => {
    const summary = new TrackSummary();
    for (const segment of segments) addSegment(summary, segment);

    assert(summary.movingMs! >= 0);
    assert(summary.movingMs! <= summary.endedAt! - summary.startedAt!);
  }));
});

Deno.test("TrackSummary measures the sum of the ways of each segment", () => {
  fc.assert(fc.property(fc.array(points, { minLength: 1, maxLength: 4 }), (segments) => {
    const summary = new TrackSummary();
    for (const segment of segments) addSegment(summary, segment);

    const place = (metres: number) => ({ latitude: 0, longitude: metres * METRE });
    let expected = 0;
    for (const segment of segments) {
      segment.forEach(([, metres], n) => {
        const previous = segment[n - 1];
        if (previous) expected += haversineM(place(previous[1]), place(metres));
      });
    }
    assert(Math.abs(summary.distanceM - expected) < 1e-3);
  }));
});
