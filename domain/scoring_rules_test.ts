/** One example of each rule: aggregates, limits, backfill, zones, overlaps, holds. */

import { assertEquals } from "@std/assert";
import { activity, sample, START, WINDOW } from "@/tests/support/scoring_oracle.ts";
import type { ActivityScoring } from "./rules.ts";
import { type ActivityScore, nextDayStart, scoreActivity, type ScoringInput } from "./scoring.ts";
import { DAY_MS, HOUR_MS } from "./time.ts";

const STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

function scoreOf(change: Partial<ActivityScoring>, given: Partial<ScoringInput>): ActivityScore {
  const scoring = { ...STEPS, ...change };
  return scoreActivity({ scoring, competition: WINDOW, activities: [], samples: [], ...given });
}

/** Steps of an hour around noon of a day, 0 being the first. */
function onDay(day: number, value: number, id = `day-${day}`) {
  const startedAt = START + day * DAY_MS + 12 * HOUR_MS;
  return sample(id, { value, startedAt, endedAt: startedAt + HOUR_MS });
}

function noonOf(day: number): number {
  return START + day * DAY_MS + 13 * HOUR_MS;
}

function reasons(result: ActivityScore): (string | number)[][] {
  return result.excluded.map(({ recordId, reason, amount }) => [recordId, reason, amount ?? 0]);
}

Deno.test("best_day takes the best day and tells what the others lost to", () => {
  const samples = [onDay(0, 900), onDay(1, 700), onDay(1, 400, "more"), onDay(2, 1000)];
  const result = scoreOf({ aggregate: "best_day" }, { samples });

  assertEquals([result.score, result.reachedAt], [1100, noonOf(1)]);
  assertEquals(reasons(result), [["day-0", "not_best", 900], ["day-2", "not_best", 1000]]);
  assertEquals(scoreOf({ aggregate: "best_day", direction: "lower" }, { samples }).score, 900);
});

Deno.test("average_per_day divides by the days begun since the later of start and join", () => {
  const samples = [onDay(0, 3000), onDay(1, 1000)];
  const average = (joinedAt: number, now: number) => {
    const athlete = { joinedAt, timeZone: "UTC" };
    const { score, reachedAt } = scoreOf({ aggregate: "average_per_day" }, {
      samples,
      athlete,
      now,
    });
    return [score, reachedAt];
  };

  assertEquals(average(START - DAY_MS, noonOf(0)), [4000, noonOf(1)]);
  assertEquals(average(START, noonOf(1)), [2000, noonOf(1)]);
  assertEquals(average(START, START + 2 * DAY_MS - 1), [2000, noonOf(1)]);
  assertEquals(average(START, START + 2 * DAY_MS), [1333, START + 2 * DAY_MS]);
  assertEquals(average(noonOf(1), noonOf(2)), [2000, START + 2 * DAY_MS]);
  assertEquals(average(START, WINDOW.endsAt + DAY_MS), [1333, START + 2 * DAY_MS]);
});

Deno.test("days of 23 and 25 hours each are one begun day", () => {
  const spring = Date.UTC(2026, 2, 27, 23);
  const competition = {
    startsAt: spring,
    endsAt: spring + 4 * DAY_MS,
    graceMs: DAY_MS,
    timeZone: "Europe/Berlin",
  };
  const starts = [0, 1, 2].map((days) => {
    const at = spring + days * DAY_MS;
    return nextDayStart({ competition, zone: "Europe/Berlin" }, at)! - at;
  });

  assertEquals(starts, [24 * HOUR_MS, 23 * HOUR_MS, 23 * HOUR_MS]);
  assertEquals(nextDayStart({ competition, zone: "Europe/Berlin" }, competition.endsAt - 1), null);
});

