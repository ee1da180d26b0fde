import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  activity,
  anyScoringInput,
  sample,
  START,
  WINDOW,
} from "@/tests/support/scoring_oracle.ts";
import { slowScore } from "@/tests/support/slow_scoring.ts";
import type { ActivityScoring } from "./rules.ts";
import {
  type ActivityFact,
  type ActivityScore,
  countsSamples,
  type SampleFact,
  scaleOf,
  scoreActivity,
} from "./scoring.ts";
import { QUANTITIES } from "./activity.ts";
import { amountOf } from "./scoring_part.ts";
import { HOUR_MS } from "./time.ts";

const TOTAL_STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

function scoreOf(
  change: Partial<ActivityScoring>,
  facts: { activities?: ActivityFact[]; samples?: SampleFact[]; timeZone?: string },
): ActivityScore {
  const { activities = [], samples = [], timeZone = "UTC" } = facts;
  const scoring = { ...TOTAL_STEPS, ...change };
  return scoreActivity({ scoring, competition: { ...WINDOW, timeZone }, activities, samples });
}

function reasons(result: ActivityScore): string[] {
  return result.excluded.map(({ recordId, reason }) => `${recordId} ${reason}`);
}

Deno.test("scoreActivity() agrees with the slow reading of the rules", () => {
  fc.assert(
    fc.property(anyScoringInput, (input) => {
      const { score, reachedAt } = scoreActivity(input);

      assertEquals({ score, reachedAt }, slowScore(input));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("scoreActivity() depends neither on the order of facts nor on doubled ones", () => {
  const shuffled = anyScoringInput.chain((input) =>
    fc.record({
      input: fc.constant(input),
      activities: fc.shuffledSubarray([...input.activities, ...input.activities], {
        minLength: input.activities.length * 2,
      }),
      samples: fc.shuffledSubarray([...input.samples, ...input.samples.slice(0, 3)], {
        minLength: input.samples.length + Math.min(3, input.samples.length),
      }),
    })
  );
  fc.assert(fc.property(shuffled, ({ input, activities, samples }) => {
    assertEquals(scoreActivity({ ...input, activities, samples }), scoreActivity(input));
  }));
});

Deno.test("scoreActivity() accounts for every unit of every fact, counted or with its reason", () => {
  fc.assert(
    fc.property(anyScoringInput, (input) => {
      const { counted, excluded } = scoreActivity(input);
      const { scoring } = input;
      const scale = scaleOf(scoring);
      const stored = (amount: number | undefined) => Math.round((amount ?? 0) * scale);
      const told = [...counted, ...excluded].reduce((sum, part) => sum + stored(part.amount), 0);
      const measured = scoring.metric === "activities" || scoring.metric === "points"
        ? []
        : input.samples.filter((fact) => fact.quantity === scoring.metric)
          .map((fact) => fact.value * scale / QUANTITIES[fact.quantity].scale);
      const amounts = [...input.activities.map((fact) => amountOf(fact, scoring)), ...measured];

      assertEquals(told, amounts.reduce((sum, amount) => sum + amount, 0));
    }),
    { numRuns: 500 },
  );
});

Deno.test("what is told to count makes the score", () => {
  fc.assert(
    fc.property(anyScoringInput, (input) => {
      const { counted, score } = scoreActivity(input);
      const scale = scaleOf(input.scoring);
      const sum = counted.reduce((sum, part) => sum + Math.round(part.amount * scale), 0);
      const days = new Set(counted.map(({ day }) => day)).size;

      if (score === null) return assertEquals(counted, []);
      if (["streak_days", "days_at_goal"].includes(input.scoring.aggregate)) {
        return assertEquals(score, days);
      }
      if (input.scoring.aggregate === "average_per_day") {
        return assert(score <= Math.floor(sum / scale));
      }
      assertEquals(score, Math.floor(sum / scale));
    }),
    { numRuns: 500 },
  );
});

Deno.test("distance adds exact millimetres and floors once", () => {
  const runs = [
    activity("fr110", { quantities: { distance: 4_835_380 } }),
    activity("fenix", { quantities: { distance: 9_008_220 }, endedAt: START + 20 * HOUR_MS }),
  ];
  const result = scoreOf({ metric: "distance", activityTypes: ["running"] }, { activities: runs });

  assertEquals([result.score, result.reachedAt], [13_843, START + 20 * HOUR_MS]);
  assertEquals(result.counted.map((part) => part.amount), [4835.38, 9008.22]);
});

Deno.test("reachedAt is the record that last changed the floored score, by event time", () => {
  const late = { endedAt: START + 12 * HOUR_MS, arrivedAt: START };
  const runs = [
    activity("last", { quantities: { distance: 300 }, ...late }),
    activity("first", { quantities: { distance: 10_500 } }),
  ];
  const result = scoreOf({ metric: "distance" }, { activities: runs });

  assertEquals([result.score, result.reachedAt], [10, START + 9 * HOUR_MS]);
});

Deno.test("an activity counts whole when it starts and ends within the window", async (t) => {
  const { startsAt, endsAt } = WINDOW;
  const cases = [
    ["from the start", { startedAt: startsAt, endedAt: startsAt + 1 }, "ok"],
    ["to the end", { startedAt: endsAt - 1, endedAt: endsAt }, "ok"],
    ["a moment early", { startedAt: startsAt - 1, endedAt: startsAt + 1 }, "run before_start"],
    ["a moment late", { startedAt: endsAt - 1, endedAt: endsAt + 1 }, "run after_end"],
  ] as const;
  for (const [name, times, expected] of cases) {
    await t.step(name, () => {
      const result = scoreOf({ metric: "activities" }, { activities: [activity("run", times)] });
      assertEquals(reasons(result)[0] ?? "ok", expected);
      assertEquals(result.score, expected === "ok" ? 1 : null);
    });
  }
});

Deno.test("a fact that arrives when the grace is over is late", () => {
  const graceEnd = WINDOW.endsAt + WINDOW.graceMs;
  const facts = {
    activities: [activity("run", { arrivedAt: graceEnd })],
    samples: [
      sample("in-time", { arrivedAt: graceEnd - 1 }),
      sample("late", { arrivedAt: graceEnd }),
    ],
  };
  const result = scoreOf({}, facts);

  assertEquals(result.score, 1000);
  assertEquals(reasons(result), ["run late", "late late"]);
});

Deno.test("manual entries count by policy, unknown ones always", () => {
  const samples = (["manual", "unknown", "automatic"] as const).map((recordingMethod) =>
    sample(recordingMethod, { source: { recordingMethod } })
  );

  assertEquals(scoreOf({}, { samples }).score, 2000);
  assertEquals(reasons(scoreOf({}, { samples })), ["manual manual"]);
  assertEquals(scoreOf({ manualPolicy: "include" }, { samples }).score, 3000);
});

Deno.test("named activity types leave out the others, and samples, which have no type", () => {
  const facts = {
    activities: [activity("run"), activity("ride", { type: "cycling" })],
    samples: [sample("walked")],
  };
  const result = scoreOf({ activityTypes: ["running"] }, facts);

  assertEquals(result.score, 6000);
  assertEquals(reasons(result), ["ride type_not_counted", "walked type_not_counted"]);
  assert(!countsSamples({ ...TOTAL_STEPS, activityTypes: ["running"] }));
});

Deno.test("each day takes the larger of its activities and its samples", () => {
  const nextDay = { startedAt: START + 30 * HOUR_MS, endedAt: START + 31 * HOUR_MS };
  const facts = {
    activities: [activity("run"), activity("jog", { ...nextDay, quantities: { steps: 700 } })],
    samples: [sample("walked"), sample("walked-next", nextDay)],
  };
  const result = scoreOf({}, facts);

  assertEquals(result.score, 7000);
  assertEquals(result.excluded, [
    { recordId: "walked", reason: "superseded", amount: 1000 },
    { recordId: "jog", reason: "superseded", amount: 700 },
  ]);
});

Deno.test("a phone and a watch do not count the same steps twice", () => {
  const watch = { app: "watch", recordingMethod: "automatic" as const };
  const samples = [
    sample("phone-1", { value: 500 }),
    sample("phone-2", { value: 600 }),
    sample("watch", { value: 1000, source: watch }),
  ];
  const result = scoreOf({}, { samples });

  assertEquals(result.score, 1100);
  assertEquals(reasons(result), ["watch superseded"]);
});

Deno.test("the daily cap takes a local day in the order of event time", () => {
  const samples = [
    sample("morning", { value: 600 }),
    sample("noon", { value: 600, endedAt: START + 12 * HOUR_MS }),
    sample("evening", { value: 600, endedAt: START + 18 * HOUR_MS }),
    sample("tomorrow", {
      value: 600,
      startedAt: START + 25 * HOUR_MS,
      endedAt: START + 26 * HOUR_MS,
    }),
  ];
  const result = scoreOf({ dailyCap: 1000 }, { samples });

  assertEquals([result.score, result.reachedAt], [1600, START + 26 * HOUR_MS]);
  assertEquals(result.counted.map((part) => part.amount), [600, 400, 600]);
  assertEquals(result.excluded, [
    { recordId: "noon", reason: "capped", amount: 200 },
    { recordId: "evening", reason: "capped", amount: 600 },
  ]);
});

Deno.test("an activity belongs to the local day of its start in the competition's zone", () => {
  const run = activity("run", { startedAt: START + 22 * HOUR_MS, endedAt: START + 26 * HOUR_MS });
  const dayIn = (timeZone: string) =>
    scoreOf({ metric: "distance" }, { activities: [run], timeZone }).counted[0]!.day;

  assertEquals(dayIn("UTC"), "2026-05-01");
  assertEquals(dayIn("Pacific/Kiritimati"), "2026-05-02");
});

Deno.test("a sample counts pro rata within the window, the rest has its reason", () => {
  const wide = { startedAt: WINDOW.startsAt - HOUR_MS, endedAt: WINDOW.startsAt + 3 * HOUR_MS };
  const result = scoreOf({}, { samples: [sample("night", wide)] });

  assertEquals([result.score, result.reachedAt], [750, WINDOW.startsAt + 3 * HOUR_MS]);
  assertEquals(result.excluded, [{ recordId: "night", reason: "before_start", amount: 250 }]);
});

Deno.test("samples outside the window are told apart from those of another quantity", () => {
  const { startsAt, endsAt } = WINDOW;
  const samples = [
    sample("before", { startedAt: startsAt - HOUR_MS, endedAt: startsAt }),
    sample("after", { startedAt: endsAt, endedAt: endsAt + HOUR_MS }),
    sample("metres", { quantity: "distance" }),
    sample("nothing", { value: 0 }),
  ];
  const result = scoreOf({}, { samples });

  assertEquals(result.score, null);
  assertEquals(reasons(result).sort(), [
    "after after_end",
    "before before_start",
    "metres not_in_metric",
    "nothing not_in_metric",
  ]);
});

Deno.test("best_activity takes the best floored amount that was reached first", () => {
  const runs = [
    activity("good", { quantities: { distance: 10_200_100 } }),
    activity("equal", { quantities: { distance: 10_200_900 }, endedAt: START + 11 * HOUR_MS }),
    activity("short", { quantities: { distance: 3_000_000 }, endedAt: START + 12 * HOUR_MS }),
  ];
  const best = { metric: "distance", aggregate: "best_activity" } as const;
  const result = scoreOf(best, { activities: runs });

  assertEquals([result.score, result.reachedAt], [10_200, START + 9 * HOUR_MS]);
  assertEquals(result.counted.map((part) => part.recordId), ["good"]);
  assertEquals(reasons(result), ["equal not_best", "short not_best"]);
  assertEquals(scoreOf({ ...best, direction: "lower" }, { activities: runs }).score, 3000);
  assertEquals(scoreOf({ ...best, dailyCap: 9000 }, { activities: runs }).score, 9000);
});

Deno.test("without a fact that counts there is no score", () => {
  assertEquals(scoreOf({}, {}), { score: null, reachedAt: null, counted: [], excluded: [] });
  const run = activity("run", { quantities: {} });
  assertEquals(reasons(scoreOf({ metric: "distance" }, { activities: [run] })), [
    "run not_in_metric",
  ]);
});

Deno.test("of two facts with one id the later one counts", () => {
  const samples = [sample("a", { value: 5, arrivedAt: START + 1 }), sample("a", { value: 7 })];

  assertEquals(scoreOf({}, { samples }).score, 7);
  assertEquals(scoreOf({}, { samples: samples.reverse() }).score, 7);
});

Deno.test("scoreActivity() refuses a sum that is not exact", () => {
  const samples = ["a", "b"].map((id) =>
    sample(id, { quantity: "floors", value: Number.MAX_SAFE_INTEGER })
  );

  assertThrows(() => scoreOf({ metric: "floors" }, { samples }), RangeError, "sum too large");
});
