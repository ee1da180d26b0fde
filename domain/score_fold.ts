/**
 * How a participant's score events give a score. Events fold in the order (`occurredAt`, seq),
 * whatever order they arrived in. A voided event counts as never written. Arithmetic is on exact
 * integers; a fold that would leave ±(2^53 − 1) is a `RangeError`, so services ask `canFold` first.
 *
 * In a computed competition the newest (by seq) activity event stands for all activity, and staff
 * adjustments add on top; an activity event of null means that no activity counts any more.
 *
 * @module
 */

import type { ScoreEntry } from "./log.ts";
import type { Direction, Scoring } from "./rules.ts";
import type { FoldedScore } from "./standing.ts";

/** The part of a score event that the fold reads. */
export type FoldedEvent = Pick<
  ScoreEntry,
  "seq" | "eventId" | "operator" | "value" | "occurredAt" | "source"
>;

/** The fold of no events. */
export const NO_SCORE: FoldedScore = {
  score: null,
  reachedAt: null,
  eventCount: 0,
  bestEvent: null,
};

/** Orders events as they fold: by event time, then by sequence number. */
export function compareEvents(
  a: Pick<ScoreEntry, "occurredAt" | "seq">,
  b: Pick<ScoreEntry, "occurredAt" | "seq">,
): number {
  return a.occurredAt - b.occurredAt || a.seq - b.seq;
}

/** Whether an event can count under a scoring: a direct one counts what apps and staff sent, a
 * computed one its own results and the increments and decrements of staff. */
export function isCountable(
  event: Pick<ScoreEntry, "source" | "operator">,
  scoring: Pick<Scoring, "kind">,
): boolean {
  if (scoring.kind === "direct") return event.source !== "activity";
  if (event.source === "activity") return true;
  return event.source === "staff" &&
    (event.operator === "increment" || event.operator === "decrement");
}

/** Folds one participant's events, given in any order.
 * @example The late event of 10 folds first, so the increment lands on top of it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foldEvents } from "@/domain/score_fold.ts";
 *
 * const base = { source: "direct" as const };
 * const events = [
 *   { ...base, seq: 1, eventId: "a", operator: "increment" as const, value: 5, occurredAt: 2000 },
 *   { ...base, seq: 2, eventId: "b", operator: "set" as const, value: 10, occurredAt: 1000 },
 * ];
 * const scoring = {
 *   kind: "direct" as const,
 *   operator: "set" as const,
 *   direction: "higher" as const,
 *   decimals: 0,
 *   selfReport: false,
 * };
 * assertEquals(foldEvents(events, new Set(), scoring).score, 15);
 * assertEquals(foldEvents(events, new Set(["b"]), scoring).score, 5);
 * ```
 */
export function foldEvents(
  events: readonly FoldedEvent[],
  voided: ReadonlySet<string>,
  scoring: Scoring,
): FoldedScore {
  const counted = countedEvents(events, voided, scoring);
  return counted.reduce((folded, event) => appendEvent(folded, event, scoring), NO_SCORE);
}

/** Whether the events fold without leaving the range of exact integers. */
export function canFold(
  events: readonly FoldedEvent[],
  voided: ReadonlySet<string>,
  scoring: Scoring,
): boolean {
  let folded: FoldedScore | undefined = NO_SCORE;
  for (const event of countedEvents(events, voided, scoring)) {
    folded = nextFold(folded, event, scoring);
    if (!folded) return false;
  }
  return true;
}

/** Adds the event that is the newest in fold order and supersedes none; throws `RangeError` beyond
 * ±(2^53 − 1). An event that is older, voided or of source `activity` needs `foldEvents`. */
export function appendEvent(
  folded: FoldedScore,
  event: FoldedEvent,
  scoring: Scoring,
): FoldedScore {
  const next = nextFold(folded, event, scoring);
  if (next) return next;
  throw new RangeError(`Cannot fold event "${event.eventId}": the score leaves ±(2^53 − 1)`);
}

/** As `appendEvent`, but undefined beyond ±(2^53 − 1): what a service asks before it appends. */
export function nextFold(
  folded: FoldedScore,
  event: FoldedEvent,
  scoring: Scoring,
): FoldedScore | undefined {
  const { value } = event;
  if (value === null || !isCountable(event, scoring)) return folded;
  const score = scoreAfter(folded.score, event, value, scoring);
  if (!Number.isSafeInteger(score)) return undefined;
  return {
    score,
    reachedAt: score === folded.score ? folded.reachedAt : event.occurredAt,
    eventCount: folded.eventCount + 1,
    bestEvent: better(folded.bestEvent, contribution(event, value), scoring.direction),
  };
}

/** The events that count, in fold order. */
function countedEvents(
  events: readonly FoldedEvent[],
  voided: ReadonlySet<string>,
  scoring: Scoring,
): FoldedEvent[] {
  const standing = events.filter((event) =>
    !voided.has(event.eventId) && isCountable(event, scoring)
  );
  const activity = newestActivityEvent(standing);
  return standing.filter((event) => event.source !== "activity" || event === activity)
    .sort(compareEvents);
}

function newestActivityEvent(events: readonly FoldedEvent[]): FoldedEvent | undefined {
  let newest: FoldedEvent | undefined;
  for (const event of events) {
    if (event.source === "activity" && (!newest || event.seq > newest.seq)) newest = event;
  }
  return newest;
}

/** Activity adds to what staff adjusted, so that an adjustment holds whichever came first. */
function scoreAfter(
  score: number | null,
  event: FoldedEvent,
  value: number,
  scoring: Scoring,
): number {
  if (event.source === "activity") return (score ?? 0) + value;
  switch (event.operator) {
    case "set":
      return value;
    case "best":
      return better(score, value, scoring.direction);
    case "increment":
    case "decrement":
      return (score ?? 0) + contribution(event, value);
  }
}

/** What an event brings by itself; `0 - value` never gives minus zero. */
function contribution(event: FoldedEvent, value: number): number {
  return event.operator === "decrement" ? 0 - value : value;
}

function better(a: number | null, b: number, direction: Direction): number {
  if (a === null) return b;
  return direction === "higher" ? Math.max(a, b) : Math.min(a, b);
}
