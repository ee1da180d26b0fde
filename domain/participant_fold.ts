/**
 * One participant as the log tells it: the events, which of them count under the rules in force, and
 * the score they give. Replays, services and explanations all fold with this.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import type { ScoreEntry, VoidEntry } from "./log.ts";
import { decimalsOf, type Rules, type Scoring } from "./rules.ts";
import {
  appendEvent,
  canFold,
  compareEvents,
  type FoldedEvent,
  foldEvents,
  isCountable,
  NO_SCORE,
} from "./score_fold.ts";
import type { FoldedScore } from "./standing.ts";
import type { EpochMs } from "./time.ts";

/** One participant as the log tells it so far. */
export interface ParticipantState {
  participantId: string;
  division: string | null;
  /** The first join; null when the log has events but no join, and then no board lists it. */
  joinedAt: EpochMs | null;
  hasLeft: boolean;
  isDisqualified: boolean;
  /** Direct events and staff adjustments, in fold order. */
  events: ScoreEntry[];
  /** Computed results by seq; the last that counts stands for all. */
  activityEvents: ScoreEntry[];
  voided: ReadonlySet<string>;
  folded: FoldedScore;
}

/** The rules as they stand and what they were, to read events of earlier versions. */
export interface RulesState {
  current: Rules;
  byVersion: ReadonlyMap<number, Rules>;
  /** The version since which the scoring is unchanged; results of older ones do not count. */
  activitySince: number;
}

/** Folds the score and void entries of one participant, in the order of their numbers, as a replay
 * of the log would; `versions` are the rules from the oldest to those in force. Undefined when a
 * score would leave ±(2^53 − 1), so that a service can ask before it appends.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foldParticipant } from "@/domain/participant_fold.ts";
 *
 * const rules = {
 *   version: 1,
 *   scoring: {
 *     kind: "direct" as const,
 *     operator: "set" as const,
 *     direction: "higher" as const,
 *     decimals: 0,
 *     selfReport: false,
 *   },
 *   rankMethod: "standard" as const,
 *   tieBreaks: [],
 * };
 * const base = { kind: "score" as const, participantId: "mira", source: "direct" as const, rulesVersion: 1 };
 * const folded = foldParticipant([
 *   { ...base, seq: 2, arrivedAt: 9, eventId: "a", operator: "increment", value: 5, occurredAt: 9 },
 *   { ...base, seq: 3, arrivedAt: 9, eventId: "b", operator: "set", value: 10, occurredAt: 8 },
 * ], [rules]);
 * assertEquals(folded?.score, 15);
 * ```
 */
export function foldParticipant(
  entries: readonly (ScoreEntry | VoidEntry)[],
  versions: readonly [Rules, ...Rules[]],
): FoldedScore | undefined {
  const { participant, rules } = readEntries(entries, versions);
  const events = countableEvents(participant, rules);
  const { voided } = participant;
  const { scoring } = rules.current;
  return canFold(events, voided, scoring) ? foldEvents(events, voided, scoring) : undefined;
}

function readEntries(
  entries: readonly (ScoreEntry | VoidEntry)[],
  [first, ...later]: readonly [Rules, ...Rules[]],
): { participant: ParticipantState; rules: RulesState } {
  const participant = newParticipant("");
  const voided = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== "score") markVoid(voided, entry);
    else if (entry.source === "activity") participant.activityEvents.push(entry);
    else participant.events.push(entry);
  }
  participant.voided = voided;
  return { participant, rules: later.reduce(nextRules, firstRules(first)) };
}

/** Why a score event is no part of a score; the documented table. */
export const UNCOUNTED_REASONS = {
  voided: "Staff voided it; it counts as never written until it is reinstated.",
  superseded: "A newer result computed from activity took its place.",
  rules_changed: "The rules in force count no events of its kind.",
} as const;
export type UncountedReason = keyof typeof UNCOUNTED_REASONS;

/** One event of a participant, and what it did. */
export interface ExplainedEvent {
  event: ScoreEntry;
  /** Null where it counts. */
  reason: UncountedReason | null;
  /** The score after it, in fold order; null where it does not count. */
  scoreAfter: number | null;
}

