import { assert, assertEquals } from "@std/assert";
import type { ExcludeReason } from "./activity.ts";
import { previewRules } from "./rule_preview.ts";
import type { ActivityScoring, Rules } from "./rules.ts";
import { sampleAthletes, sampleWeek } from "./sample_athletes.ts";

const STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

function preview(scoring: Rules["scoring"], zone = "UTC") {
  const week = sampleWeek(zone);
  return previewRules(
    { scoring, rankMethod: "standard", tieBreaks: [] },
    week,
    sampleAthletes(week),
  );
}

function reasonsOf(scoring: ActivityScoring, name: string): Set<ExcludeReason> {
  const row = preview(scoring).find(({ athlete }) => athlete.name === name)!;
  return new Set(row.computed.excluded.map(({ reason }) => reason));
}

const DISTANCE: ActivityScoring = {
  ...STEPS,
  metric: "distance",
  activityTypes: ["running", "walking"],
};

Deno.test("previewRules() shows each of the reasons that its athletes stand for", () => {
  assert(reasonsOf(DISTANCE, "Cyclist").has("type_not_counted"));
  assert(reasonsOf(DISTANCE, "Phone and watch").has("duplicate"));
  assert(reasonsOf(DISTANCE, "Late syncer").has("late"));
  assert(reasonsOf(DISTANCE, "By hand").has("manual"));
  assert(reasonsOf(DISTANCE, "Drives home").has("implausible"));
  assert(reasonsOf({ ...DISTANCE, backfillDays: 0 }, "Joins on Wednesday").has("before_start"));
  assert(reasonsOf(STEPS, "Phone and watch").has("superseded"));
  assert(reasonsOf({ ...STEPS, dailyCap: 5000 }, "Walker").has("capped"));
  assert(
    reasonsOf({ ...STEPS, aggregate: "days_at_goal", dailyGoal: 8000 }, "Walker").has("below_goal"),
  );
});

Deno.test("previewRules() lets other rules have other winners", () => {
  const winner = (scoring: Rules["scoring"]) => preview(scoring)[0]?.athlete.name;

  assertEquals(winner(STEPS), "Walker");
  assertEquals(winner(DISTANCE), "Runner");
  assertEquals(winner({ ...STEPS, manualPolicy: "include", aggregate: "best_day" }), "By hand");
  assertEquals(winner({ ...STEPS, metric: "elevation_gain" }), "Cyclist");
  assertEquals(winner({ ...STEPS, metric: "moving_time", activityTypes: ["yoga"] }), "In the gym");
});

Deno.test("previewRules() folds what apps send by a direct rule's operator", () => {
  const direct = { kind: "direct", direction: "higher", decimals: 1, selfReport: false } as const;
  const scoreOf = (operator: "set" | "best" | "increment") =>
    preview({ ...direct, operator }).find(({ athlete }) => athlete.name === "Runner")?.score;

  assertEquals([scoreOf("set"), scoreOf("best"), scoreOf("increment")], [1300, 1300, 3350]);
});

Deno.test("previewRules() gives the same scores in every zone to whoever lives there", () => {
  const scores = (zone: string) =>
    preview(STEPS, zone).filter(({ athlete }) => athlete.name !== "Far away")
      .map(({ athlete, score }) => [athlete.name, score]);

  assertEquals(scores("Pacific/Kiritimati"), scores("Etc/GMT+12"));
});
