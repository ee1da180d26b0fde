/**
 * The course of a score: when it moved and by how much, so that what somebody gave to a team is the
 * change of their score while they were in it. The changes add up to the score.
 *
 * @module
 */

import { dayAt } from "./days.ts";
import type { CourseSteps } from "./log.ts";
import { countableEvents, type ParticipantState, type RulesState } from "./participant_fold.ts";
import {
  appendEvent,
  compareEvents,
  type FoldedEvent,
  isCountable,
  NO_SCORE,
} from "./score_fold.ts";
import type { EpochMs } from "./time.ts";

/** A change of a score at an instant; 0 only where a first event made a score of nothing. */
export interface CourseStep {
  at: EpochMs;
  change: number;
}

/** Tells the course of a participant's score under the rules in force, in the order of event time.
 * A computed result moves as its course entry says; without one, all of it at its own time.
 */
export function courseOf(
  participant: ParticipantState,
  rules: RulesState,
  courses: ReadonlyMap<string, CourseSteps>,
): CourseStep[] {
  const { voided } = participant;
  const { scoring } = rules.current;
  const events = countableEvents(participant, rules)
    .filter((event) => isCountable(event, scoring) && !voided.has(event.eventId))
    .filter(({ value }) => value !== null)
    .sort(compareEvents);
  const isResult = ({ source }: FoldedEvent) => source === "activity";
  const results = events.filter(isResult).flatMap((event) => stepsOfResult(event, courses));
  const steps: CourseStep[] = [];
  let folded = NO_SCORE;
  for (const event of events.filter((event) => !isResult(event))) {
    const before = folded.score;
    folded = appendEvent(folded, event, scoring);
    if (folded.score === before) continue;
    steps.push({ at: event.occurredAt, change: folded.score! - (before ?? 0) });
  }
  return [...results, ...steps].sort((a, b) => a.at - b.at);
}

function stepsOfResult(
  { eventId, value, occurredAt }: FoldedEvent,
  courses: ReadonlyMap<string, CourseSteps>,
): CourseStep[] {
  const known = courses.get(eventId);
  if (known) return known.map(([at, change]) => ({ at, change }));
  return [{ at: occurredAt, change: value! }];
}

/** Where a course is cut: at local midnights, and at the instants that begin something new. */
export interface CourseCuts {
  timeZone: string;
  /** Instants from which on another team gets what is given, in their order. */
  boundaries: readonly EpochMs[];
}

/** Makes one step of all changes between two cuts, at the time of the last of them, so that a course
 * grows with days, not with records. `scores` are [instant, score from then on], in their order.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutCourse } from "@/domain/score_course.ts";
 *
 * const hour = 3_600_000;
 * const scores = [[8 * hour, 500], [9 * hour, 700], [20 * hour, 900], [30 * hour, 1000]] as const;
 * assertEquals(
 *   cutCourse(scores, { timeZone: "UTC", boundaries: [12 * hour] }),
 *   [[9 * hour, 700], [20 * hour, 200], [30 * hour, 100]],
 * );
 * ```
 */
export function cutCourse(
  scores: readonly (readonly [at: EpochMs, score: number])[],
  { timeZone, boundaries }: CourseCuts,
): CourseSteps {
  const steps: [EpochMs, number][] = [];
  let before = 0;
  let passed = 0;
  let cutAt = -Infinity;
  for (const [at, score] of scores) {
    if (at >= cutAt) {
      while (passed < boundaries.length && boundaries[passed]! <= at) passed += 1;
      cutAt = Math.min(dayAt(at, timeZone).endsAt, boundaries[passed] ?? Infinity);
      steps.push([at, 0]);
    }
    const step = steps.at(-1)!;
    step[0] = at;
    step[1] += score - before;
    before = score;
  }
  return steps.filter(([, change]) => change !== 0);
}
