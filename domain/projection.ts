/**
 * The state of a competition as its log builds it up, entry by entry. Replaying the whole log and
 * applying each entry as it comes give the identical standings. An event that is the newest of its
 * participant costs one step; an older one, a void or an activity event folds that participant
 * anew; a rules entry folds everybody anew, from the start.
 *
 * Re-joining takes the same participant back with the events of before and the first join's time.
 * A disqualified participant who leaves stays disqualified, so that leaving hides nothing.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import type { LogEntry, ParticipantEntry, RulesEntry, ScoreEntry, VoidEntry } from "./log.ts";
import { rankContenders } from "./ranking.ts";
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
import type { Contender, FoldedScore, ParticipantStatus, Standing } from "./standing.ts";
import type { EpochMs } from "./time.ts";

/** One participant as the log tells it so far. */
interface ParticipantState {
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
interface RulesState {
  current: Rules;
  byVersion: ReadonlyMap<number, Rules>;
  /** The version since which the scoring is unchanged; results of older ones do not count. */
  activitySince: number;
}

/** A competition's state at a sequence number; changed in place by `applyEntry`. */
export interface Projection {
  seq: number;
  isFinal: boolean;
  rules: RulesState;
  participants: Map<string, ParticipantState>;
}

/** The state before the first entry; `rules` hold until the log enters others. */
export function emptyProjection(rules: Rules): Projection {
  return {
    seq: 0,
    isFinal: false,
    rules: firstRules(rules),
    participants: new Map(),
  };
}

/** Applies the next entry. Throws `RangeError`, and changes nothing, when the entry is not the next
 * or a score would leave ±(2^53 − 1).
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyEntry, emptyProjection, standingsOf } from "@/domain/projection.ts";
 *
 * const projection = emptyProjection({
 *   version: 1,
 *   scoring: { kind: "direct", operator: "set", direction: "higher", decimals: 0, selfReport: false },
 *   rankMethod: "standard",
 *   tieBreaks: [],
 * });
 * applyEntry(projection, { seq: 1, arrivedAt: 10, kind: "join", participantId: "mira" });
 * assertEquals(standingsOf(projection).map((standing) => standing.rank), [null]);
 * ```
 */
export function applyEntry(projection: Projection, entry: LogEntry): void {
  if (entry.seq !== projection.seq + 1) {
    throw new RangeError(`Cannot apply entry ${entry.seq}: the log stands at ${projection.seq}`);
  }
  switch (entry.kind) {
    case "score":
      applyScore(projection, entry);
      break;
    case "void_event":
    case "reinstate_event":
      applyVoid(projection, entry);
      break;
    case "rules":
      applyRules(projection, entry);
      break;
    case "status":
      projection.isFinal ||= entry.status === "final" || entry.status === "settled";
      break;
    case "freeze":
    case "unfreeze":
      break;
    default:
      applyParticipant(projection, entry);
  }
  projection.seq = entry.seq;
}

/** Lists the participants with their ranks, as the board shows them. */
export function standingsOf(projection: Projection): Standing[] {
  const contenders: Contender[] = [];
  for (const participant of projection.participants.values()) {
    const contender = contenderOf(participant);
    if (contender) contenders.push(contender);
  }
  return rankContenders(contenders, projection.rules.current, {
    provisional: !projection.isFinal,
  });
}

/** Gives one participant's score and status, or undefined when the log has no join of it. */
export function findContender(
  projection: Projection,
  participantId: string,
): Contender | undefined {
  const participant = projection.participants.get(participantId);
  return participant && contenderOf(participant);
}

/** Folds the score and void entries of one participant, in the order of their numbers, as a replay
 * of the log would; `versions` are the rules from the oldest to those in force. Undefined when a
 * score would leave ±(2^53 − 1), so that a service can ask before it appends.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foldParticipant } from "@/domain/projection.ts";
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

/** Why an event is no part of the score: voided, overtaken by a newer computed result, or of no use
 * to the rules in force. */
export type UncountedReason = "voided" | "superseded" | "rules_changed";

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

function contenderOf(participant: ParticipantState): Contender | undefined {
  const { participantId, division, joinedAt, folded } = participant;
  if (joinedAt === null) return undefined;
  return { ...folded, participantId, division, joinedAt, status: statusOf(participant) };
}

function statusOf(participant: ParticipantState): ParticipantStatus {
  if (participant.isDisqualified) return "disqualified";
  return participant.hasLeft ? "withdrawn" : "active";
}

function applyScore(projection: Projection, event: ScoreEntry): void {
  const participant = participantOf(projection, event.participantId);
  if (event.source === "activity") {
    const activityEvents = [...participant.activityEvents, event];
    participant.folded = refold({ ...participant, activityEvents }, projection.rules);
    participant.activityEvents.push(event);
    return;
  }
  const newest = participant.events.at(-1);
  if (newest && compareEvents(newest, event) > 0) {
    const events = insertEvent(participant.events, event);
    participant.folded = refold({ ...participant, events }, projection.rules);
    participant.events = events;
    return;
  }
  participant.folded = foldNewest(participant, event, projection.rules);
  participant.events.push(event);
}

/** The newest event of a direct score takes one step; under a computed one the result may come later. */
function foldNewest(
  participant: ParticipantState,
  event: ScoreEntry,
  rules: RulesState,
): FoldedScore {
  const { scoring } = rules.current;
  if (scoring.kind === "direct" && !participant.voided.has(event.eventId)) {
    return appendEvent(participant.folded, underRules(event, rules), scoring);
  }
  return refold({ ...participant, events: [...participant.events, event] }, rules);
}

function applyVoid(projection: Projection, entry: VoidEntry): void {
  const participant = participantOf(projection, entry.participantId);
  const voided = new Set(participant.voided);
  markVoid(voided, entry);
  participant.folded = refold({ ...participant, voided }, projection.rules);
  participant.voided = voided;
}

function markVoid(voided: Set<string>, entry: VoidEntry): void {
  if (entry.kind === "void_event") voided.add(entry.eventId);
  else voided.delete(entry.eventId);
}

function applyRules(projection: Projection, { rules }: RulesEntry): void {
  const next = nextRules(projection.rules, rules);
  const participants = [...projection.participants.values()];
  const folded = participants.map((participant) => refold(participant, next));
  participants.forEach((participant, index) => participant.folded = folded[index]!);
  projection.rules = next;
}

function firstRules(rules: Rules): RulesState {
  return { current: rules, byVersion: new Map([[rules.version, rules]]), activitySince: 0 };
}

function nextRules(before: RulesState, rules: Rules): RulesState {
  return {
    current: rules,
    byVersion: new Map(before.byVersion).set(rules.version, rules),
    activitySince: isSameScoring(before.current.scoring, rules.scoring)
      ? before.activitySince
      : rules.version,
  };
}

function applyParticipant(projection: Projection, entry: ParticipantEntry): void {
  const participant = participantOf(projection, entry.participantId);
  switch (entry.kind) {
    case "join":
      participant.joinedAt ??= entry.arrivedAt;
      participant.hasLeft = false;
      participant.division = entry.division ?? null;
      break;
    case "leave":
      participant.hasLeft = true;
      break;
    case "disqualify":
      participant.isDisqualified = true;
      break;
    case "reinstate":
      participant.isDisqualified = false;
      break;
    case "profile":
      participant.division = entry.division ?? null;
  }
}

function participantOf(projection: Projection, participantId: string): ParticipantState {
  const known = projection.participants.get(participantId);
  if (known) return known;
  const participant = newParticipant(participantId);
  projection.participants.set(participantId, participant);
  return participant;
}

function newParticipant(participantId: string): ParticipantState {
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

function insertEvent(events: readonly ScoreEntry[], event: ScoreEntry): ScoreEntry[] {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareEvents(events[middle]!, event) < 0) low = middle + 1;
    else high = middle;
  }
  return events.toSpliced(low, 0, event);
}

function refold(participant: ParticipantState, rules: RulesState): FoldedScore {
  const events = countableEvents(participant, rules);
  return foldEvents(events, participant.voided, rules.current.scoring);
}

function countableEvents(participant: ParticipantState, rules: RulesState): FoldedEvent[] {
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
function underRules(event: ScoreEntry, rules: RulesState): FoldedEvent {
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
