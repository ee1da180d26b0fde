/**
 * Facts → parts: each fact is left out with its reason, or taken as its parts on local days. An
 * activity counts whole, on the local day of its start, at its end; a sample pro rata over the
 * local days and the counted window.
 *
 * @module
 */

import type { ExcludeReason } from "./activity.ts";
import { graceEndsAt } from "./competition.ts";
import { amountBetween, dayBounds, type Interval, localDay, shiftDay, splitByDay } from "./days.ts";
import { findDoubles } from "./same_session.ts";
import { finestIntervals } from "./scoring_overlap.ts";
import {
  type ActivityFact,
  amountOf,
  compareText,
  countsSamples,
  excludedPart,
  type SampleFact,
  scaleOf,
  type ScoringFrame,
  type ScoringInput,
  type Sifted,
} from "./scoring_part.ts";
import { QUANTITIES } from "./activity.ts";
import type { EpochMs } from "./time.ts";

/** The side of all activities; sides of samples have a prefix, so that none is called so. */
export const ACTIVITIES_SIDE = "activities";

/** Works out whose days count and from when. */
export function frameOf(input: ScoringInput): ScoringFrame {
  const { scoring, competition, athlete } = input;
  const zone = scoring.dayZone === "athlete" && athlete ? athlete.timeZone : competition.timeZone;
  return { ...input, zone, countsFrom: countsFromOf(input, zone), scale: scaleOf(scoring) };
}

/** Backfill reaches back by whole local days; without the athlete everything counts. */
function countsFromOf({ scoring, competition, athlete }: ScoringInput, zone: string): EpochMs {
  const { startsAt } = competition;
  if (scoring.backfillDays === undefined || !athlete) return startsAt;
  const first = shiftDay(localDay(athlete.joinedAt, zone), -scoring.backfillDays);
  return Math.max(startsAt, dayBounds(first, zone).startsAt);
}

/** Takes the facts in, in an order that depends on them alone. */
export function siftFacts(frame: ScoringFrame): Sifted {
  const sifted: Sifted = { parts: [], excluded: [] };
  const admitted = onceEach(frame.activities).filter((activity) =>
    isAdmitted(sifted, activity, frame)
  );
  const doubles = findDoubles(admitted);
  for (const activity of admitted) takeActivity(sifted, activity, { ...frame, doubles });
  const samples = onceEach(frame.samples).filter((sample) => isTaken(sifted, sample, frame));
  if (frame.scoring.overlap === "interval_union") takeUnion(sifted, samples, frame);
  else for (const sample of samples) takeSample(sifted, sample, frame);
  return sifted;
}

/** Each fact once; of two with one id the later stays. */
function onceEach<T extends ActivityFact | SampleFact>(facts: readonly T[]): T[] {
  const byId = new Map<string, T>();
  for (const fact of facts) {
    const known = byId.get(fact.id);
    if (!known || fact.arrivedAt > known.arrivedAt) byId.set(fact.id, fact);
  }
  return [...byId.values()].sort((a, b) => a.endedAt - b.endedAt || compareText(a.id, b.id));
}

/** Whether an activity counts, its doubles apart; notes the reason where it does not. */
function isAdmitted(sifted: Sifted, activity: ActivityFact, frame: ScoringFrame): boolean {
  const amount = amountOf(activity, frame.scoring);
  const reason = activityFault(activity, amount, frame);
  if (!reason) return true;
  sifted.excluded.push(excludedPart(activity.id, reason, { amount, scale: frame.scale }));
  return false;
}

function takeActivity(
  sifted: Sifted,
  activity: ActivityFact,
  { scoring, scale, zone, doubles }: ScoringFrame & { doubles: ReadonlyMap<string, string> },
): void {
  const { id, startedAt, endedAt } = activity;
  const whole = amountOf(activity, scoring);
  const amount = doubles.has(id) ? 0 : Math.min(whole, (scoring.activityCap ?? Infinity) * scale);
  if (amount < whole) {
    const reason = doubles.has(id) ? "duplicate" : "capped";
    sifted.excluded.push(excludedPart(id, reason, { amount: whole - amount, scale }));
  }
  if (amount === 0) return;
  sifted.parts.push({
    recordId: id,
    day: localDay(startedAt, zone),
    at: endedAt,
    amount,
    isManual: isManual(activity),
    side: ACTIVITIES_SIDE,
  });
}

function activityFault(
  activity: ActivityFact,
  amount: number,
  frame: ScoringFrame,
): ExcludeReason | undefined {
  const { scoring, competition, countsFrom, scale } = frame;
  if (isTypeLeftOut(activity, frame)) return "type_not_counted";
  if (amount === 0) return "not_in_metric";
  if (activity.startedAt < countsFrom) return "before_start";
  if (activity.endedAt > competition.endsAt) return "after_end";
  const fault = factFault(activity, frame);
  if (fault) return fault;
  return amount < (scoring.activityMinimum ?? 0) * scale ? "below_minimum" : undefined;
}

