import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Temporal } from "temporal";
import {
  hasOccurrence,
  nextOccurrence,
  occurrenceAt,
  type Recurrence,
  RECURRENCE_UNITS,
  recurrenceFaults,
} from "./recurrence.ts";
import { DAY_MS, HOUR_MS } from "./time.ts";

const ZONES = [
  "UTC",
  "Europe/Helsinki",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Asia/Kathmandu",
];

/** A first occurrence of some local hours, and how it comes again. */
const series = fc.record({
  every: fc.constantFrom(...RECURRENCE_UNITS),
  interval: fc.integer({ min: 1, max: 3 }),
  zone: fc.constantFrom(...ZONES),
  day: fc.integer({ min: 0, max: 9000 }),
  hour: fc.integer({ min: 0, max: 23 }),
  hours: fc.integer({ min: 1, max: 23 }),
  index: fc.integer({ min: 0, max: 60 }),
}).map(({ zone, day, hour, hours, every, interval, index }) => {
  const startsAt = Temporal.PlainDate.from("2005-01-01").add({ days: day })
    .toZonedDateTime({ timeZone: zone, plainTime: new Temporal.PlainTime(hour) });
  const anchor = {
    startsAt: startsAt.epochMilliseconds,
    endsAt: startsAt.epochMilliseconds + hours * HOUR_MS,
    timeZone: zone,
  };
  return { anchor, recurrence: { every, interval } satisfies Recurrence, index };
});

/** One that lasts until the next begins. */
const unbroken = series.map(({ anchor, recurrence, index }) => {
  const second = occurrenceAt(recurrence, anchor, 1);
  return { anchor: { ...anchor, endsAt: second.startsAt }, recurrence, index };
});

function wallTime(at: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainTime()
    .toString();
}

const MAY: { startsAt: number; endsAt: number; timeZone: string } = {
  startsAt: Date.UTC(2026, 4, 4),
  endsAt: Date.UTC(2026, 4, 5),
  timeZone: "UTC",
};

Deno.test("occurrenceAt() gives the first occurrence as it is", () => {
  fc.assert(fc.property(series, ({ anchor, recurrence }) => {
    const { startsAt, endsAt } = occurrenceAt(recurrence, anchor, 0);
    assertEquals([startsAt, endsAt], [anchor.startsAt, anchor.endsAt]);
  }));
});

Deno.test("occurrenceAt() goes on in time, and no occurrence is empty", () => {
  fc.assert(fc.property(series, ({ anchor, recurrence, index }) => {
    const one = occurrenceAt(recurrence, anchor, index);
    const next = occurrenceAt(recurrence, anchor, index + 1);

    assert(one.startsAt < one.endsAt);
    assert(one.startsAt < next.startsAt);
  }));
});

Deno.test("occurrenceAt() starts at the same local time, unless the clocks skip it", () => {
  fc.assert(fc.property(series, ({ anchor, recurrence, index }) => {
    const { startsAt } = occurrenceAt(recurrence, anchor, index);
    const local = wallTime(startsAt, anchor.timeZone);
    const wanted = wallTime(anchor.startsAt, anchor.timeZone);
    if (local === wanted) return;
    // Just before, the clock showed a time before the wanted one: it does not exist on that day.
    assert(wallTime(startsAt - HOUR_MS, anchor.timeZone) !== wanted);
  }));
});

Deno.test("occurrenceAt() leaves no gap where each lasts until the next", () => {
  fc.assert(fc.property(unbroken, ({ anchor, recurrence, index }) => {
    const one = occurrenceAt(recurrence, anchor, index);
    assertEquals(one.endsAt, occurrenceAt(recurrence, anchor, index + 1).startsAt);
  }));
});