Deno.test("streak_days is the longest run of days at the goal, of equal ones the first", () => {
  const days = [[0, 1000], [1, 1200], [2, 900], [4, 1000], [5, 1000], [7, 1000]] as const;
  const competition = { ...WINDOW, endsAt: START + 8 * DAY_MS };
  const result = scoreOf({ aggregate: "streak_days", dailyGoal: 1000 }, {
    competition,
    samples: days.map(([day, value]) => onDay(day, value)),
  });

  assertEquals([result.score, result.reachedAt], [2, noonOf(1)]);
  assertEquals(result.counted.map(({ day }) => day), ["2026-05-01", "2026-05-02"]);
  assertEquals(reasons(result).map(([id, reason]) => [id, reason]), [
    ["day-2", "below_goal"],
    ["day-4", "not_best"],
    ["day-5", "not_best"],
    ["day-7", "not_best"],
  ]);
});

Deno.test("days_at_goal counts days wherever they lie, none is no score", () => {
  const samples = [onDay(0, 1000), onDay(1, 999), onDay(2, 5000)];
  const goal = { aggregate: "days_at_goal", dailyGoal: 1000 } as const;

  assertEquals(scoreOf(goal, { samples }).score, 2);
  assertEquals(scoreOf({ ...goal, dailyGoal: 6000 }, { samples }).score, null);
});

Deno.test("target stops where it is reached, at the time of reaching", () => {
  const samples = [onDay(0, 800), onDay(1, 800), onDay(2, 800)];
  const result = scoreOf({ aggregate: "target", target: 1500 }, { samples });

  assertEquals([result.score, result.reachedAt], [1500, noonOf(1)]);
  assertEquals(reasons(result), [["day-1", "capped", 100], ["day-2", "capped", 800]]);
});

Deno.test("a day below its minimum does not count, one at it does whole", () => {
  const samples = [onDay(0, 999), onDay(1, 600), onDay(1, 400, "rest")];
  const result = scoreOf({ dailyMinimum: 1000 }, { samples });

  assertEquals([result.score, result.reachedAt], [1000, noonOf(1)]);
  assertEquals(reasons(result), [["day-0", "below_minimum", 999]]);
});

Deno.test("activities have a minimum and a cap of their own, and then samples do not count", () => {
  const metres = (id: string, distance: number) =>
    activity(id, { quantities: { distance: distance * 1000 } });
  const result = scoreOf({ metric: "distance", activityMinimum: 1000, activityCap: 5000 }, {
    activities: [metres("stroll", 999), metres("walk", 1000), metres("run", 7000)],
    samples: [sample("walked", { quantity: "distance", value: 90_000_000 })],
  });

  assertEquals(result.score, 6000);
  assertEquals(reasons(result), [
    ["stroll", "below_minimum", 999],
    ["run", "capped", 2000],
    ["walked", "not_in_metric", 90_000],
  ]);
});

Deno.test("manual entries count up to their cap a day", () => {
  const byHand = (id: string, value: number, day = 0) => ({
    ...onDay(day, value, id),
    source: { app: "phone", recordingMethod: "manual" as const },
  });
  const samples = [byHand("a", 300), byHand("b", 300), byHand("c", 300, 1), onDay(0, 1000)];
  const result = scoreOf({ manualPolicy: "cap", manualDailyCap: 500 }, { samples });

  assertEquals(result.score, 1000 + 500 + 300);
  assertEquals(reasons(result), [["b", "manual", 100]]);
});

Deno.test("backfill reaches back by whole days from the day of joining", () => {
  const samples = [onDay(0, 1), onDay(1, 10), onDay(2, 100)];
  const athlete = { joinedAt: noonOf(2), timeZone: "UTC" };
  const score = (backfillDays?: number) =>
    scoreOf(backfillDays === undefined ? {} : { backfillDays }, { samples, athlete }).score;

  assertEquals([score(0), score(1), score(9), score()], [100, 110, 111, 111]);
});

Deno.test("the athlete's days may part elsewhere than the competition's", () => {
  const late = sample("late", {
    value: 800,
    startedAt: START + 22 * HOUR_MS,
    endedAt: START + 23 * HOUR_MS,
  });
  const athlete = { joinedAt: START, timeZone: "Pacific/Kiritimati" };
  const given = { samples: [late, onDay(1, 800)], athlete };
  const best = { aggregate: "best_day" } as const;

  assertEquals(scoreOf(best, given).score, 800);
  assertEquals(scoreOf({ ...best, dayZone: "athlete" }, given).score, 800);
  const noon = sample("noon", { value: 5, startedAt: START + 11 * HOUR_MS });
  const east = { ...given, samples: [late, { ...noon, endedAt: START + 12 * HOUR_MS }] };
  assertEquals(scoreOf({ ...best, dayZone: "athlete" }, east).score, 805);
});

