/**
 * Makes a batch of score commands durable in one transaction, each with its own outcome: a faulty
 * one hurts only itself. Commands may come from any number of requests, for several competitions,
 * which are locked in the order of their ids.
 *
 * A batch of one competition whose row this node has seen last is written in one statement, without
 * reading or locking before: it names the version of the row that it was thought out for, and writes
 * nothing when somebody else has changed the row meanwhile. Whatever does not go that way (another
 * node wrote, a key that is used, a late event, several competitions) takes the transaction.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Failpoint } from "@/platform/failpoint.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { ScoresCommitted } from "../boards/board_state.ts";
import {
  type CompetitionLogService,
  isFreezeDue,
  type LockedCompetition,
} from "./competition_log.ts";
import { type StoredFold, writeScoreRows } from "./score_entries.ts";
import { readHistories, readRuleVersions } from "./score_history.ts";
import {
  type KnownCompetition,
  type KnownMember,
  readMembers,
  ScoreMemory,
} from "./score_memory.ts";
import {
  admit,
  answerDrafts,
  competitionOf,
  type Group,
  type GroupPlan,
  type Item,
  planGroup,
  type ScoreOutcome,
  type StoredEvent,
} from "./score_plan.ts";
import type { ScoreCommand } from "./score_update.ts";
import { idsOutOfOrder, planScores, type ScorePlan, type StoredScores } from "./scores.ts";

export interface ScoreCommitDeps {
  database: Database;
  log: CompetitionLogService;
  clock: Clock;
  newId: IdGenerator;
  /** Where tests of crashes end the process. */
  failpoint?: Failpoint | undefined;
}

/** A connection that broke is back by then. */
const RETRY_AFTER_SECONDS = 1;

/** Half of a client's patience: the other half may have gone by in the queue. */
const TIMEOUT_MS = 5 * SECOND_MS;
const COMMIT = { name: "scores", timeoutMs: TIMEOUT_MS };

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

export interface ScoreCommitter {
  /**
   * Stores the commands of many requests together. Impatient, it leaves alone requests with a
   * competition that somebody else holds; patient, it waits. Nothing is stored when it fails, but
   * for `SERVICE_UNAVAILABLE`, which may come after the database did store.
   */
  commit(
    requests: readonly ScoreRequest[],
    options: { isPatient: boolean },
  ): Promise<ScoreCommit>;
}

/** Makes a committer that knows nothing yet. One competition is committed by one call at a time. */
export function createScoreCommitter(deps: ScoreCommitDeps): ScoreCommitter {
  const memory = new ScoreMemory();
  return {
    async commit(requests, options) {
      return await commitAtOnce(deps, memory, requests) ??
        await commitLocked(deps, memory, requests, options);
    },
  };
}

/** Undefined where it cannot be done, and then nothing was stored. */
async function commitAtOnce(
  deps: ScoreCommitDeps,
  memory: ScoreMemory,
  requests: readonly ScoreRequest[],
): Promise<ScoreCommit | undefined> {
  const id = onlyCompetition(requests);
  const known = id === undefined ? undefined : memory.trusted(id);
  if (!known || isFreezeDue(known.locked, deps.clock.now())) return undefined;
  const attempt = { isCommitting: false };
  try {
    const written = await deps.database.transaction(
      (tx) => writeAtOnce(deps, tx, { known, requests, attempt }),
      COMMIT,
    );
    if (written === "outdated") memory.forget(known.locked.id);
    if (typeof written === "string") return undefined;
    noteFolds(written.items, written.folds);
    memory.keep({ ...known, locked: written.locked, version: written.version });
    return written.commit;
  } catch (error) {
    memory.forget(known.locked.id);
    if (attempt.isCommitting) throw unsettled(error);
    if (isAway(error)) throw error;
    // A key that is used, or a row that only the database refuses: the transaction finds out which.
    memory.distrust(known.locked.id);
    return undefined;
  }
}

interface WrittenAtOnce {
  commit: ScoreCommit;
  locked: LockedCompetition;
  version: string;
  items: readonly Item[];
  folds: ReadonlyMap<string, StoredFold>;
}