/** Tells of each event of one participant, in fold order, whether it counts; arguments as those of
 * `foldParticipant`, whose score the last counted event has. Throws `RangeError` as a fold does. */
export function explainParticipant(
  entries: readonly (ScoreEntry | VoidEntry)[],
  versions: readonly [Rules, ...Rules[]],
): ExplainedEvent[] {
  const { participant, rules } = readEntries(entries, versions);
  const { scoring } = rules.current;
  const after = new Map<string, number | null>();
  let folded = NO_SCORE;
  const counted = countableEvents(participant, rules)
    .filter(({ eventId }) => !participant.voided.has(eventId)).sort(compareEvents);
  for (const event of counted) {
    folded = appendEvent(folded, event, scoring);
    after.set(event.eventId, folded.score);
  }
  const result = countedResult(participant, rules);
  return [...participant.events, ...participant.activityEvents].sort(compareEvents)
    .map((event) => {
      const scoreAfter = after.get(event.eventId);
      if (scoreAfter !== undefined) return { event, reason: null, scoreAfter };
      const isOvertaken = event.source === "activity" && result !== undefined &&
        result.seq > event.seq;
      const unused = isOvertaken ? "superseded" : "rules_changed";
      const reason = participant.voided.has(event.eventId) ? "voided" : unused;
      return { event, reason, scoreAfter: null };
    });
}

/** Takes an event out of what counts, or back in. */
export function markVoid(voided: Set<string>, entry: VoidEntry): void {
  if (entry.kind === "void_event") voided.add(entry.eventId);
  else voided.delete(entry.eventId);
}

/** The state of the first rules of a log. */
export function firstRules(rules: Rules): RulesState {
  return { current: rules, byVersion: new Map([[rules.version, rules]]), activitySince: 0 };
}

/** The state after another version. */
export function nextRules(before: RulesState, rules: Rules): RulesState {
  return {
    current: rules,
    byVersion: new Map(before.byVersion).set(rules.version, rules),
    activitySince: isSameScoring(before.current.scoring, rules.scoring)
      ? before.activitySince
      : rules.version,
  };
}

/** Somebody whom the log has told nothing of. */
export function newParticipant(participantId: string): ParticipantState {
  return {
    participantId,
    division: null,
    joinedAt: null,
    hasLeft: false,
    isDisqualified: false,
    events: [],
    activityEvents: [],
    voided: new Set(),
    folded: NO_SCORE,
  };
}

/** The events that the rules in force can count, voided ones among them, read in their decimals. */
export function countableEvents(participant: ParticipantState, rules: RulesState): FoldedEvent[] {
  const events = participant.events
    .filter((event) => isCountable(event, rules.current.scoring))
    .map((event) => underRules(event, rules));
  const result = countedResult(participant, rules);
  return result ? [...events, result] : events;
}

/** The newest result that was computed under the scoring in force and is not voided. */
function countedResult(
  { activityEvents, voided }: ParticipantState,
  { activitySince }: RulesState,
): ScoreEntry | undefined {
  return activityEvents.findLast((event) =>
    event.rulesVersion >= activitySince && !voided.has(event.eventId)
  );
}

/** Reads an event of an earlier version in the decimals of the rules in force. */
export function underRules(event: ScoreEntry, rules: RulesState): FoldedEvent {
  const then = rules.byVersion.get(event.rulesVersion) ?? rules.current;
  const shift = decimalsOf(rules.current.scoring) - decimalsOf(then.scoring);
  if (shift === 0 || event.value === null) return event;
  const value = shift > 0 ? event.value * 10 ** shift : event.value / 10 ** -shift;
  if (Number.isSafeInteger(value)) return { ...event, value };
  throw new RangeError(`Cannot rescore event "${event.eventId}": it does not fit the decimals`);
}

function isSameScoring(a: Scoring, b: Scoring): boolean {
  return canonicalJson({ ...a }) === canonicalJson({ ...b });
}
