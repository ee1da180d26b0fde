/** One athlete's score in one competition, from the stored facts. */

import { graceEndsAt } from "@/domain/competition.ts";
import type { MetricQuantity } from "@/domain/rules.ts";
import { findImplausible, holdOf, type PlausibilityLimits } from "@/domain/plausibility.ts";
import { type Progress, progressOf } from "@/domain/progress.ts";
import {
  type ActivityFact,
  type ActivityScore,
  contributionsByDay,
  countsSamples,
  scoreActivity,
  type ScoringInput,
} from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { AthleteTerms, ScoringTerms } from "./activity_entries.ts";
import type { FactRange, Facts } from "./activity_facts.ts";
import type { Decisions } from "../reviews/review_store.ts";

/** What the competitions may count, and the named records. */
export function factRangeOf(
  competitions: readonly ScoringTerms[],
  recordIds: readonly string[],
): FactRange {
  const quantities = competitions.flatMap(({ rules: { scoring } }) => {
    if (scoring.kind !== "activity" || !countsSamples(scoring)) return [];
    return [scoring.metric as MetricQuantity];
  });
  const isNone = competitions.length === 0;
  return {
    from: isNone ? 0 : Math.min(...competitions.map(({ startsAt }) => startsAt)),
    to: isNone ? 0 : Math.max(...competitions.map(({ endsAt }) => endsAt)),
    quantities,
    recordIds,
    replacedSince: isNone ? null : Math.min(...competitions.map(graceEndsAt)),
  };
}

/** For whom and as of when a score is computed. */
export interface ComputeFrame {
  /** Records to explain wherever they lie. */
  recordIds: readonly string[];
  athlete: AthleteTerms;
  decisions: Decisions;
  now: EpochMs;
}

/** The score from the facts that touch the competition. */
export function compute(
  competition: ScoringTerms,
  facts: Facts,
  frame: ComputeFrame,
): ActivityScore {
  return scoreActivity(scoringInputOf(competition, facts, frame));
}

/** How far the athlete has come, from the same facts as the score. */
export function computeProgress(
  competition: ScoringTerms,
  facts: Facts,
  frame: ComputeFrame,
): Progress {
  const { athlete, ...input } = scoringInputOf(competition, facts, frame);
  const days = contributionsByDay({ athlete, ...input });
  return progressOf({ ...input, athlete, days });
}

function scoringInputOf(
  competition: ScoringTerms,
  facts: Facts,
  { recordIds, athlete, decisions, now }: ComputeFrame,
): ScoringInput & Pick<Required<ScoringInput>, "athlete" | "now"> {
  const { scoring } = competition.rules;
  if (scoring.kind === "direct") throw new RangeError("Cannot compute direct scores from activity");
  const named = new Set(recordIds);
  const admittedUntil = graceEndsAt(competition);
  const isRead = (fact: Facts["activities" | "samples"][number]) => {
    if (fact.replacedAt !== null && fact.replacedAt < admittedUntil) return false;
    return fact.endedAt > competition.startsAt && fact.startedAt < competition.endsAt ||
      named.has(fact.id);
  };
  return {
    scoring,
    competition,
    athlete: { joinedAt: athlete.joinedAt, timeZone: athlete.athleteZone },
    now,
    dayDecisions: decisions.days,
    wantsCourse: competition.rules.teams !== undefined,
    activities: facts.activities.filter(isRead).map((activity) => {
      return withHold(activity, scoring.plausibility, decisions);
    }),
    samples: facts.samples.filter(isRead),
  };
}

function withHold(
  activity: ActivityFact,
  limits: PlausibilityLimits | undefined,
  { activities }: Decisions,
): ActivityFact {
  const hold = holdOf(findImplausible(activity, limits), activities.get(activity.id));
  return hold ? { ...activity, hold } : activity;
}