Deno.test("points weigh kilometres, minutes and sessions by type", () => {
  const result = scoreOf({
    metric: "points",
    points: [
      { type: "running", points: 10, per: "km" },
      { type: "yoga", points: 2, per: "minute" },
      { type: "swimming", points: 30, per: "activity" },
    ],
  }, {
    activities: [
      activity("run", { quantities: { distance: 5_250_000 } }),
      activity("yoga", { type: "yoga", quantities: { moving_time: 90_000 } }),
      activity("swim", { type: "swimming", quantities: {} }),
      activity("ride", { type: "cycling" }),
    ],
  });

  assertEquals(result.score, 52 + 3 + 30);
  assertEquals(result.counted.map(({ amount }) => amount), [52.5, 30, 3]);
  assertEquals(reasons(result), [["ride", "type_not_counted", 0]]);
});

Deno.test("sources overlap by rule: the largest, the union of times, or everything", () => {
  const watch = { app: "watch", recordingMethod: "automatic" as const };
  const at = (from: number, to: number) => ({
    startedAt: START + from * HOUR_MS,
    endedAt: START + to * HOUR_MS,
  });
  const samples = [
    sample("phone", { value: 1000, ...at(8, 12) }),
    sample("watch", { value: 300, source: watch, ...at(9, 10) }),
    sample("evening", { value: 200, source: watch, ...at(20, 21) }),
  ];
  const totals = (["largest_source", "interval_union", "sum"] as const)
    .map((overlap) => scoreOf({ overlap }, { samples }).score);

  assertEquals(totals, [1000, 750 + 300 + 200, 1500]);
  assertEquals(reasons(scoreOf({ overlap: "interval_union" }, { samples })), [
    ["phone", "superseded", 250],
  ]);
});

Deno.test("what is held back does not count, and says why", () => {
  const activities = (["in_review", "implausible"] as const)
    .map((hold) => activity(hold, { hold }));
  const result = scoreOf({}, { activities });

  assertEquals(result.score, null);
  assertEquals(result.excluded.map(({ reason }) => reason), ["implausible", "in_review"]);
});

Deno.test("of a session that is there twice one counts, and never one that the rules leave out", () => {
  const byHand = { recordingMethod: "manual" as const };
  const activities = [
    activity("typed", { source: byHand, quantities: { steps: 9000 } }),
    activity("watch", { source: { app: "watch", recordingMethod: "active" } }),
    activity("phone", { source: { app: "phone", recordingMethod: "automatic" } }),
  ];
  const result = scoreOf({}, { activities });

  assertEquals(result.counted.map(({ recordId }) => recordId), ["watch"]);
  assertEquals(reasons(result), [["typed", "manual", 9000], ["phone", "duplicate", 6000]]);
  const late = [{ ...activities[1]!, arrivedAt: WINDOW.endsAt + WINDOW.graceMs }, activities[2]!];
  assertEquals(scoreOf({}, { activities: late }).counted[0]?.recordId, "phone");
});

Deno.test("a day of too many steps waits, until a referee accepts it", () => {
  const samples = [onDay(0, 61_000), onDay(1, 500)];
  const waiting = scoreOf({}, { samples });
  const accepted = scoreOf({}, { samples, dayDecisions: new Map([["2026-05-01", "accepted"]]) });

  assertEquals([waiting.score, accepted.score], [500, 61_500]);
  assertEquals(waiting.excluded, [
    { recordId: "day-0", reason: "in_review", amount: 61_000, day: "2026-05-01" },
  ]);
  const ownLimit = { plausibility: { dailySteps: { flag: 100_000, reject: 200_000 } } };
  assertEquals(scoreOf(ownLimit, { samples }).score, 61_500);
});
