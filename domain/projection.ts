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

import type { LogEntry, ParticipantEntry, RulesEntry, ScoreEntry, VoidEntry } from "./log.ts";
import {
  countableEvents,
  firstRules,
  markVoid,
  newParticipant,
  nextRules,
  type ParticipantState,
  type RulesState,
  underRules,
} from "./participant_fold.ts";
import { rankContenders } from "./ranking.ts";
import type { Rules } from "./rules.ts";
import { appendEvent, compareEvents, foldEvents } from "./score_fold.ts";
import type { Contender, FoldedScore, ParticipantStatus, Standing } from "./standing.ts";

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
    case "team":
    case "team_removal":
    case "course":
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

function applyRules(projection: Projection, { rules }: RulesEntry): void {
  const next = nextRules(projection.rules, rules);
  const participants = [...projection.participants.values()];
  const folded = participants.map((participant) => refold(participant, next));
  participants.forEach((participant, index) => participant.folded = folded[index]!);
  projection.rules = next;
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
