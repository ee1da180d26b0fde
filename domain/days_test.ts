import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  amountBetween,
  dayAt,
  dayBounds,
  localDay,
  type MeasuredValue,
  splitByDay,
} from "./days.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** Whole hours, half and quarter hours, both ends of the world, changes at and across midnight. */
const ZONES = [
  "UTC",
  "Europe/Helsinki",
  "America/New_York",
  "America/St_Johns",
  "America/Sao_Paulo",
  "America/Havana",
  "Asia/Kathmandu",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Etc/GMT+12",
];

const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2030, 0, 1) });

/** Spans from a moment to some days, of values from nothing to more than a product of doubles holds. */
const measured: fc.Arbitrary<MeasuredValue> = fc.record({
  startedAt: instants,
  lastsMs: fc.oneof(
    fc.integer({ min: 0, max: HOUR_MS }),
    fc.integer({ min: 0, max: 4 * DAY_MS }),
  ),
  value: fc.oneof(fc.nat(200), fc.maxSafeNat()),
}).map(({ startedAt, lastsMs, value }) => ({ startedAt, endedAt: startedAt + lastsMs, value }));

function lengthMs(day: string, zone: string): number {
  const { startsAt, endsAt } = dayBounds(day, zone);
  return endsAt - startsAt;
}

/** The date on the wall, straight from Intl. */
function wallDate(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);
}

Deno.test("dayAt() gives the day whose bounds hold the instant", () => {
  fc.assert(fc.property(instants, zones, (at, zone) => {
    const day = dayAt(at, zone);

    assert(day.startsAt <= at && at < day.endsAt);
    assertEquals(day, dayBounds(day.day, zone));
    assertEquals(localDay(at, zone), day.day);
  }));
});

Deno.test("local days follow each other without gap or overlap", () => {
  fc.assert(fc.property(instants, zones, (at, zone) => {
    const day = dayAt(at, zone);

    assertEquals(dayAt(day.endsAt, zone).startsAt, day.endsAt);
    assertEquals(dayAt(day.startsAt - 1, zone).endsAt, day.startsAt);
    assert(dayAt(day.endsAt, zone).day > day.day);
  }));
});

Deno.test("localDay() is the date on the wall, but where the clock is set back across midnight", () => {
  const usual = zones.filter((zone) => zone !== "America/St_Johns");
  fc.assert(fc.property(instants, usual, (at, zone) => {
    assertEquals(localDay(at, zone), wallDate(at, zone));
  }));
});

Deno.test("dayBounds() of days that are not 24 hours", () => {
  assertEquals(lengthMs("2026-03-29", "Europe/Helsinki"), 23 * HOUR_MS);
  assertEquals(lengthMs("2026-10-25", "Europe/Helsinki"), 25 * HOUR_MS);
  assertEquals(lengthMs("2026-04-05", "Australia/Lord_Howe"), 24.5 * HOUR_MS);
  assertEquals(lengthMs("2026-10-04", "Australia/Lord_Howe"), 23.5 * HOUR_MS);
  assertEquals(lengthMs("2018-11-04", "America/Sao_Paulo"), 23 * HOUR_MS);
  assertEquals(lengthMs("2011-12-30", "Pacific/Apia"), 0);
});

Deno.test("localDay() at both ends of the world is a day apart at the same instant", () => {
  const at = Date.UTC(2026, 11, 31, 11);

  assertEquals(localDay(at, "Pacific/Kiritimati"), "2027-01-01");
  assertEquals(localDay(at, "Etc/GMT+12"), "2026-12-30");
  assertEquals(localDay(at + HOUR_MS, "Etc/GMT+12"), "2026-12-31");
});

Deno.test("localDay() stays in the day that had begun when 00:01 becomes 23:01", () => {
  const midnight = Date.UTC(2006, 9, 29, 2, 30);

  assertEquals(localDay(midnight - 1, "America/St_Johns"), "2006-10-28");
  for (const afterMs of [0, MINUTE_MS, 30 * MINUTE_MS, HOUR_MS]) {
    assertEquals(localDay(midnight + afterMs, "America/St_Johns"), "2006-10-29");
  }
  assertEquals(wallDate(midnight + 30 * MINUTE_MS, "America/St_Johns"), "2006-10-28");
});

