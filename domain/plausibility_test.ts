import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ACTIVITY_TYPES, type ActivityRecord, type ActivityType } from "./activity.ts";
import { findImplausible, findImplausibleDay, holdOf, worstVerdict } from "./plausibility.ts";
import { HOUR_MS } from "./time.ts";

function session(type: ActivityType, change: Partial<ActivityRecord> = {}): ActivityRecord {
  return {
    kind: "activity",
    type,
    startedAt: 0,
    endedAt: HOUR_MS,
    zoneOffsetMinutes: null,
    quantities: {},
    source: { recordingMethod: "active" },
    ...change,
  };
}

function rulesOf(activity: ActivityRecord): string[] {
  return findImplausible(activity).map(({ rule, verdict }) => `${verdict} ${rule}`);
}

const km = (distance: number) => ({ quantities: { distance: distance * 1_000_000 } });

Deno.test("what the best have done is plausible, and a little more is looked at", () => {
  assertEquals(rulesOf(session("running", km(21.3))), []);
  assertEquals(rulesOf(session("running", km(24))), ["flag mean_speed"]);
  assertEquals(rulesOf(session("running", km(45))), ["reject mean_speed"]);
  assertEquals(rulesOf(session("cycling", km(56.7))), []);
  assertEquals(rulesOf(session("swimming", km(6.1))), []);
  assertEquals(rulesOf(session("swimming", km(9))), ["reject mean_speed"]);
});

Deno.test("a drive home inside a walk shows in its fastest minute", () => {
  const trace = { bucketMs: 5000, speeds: [], peak60: 1500, peak600: 1100 };

  assertEquals(rulesOf(session("walking", { ...km(9), trace })), [
    "reject speed_over_minute",
    "reject speed_over_ten_minutes",
  ]);
});

Deno.test("speed is that of the time in motion, and no timer makes it slower", () => {
  const ride = (movingMs: number) =>
    session("cycling", { quantities: { distance: 40_000_000, moving_time: movingMs } });

  assertEquals(rulesOf(ride(HOUR_MS / 2)), ["flag mean_speed"]);
  assertEquals(rulesOf(ride(HOUR_MS)), []);
  assertEquals(rulesOf(ride(3 * HOUR_MS)), ["flag moving_beyond_elapsed"]);
});

Deno.test("climb, energy, cadence and duration have limits of their own", () => {
  const of = (quantities: ActivityRecord["quantities"]) =>
    rulesOf(session("running", { quantities }));

  assertEquals(of({ elevation_gain: 2_000_000 }), []);
  assertEquals(of({ elevation_gain: 2_200_000 }), ["flag climb_rate"]);
  assertEquals(of({ active_energy: 5_000_000 }), ["reject energy_rate"]);
  assertEquals(of({ steps: 250 * 60 }), ["flag cadence"]);
  assertEquals(rulesOf(session("hiking", { endedAt: 25 * HOUR_MS })), ["flag duration"]);
});

Deno.test("a competition's own limits come first", () => {
  const meanSpeed = { running: { flag: 300, reject: 400 } };

  assertEquals(findImplausible(session("running", km(12)), { meanSpeed }), [
    { rule: "mean_speed", verdict: "flag", observed: 333, limit: 300 },
  ]);
  assertEquals(findImplausible(session("cycling", km(12)), { meanSpeed }), []);
});

Deno.test("more of anything is never more plausible", () => {
  const order = ["accept", "flag", "reject"];
  const amounts = fc.record({
    type: fc.constantFrom(...ACTIVITY_TYPES),
    distance: fc.integer({ min: 0, max: 300_000_000 }),
    more: fc.integer({ min: 0, max: 300_000_000 }),
  });
  fc.assert(fc.property(amounts, ({ type, distance, more }) => {
    const verdict = (mm: number) =>
      order.indexOf(worstVerdict(findImplausible(session(type, { quantities: { distance: mm } }))));

    assert(verdict(distance + more) >= verdict(distance));
  }));
});

Deno.test("a referee's word comes before the figures", () => {
  const drive = findImplausible(session("walking", km(40)));
  const doubtful = findImplausible(session("running", km(24)));

  assertEquals([holdOf(drive, undefined), holdOf(doubtful, undefined), holdOf([], undefined)], [
    "implausible",
    "in_review",
    undefined,
  ]);
  assertEquals([holdOf(drive, "accepted"), holdOf([], "rejected"), holdOf([], "open")], [
    undefined,
    "implausible",
    "in_review",
  ]);
});

Deno.test("a day has so many steps and no more", () => {
  const verdict = (steps: number) => worstVerdict(findImplausibleDay(steps));

  assertEquals([60_000, 60_001, 300_001].map(verdict), ["accept", "flag", "reject"]);
});
