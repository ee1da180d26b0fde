/**
 * What a batch of score commands comes to: which of them are refused or repeat a key, and which
 * become events. Nothing here reads or writes the database.
 *
 * @module
 */

import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { type LockedCompetition, noCompetition } from "./competition_log.ts";
import type { KnownMember } from "./score_memory.ts";
import { draftScore, hashOf, type ScoreCommand } from "./score_update.ts";
import type { ScoreDraft, ScoreWrite } from "./scores.ts";

/** What became of a command: the participant's stored score after its event. */
export interface ScoreRecorded {
  competitionId: string;
  participantId: string;
  /** A stored integer of the rule's last decimal. */
  score: number | null;
  offset: number;
  /** True where the key had been used before, so that nothing was written. */
  isReplay: boolean;
  /** Whether the public board stood still at the commit. */
  isFrozen: boolean;
}

export type ScoreOutcome = ScoreRecorded | DomainError;

/** The commands of one request. */
export interface ScoreRequest {
  commands: readonly ScoreCommand[];
  /** Sees the outcomes before the commit and throws to roll everything back. */
  check?: ((outcomes: readonly ScoreOutcome[]) => void) | undefined;
}

/** A command with the place where its outcome belongs. */
export interface Item {
  command: ScoreCommand;
  /** Whom it is for, looked up once; undefined for those who do not take part. */
  member: KnownMember | undefined;
  outcomes: ScoreOutcome[];
  index: number;
}

/** The commands of one competition. */
export interface Group {
  locked: LockedCompetition;
  items: readonly Item[];
}

export interface PlanDeps {
  clock: Clock;
  newId: IdGenerator;
}

/** The competition that a command is for. */
export function competitionOf({ update }: ScoreCommand): string {
  return update.competitionId;
}

/** Chooses the commands to try, and answers those of competitions that are gone. */
export function admit(
  requests: readonly ScoreRequest[],
  competitions: ReadonlyMap<string, LockedCompetition>,
  isPatient: boolean,
): { outcomes: (ScoreOutcome[] | "busy")[]; items: Item[] } {
  const items: Item[] = [];
  const passed = new Set<string>();
  const isHeld = (commands: readonly ScoreCommand[]) =>
    commands.map(competitionOf).some((id) => !competitions.has(id) || passed.has(id));
  const outcomes = requests.map(({ commands }) => {
    if (!isPatient && isHeld(commands)) {
      // What comes later in the same competition must not overtake this.
      for (const command of commands) passed.add(competitionOf(command));
      return "busy";
    }
    const places: ScoreOutcome[] = [];
    for (let index = 0; index < commands.length; index++) {
      const command = commands[index]!;
      const id = competitionOf(command);
      if (competitions.has(id)) items.push({ command, member: undefined, outcomes: places, index });
      else places[index] = noCompetition(id);
    }
    return places;
  });
  return { outcomes, items };
}

/** What a group writes, and which of its items repeat the key of an earlier one. */
export interface GroupPlan {
  drafts: ScoreDraft[];
  /** What the drafts were made of, in their order. */
  items: Item[];
  repeats: { item: Item; first: Item }[];
}

/**
 * Drafts what the commands of a competition say, and answers those that are refused or repeated;
 * what is drafted is answered by `answerDrafts` when it is known what became of it. What is stored
 * comes by its key.
 */
export function planGroup(
  deps: PlanDeps,
  { locked, items }: Group,
  storedByKey: ReadonlyMap<string, StoredEvent>,
): GroupPlan {
  const plan: GroupPlan = { drafts: [], items: [], repeats: [] };
  const firstByKey = new Map<string, Item>();
  // The log's time of arrival, which never goes back.
  const now: EpochMs = Math.max(deps.clock.now(), locked.lastArrivedAt ?? 0);
  for (const item of items) {
    const { command, member: target } = item;
    const key = command.update.idempotencyKey;
    try {
      const stored = key === undefined ? undefined : storedByKey.get(key);
      const first = key === undefined ? undefined : firstByKey.get(key);
      if (stored) answer(item, replay(locked, command, stored));
      else if (first) {
        checkSameBody(command, hashOf(first.command));
        plan.repeats.push({ item, first });
      } else {
        plan.drafts.push(draftScore(command, locked, { target, now, eventId: deps.newId() }));
        plan.items.push(item);
        if (key !== undefined) firstByKey.set(key, item);
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      answer(item, error);
    }
  }
  return plan;
}

function replay(
  locked: LockedCompetition,
  command: ScoreCommand,
  stored: StoredEvent,
): ScoreRecorded {
  checkSameBody(command, stored.requestHash);
  return {
    competitionId: locked.id,
    participantId: stored.participantId,
    score: stored.scoreAfter,
    offset: stored.seq,
    isReplay: true,
    isFrozen: locked.frozenAt !== null,
  };
}

function checkSameBody(command: ScoreCommand, hash: string | null): void {
  if (hash === hashOf(command)) return;
  const key = command.update.idempotencyKey;
  throw new DomainError("CONFLICT", `Cannot use key "${key}": it stands for another update`);
}

/** An event stored under a key. */
export interface StoredEvent {
  key: string;
  participantId: string;
  seq: number;
  scoreAfter: number | null;
  /** In hex. */
  requestHash: string | null;
}

/** Answers what was drafted, and what repeats it; gives the events that count. */
export function answerDrafts(
  locked: LockedCompetition,
  plan: GroupPlan,
  written: readonly (ScoreWrite | DomainError)[],
): ScoreWrite[] {
  const good: ScoreWrite[] = [];
  for (let place = 0; place < written.length; place++) {
    const write = written[place]!;
    answer(plan.items[place]!, isFault(write) ? write : toRecorded(locked, write));
    if (!isFault(write)) good.push(write);
  }
  for (const { item, first } of plan.repeats) {
    const outcome = first.outcomes[first.index]!;
    answer(item, isFault(outcome) ? outcome : { ...outcome, isReplay: true });
  }
  return good;
}

function isFault<T extends object>(outcome: T | DomainError): outcome is DomainError {
  return outcome instanceof DomainError;
}

function answer({ outcomes, index }: Item, outcome: ScoreOutcome): void {
  outcomes[index] = outcome;
}

function toRecorded(locked: LockedCompetition, write: ScoreWrite): ScoreRecorded {
  return {
    competitionId: locked.id,
    participantId: write.participantId,
    score: write.after.score,
    offset: write.seq,
    isReplay: false,
    isFrozen: locked.frozenAt !== null,
  };
}
