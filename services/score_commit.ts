/**
 * Makes a batch of score commands durable in one transaction, each with its own outcome: a faulty
 * one hurts only itself. Commands may come from any number of requests, for several competitions,
 * which are locked in the order of their ids.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Failpoint } from "@/platform/failpoint.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { ScoresCommitted } from "./board_state.ts";
import {
  type CompetitionLogService,
  type LockedCompetition,
  noCompetition,
} from "./competition_log.ts";
import { draftScore, hashOf, type ScoreCommand, type ScoreTarget } from "./score_update.ts";
import type { ScoreDraft, ScoresWriter, ScoreWrite } from "./scores.ts";

export interface ScoreCommitDeps {
  database: Database;
  log: CompetitionLogService;
  scores: ScoresWriter;
  clock: Clock;
  newId: IdGenerator;
  failpoint?: Failpoint | undefined;
}

/** A connection that broke is back by then. */
const RETRY_AFTER_SECONDS = 1;

/** Half of a client's patience: the other half may have gone by in the queue. */
const COMMIT = { name: "scores", timeoutMs: 5 * SECOND_MS };

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

/** A batch as it was committed. */
export interface ScoreCommit {
  /** For each request the outcomes of its commands, in their order; "busy" where none was tried. */
  outcomes: (ScoreOutcome[] | "busy")[];
  /** One for each competition that something was written in. */
  changes: ScoresCommitted[];
}

/** A command with the place where its outcome belongs. */
interface Item {
  command: ScoreCommand;
  outcomes: ScoreOutcome[];
  index: number;
}

/**
 * Stores the commands of many requests in one transaction. Impatient, it leaves alone requests with
 * a competition that somebody else holds; patient, it waits. Nothing is stored when it fails, but
 * for `SERVICE_UNAVAILABLE`, which may come after the database did store.
 */
export async function commitScores(
  deps: ScoreCommitDeps,
  requests: readonly ScoreRequest[],
  { isPatient }: { isPatient: boolean },
): Promise<ScoreCommit> {
  const ids = requests.flatMap(({ commands }) => commands.map(competitionOf));
  let isCommitting = false;
  const run = async (tx: Tx) => {
    isCommitting = false;
    const competitions = await deps.log.lockFound(tx, ids, { wait: isPatient });
    const { outcomes, items } = admit(requests, competitions, isPatient);
    const changes: ScoresCommitted[] = [];
    for (const [id, group] of Map.groupBy(items, ({ command }) => competitionOf(command))) {
      const locked = competitions.get(id)!;
      const { from, scores } = await writeGroup(deps, tx, { locked, items: group });
      if (scores.length > 0) changes.push({ locked, from, scores });
    }
    for (const [index, { check }] of requests.entries()) check?.(outcomes[index] as ScoreOutcome[]);
    isCommitting = true;
    deps.failpoint?.("score.commit.before");
    return { outcomes, changes };
  };
  return await deps.database.transaction(run, COMMIT).catch((error) => {
    throw isCommitting ? unsettled(error) : error;
  });
}

function competitionOf({ update }: ScoreCommand): string {
  return update.competitionId;
}

/** Chooses the commands to try, and answers those of competitions that are gone. */
function admit(
  requests: readonly ScoreRequest[],
  competitions: ReadonlyMap<string, LockedCompetition>,
  isPatient: boolean,
): { outcomes: ScoreCommit["outcomes"]; items: Item[] } {
  const items: Item[] = [];
  const passed = new Set<string>();
  const outcomes = requests.map(({ commands }) => {
    const ids = commands.map(competitionOf);
    if (!isPatient && ids.some((id) => !competitions.has(id) || passed.has(id))) {
      // What comes later in the same competition must not overtake this.
      for (const id of ids) passed.add(id);
      return "busy";
    }
    const places: ScoreOutcome[] = [];
    for (const [index, command] of commands.entries()) {
      const id = competitionOf(command);
      if (competitions.has(id)) items.push({ command, outcomes: places, index });
      else places[index] = noCompetition(id);
    }
    return places;
  });
  return { outcomes, items };
}

/** The connection broke while the commit was on its way: nobody here knows how it ended. */
function unsettled(error: unknown): DomainError {
  const retryAfterSeconds = error instanceof DomainError ? error.retryAfterSeconds : undefined;
  const message = "Cannot tell whether the scores were stored: send them again with their keys";
  return new DomainError("SERVICE_UNAVAILABLE", message, {
    cause: error,
    retryAfterSeconds: retryAfterSeconds ?? RETRY_AFTER_SECONDS,
  });
}

