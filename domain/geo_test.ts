import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  CLIMB_THRESHOLD_M,
  EARTH_RADIUS_M,
  elevationGainM,
  haversineM,
  isPosition,
} from "./geo.ts";

const position = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

Deno.test("haversineM() of known ways", () => {
  const pole = { latitude: 90, longitude: 0 };
  const equator = { latitude: 0, longitude: 0 };
  const antipode = { latitude: 0, longitude: 180 };

  assertAlmostEquals(haversineM(pole, equator), EARTH_RADIUS_M * Math.PI / 2, 1e-6);
  assertAlmostEquals(haversineM(equator, antipode), EARTH_RADIUS_M * Math.PI, 1e-6);
  assertEquals(haversineM(pole, pole), 0);
});

Deno.test("haversineM() is symmetric, at most half round the earth, and obeys the triangle", () => {
  fc.assert(fc.property(position, position, position, (a, b, c) => {
    const ab = haversineM(a, b);

    assert(ab >= 0 && ab <= EARTH_RADIUS_M * Math.PI * (1 + 1e-12));
    assertAlmostEquals(ab, haversineM(b, a), 1e-6);
    // Close to the antipode the formula loses digits, so that the slack is metres, not micrometres.
    assert(haversineM(a, c) <= ab + haversineM(b, c) + 1);
  }));
});

Deno.test("isPosition() refuses what is no place", () => {
  assert(isPosition({ latitude: -90, longitude: 180 }));
  assert(!isPosition({ latitude: 90.1, longitude: 0 }));
  assert(!isPosition({ latitude: 0, longitude: -180.1 }));
  assert(!isPosition({ latitude: NaN, longitude: 0 }));
});

Deno.test("elevationGainM() is nothing within the dead band and no more than the sum of rises", () => {
  const flat = fc.array(fc.double({ min: 0, max: CLIMB_THRESHOLD_M - 0.01, noNaN: true }));
  const profile = fc.array(fc.double({ min: -400, max: 8848, noNaN: true }));

  fc.assert(fc.property(flat, (elevations) => assertEquals(elevationGainM(elevations), 0)));
  fc.assert(fc.property(profile, (elevations) => {
    const rises = elevations.map((each, n) => Math.max(0, each - (elevations[n - 1] ?? each)));
    const sum = rises.reduce((total, rise) => total + rise, 0);

    assert(elevationGainM(elevations) <= sum + 1e-6);
    assert(elevationGainM(elevations) >= 0);
  }));
});

Deno.test("elevationGainM() of a steady slope is its height, less the dead band at most", () => {
  const slope = Array.from({ length: 1001 }, (_, n) => 200 + n);

  const gain = elevationGainM(slope);

  assert(gain <= 1000 && gain > 1000 - CLIMB_THRESHOLD_M);
});
