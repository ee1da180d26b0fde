import { assertEquals } from "@std/assert";
import { ActivityScoring, ScoringRule } from "./scoring.ts";

function faults(change: Record<string, unknown>): string[] {
  const result = ScoringRule.safeParse({ kind: "activity", metric: "steps", ...change });
  return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
}

Deno.test("ActivityScoring wants a field where its choice is made, and nowhere else", () => {
  assertEquals(faults({}), []);
  assertEquals(faults({ aggregate: "streak_days" }), ["dailyGoal"]);
  assertEquals(faults({ aggregate: "days_at_goal", dailyGoal: 10_000 }), []);
  assertEquals(faults({ dailyGoal: 10_000 }), ["dailyGoal"]);
  assertEquals(faults({ aggregate: "target" }), ["target"]);
  assertEquals(faults({ manualPolicy: "cap" }), ["manualDailyCap"]);
  assertEquals(faults({ metric: "points" }), ["points"]);
  const line = { type: "running", points: 2, per: "km" };
  assertEquals(faults({ metric: "points", points: [line] }), []);
  assertEquals(faults({ metric: "points", points: [line, line] }), ["points"]);
});

Deno.test("ActivityScoring refuses limits under which nothing could count", () => {
  assertEquals(faults({ dailyMinimum: 10, dailyCap: 10 }), []);
  assertEquals(faults({ dailyMinimum: 11, dailyCap: 10 }), ["dailyMinimum"]);
  assertEquals(faults({ activityMinimum: 11, activityCap: 10 }), ["activityMinimum"]);
  assertEquals(faults({ aggregate: "streak_days", dailyGoal: 9, dailyCap: 8 }), ["dailyGoal"]);
  assertEquals(faults({ aggregate: "best_activity", dailyMinimum: 1 }), ["dailyMinimum"]);
});

Deno.test("ActivityScoring stores what was given and the defaults that decide", () => {
  assertEquals(ActivityScoring.parse({ kind: "activity", metric: "steps", backfillDays: 0 }), {
    kind: "activity",
    metric: "steps",
    aggregate: "total",
    direction: "higher",
    manualPolicy: "exclude",
    backfillDays: 0,
  });
});