Deno.test("occurrenceAt() comes every month on the day of the first, or on the month's last", () => {
  fc.assert(fc.property(series, ({ anchor, recurrence, index }) => {
    if (recurrence.every !== "monthly") return;
    const dateOf = (at: number) =>
      Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(anchor.timeZone).toPlainDate();
    const first = dateOf(anchor.startsAt);
    const date = dateOf(occurrenceAt(recurrence, anchor, index).startsAt);
    const months = (date.year - first.year) * 12 + date.month - first.month;

    assertEquals(months, index * recurrence.interval);
    assertEquals(date.day, Math.min(first.day, date.daysInMonth));
  }));
});

Deno.test("occurrenceAt() counts days of 23 and 25 hours as one, and 29 February too", () => {
  const daily = (startsAt: number, timeZone: string) => (index: number) => {
    const second = occurrenceAt(
      { every: "daily" },
      { startsAt, endsAt: startsAt + 1, timeZone },
      1,
    );
    const anchor = { startsAt, endsAt: second.startsAt, timeZone };
    const { startsAt: from, endsAt } = occurrenceAt({ every: "daily" }, anchor, index);
    return (endsAt - from) / HOUR_MS;
  };
  const spring = daily(Date.UTC(2026, 2, 27, 22), "Europe/Helsinki");
  const autumn = daily(Date.UTC(2026, 9, 23, 21), "Europe/Helsinki");
  const leap = { startsAt: Date.UTC(2024, 1, 29), endsAt: Date.UTC(2024, 2, 1), timeZone: "UTC" };

  assertEquals([0, 1, 2].map(spring), [24, 23, 24]);
  assertEquals([0, 1, 2].map(autumn), [24, 25, 24]);
  assertEquals(
    occurrenceAt({ every: "monthly", interval: 12 }, leap, 1).startsAt,
    Date.UTC(2025, 1, 28),
  );
  assertEquals(
    occurrenceAt({ every: "monthly", interval: 12 }, leap, 4).startsAt,
    Date.UTC(2028, 1, 29),
  );
});

Deno.test("hasOccurrence() ends by count and by the last day of a start", () => {
  const daily = (part: Partial<Recurrence>) => (index: number) =>
    hasOccurrence({ every: "daily", ...part }, MAY, index);

  assertEquals([0, 2, 3].map(daily({ count: 3 })), [true, true, false]);
  assertEquals([0, 3, 4].map(daily({ until: "2026-05-07" })), [true, true, false]);
  assertEquals([4, 5000].map(daily({})), [true, false]);
});

Deno.test("nextOccurrence() passes over what is skipped or over", () => {
  const rule: Recurrence = { every: "daily", count: 6 };
  const next = (index: number, skipped: number[], now: number) =>
    nextOccurrence(rule, MAY, { index, skipped, now })?.index;

  assertEquals(next(0, [], MAY.startsAt), 1);
  assertEquals(next(0, [1, 2], MAY.startsAt), 3);
  assertEquals(next(0, [], MAY.startsAt + 3 * DAY_MS), 3);
  assertEquals(next(0, [], MAY.startsAt + 6 * DAY_MS), undefined);
  assertEquals(next(5, [], MAY.startsAt), undefined);
});

Deno.test("recurrenceFaults() names overlaps, ends without a second, and fees with carry-over", () => {
  const week = { ...MAY, endsAt: MAY.startsAt + 7 * DAY_MS };
  const faults = (recurrence: Recurrence, anchor = MAY, hasFee = false) =>
    recurrenceFaults(recurrence, anchor, { hasFee }).map(({ field, code }) => [field, code]);

  assertEquals(faults({ every: "daily" }), []);
  assertEquals(faults({ every: "weekly" }, week), []);
  assertEquals(faults({ every: "daily" }, week), [["recurrence.every", "overlaps"]]);
  assertEquals(faults({ every: "daily", until: "2026-05-04" }), [[
    "recurrence.until",
    "too_early",
  ]]);
  assertEquals(faults({ every: "daily", carryOver: true }, MAY, true), [[
    "recurrence.carryOver",
    "has_fee",
  ]]);
});
