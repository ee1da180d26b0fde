import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyScoringInput, sample, START, WINDOW } from "@/tests/support/scoring_oracle.ts";
import { type ProgressInput, progressOf } from "./progress.ts";
import type { ActivityScoring } from "./rules.ts";
import { contributionsByDay, scoreActivity } from "./scoring.ts";
import { DAY_MS, HOUR_MS } from "./time.ts";

const STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};
const WEEK = { ...WINDOW, endsAt: START + 7 * DAY_MS };

function progress(change: Partial<ActivityScoring>, given: Partial<ProgressInput> = {}) {
  return progressOf({
    scoring: { ...STEPS, ...change },
    competition: WEEK,
    athlete: { joinedAt: START, timeZone: "UTC" },
    now: START + 2 * DAY_MS + HOUR_MS,
    days: new Map(),
    ...given,
  });
}

const STREAK = { aggregate: "streak_days", dailyGoal: 100 } as const;

Deno.test("progressOf() tells what a target still needs, and where the pace leads", () => {
  const days = new Map([["2026-05-01", 300], ["2026-05-03", 300]]);
  const { target, pace, today } = progress({ aggregate: "target", target: 1000 }, { days });

  assertEquals(pace, { perDay: 200, projected: 1400 });
  assertEquals(target, {
    target: 1000,
    amount: 600,
    missing: 400,
    percent: 60,
    isReached: false,
    neededPerDay: 80,
    expectedOn: "2026-05-05",
    isOnTrack: true,
  });
  assertEquals(today, { day: "2026-05-03", amount: 300, goal: null, missing: null });
});

Deno.test("progressOf() asks for nothing more once the target is reached", () => {
  const days = new Map([["2026-05-01", 1000]]);
  const { target } = progress({ aggregate: "target", target: 1000 }, { days });

  assertEquals([target?.percent, target?.missing, target?.neededPerDay], [100, 0, null]);
  assertEquals([target?.isReached, target?.isOnTrack, target?.expectedOn], [true, true, null]);
});

Deno.test("progressOf() keeps yesterday's streak until today is over", () => {
  const days = new Map([["2026-05-01", 100], ["2026-05-02", 150]]);
  const atRisk = progress(STREAK, { days });
  const kept = progress(STREAK, { days: new Map([...days, ["2026-05-03", 100]]) });
  const over = progress(STREAK, { days, now: WEEK.endsAt });

  assertEquals(atRisk.streak, { current: 2, longest: 2, isAtRisk: true });
  assertEquals(kept.streak, { current: 3, longest: 3, isAtRisk: false });
  assertEquals(over.streak, { current: 0, longest: 2, isAtRisk: false });
  assertEquals(atRisk.goal, { reached: 2, begun: 3, reachable: 7 });
  assertEquals(kept.goal, { reached: 3, begun: 3, reachable: 7 });
  assertEquals(over.goal, { reached: 2, begun: 7, reachable: 2 });
});

Deno.test("progressOf() measures the pace of who joined later from the join on", () => {
  const athlete = { joinedAt: START + 2 * DAY_MS, timeZone: "UTC" };
  const late = progress({}, { athlete, days: new Map([["2026-05-03", 90]]) });
  const earlier = progress({}, { athlete, days: new Map([["2026-05-01", 90]]) });

  assertEquals(late.pace, { perDay: 90, projected: 450 });
  assertEquals(earlier.pace, { perDay: 30, projected: 210 });
});

Deno.test("progressOf() knows no today before the start and after the end", () => {
  const before = progress({}, { now: START - 1 });
  const after = progress({}, { now: WEEK.endsAt, days: new Map([["2026-05-01", 70]]) });

  assertEquals([before.today, before.pace, before.days], [null, null, {
    total: 7,
    begun: 0,
    left: 7,
  }]);
  assertEquals([after.today, after.days.left, after.pace], [null, 0, {
    perDay: 10,
    projected: 70,
  }]);
});

Deno.test("progressOf() counts the days of the athlete's zone where the rule does", () => {
  const athlete = { joinedAt: START, timeZone: "Pacific/Kiritimati" };
  const now = START + 11 * HOUR_MS;

  assertEquals(progress({}, { athlete, now }).today?.day, "2026-05-01");
  assertEquals(progress({ dayZone: "athlete" }, { athlete, now }).today?.day, "2026-05-02");
});

Deno.test("contributionsByDay() gives days what minimum and cap leave of them", () => {
  const scoring = { ...STEPS, ...STREAK, dailyMinimum: 500, dailyCap: 800 };
  const onDay = (day: number, value: number) => {
    const startedAt = START + day * DAY_MS + HOUR_MS;
    return sample(`day-${day}`, { value, startedAt, endedAt: startedAt + HOUR_MS });
  };
  const samples = [onDay(0, 900), onDay(1, 499), onDay(2, 500)];

  assertEquals(
    contributionsByDay({ scoring, competition: WINDOW, activities: [], samples }),
    new Map([["2026-05-01", 800], ["2026-05-03", 500]]),
  );
});

Deno.test("progressOf() agrees with the score of any activity under any rule", () => {
  fc.assert(fc.property(anyScoringInput, (input) => {
    const athlete = input.athlete ?? { joinedAt: START, timeZone: "UTC" };
    const given = { ...input, athlete, now: input.competition.endsAt };
    const { score } = scoreActivity(given);
    const told = progressOf({ ...given, days: contributionsByDay(given) });

    if (told.streak) assertEquals(told.streak.longest, score ?? 0);
    if (input.scoring.aggregate === "days_at_goal") assertEquals(told.goal?.reached, score ?? 0);
    if (told.target) {
      assertEquals(Math.min(told.target.amount, told.target.target), score ?? 0);
      assert(told.target.percent <= 100);
    }
    if (input.scoring.aggregate === "total") assertEquals(told.pace?.projected ?? 0, score ?? 0);
  }));
});
