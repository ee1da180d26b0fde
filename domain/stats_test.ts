import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { activity, sample } from "@/tests/support/scoring_oracle.ts";
import { dayBounds } from "./days.ts";
import { QUANTITIES } from "./activity.ts";
import type { ActivityFact, SampleFact } from "./scoring.ts";
import {
  activityStats,
  type Bucket,
  BUCKETS,
  bucketStart,
  daysBetween,
  noTotals,
  type StatsInput,
  type StoredTotals,
  summarise,
  totalsOf,
} from "./stats.ts";
import { DAY_MS, HOUR_MS } from "./time.ts";

const MAY_1 = Date.UTC(2026, 4, 1);
const WEEK = { from: "2026-05-01", to: "2026-05-07", bucket: "day" as Bucket, zone: "UTC" };

function statsOf(part: Partial<StatsInput>) {
  return activityStats({ ...WEEK, activities: [], samples: [], ...part });
}

function stepsAt(startedAt: number, value: number, change: Partial<SampleFact> = {}): SampleFact {
  return sample(`s${startedAt}`, { startedAt, endedAt: startedAt + HOUR_MS, value, ...change });
}

Deno.test("activityStats() of nothing is zeros on every day", () => {
  const stats = statsOf({});

  assertEquals(stats.totals, noTotals());
  assertEquals(stats.buckets.length, 7);
  assertEquals(stats.bestDay, null);
  assertEquals([stats.longestStreakDays, stats.currentStreakDays], [0, 0]);
  assertEquals(stats.byType, []);
});

Deno.test("activityStats() takes of a day the largest side of each quantity, never their sum", () => {
  const run = activity("run", { quantities: { distance: 5_000_000, steps: 6000 } });
  const phone = sample("phone", { value: 4000 });
  const watch = sample("watch", {
    value: 7000,
    source: { device: "watch", recordingMethod: "automatic" },
  });
  const walked = sample("walked", { quantity: "distance", value: 900_000 });

  const { totals } = statsOf({ activities: [run], samples: [phone, watch, walked] });

  assertEquals([totals.steps, totals.distance, totals.activities], [7000, 5_000_000, 1]);
});

Deno.test("activityStats() adds up the samples of one source, and tells apps and devices apart", () => {
  const source = (app: string, device: string) => ({
    source: { app, device, recordingMethod: "automatic" as const },
  });
  const samples = [
    stepsAt(MAY_1 + 8 * HOUR_MS, 100, source("a b", "c")),
    stepsAt(MAY_1 + 9 * HOUR_MS, 150, source("a b", "c")),
    stepsAt(MAY_1 + 10 * HOUR_MS, 200, source("a", "b c")),
  ];

  assertEquals(statsOf({ samples }).totals.steps, 250);
});

Deno.test("activityStats() puts activities on the local day of their start", () => {
  const startedAt = MAY_1 + 22 * HOUR_MS;
  const run = activity("run", { startedAt, endedAt: startedAt + 3 * HOUR_MS });
  const days = (zone: string) =>
    statsOf({ zone, activities: [run] }).buckets.filter(({ totals }) => totals.activities > 0)
      .map(({ start }) => start);

  assertEquals(days("UTC"), ["2026-05-01"]);
  assertEquals(days("Europe/Helsinki"), ["2026-05-02"]);
  assertEquals(days("Pacific/Honolulu"), ["2026-05-01"]);
});

Deno.test("activityStats() splits samples at local midnight, pro rata", () => {
  const night = sample("night", {
    startedAt: MAY_1 + 23 * HOUR_MS,
    endedAt: MAY_1 + 26 * HOUR_MS,
    value: 900,
  });

  const { buckets } = statsOf({ samples: [night] });

  assertEquals(buckets.slice(0, 2).map(({ totals }) => totals.steps), [300, 600]);
});

