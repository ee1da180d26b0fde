/**
 * Makes a batch of score commands durable in one transaction, each with its own outcome: a faulty
 * one hurts only itself. Commands may come from any number of requests, for several competitions,
 * which are locked in the order of their ids.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { ScoresCommitted } from "./board_state.ts";
import type { CompetitionLogService, LockedCompetition } from "./competition_log.ts";
import { draftScore, hashOf, type ScoreCommand, type ScoreTarget } from "./score_update.ts";
import type { ScoreDraft, ScoresWriter, ScoreWrite } from "./scores.ts";

export interface ScoreCommitDeps {
  database: Database;
  log: CompetitionLogService;
  scores: ScoresWriter;
  clock: Clock;
  newId: IdGenerator;
}

/** What became of a command: the participant's stored score after its event. */
export interface ScoreRecorded {
  competitionId: string;
  participantId: string;
  /** A stored integer of the rule's last decimal. */
  score: number | null;
  offset: number;
  /** True where the key had been used before, so that nothing was written. */
  isReplay: boolean;
}

export type ScoreOutcome = ScoreRecorded | DomainError;

/** A batch as it was committed. */
export interface ScoreCommit {
  /** One for each command, in their order. */
  outcomes: ScoreOutcome[];
  /** One for each competition that something was written in. */
  changes: ScoresCommitted[];
}

/** A command with its place in the batch. */
interface Item {
  index: number;
  command: ScoreCommand;
}

/**
 * Runs the transaction; `check` sees the outcomes before the commit and throws to roll back. Fails
 * with `NOT_FOUND` when a competition was removed meanwhile.
 */
export async function commitScores(
  deps: ScoreCommitDeps,
  commands: readonly ScoreCommand[],
  check: (outcomes: readonly ScoreOutcome[]) => void = () => {},
): Promise<ScoreCommit> {
  const items = commands.map((command, index) => ({ index, command }));
  const byCompetition = Map.groupBy(items, ({ command }) => command.update.competitionId);
  return await deps.database.transaction(async (tx) => {
    const commit: ScoreCommit = { outcomes: [], changes: [] };
    const competitions = await deps.log.lock(tx, [...byCompetition.keys()]);
    for (const [id, group] of byCompetition) {
      await writeGroup(deps, tx, { locked: competitions.get(id)!, items: group, commit });
    }
    check(commit.outcomes);
    return commit;
  }, { name: "scores" });
}

interface Group {
  locked: LockedCompetition;
  items: readonly Item[];
  commit: ScoreCommit;
}

async function writeGroup(deps: ScoreCommitDeps, tx: Tx, group: Group): Promise<void> {
  const { locked, items, commit } = group;
  const from = locked.lastSeq;
  const plan = planGroup(deps, group, await readFacts(tx, locked.id, items));
  const outcomes = await deps.scores.writeEach(tx, locked, plan.drafts.map(({ draft }) => draft));
  const writes: ScoreWrite[] = [];
  for (const [place, outcome] of outcomes.entries()) {
    const { index } = plan.drafts[place]!;
    if (outcome instanceof DomainError) commit.outcomes[index] = outcome;
    else {
      writes.push(outcome);
      commit.outcomes[index] = toRecorded(locked, outcome);
    }
  }
  for (const { index, firstIndex } of plan.repeats) {
    const first = commit.outcomes[firstIndex]!;
    commit.outcomes[index] = first instanceof DomainError ? first : { ...first, isReplay: true };
  }
  if (writes.length > 0) commit.changes.push({ locked, from, scores: writes });
}

function toRecorded(locked: LockedCompetition, write: ScoreWrite): ScoreRecorded {
  return {
    competitionId: locked.id,
    participantId: write.participantId,
    score: write.after.score,
    offset: write.seq,
    isReplay: false,
  };
}

/** What a group writes, and which of its items repeat the key of an earlier one. */
interface GroupPlan {
  drafts: { index: number; draft: ScoreDraft }[];
  repeats: { index: number; firstIndex: number }[];
}

function planGroup(deps: ScoreCommitDeps, { locked, items, commit }: Group, facts: Facts) {
  const plan: GroupPlan = { drafts: [], repeats: [] };
  const firstByKey = new Map<string, Item>();
  // The log's time of arrival, which never goes back.
  const now: EpochMs = Math.max(deps.clock.now(), locked.lastArrivedAt ?? 0);
  for (const item of items) {
    const { index, command } = item;
    try {
      const key = command.update.idempotencyKey;
      const stored = key === undefined ? undefined : facts.stored.get(key);
      const first = key === undefined ? undefined : firstByKey.get(key);
      if (stored) commit.outcomes[index] = replay(locked, command, stored);
      else if (first) {
        checkSameBody(command, hashOf(first.command));
        plan.repeats.push({ index, firstIndex: first.index });
      } else {
        const target = facts.targets.get(command.userId);
        const draft = draftScore(command, locked, { target, now, eventId: deps.newId() });
        plan.drafts.push({ index, draft });
        if (key !== undefined) firstByKey.set(key, item);
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      commit.outcomes[index] = error;
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
    keys.length === 0 ? [] : tx.sql<StoredEvent[]>`
      select idempotency_key as key, participant_id as "participantId", seq,
        score_after as "scoreAfter", request_hash as "requestHash"
      from competition_log
      where competition_id = ${competitionId} and idempotency_key = any(${keys}::text[])`,
  ]);
  return {
    targets: new Map(targets.map((target) => [target.userId, target])),
    stored: new Map(stored.map((event) => [event.key, event])),
  };
}
