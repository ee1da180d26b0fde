/**
 * The scoring rules read slowly and plainly, to compare the domain with: days are UTC, time is a
 * grid of six hours, every instant is scored anew from nothing.
 *
 * @module
 */

import { QUANTITIES } from "@/domain/activity.ts";
import type { ActivityScoring } from "@/domain/rules.ts";
import type { ActivityFact, ActivityScore, SampleFact, ScoringInput } from "@/domain/scoring.ts";
import { findDoubles } from "@/domain/same_session.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import { WINDOW } from "./scoring_oracle.ts";

const CELL_MS = 6 * HOUR_MS;

/** A part of a fact as the slow reading sees it. */
interface SlowPart {
  day: number;
  at: number;
  amount: number;
  isManual: boolean;
  side: string;
}

/** Score and time of the input, from its facts alone. */
export function slowScore(input: ScoringInput): Pick<ActivityScore, "score" | "reachedAt"> {
  const { scoring } = input;
  const parts = [...slowActivityParts(input), ...slowSampleParts(input)];
  const chosen = isOfDays(scoring)
    ? parts.filter((part) => part.side === slowSide(parts, part.day))
    : parts;
  const starts = slowDayStarts(input);
  const ticks = scoring.aggregate === "average_per_day" ? starts : [];
  let score: number | null = null;
  let reachedAt: number | null = null;
  for (const at of [...chosen.map((part) => part.at), ...ticks].sort((a, b) => a - b)) {
    const begun = Math.max(1, starts.filter((start) => start <= at).length);
    const next = slowScoreOf(chosen.filter((part) => part.at <= at), scoring, begun);
    if (next !== score) reachedAt = at;
    score = next;
  }
  return { score, reachedAt };
}

function isOfDays(scoring: ActivityScoring): boolean {
  const { metric, aggregate, activityTypes, activityMinimum, activityCap } = scoring;
  return metric !== "activities" && metric !== "points" && aggregate !== "best_activity" &&
    !activityTypes && !activityMinimum && !activityCap;
}

/** Stored integers in one base unit; readings cut in pieces count thousandths. */
function slowScale({ metric, overlap }: ActivityScoring): number {
  if (metric === "activities") return 1;
  if (metric === "points") return 3_000_000;
  const { scale } = QUANTITIES[metric];
  return overlap === "interval_union" ? Math.max(1000, scale) : scale;
}

function slowScoreOf(
  parts: readonly SlowPart[],
  scoring: ActivityScoring,
  daysBegun: number,
): number | null {
  const scale = slowScale(scoring);
  const cap = (scoring.dailyCap ?? Infinity) * scale;
  const manualCap = scoring.manualPolicy === "cap" ? scoring.manualDailyCap! * scale : Infinity;
  if (scoring.aggregate === "best_activity") {
    const scores = parts.map((part) =>
      Math.floor(Math.min(part.amount, cap, part.isManual ? manualCap : Infinity) / scale)
    );
    return scoring.direction === "higher" ? Math.max(...scores) : Math.min(...scores);
  }
  const days = new Map<number, number>();
  for (const day of new Set(parts.map((part) => part.day))) {
    const ofDay = parts.filter((part) => part.day === day);
    const manual = totalOf(ofDay.filter((part) => part.isManual));
    const amount = totalOf(ofDay.filter((part) => !part.isManual)) + Math.min(manual, manualCap);
    if (amount > 0 && amount >= (scoring.dailyMinimum ?? 0) * scale) {
      days.set(day, Math.min(cap, amount));
    }
  }
  return days.size === 0 ? null : slowAggregate(days, { scoring, scale, daysBegun });
}

function slowAggregate(
  days: ReadonlyMap<number, number>,
  { scoring, scale, daysBegun }: { scoring: ActivityScoring; scale: number; daysBegun: number },
): number | null {
  const amounts = [...days.values()];
  const sum = amounts.reduce((sum, amount) => sum + amount, 0);
  const reached = [...days].filter(([, amount]) => amount >= scoring.dailyGoal! * scale)
    .map(([day]) => day);
  switch (scoring.aggregate) {
    case "best_day": {
      const best = scoring.direction === "higher" ? Math.max(...amounts) : Math.min(...amounts);
      return Math.floor(best / scale);
    }
    case "days_at_goal":
      return reached.length || null;
    case "streak_days":
      return Math.max(...reached.map((day) => slowStreak(reached, day)), 0) || null;
    case "average_per_day":
      return Math.floor(sum / scale / daysBegun);
    case "target":
      return Math.min(scoring.target!, Math.floor(sum / scale));
    default:
      return Math.floor(sum / scale);
  }
}

function slowStreak(days: readonly number[], from: number): number {
  return days.includes(from) ? 1 + slowStreak(days, from + 1) : 0;
}

function totalOf(parts: readonly SlowPart[]): number {
  return parts.reduce((sum, part) => sum + part.amount, 0);
}

function slowSide(parts: readonly SlowPart[], day: number): string {
  const sides = ["activities", "phone", "samples", "watch"];
  const totals = sides.map((side) =>
    totalOf(parts.filter((part) => part.day === day && part.side === side))
  );
  return sides[totals.indexOf(Math.max(...totals))]!;
}