interface Group {
  locked: LockedCompetition;
  items: readonly Item[];
}

async function writeGroup(
  deps: ScoreCommitDeps,
  tx: Tx,
  group: Group,
): Promise<{ from: number; scores: ScoreWrite[] }> {
  const { locked, items } = group;
  const from = locked.lastSeq;
  const plan = planGroup(deps, group, await readFacts(tx, locked.id, items));
  const written = await deps.scores.writeEach(tx, locked, plan.drafts.map(({ draft }) => draft));
  for (const [place, write] of written.entries()) {
    answer(plan.drafts[place]!.item, isFault(write) ? write : toRecorded(locked, write));
  }
  for (const { item, first } of plan.repeats) {
    const outcome = first.outcomes[first.index]!;
    answer(item, isFault(outcome) ? outcome : { ...outcome, isReplay: true });
  }
  return { from, scores: written.filter((write): write is ScoreWrite => !isFault(write)) };
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

/** What a group writes, and which of its items repeat the key of an earlier one. */
interface GroupPlan {
  drafts: { item: Item; draft: ScoreDraft }[];
  repeats: { item: Item; first: Item }[];
}

function planGroup(deps: ScoreCommitDeps, { locked, items }: Group, facts: Facts): GroupPlan {
  const plan: GroupPlan = { drafts: [], repeats: [] };
  const firstByKey = new Map<string, Item>();
  // The log's time of arrival, which never goes back.
  const now: EpochMs = Math.max(deps.clock.now(), locked.lastArrivedAt ?? 0);
  for (const item of items) {
    const { command } = item;
    const key = command.update.idempotencyKey;
    try {
      const stored = key === undefined ? undefined : facts.stored.get(key);
      const first = key === undefined ? undefined : firstByKey.get(key);
      if (stored) answer(item, replay(locked, command, stored));
      else if (first) {
        checkSameBody(command, hashOf(first.command));
        plan.repeats.push({ item, first });
      } else {
        const target = facts.targets.get(command.userId);
        const draft = draftScore(command, locked, { target, now, eventId: deps.newId() });
        plan.drafts.push({ item, draft });
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

function checkSameBody(command: ScoreCommand, hash: Uint8Array | null): void {
  if (hash?.toHex() === hashOf(command).toHex()) return;
  const key = command.update.idempotencyKey;
  throw new DomainError("CONFLICT", `Cannot use key "${key}": it stands for another update`);
}

/** An event stored under a key. */
interface StoredEvent {
  key: string;
  participantId: string;
  seq: number;
  scoreAfter: number | null;
  requestHash: Uint8Array | null;
}

/** What the database knows of the commands' people and keys. */
interface Facts {
  /** By user id. */
  targets: Map<string, ScoreTarget>;
  /** By idempotency key. */
  stored: Map<string, StoredEvent>;
}

async function readFacts(tx: Tx, competitionId: string, items: readonly Item[]): Promise<Facts> {
  const userIds = [...new Set(items.map(({ command }) => command.userId))];
  const keys = items.flatMap(({ command }) => command.update.idempotencyKey ?? []);
  // Sent together: the second does not wait for the answer to the first.
  const [targets, stored] = await Promise.all([
    tx.sql<(ScoreTarget & { userId: string })[]>`
      select id as "participantId", user_id as "userId", status from participants
      where competition_id = ${competitionId} and user_id = any(${userIds}::uuid[])`,
    keys.length === 0 ? [] : readStored(tx, competitionId, keys),
  ]);
  return {
    targets: new Map(targets.map((target) => [target.userId, target])),
    stored: new Map(stored.map((event) => [event.key, event])),
  };
}

/**
 * One look into the index of keys for each: asked for all at once, a planner without statistics
 * reads the whole log of the competition, and that grows.
 */
async function readStored(
  tx: Tx,
  competitionId: string,
  keys: readonly string[],
): Promise<StoredEvent[]> {
  return await tx.sql<StoredEvent[]>`
    select stored.* from unnest(${[...new Set(keys)]}::text[]) as asked(key) cross join lateral (
      select idempotency_key as key, participant_id as "participantId", seq,
        score_after as "scoreAfter", request_hash as "requestHash"
      from competition_log
      where competition_id = ${competitionId} and idempotency_key = asked.key limit 1
    ) as stored`;
}