for (const { day, hours } of [{ day: "2026-03-29", hours: 23 }, { day: "2026-10-25", hours: 25 }]) {
  Deno.test(`activityStats() gives the day of ${hours} hours all of its hours`, () => {
    const zone = "Europe/Helsinki";
    const { startsAt, endsAt } = dayBounds(day, zone);
    const samples = Array.from({ length: hours }, (_, n) => stepsAt(startsAt + n * HOUR_MS, 10));
    const neighbours = [stepsAt(startsAt - HOUR_MS, 1), stepsAt(endsAt, 1)];

    const stats = activityStats({
      ...{ from: day, to: day, bucket: "day", zone, activities: [] },
      samples: [...samples, ...neighbours],
    });

    assertEquals(endsAt - startsAt, hours * HOUR_MS);
    assertEquals(stats.totals.steps, hours * 10);
  });
}

Deno.test("bucketStart() begins weeks on Monday and months on the first", () => {
  assertEquals(bucketStart("2026-05-03", "week"), "2026-04-27"); // a Sunday
  assertEquals(bucketStart("2026-05-04", "week"), "2026-05-04"); // a Monday
  assertEquals(bucketStart("2027-01-01", "week"), "2026-12-28");
  assertEquals(bucketStart("2024-02-29", "month"), "2024-02-01");
  assertEquals(bucketStart("2024-02-29", "day"), "2024-02-29");
});

Deno.test("daysBetween() counts leap days and crosses years", () => {
  assertEquals(daysBetween("2024-02-28", "2024-03-01").length, 3);
  assertEquals(daysBetween("2025-12-31", "2026-01-01"), ["2025-12-31", "2026-01-01"]);
  assertEquals(daysBetween("2026-01-02", "2026-01-01"), []);
});

Deno.test("activityStats() takes for best the day with most steps, then most distance, then the first", () => {
  const run = (id: string, day: number, distance: number) =>
    activity(id, {
      startedAt: MAY_1 + day * DAY_MS,
      endedAt: MAY_1 + day * DAY_MS + HOUR_MS,
      quantities: { distance },
    });
  const byDistance = statsOf({ activities: [run("a", 1, 9), run("b", 3, 10), run("c", 4, 10)] });
  const bySteps = statsOf({
    activities: [run("a", 1, 9_000_000)],
    samples: [stepsAt(MAY_1 + 5 * DAY_MS, 1)],
  });

  assertEquals(byDistance.bestDay, { day: "2026-05-04", steps: 0, distance: 10 });
  assertEquals(bySteps.bestDay?.day, "2026-05-06");
});

/** Steps on the days whose letter is x, from the first of May on. */
function streaksOf(days: string) {
  const samples = [...days].flatMap((mark, day) =>
    mark === "x" ? [stepsAt(MAY_1 + day * DAY_MS + 8 * HOUR_MS, 5)] : []
  );
  const to = daysBetween("2026-05-01", "2026-06-30")[days.length - 1]!;
  const { longestStreakDays, currentStreakDays } = statsOf({ samples, to });
  return [longestStreakDays, currentStreakDays];
}

Deno.test("activityStats() measures the longest streak and the one that still runs", () => {
  assertEquals(streaksOf("xxx.xx."), [3, 2]);
  assertEquals(streaksOf("xxx.xx"), [3, 2]);
  assertEquals(streaksOf("xx....."), [2, 0]);
  assertEquals(streaksOf(".xxxx"), [4, 4]);
  assertEquals(streaksOf("x"), [1, 1]);
  assertEquals(streaksOf("."), [0, 0]);
});

Deno.test("activityStats() lists types with the most sessions first, each with all of its sums", () => {
  const runs = [1, 5].map((hour) =>
    activity(`${hour}`, {
      startedAt: MAY_1 + hour * HOUR_MS,
      endedAt: MAY_1 + (hour + 1) * HOUR_MS,
      quantities: { distance: 1000 },
    })
  );
  const walk = activity("c", { type: "walking", quantities: { distance: 50 } });
  const before = activity("d", { type: "yoga", startedAt: MAY_1 - HOUR_MS, endedAt: MAY_1 + 1 });

  const { byType } = statsOf({ activities: [walk, ...runs, before] });

  assertEquals(byType.map(({ type, totals }) => [type, totals.activities, totals.distance]), [
    ["running", 2, 2000],
    ["walking", 1, 50],
  ]);
});