/** The later of start and join, and every midnight after it until now. */
function slowDayStarts({ competition, athlete, now }: ScoringInput): number[] {
  const last = competition.endsAt - 1;
  const first = Math.min(last, Math.max(competition.startsAt, athlete!.joinedAt));
  const starts = [first];
  for (let at = competition.startsAt; at <= Math.min(last, now!); at += DAY_MS) {
    if (at > first) starts.push(at);
  }
  return starts;
}

function slowCountsFrom({ scoring, competition, athlete }: ScoringInput): number {
  if (scoring.backfillDays === undefined) return competition.startsAt;
  const day = Math.floor(athlete!.joinedAt / DAY_MS) - scoring.backfillDays;
  return Math.max(competition.startsAt, day * DAY_MS);
}

function isAdmitted(fact: ActivityFact | SampleFact, { scoring }: ScoringInput): boolean {
  const isManual = fact.source.recordingMethod === "manual" && scoring.manualPolicy === "exclude";
  return !isManual && !fact.hold && fact.arrivedAt < WINDOW.endsAt + WINDOW.graceMs;
}

function slowActivityParts(input: ScoringInput): SlowPart[] {
  const { scoring } = input;
  const { activityTypes, activityMinimum = 0, activityCap = Infinity } = scoring;
  const scale = slowScale(scoring);
  const admitted = input.activities
    .filter((fact) => isAdmitted(fact, input))
    .filter((fact) => fact.startedAt >= slowCountsFrom(input) && fact.endedAt <= WINDOW.endsAt)
    .filter((fact) => !activityTypes || activityTypes.includes(fact.type))
    .filter((fact) => slowAmount(fact, scoring) > 0)
    .filter((fact) => slowAmount(fact, scoring) >= activityMinimum * scale);
  const doubles = findDoubles(admitted);
  return admitted
    .filter(({ id }) => !doubles.has(id))
    .map((fact) => ({
      day: Math.floor(fact.startedAt / DAY_MS),
      at: fact.endedAt,
      amount: slowAmount(fact, scoring),
      isManual: fact.source.recordingMethod === "manual",
      side: "activities",
    }))
    .map((part) => ({ ...part, amount: Math.min(part.amount, activityCap * scale) }));
}

/** 2 points a kilometre run, 1 a minute walked. */
function slowAmount({ type, quantities }: ActivityFact, scoring: ActivityScoring): number {
  if (scoring.metric === "activities") return 1;
  if (scoring.metric === "points") {
    if (type === "running") return 2 * (quantities.distance ?? 0) * 3;
    return type === "walking" ? (quantities.moving_time ?? 0) * 50 : 0;
  }
  const { scale } = QUANTITIES[scoring.metric];
  return (quantities[scoring.metric] ?? 0) * slowScale(scoring) / scale;
}

function slowSampleParts(input: ScoringInput): SlowPart[] {
  const { scoring } = input;
  if (!isOfDays(scoring)) return [];
  const samples = input.samples
    .filter((fact) => isAdmitted(fact, input) && fact.quantity === scoring.metric)
    .filter((fact) => fact.value > 0);
  return samples
    .flatMap((fact) => slowPieces(fact, input, samples))
    .filter((part) => part.amount > 0);
}

/** Walks the cells of a sample; neighbours of one day are one piece. */
function slowPieces(
  fact: SampleFact,
  input: ScoringInput,
  all: readonly SampleFact[],
): SlowPart[] {
  const { scoring } = input;
  const factor = slowScale(scoring) / QUANTITIES[fact.quantity].scale;
  const until = (at: number) =>
    Number(
      BigInt(fact.value * factor) * BigInt(at - fact.startedAt) /
        BigInt(fact.endedAt - fact.startedAt),
    );
  const pieces: SlowPart[] = [];
  let end = NaN;
  for (let at = fact.startedAt; at < fact.endedAt; at += CELL_MS) {
    if (at < slowCountsFrom(input) || at >= WINDOW.endsAt) continue;
    if (scoring.overlap === "interval_union" && slowFinest(all, at) !== fact) continue;
    const day = Math.floor(at / DAY_MS);
    const before = end === at && pieces.at(-1)?.day === day ? pieces.pop() : undefined;
    end = at + CELL_MS;
    pieces.push({
      day,
      at: end,
      amount: until(end) - until(at) + (before?.amount ?? 0),
      isManual: fact.source.recordingMethod === "manual",
      side: scoring.overlap === "largest_source" ? fact.source.app! : "samples",
    });
  }
  return pieces;
}

/** Of the samples over a cell the shortest, then the earliest, by app and id. */
function slowFinest(all: readonly SampleFact[], at: number): SampleFact | undefined {
  const [finest] = all.filter((fact) => fact.startedAt <= at && fact.endedAt > at)
    .sort((a, b) => slowFineness(a) < slowFineness(b) ? -1 : 1);
  return finest;
}

function slowFineness({ startedAt, endedAt, source, id }: SampleFact): string {
  const digits = (ms: number) => String(ms).padStart(16, "0");
  return [digits(endedAt - startedAt), digits(startedAt), source.app, id].join(" ");
}