function isTypeLeftOut({ type }: ActivityFact, { scoring }: ScoringFrame): boolean {
  if (scoring.activityTypes && !scoring.activityTypes.includes(type)) return true;
  return scoring.metric === "points" && !scoring.points?.some((line) => line.type === type);
}

/** Whether a sample counts at all; notes the reason where it does not. */
function isTaken(sifted: Sifted, sample: SampleFact, frame: ScoringFrame): boolean {
  const reason = sampleFault(sample, frame);
  if (!reason) return true;
  const amount = sample.quantity === frame.scoring.metric ? fineOf(sample, frame).value : 0;
  sifted.excluded.push(excludedPart(sample.id, reason, { amount, scale: frame.scale }));
  return false;
}

function sampleFault(sample: SampleFact, frame: ScoringFrame): ExcludeReason | undefined {
  const { scoring, competition, countsFrom } = frame;
  if (sample.quantity !== scoring.metric || sample.value === 0) return "not_in_metric";
  if (scoring.activityTypes) return "type_not_counted";
  if (!countsSamples(scoring)) return "not_in_metric";
  if (sample.endedAt <= countsFrom && sample.startedAt < countsFrom) return "before_start";
  if (sample.startedAt >= competition.endsAt) return "after_end";
  return factFault(sample, frame);
}

/** What excludes activities and samples alike. */
function factFault(
  fact: ActivityFact | SampleFact,
  { scoring, competition }: ScoringFrame,
): ExcludeReason | undefined {
  if (fact.arrivedAt >= graceEndsAt(competition)) return "late";
  if (fact.hold) return fact.hold;
  return isManual(fact) && scoring.manualPolicy === "exclude" ? "manual" : undefined;
}

function isManual(fact: ActivityFact | SampleFact): boolean {
  return fact.source.recordingMethod === "manual";
}

/** A sample in the integers of the scale. */
function fineOf(sample: SampleFact, { scale }: ScoringFrame): SampleFact {
  const factor = scale / QUANTITIES[sample.quantity].scale;
  return factor === 1 ? sample : { ...sample, value: sample.value * factor };
}

function takeSample(sifted: Sifted, sample: SampleFact, frame: ScoringFrame): void {
  excludeOutside(sifted, sample, frame);
  takePieces(sifted, sample, windowOf(frame), frame);
}

/** Of samples that overlap the finest counts, for as long as it lasts. */
function takeUnion(sifted: Sifted, samples: readonly SampleFact[], frame: ScoringFrame): void {
  const window = windowOf(frame);
  const fine = samples.map((sample) => fineOf(sample, frame));
  const kept = finestIntervals(fine);
  for (const [index, sample] of fine.entries()) {
    excludeOutside(sifted, sample, frame);
    let rest = amountBetween(sample, window);
    for (const { startsAt, endsAt } of kept[index]!) {
      const piece = {
        startsAt: Math.max(startsAt, window.startsAt),
        endsAt: Math.min(endsAt, window.endsAt),
      };
      if (piece.startsAt < piece.endsAt) rest -= takePieces(sifted, sample, piece, frame);
    }
    if (rest === 0) continue;
    const { id } = sample;
    sifted.excluded.push(
      excludedPart(id, "superseded", { amount: rest, scale: frame.scale }),
    );
  }
}

function windowOf({ countsFrom, competition }: ScoringFrame): Interval {
  return { startsAt: countsFrom, endsAt: competition.endsAt };
}

/** Takes what of a sample lies in the window; gives the amount. */
function takePieces(
  sifted: Sifted,
  sample: SampleFact,
  window: Interval,
  { zone, scoring }: ScoringFrame,
): number {
  const side = sideOf(sample, scoring.overlap);
  let taken = 0;
  for (const { day, endsAt, amount } of splitByDay(sample, zone, window)) {
    taken += amount;
    sifted.parts.push({
      recordId: sample.id,
      day,
      at: endsAt,
      amount,
      isManual: isManual(sample),
      side,
    });
  }
  return taken;
}

/** Sides compete for a day: each source for itself, or all samples together. */
function sideOf({ source }: SampleFact, overlap: ScoringFrame["scoring"]["overlap"]): string {
  if (overlap === "interval_union" || overlap === "sum") return "samples";
  // Names hold no line breaks, so that no two sources share a side.
  return `samples:${source.app ?? ""}\n${source.device ?? ""}`;
}

/** Tells the parts of a sample that lie before the start and after the end. */
function excludeOutside(sifted: Sifted, sample: SampleFact, frame: ScoringFrame): void {
  const { startsAt, endsAt } = windowOf(frame);
  if (sample.startedAt >= startsAt && sample.endedAt <= endsAt) return;
  const outside = [
    ["before_start", amountBetween(sample, { startsAt: sample.startedAt, endsAt: startsAt })],
    ["after_end", amountBetween(sample, { startsAt: endsAt, endsAt: sample.endedAt })],
  ] as const;
  const { scale } = frame;
  for (const [reason, amount] of outside) {
    if (amount > 0) sifted.excluded.push(excludedPart(sample.id, reason, { amount, scale }));
  }
}
