/** Five years of days in six zones: at both ends of the date line, with summer time of an hour, of half an hour and around Ramadan, and with an odd offset. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { amountBetween, dayAt, dayBounds, localDay, shiftDay, splitByDay } from "./days.ts";
import type { ActivityScoring } from "./rules.ts";
import { scoreActivity } from "./scoring.ts";
import type { SampleFact } from "./scoring_part.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

const FIRST = "2024-01-01";
const DAYS = 5 * 365 + 2;

/** By zone: how many days of the five years have which length in hours. */
const LENGTHS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "Pacific/Kiritimati": { "24": DAYS },
  "Etc/GMT+12": { "24": DAYS },
  "Europe/Zurich": { "23": 5, "24": DAYS - 10, "25": 5 },
  "America/New_York": { "23": 5, "24": DAYS - 10, "25": 5 },
  "Australia/Lord_Howe": { "23.5": 5, "24": DAYS - 10, "24.5": 5 },
  "Africa/Casablanca": { "23": 5, "24": DAYS - 10, "25": 5 },
  "Asia/Kathmandu": { "24": DAYS },
};
const ZONES = Object.keys(LENGTHS);

function daysOf(zone: string) {
  return Array.from({ length: DAYS }, (_, n) => dayBounds(shiftDay(FIRST, n), zone));
}

for (const zone of ZONES) {
  Deno.test(`days of ${zone} follow each other without gap or overlap for five years`, () => {
    const days = daysOf(zone);
    const lengths: Record<string, number> = {};
    const faults = days.filter(({ day, startsAt, endsAt }, n) => {
      const hours = (endsAt - startsAt) / HOUR_MS;
      lengths[hours] = (lengths[hours] ?? 0) + 1;
      const isSame = localDay(startsAt, zone) === day && localDay(endsAt - 1, zone) === day &&
        dayAt(startsAt + 12 * HOUR_MS, zone).day === day;
      return !isSame || localDay(endsAt, zone) !== shiftDay(day, 1) ||
        (n > 0 && days[n - 1]!.endsAt !== startsAt);
    });

    assertEquals(faults, []);
    assertEquals(lengths, LENGTHS[zone]);
    assertEquals(days.at(-1)?.day, "2028-12-31");
  });
}

Deno.test("the same instant is two days apart at both ends of the date line", () => {
  const at = Date.parse("2028-02-29T10:30:00Z");

  assertEquals(ZONES.slice(0, 2).map((zone) => localDay(at, zone)), ["2028-03-01", "2028-02-28"]);
});

const anyZone = fc.constantFrom(...ZONES);
const anyInstant = fc.integer({ min: Date.UTC(2024, 0, 2), max: Date.UTC(2028, 11, 28) });
const anyLengthMs = fc.integer({ min: 1, max: 75 * HOUR_MS });

Deno.test("splitByDay() conserves the value over the days of every zone, and over a cut", () => {
  fc.assert(
    fc.property(
      anyZone,
      anyInstant,
      anyLengthMs,
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (zone, startedAt, lengthMs, value, share) => {
        const measured = { startedAt, endedAt: startedAt + lengthMs, value };
        const pieces = splitByDay(measured, zone);
        const sum = pieces.reduce((total, { amount }) => total + amount, 0);
        assertEquals(sum, value);
        assertEquals(pieces.every(({ day, startsAt }) => localDay(startsAt, zone) === day), true);

        const cut = startedAt + Math.floor(lengthMs * share);
        const [before, after] = [
          amountBetween(measured, { startsAt: startedAt, endsAt: cut }),
          amountBetween(measured, { startsAt: cut, endsAt: measured.endedAt }),
        ];
        assertEquals(before + after, value);
      },
    ),
    { numRuns: 400 },
  );
});

const STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

/** Readings of 50 minutes one after the other, which fall on no zone's midnight alike. */
function readings(from: number, to: number): SampleFact[] {
  const facts: SampleFact[] = [];
  for (let at = from; at < to; at += 50 * MINUTE_MS) {
    facts.push({
      kind: "sample",
      id: String(at),
      quantity: "steps",
      value: 101,
      startedAt: at,
      endedAt: at + 50 * MINUTE_MS,
      arrivedAt: at + HOUR_MS,
      zoneOffsetMinutes: null,
      source: { device: "phone", recordingMethod: "automatic" },
    });
  }
  return facts;
}

Deno.test("a score of weeks with a change of the clocks loses no step in any zone", () => {
  for (const [year, month, date] of [[2024, 2, 8], [2025, 2, 27], [2026, 9, 1], [2027, 10, 5]]) {
    const startsAt = Date.UTC(year!, month!, date!);
    const endsAt = startsAt + 32 * 24 * HOUR_MS;
    const samples = readings(startsAt, endsAt - HOUR_MS);
    for (const timeZone of ZONES) {
      const competition = { startsAt, endsAt, graceMs: 0, timeZone };
      const { score, counted } = scoreActivity({
        ...{ scoring: STEPS, competition, activities: [], samples },
      });

      assertEquals(score, 101 * samples.length, timeZone);
      assertEquals(counted.reduce((sum, { amount }) => sum + amount, 0), 101 * samples.length);
    }
  }
});

Deno.test("a goal reached on each local day is a streak of all of them, clocks changed or not", () => {
  for (const timeZone of ZONES) {
    const [first, last] = ["2025-10-20", "2025-11-08"].map((day) => dayBounds(day, timeZone));
    const competition = {
      startsAt: first!.startsAt,
      endsAt: last!.endsAt,
      graceMs: DAY_MS,
      timeZone,
    };
    const samples = Array.from({ length: 20 }, (_, n): SampleFact => {
      const { startsAt, endsAt } = dayBounds(shiftDay("2025-10-20", n), timeZone);
      const at = n % 2 === 0 ? startsAt : endsAt - MINUTE_MS;
      const [fact] = readings(at, at + 1);
      return { ...fact!, value: 5000, endedAt: at + MINUTE_MS };
    });
    const scoring = { ...STEPS, aggregate: "streak_days", dailyGoal: 5000 } as const;

    const { score } = scoreActivity({ scoring, competition, activities: [], samples });
    assertEquals(score, 20, timeZone);
  }
});
