/** Random activity, and a slow, plain reading of the scoring rules to compare the domain with. */

import fc from "fast-check";
import { type ActivityType, QUANTITIES, RECORDING_METHODS } from "@/domain/activity.ts";
import {
  type ActivityScoring,
  AGGREGATES,
  DIRECTIONS,
  MANUAL_POLICIES,
  METRICS,
} from "@/domain/rules.ts";
import type { ActivityFact, ActivityScore, SampleFact, ScoringInput } from "@/domain/scoring.ts";
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

const scorings: fc.Arbitrary<ActivityScoring> = fc.record({
  kind: fc.constant("activity" as const),
  metric: fc.constantFrom(...METRICS),
  aggregate: fc.constantFrom(...AGGREGATES),
  direction: fc.constantFrom(...DIRECTIONS),
  manualPolicy: fc.constantFrom(...MANUAL_POLICIES),
  activityTypes: fc.option(fc.constant<ActivityType[]>(["running", "walking"]), { freq: 2 }),
  dailyCap: fc.option(fc.integer({ min: 1, max: 8 }), { freq: 2 }),
}).map(({ activityTypes, dailyCap, ...rest }) => ({
  ...rest,
  ...(activityTypes && { activityTypes }),
  ...(dailyCap && { dailyCap }),
}));

/** Spans on a grid of six hours around the window, so that facts straddle days and both ends. */
const spans = fc.record({
  from: fc.integer({ min: -4, max: 16 }),
  quarters: fc.integer({ min: 1, max: 7 }),
  arrivedAt: fc.constantFrom(WINDOW.startsAt, WINDOW.endsAt + WINDOW.graceMs),
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

const activityLists = fc.array(
  fc.record({
    span: spans,
    type: fc.constantFrom<ActivityType>("running", "walking", "yoga"),
    amount: smallAmounts,
    source: sources,
  }),
  { maxLength: 8 },
).map((list) =>
  list.map(({ span, type, amount, source }, index) => {
    const names = Object.keys(QUANTITIES) as (keyof typeof QUANTITIES)[];
    const quantities = Object.fromEntries(
      names.map((name) => [name, Math.floor(amount / 1000 * QUANTITIES[name].scale)]),
    );
    return activity(`activity-${index}`, { ...span, type, quantities, source });
  })
);

const sampleLists = fc.array(
  fc.record({
    span: spans,
    quantity: fc.constantFrom("steps" as const, "distance" as const, "floors" as const),
    amount: smallAmounts,
    source: sources,
  }),
  { maxLength: 12 },
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
  activities: activityLists,
  samples: sampleLists,
});

/** A part of a fact as the slow reading sees it. */
interface SlowPart {
  day: number;
  at: number;
  amount: number;
  side: string;
}

/** The rules read slowly: days are UTC, every instant is scored anew from nothing. */
export function slowScore(input: ScoringInput): Pick<ActivityScore, "score" | "reachedAt"> {
  const { scoring } = input;
  const parts = [...slowActivityParts(input), ...slowSampleParts(input)];
  const chosen = scoring.aggregate === "total" && !scoring.activityTypes
    ? parts.filter((part) => part.side === slowSide(parts, part.day))
    : parts;
  let score: number | null = null;
  let reachedAt: number | null = null;
  for (const at of chosen.map((part) => part.at).sort((a, b) => a - b)) {
    const next = slowScoreOf(chosen.filter((part) => part.at <= at), scoring);
    if (next !== score) reachedAt = at;
    score = next;
  }
  return { score, reachedAt };
}

function slowScoreOf(parts: readonly SlowPart[], scoring: ActivityScoring): number {
  const scale = scoring.metric === "activities" ? 1 : QUANTITIES[scoring.metric].scale;
  const cap = (scoring.dailyCap ?? Infinity) * scale;
  if (scoring.aggregate === "best_activity") {
    const scores = parts.map((part) => Math.floor(Math.min(part.amount, cap) / scale));
    return scoring.direction === "higher" ? Math.max(...scores) : Math.min(...scores);
  }
  const days = [...new Set(parts.map((part) => part.day))];
  const totals = days.map((day) =>
    Math.min(cap, totalOf(parts.filter((part) => part.day === day)))
  );
  return Math.floor(totals.reduce((sum, total) => sum + total, 0) / scale);
}

function totalOf(parts: readonly SlowPart[]): number {
  return parts.reduce((sum, part) => sum + part.amount, 0);
}

function slowSide(parts: readonly SlowPart[], day: number): string {
  const sides = ["activities", "phone", "watch"];
  const totals = sides.map((side) =>
    totalOf(parts.filter((part) => part.day === day && part.side === side))
  );
  return sides[totals.indexOf(Math.max(...totals))]!;
}

function isAdmitted(fact: ActivityFact | SampleFact, { scoring }: ScoringInput): boolean {
  const isManual = fact.source.recordingMethod === "manual" && scoring.manualPolicy === "exclude";
  return !isManual && fact.arrivedAt < WINDOW.endsAt + WINDOW.graceMs;
}

function slowActivityParts(input: ScoringInput): SlowPart[] {
  const { metric, activityTypes } = input.scoring;
  return input.activities
    .filter((fact) => isAdmitted(fact, input))
    .filter((fact) => fact.startedAt >= WINDOW.startsAt && fact.endedAt <= WINDOW.endsAt)
    .filter((fact) => !activityTypes || activityTypes.includes(fact.type))
    .map((fact) => ({
      day: Math.floor(fact.startedAt / DAY_MS),
      at: fact.endedAt,
      amount: metric === "activities" ? 1 : fact.quantities[metric] ?? 0,
      side: "activities",
    }))
    .filter((part) => part.amount > 0);
}

function slowSampleParts(input: ScoringInput): SlowPart[] {
  const { metric, aggregate, activityTypes } = input.scoring;
  if (metric === "activities" || aggregate !== "total" || activityTypes) return [];
  return input.samples
    .filter((fact) => isAdmitted(fact, input) && fact.quantity === metric)
    .flatMap(slowPieces)
    .filter((part) => part.amount > 0);
}

/** Walks in steps of six hours, the grid of the facts. */
function slowPieces(fact: SampleFact): SlowPart[] {
  const until = (at: number) =>
    Number(
      BigInt(fact.value) * BigInt(at - fact.startedAt) / BigInt(fact.endedAt - fact.startedAt),
    );
  const pieces = new Map<number, SlowPart>();
  for (let at = fact.startedAt; at < fact.endedAt; at += 6 * HOUR_MS) {
    if (at < WINDOW.startsAt || at >= WINDOW.endsAt) continue;
    const day = Math.floor(at / DAY_MS);
    const amount = until(at + 6 * HOUR_MS) - until(at) + (pieces.get(day)?.amount ?? 0);
    pieces.set(day, { day, at: at + 6 * HOUR_MS, amount, side: fact.source.app! });
  }
  return [...pieces.values()];
}