interface AttemptAtOnce {
  known: KnownCompetition;
  requests: readonly ScoreRequest[];
  attempt: { isCommitting: boolean };
}

/** "unfit" where it takes more than a step; "outdated" when somebody else has changed the row. */
async function writeAtOnce(
  deps: ScoreCommitDeps,
  tx: Tx,
  { known, requests, attempt }: AttemptAtOnce,
): Promise<WrittenAtOnce | "unfit" | "outdated"> {
  attempt.isCommitting = false;
  const { version: ifVersion } = known;
  const locked = { ...known.locked };
  const { outcomes, items } = admit(requests, new Map([[locked.id, locked]]), true);
  if (!await learn(tx, known, items)) return "outdated";
  const from = locked.lastSeq;
  const plan = planGroup(deps, { locked, items }, NO_EVENTS);
  const scores = planOf(locked, plan, foldsOf(items));
  // Refusals alone would rest on what may be outdated: nothing is written that would tell.
  if (!scores || scores.rows.length === 0) return "unfit";
  const { folds, outcomes: writes } = scores;
  const hashes = deps.log.chainScores(locked, scores.rows.map(({ entry }) => entry));
  const version = await writeScoreRows(tx.sql, { locked, plan: scores, hashes, ifVersion });
  if (version === undefined) return "outdated";
  const changes = [{ locked, from, scores: answerDrafts(locked, plan, writes) }];
  attempt.isCommitting = true;
  deps.failpoint?.("score.commit.before");
  return { commit: { outcomes, changes }, locked, version, items, folds };
}

const NO_EVENTS: ReadonlyMap<string, StoredEvent> = new Map();
const NO_HISTORIES: StoredScores["histories"] = new Map();

/** The one competition that all commands are for; undefined where something may roll them back. */
function onlyCompetition(requests: readonly ScoreRequest[]): string | undefined {
  let only: string | undefined;
  for (const { commands, check } of requests) {
    if (check) return undefined;
    for (const command of commands) {
      const id = competitionOf(command);
      if (only !== undefined && only !== id) return undefined;
      only = id;
    }
  }
  return only;
}

/** Meets the commands' people, reading those not known yet; false when the row has changed meanwhile. */
async function learn(
  tx: Tx,
  { locked, version, members }: KnownCompetition,
  items: readonly Item[],
): Promise<boolean> {
  const strangers = meet(items, members);
  if (strangers.size === 0) return true;
  const read = await readMembers(tx.sql, locked.id, [...strangers]);
  if (read?.version !== version) return false;
  for (const [userId, member] of read.members) members.set(userId, member);
  meet(items, members);
  return true;
}

/** Notes whom commands are for; gives the users who are not among the members. */
function meet(items: readonly Item[], members: ReadonlyMap<string, KnownMember>): Set<string> {
  const strangers = new Set<string>();
  for (const item of items) {
    const { userId } = item.command;
    item.member = members.get(userId);
    if (!item.member) strangers.add(userId);
  }
  return strangers;
}

/** Folds in one step each; undefined where somebody's history is needed. */
function planOf(
  locked: LockedCompetition,
  { drafts }: GroupPlan,
  folds: ReadonlyMap<string, StoredFold>,
): ScorePlan | undefined {
  if (idsOutOfOrder(drafts, folds).length > 0) return undefined;
  return planScores(locked, { folds, histories: NO_HISTORIES, versions: [locked.rules] }, drafts);
}

function isAway(error: unknown): boolean {
  return error instanceof DomainError &&
    (error.code === "SERVICE_UNAVAILABLE" || error.code === "CIRCUIT_OPEN");
}