const ZONES = ["UTC", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe"] as const;

const facts = fc.record({
  zone: fc.constantFrom(...ZONES),
  activities: fc.array(fc.record({ at: fc.nat(70 * 24), steps: fc.nat(5000) }), { maxLength: 12 }),
  samples: fc.array(
    fc.record({
      at: fc.nat(70 * 24),
      hours: fc.integer({ min: 1, max: 60 }),
      value: fc.nat(5000),
      app: fc.constantFrom("phone", "watch"),
    }),
    { maxLength: 20 },
  ),
}).map(({ zone, activities, samples }) => {
  // Around a change to summer time, with a margin before and after the days asked for.
  const origin = Date.UTC(2026, 2, 1) - 5 * DAY_MS;
  return {
    zone,
    activities: activities.map(({ at, steps }, index): ActivityFact => {
      const startedAt = origin + at * HOUR_MS;
      return activity(`a${index}`, {
        startedAt,
        endedAt: startedAt + HOUR_MS,
        quantities: { steps },
      });
    }),
    samples: samples.map(({ at, hours, value, app }, index): SampleFact => {
      const startedAt = origin + at * HOUR_MS;
      const source = { app, recordingMethod: "automatic" as const };
      return sample(`s${index}`, {
        startedAt,
        endedAt: startedAt + hours * HOUR_MS,
        value,
        source,
      });
    }),
  };
});

const RANGE = { from: "2026-03-01", to: "2026-04-29" };

function add(parts: readonly StoredTotals[]): StoredTotals {
  const sum = noTotals();
  for (const part of parts) {
    for (const name of [...Object.keys(QUANTITIES), "activities"] as (keyof StoredTotals)[]) {
      sum[name] += part[name];
    }
  }
  return sum;
}

Deno.test("activityStats() has buckets that sum to the totals, whatever the bucket", () => {
  fc.assert(fc.property(facts, (given) => {
    const each = BUCKETS.map((bucket) => activityStats({ ...RANGE, ...given, bucket }));

    for (const stats of each) {
      assertEquals(add(stats.buckets.map(({ totals }) => totals)), stats.totals);
      assertEquals(stats.totals, each[0]!.totals);
    }
    const ofTypes = each[0]!.byType.reduce((sum, { totals }) => sum + totals.activities, 0);
    assertEquals(ofTypes, each[0]!.totals.activities);
  }));
});

Deno.test("summarise() of ranges read one by one is the same as of all days at once", () => {
  fc.assert(fc.property(facts, fc.integer({ min: 1, max: 58 }), (given, cut) => {
    const days = daysBetween(RANGE.from, RANGE.to);
    const halves = [days.slice(0, cut), days.slice(cut)].map((part) =>
      totalsOf({ ...given, from: part[0]!, to: part.at(-1)! })
    );

    assertEquals(
      summarise({ ...RANGE, bucket: "week" }, halves),
      activityStats({ ...RANGE, ...given, bucket: "week" }),
    );
  }));
});

Deno.test("activityStats() adds up a session that two apps recorded once", () => {
  const watch = activity("watch", { source: { device: "watch", recordingMethod: "active" } });
  const app = activity("app", {
    startedAt: watch.startedAt + 2_000,
    quantities: { distance: 5_020_000, moving_time: 3_590_000 },
    source: { app: "app", recordingMethod: "active" },
  });
  const days = { from: "2026-05-01", to: "2026-05-02", zone: "UTC", bucket: "day" as const };

  const { totals, byType } = activityStats({ ...days, activities: [watch, app], samples: [] });

  assertEquals([totals.activities, byType[0]?.totals.activities], [1, 1]);
  assert(totals.distance < 6_000_000);
});