Deno.test("localDay() is right about more days than it remembers, again and again", () => {
  for (let day = 0; day < 21_000; day++) {
    const at = Date.UTC(2000, 0, 1 + day, 12);
    assertEquals(localDay(at, "UTC"), new Date(at).toISOString().slice(0, 10));
  }
  assertEquals(localDay(Date.UTC(2000, 0, 1), "UTC"), "2000-01-01");
});

Deno.test("localDay() refuses an unknown zone and what is no instant", () => {
  assertThrows(() => localDay(0, "Mars/Olympus"), RangeError);
  assertThrows(() => localDay(NaN, "UTC"), RangeError);
});

Deno.test("splitByDay() pieces sum to the value, each within its own day", () => {
  fc.assert(fc.property(measured, zones, (value, zone) => {
    const pieces = splitByDay(value, zone);

    assertEquals(
      pieces.reduce((sum, piece) => sum + BigInt(piece.amount), 0n),
      BigInt(value.value),
    );
    for (const { day, startsAt, endsAt, amount } of pieces) {
      const bounds = dayBounds(day, zone);
      assert(bounds.startsAt <= startsAt && endsAt <= bounds.endsAt && amount > 0);
    }
  }));
});

Deno.test("splitByDay() pieces are within one unit of the exact share", () => {
  fc.assert(fc.property(measured, zones, (value, zone) => {
    const wholeMs = BigInt(value.endedAt - value.startedAt);
    fc.pre(wholeMs > 0n);
    for (const { startsAt, endsAt, amount } of splitByDay(value, zone)) {
      const product = BigInt(value.value) * BigInt(endsAt - startsAt);
      const error = BigInt(amount) * wholeMs - product;
      assert(error > -wholeMs && error < wholeMs);
    }
  }));
});

Deno.test("splitByDay() over adjacent windows loses and invents nothing", () => {
  fc.assert(fc.property(measured, zones, fc.double({ min: 0, max: 1, noNaN: true }), (
    value,
    zone,
    share,
  ) => {
    const cut = value.startedAt + Math.floor(share * (value.endedAt - value.startedAt));
    const windows = [{ startsAt: -Infinity, endsAt: cut }, { startsAt: cut, endsAt: Infinity }];
    const pieces = windows.flatMap((window) => splitByDay(value, zone, window));

    assertEquals(
      pieces.reduce((sum, piece) => sum + BigInt(piece.amount), 0n),
      BigInt(value.value),
    );
  }));
});

Deno.test("splitByDay() splits a night over a day of 23 hours by true time", () => {
  const { startsAt, endsAt } = dayBounds("2026-03-29", "Europe/Helsinki");
  const walk = { startedAt: startsAt - HOUR_MS, endedAt: endsAt + HOUR_MS, value: 2500 };

  assertEquals(splitByDay(walk, "Europe/Helsinki").map(({ day, amount }) => [day, amount]), [
    ["2026-03-28", 100],
    ["2026-03-29", 2300],
    ["2026-03-30", 100],
  ]);
});

Deno.test("splitByDay() puts a reading without duration on the day of its instant", () => {
  const reading = { startedAt: DAY_MS, endedAt: DAY_MS, value: 5 };
  const piece = { day: "1970-01-02", startsAt: DAY_MS, endsAt: DAY_MS, amount: 5 };

  assertEquals(splitByDay(reading, "UTC"), [piece]);
  assertEquals(splitByDay(reading, "UTC", { startsAt: DAY_MS, endsAt: DAY_MS + 1 }), [piece]);
  assertEquals(splitByDay(reading, "UTC", { startsAt: 0, endsAt: DAY_MS }), []);
  assertEquals(splitByDay({ ...reading, value: 0 }, "UTC"), []);
});

Deno.test("splitByDay() refuses what is no span or no whole number", () => {
  const good = { startedAt: 0, endedAt: 1, value: 1 };
  for (
    const bad of [{ endedAt: -1 }, { startedAt: 0.5 }, { value: -1 }, { value: 0.5 }, {
      value: 2 ** 53,
    }]
  ) {
    assertThrows(() => splitByDay({ ...good, ...bad }, "UTC"), RangeError);
  }
});

Deno.test("amountBetween() is nothing outside and all over the whole span", () => {
  const value = { startedAt: 100, endedAt: 200, value: 7 };

  assertEquals(amountBetween(value, { startsAt: 0, endsAt: 100 }), 0);
  assertEquals(amountBetween(value, { startsAt: 100, endsAt: 200 }), 7);
  assertEquals(amountBetween(value, { startsAt: 200, endsAt: 300 }), 0);
});
