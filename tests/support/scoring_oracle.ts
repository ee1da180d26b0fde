/** Random activity under random rules. */

import fc from "fast-check";
import { type ActivityType, QUANTITIES, RECORDING_METHODS } from "@/domain/activity.ts";
import {
  type ActivityPoints,
  type ActivityScoring,
  AGGREGATES,
  DIRECTIONS,
  MANUAL_POLICIES,
  METRICS,
  OVERLAP_RULES,
} from "@/domain/rules.ts";
import type { ActivityFact, FactHold, SampleFact, ScoringInput } from "@/domain/scoring.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";

/** When the competition of these tests starts, at a UTC midnight. */
export const START = Date.UTC(2026, 4, 1);
/** Three days and a grace of one, in UTC. */
export const WINDOW = {
  startsAt: START,
  endsAt: START + 3 * DAY_MS,
  graceMs: DAY_MS,
  timeZone: "UTC",
};

/** An hour's run on the first morning. */
export function activity(id: string, change: Partial<ActivityFact> = {}): ActivityFact {
  return {
    kind: "activity",
    id,
    type: "running",
    startedAt: START + 8 * HOUR_MS,
    endedAt: START + 9 * HOUR_MS,
    arrivedAt: START + 10 * HOUR_MS,
    zoneOffsetMinutes: null,
    quantities: { distance: 5_000_000, steps: 6000, moving_time: 3_600_000 },
    source: { recordingMethod: "active" },
    ...change,
  };
}

/** An hour's steps on the first morning. */
export function sample(id: string, change: Partial<SampleFact> = {}): SampleFact {
  return {
    kind: "sample",
    id,
    quantity: "steps",
    value: 1000,
    startedAt: START + 8 * HOUR_MS,
    endedAt: START + 9 * HOUR_MS,
    arrivedAt: START + 10 * HOUR_MS,
    zoneOffsetMinutes: null,
    source: { app: "phone", recordingMethod: "automatic" },
    ...change,
  };
}

const limits = {
  activityTypes: fc.constant<ActivityType[]>(["running", "walking"]),
  dailyMinimum: fc.integer({ min: 1, max: 6 }),
  dailyCap: fc.integer({ min: 1, max: 8 }),
  activityMinimum: fc.integer({ min: 1, max: 4 }),
  activityCap: fc.integer({ min: 1, max: 8 }),
  backfillDays: fc.integer({ min: 0, max: 2 }),
};

/** Rules as the contract takes them: goal and target are there where the aggregate wants them. */
const scorings: fc.Arbitrary<ActivityScoring> = fc.record({
  kind: fc.constant("activity" as const),
  metric: fc.constantFrom(...METRICS),
  aggregate: fc.constantFrom(...AGGREGATES),
  direction: fc.constantFrom(...DIRECTIONS),
  manualPolicy: fc.constantFrom(...MANUAL_POLICIES),
  overlap: fc.constantFrom(...OVERLAP_RULES),
  manualDailyCap: fc.integer({ min: 1, max: 4 }),
  dailyGoal: fc.integer({ min: 1, max: 5 }),
  target: fc.integer({ min: 1, max: 12 }),
  points: fc.constant<ActivityPoints[]>([
    { type: "running", points: 2, per: "km" },
    { type: "walking", points: 1, per: "minute" },
  ]),
  limits: fc.tuple(fc.record(limits, { requiredKeys: [] }), fc.integer({ min: 0, max: 3 })),
}).map(({ limits: [given, kept], ...rest }) => {
  // Few limits at once, or nothing would be left to count.
  const few = Object.fromEntries(Object.entries(given).slice(0, kept));
  if (rest.aggregate === "best_activity") delete few.dailyMinimum;
  return { ...rest, ...few };
});

/** Spans on a grid of six hours around the window, so that facts straddle days and both ends. */
const spans = fc.record({
  from: fc.integer({ min: -3, max: 13 }),
  quarters: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 7 }),
  }),
  arrivedAt: fc.oneof(
    { weight: 9, arbitrary: fc.constant(WINDOW.startsAt) },
    { weight: 1, arbitrary: fc.constant(WINDOW.endsAt + WINDOW.graceMs) },
  ),
}).map(({ from, quarters, arrivedAt }) => ({
  startedAt: START + from * 6 * HOUR_MS,
  endedAt: START + (from + quarters) * 6 * HOUR_MS,
  arrivedAt,
}));

const smallAmounts = fc.integer({ min: 0, max: 9000 });
const sources = fc.record({
  app: fc.constantFrom("phone", "watch"),
  recordingMethod: fc.constantFrom(...RECORDING_METHODS),
});

/** Few are held back. */
const holds: fc.Arbitrary<Pick<ActivityFact, "hold">> = fc.oneof(
  { weight: 9, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<FactHold>("in_review", "implausible")
      .map((hold) => ({ hold })),
  },
);

const activityLists = fc.array(
  fc.record({
    span: spans,
    type: fc.constantFrom<ActivityType>("running", "walking", "yoga"),
    amount: smallAmounts,
    source: sources,
    hold: holds,
  }),
  { maxLength: 10, size: "max" },
).map((list) =>
  list.map(({ span, type, amount, source, hold }, index) => {
    const names = Object.keys(QUANTITIES) as (keyof typeof QUANTITIES)[];
    const quantities = Object.fromEntries(
      names.map((name) => [name, Math.floor(amount / 1000 * QUANTITIES[name].scale)]),
    );
    return activity(`activity-${index}`, { ...span, type, quantities, source, ...hold });
  })
);

const sampleLists = fc.array(
  fc.record({
    span: spans,
    quantity: fc.constantFrom("steps" as const, "steps" as const, "distance" as const),
    amount: smallAmounts,
    source: sources,
  }),
  { maxLength: 16, size: "max" },
).map((list) =>
  list.map(({ span, quantity, amount, source }, index) => {
    const value = Math.floor(amount / 1000 * QUANTITIES[quantity].scale);
    return sample(`sample-${index}`, { ...span, quantity, value, source });
  })
);

/** Facts that straddle days and both ends of the window, under any rule. */
export const anyScoringInput: fc.Arbitrary<ScoringInput> = fc.record({
  scoring: scorings,
  competition: fc.constant(WINDOW),
  athlete: fc.integer({ min: -2, max: 14 }).map((from) => ({
    joinedAt: START + from * 6 * HOUR_MS,
    timeZone: "UTC",
  })),
  now: fc.integer({ min: 0, max: 20 }).map((from) => START + from * 6 * HOUR_MS),
  activities: activityLists,
  samples: sampleLists,
});