async function commitLocked(
  deps: ScoreCommitDeps,
  memory: ScoreMemory,
  requests: readonly ScoreRequest[],
  { isPatient }: { isPatient: boolean },
): Promise<ScoreCommit> {
  const ids = requests.flatMap(({ commands }) => commands.map(competitionOf));
  let isCommitting = false;
  let learned: GroupWritten[] = [];
  const run = async (tx: Tx) => {
    isCommitting = false;
    learned = [];
    const competitions = await deps.log.lockFound(tx, ids, { wait: isPatient });
    const { outcomes, items } = admit(requests, competitions, isPatient);
    const changes: ScoresCommitted[] = [];
    for (const [id, group] of Map.groupBy(items, ({ command }) => competitionOf(command))) {
      const written = await writeGroup(deps, tx, {
        locked: competitions.get(id)!,
        items: group,
      });
      learned.push(written);
      if (written.change.scores.length > 0) changes.push(written.change);
    }
    for (const [index, { check }] of requests.entries()) check?.(outcomes[index] as ScoreOutcome[]);
    isCommitting = true;
    deps.failpoint?.("score.commit.before");
    return { outcomes, changes };
  };
  const committed = await deps.database.transaction(run, COMMIT).catch((error) => {
    for (const id of ids) memory.forget(id);
    throw isCommitting ? unsettled(error) : error;
  });
  for (const { before, known } of learned) memory.keepAfter(before, known);
  return committed;
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

/** What a transaction wrote of a competition, and what is known of it when that is committed. */
interface GroupWritten {
  change: ScoresCommitted;
  /** The version of the row that was found. */
  before: string;
  known: KnownCompetition;
}

async function writeGroup(
  deps: ScoreCommitDeps,
  tx: Tx,
  { locked, items }: Group,
): Promise<GroupWritten> {
  const from = locked.lastSeq;
  const { members, stored } = await readFacts(tx, locked, items);
  const plan = planGroup(deps, { locked, items }, stored);
  const scores = await planLocked(tx, locked, plan, foldsOf(items));
  let version = locked.version;
  if (scores.rows.length > 0) {
    const hashes = deps.log.chainScores(locked, scores.rows.map(({ entry }) => entry));
    version = (await writeScoreRows(tx.sql, { locked, plan: scores, hashes }))!;
  }
  noteFolds(items, scores.folds);
  return {
    change: { locked, from, scores: answerDrafts(locked, plan, scores.outcomes) },
    before: locked.version,
    known: { locked, version, members },
  };
}

/** Reads and meets the commands' people, known or not, and reads what is stored under their keys. */
async function readFacts(
  tx: Tx,
  locked: LockedCompetition,
  items: readonly Item[],
): Promise<{ members: Map<string, KnownMember>; stored: Map<string, StoredEvent> }> {
  const userIds = [...new Set(items.map(({ command }) => command.userId))];
  const keys = items.flatMap(({ command }) => command.update.idempotencyKey ?? []);
  // Sent together: the second does not wait for the answer to the first.
  const [read, stored] = await Promise.all([
    readMembers(tx.sql, locked.id, userIds),
    keys.length === 0 ? [] : readStored(tx, locked.id, keys),
  ]);
  const members = read?.members ?? new Map<string, KnownMember>();
  meet(items, members);
  return { members, stored: new Map(stored.map((event) => [event.key, event])) };
}

async function planLocked(
  tx: Tx,
  locked: LockedCompetition,
  { drafts }: GroupPlan,
  folds: ReadonlyMap<string, StoredFold>,
): Promise<ScorePlan> {
  const unordered = idsOutOfOrder(drafts, folds);
  const histories = await readHistories(tx, locked.id, unordered, { skipActivity: false });
  const versions = await readRuleVersions(tx, locked, [...histories.values()].flat());
  return planScores(locked, { folds, histories, versions }, drafts);
}

/** By participant. */
function foldsOf(items: readonly Item[]): Map<string, StoredFold> {
  const folds = new Map<string, StoredFold>();
  for (const { member } of items) if (member) folds.set(member.participantId, member.fold);
  return folds;
}

function noteFolds(items: readonly Item[], folds: ReadonlyMap<string, StoredFold>): void {
  for (const { member } of items) {
    const fold = member && folds.get(member.participantId);
    if (fold) member.fold = fold;
  }
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
        score_after as "scoreAfter", encode(request_hash, 'hex') as "requestHash"
      from competition_log
      where competition_id = ${competitionId} and idempotency_key = asked.key limit 1
    ) as stored`;
}
