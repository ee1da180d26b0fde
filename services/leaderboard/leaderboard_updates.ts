/**
 * The writing half of the leaderboard: what requests bring waits in one queue, which commits it
 * together in one transaction; an atomic batch goes alone, since it may roll back.
 *
 * @module
 */

import type {
  ScoreBatch,
  ScoreBatchResult,
  ScoreUpdate,
  ScoreUpdated,
} from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, type ErrorDetail } from "@/domain/error.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import { nextTurn, type Timers } from "@/platform/timers.ts";
import { checkSignedIn, isStaff } from "../accounts/access.ts";
import type { BoardsService, BoardView } from "../boards/boards.ts";
import type { Meter } from "../meter.ts";
import {
  createScoreCommitter,
  type ScoreCommitDeps,
  type ScoreCommitter,
  type ScoreRequest,
} from "./score_commit.ts";
import type { ScoreOutcome, ScoreRecorded } from "./score_plan.ts";
import {
  type CommitOptions,
  createScoreQueue,
  type QueuedWork,
  type ScoreQueue,
} from "./score_queue.ts";
import { readCommand, type ScoreCommand } from "./score_update.ts";

/** Records score events; disposing refuses new ones and waits for those that are queued. */
export interface LeaderboardUpdates extends AsyncDisposable {
  /** As `LeaderboardService.update`. */
  update(actor: Actor, update: ScoreUpdate): Promise<ScoreUpdated>;
  /** As `LeaderboardService.updateBatch`. */
  updateBatch(actor: Actor, batch: ScoreBatch): Promise<ScoreBatchResult>;
}

export interface LeaderboardUpdatesDeps extends ScoreCommitDeps {
  boards: BoardsService;
  meter: Pick<Meter, "updates">;
  timers: Timers;
  metrics: {
    leaderboardUpdates: { inc(labels: { source: string }, count: number): void };
    leaderboardCommitBatchSize: { observe(events: number): void };
  };
}

/** Faults of an atomic batch that are named; a client fixes a few at a time. */
const FAULTS_MAX = 50;

/** Makes the writing half, with an empty queue. */
export function createLeaderboardUpdates(deps: LeaderboardUpdatesDeps): LeaderboardUpdates {
  const committer = createScoreCommitter(deps);
  const queue = createScoreQueue<RecordWork, Recorded>({
    ...deps,
    nextTurn,
    commit: (batch, options) => commitBatch(deps, committer, batch, options),
  });
  return {
    update: (actor, update) => recordOne(deps.boards, queue, actor, update),
    async updateBatch(actor, { updates, atomic }) {
      const check = atomic ? checkAll : undefined;
      return toBatchResult(await record(deps.boards, queue, { actor, updates, check }));
    },
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}

/** Throws when the batch must not be recorded as it is. */
type BatchCheck = (outcomes: readonly unknown[]) => void;

/** The boards of a request's competitions, or why there is none. */
interface Views {
  get(competitionId: string): BoardView | DomainError | undefined;
}

/** What a request asks for. */
interface RecordRequest {
  actor: Actor;
  updates: readonly ScoreUpdate[];
  check?: BatchCheck | undefined;
}

/** A request's commands in the queue, with the boards they were read against. */
interface RecordWork extends ScoreRequest, QueuedWork {
  views: Views;
}

/** What became of a request's commands. */
interface Recorded {
  outcomes: readonly ScoreOutcome[];
  /** The ranks that its participants had before the commit. */
  previousRanks: readonly (number | null)[];
  /** Resolves when this node's boards show the commit. */
  shown: Promise<unknown>;
}

type RecordQueue = ScoreQueue<RecordWork, Recorded>;

/** As `record` for one update, without what only many need. */
async function recordOne(
  boards: BoardsService,
  queue: RecordQueue,
  actor: Actor,
  given: ScoreUpdate,
): Promise<ScoreUpdated> {
  if (actor.kind === "anonymous") checkSignedIn(actor);
  const update = inLowerCase(given);
  const found = viewOne(boards, update.competitionId);
  const views = found instanceof Promise ? await found : found;
  const command = read(actor, update, views);
  if (command instanceof DomainError) throw command;
  const { outcomes, previousRanks, shown } = await queue.submit({
    commands: [command],
    views,
    check: undefined,
    competitionIds: [update.competitionId],
    size: 1,
    isAlone: false,
  });
  await shown;
  const outcome = outcomes[0]!;
  if (outcome instanceof DomainError) throw outcome;
  return toUpdated(actor, views, outcome, previousRanks[0]!);
}

async function record(
  boards: BoardsService,
  queue: RecordQueue,
  { actor, updates: given, check }: RecordRequest,
): Promise<(ScoreUpdated | DomainError)[]> {
  if (actor.kind === "anonymous") checkSignedIn(actor);
  const updates = given.map(inLowerCase);
  const found = viewAll(boards, updates);
  const views = found instanceof Promise ? await found : found;
  const commands = updates.map((update) => read(actor, update, views));
  check?.(commands);
  const tried = commands.filter(isCommand);
  if (tried.length === 0) return commands.filter((command) => command instanceof DomainError);
  const { outcomes, previousRanks, shown } = await queue.submit(toWork(tried, views, check));
  await shown;
  let next = 0;
  return commands.map((command) => {
    if (command instanceof DomainError) return command;
    const place = next++;
    const outcome = outcomes[place]!;
    if (outcome instanceof DomainError) return outcome;
    return toUpdated(actor, views, outcome, previousRanks[place]!);
  });
}

function toWork(commands: ScoreCommand[], views: Views, check: BatchCheck | undefined): RecordWork {
  const competitionIds = [...new Set(commands.map(({ update }) => update.competitionId))];
  return { commands, views, check, competitionIds, size: commands.length, isAlone: !!check };
}

/** Commits a batch and brings the boards of this node up to date. */
async function commitBatch(
  deps: LeaderboardUpdatesDeps,
  committer: ScoreCommitter,
  batch: readonly RecordWork[],
  options: CommitOptions,
): Promise<(Recorded | "busy")[]> {
  deps.failpoint?.("score.flush");
  const { outcomes, changes } = await committer.commit(batch, options);
  deps.failpoint?.("score.commit.after");
  const events = changes.reduce((sum, change) => sum + change.scores.length, 0);
  deps.meter.updates(events);
  deps.metrics.leaderboardUpdates.inc({ source: "direct" }, events);
  deps.metrics.leaderboardCommitBatchSize.observe(events);
  // Read before the boards move, all in one turn.
  const previousRanks = outcomes.map((own, index) => {
    const { views } = batch[index]!;
    return own === "busy" ? [] : own.map((outcome) => rankOf(views, outcome));
  });
  deps.failpoint?.("score.publish.before");
  const shown = Promise.all(
    changes.map((change) => deps.boards.committed(change.locked.id, change)),
  );
  deps.failpoint?.("score.publish.after");
  return outcomes.map((own, index) =>
    own === "busy" ? own : { outcomes: own, previousRanks: previousRanks[index]!, shown }
  );
}

/** UUIDs may come in capitals, the database gives them without. */
function inLowerCase(update: ScoreUpdate): ScoreUpdate {
  const userId = update.userId?.toLowerCase();
  const competitionId = update.competitionId.toLowerCase();
  if (userId === update.userId && competitionId === update.competitionId) return update;
  return { ...update, competitionId, ...(userId === undefined ? {} : { userId }) };
}

/** At once where the boards are in memory, as they are while scores come in. */
function viewAll(boards: BoardsService, updates: readonly ScoreUpdate[]): Views | Promise<Views> {
  const { competitionId } = updates[0]!;
  const isOne = updates.every((update) => update.competitionId === competitionId);
  return isOne ? viewOne(boards, competitionId) : viewMany(boards, updates);
}

function viewOne(boards: BoardsService, id: string): Views | Promise<Views> {
  const held = boards.viewNow(id, "staff");
  return held ? new OneView(id, held) : viewOf(boards, id).then((view) => new OneView(id, view));
}

async function viewMany(boards: BoardsService, updates: readonly ScoreUpdate[]): Promise<Views> {
  const ids = new Set(updates.map((update) => update.competitionId));
  const found = [...ids].map(async (id) => [id, await viewOf(boards, id)] as const);
  return new Map(await Promise.all(found));
}

/** The board of a request for one competition, as nearly all are. */
class OneView implements Views {
  readonly #id: string;
  readonly #view: BoardView | DomainError;

  constructor(id: string, view: BoardView | DomainError) {
    this.#id = id;
    this.#view = view;
  }

  get(id: string): BoardView | DomainError | undefined {
    return id === this.#id ? this.#view : undefined;
  }
}

async function viewOf(boards: BoardsService, id: string): Promise<BoardView | DomainError> {
  try {
    return await boards.view(id, "staff");
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return error;
    throw error;
  }
}

function read(actor: Actor, update: ScoreUpdate, views: Views): ScoreCommand | DomainError {
  const view = views.get(update.competitionId)!;
  if (view instanceof DomainError) return view;
  try {
    return readCommand(actor, update, view);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

function isCommand(command: ScoreCommand | DomainError): command is ScoreCommand {
  return !(command instanceof DomainError);
}

/** The rank on the board of now. */
function rankOf(views: Views, outcome: ScoreOutcome): number | null {
  if (outcome instanceof DomainError || outcome.isReplay) return null;
  const view = views.get(outcome.competitionId);
  return view instanceof DomainError || !view ? null : view.rankOf(outcome.participantId);
}

function toUpdated(
  actor: Actor,
  views: Views,
  recorded: ScoreRecorded,
  previousRank: number | null,
): ScoreUpdated {
  const view = views.get(recorded.competitionId) as BoardView;
  const { participantId, score, offset } = recorded;
  const decimals = decimalsOf(view.rules.scoring);
  const shown = score === null ? null : formatScore(score, decimals);
  // A frozen board tells nobody but staff where anybody stands.
  if ((recorded.isFrozen || view.frozen) && !isStaff(actor, view)) {
    return { participantId, score: shown, rank: null, previousRank: null, offset: null };
  }
  const isBehind = view.stale || view.offset < offset;
  const rank = isBehind ? null : view.rankOf(participantId);
  return { participantId, score: shown, rank, previousRank, offset };
}

/** Refuses an atomic batch with any fault, naming each. */
function checkAll(outcomes: readonly unknown[]): void {
  const faults = [...outcomes.entries()].flatMap(([index, outcome]) =>
    outcome instanceof DomainError ? [{ index, error: outcome }] : []
  );
  const [first] = faults;
  if (!first) return;
  const details = faults.slice(0, FAULTS_MAX).flatMap(({ index, error }) =>
    faultDetails(index, error)
  );
  const message = `Cannot record the batch: update ${first.index}: ${first.error.message}`;
  throw new DomainError(first.error.code, message, { details });
}

function faultDetails(index: number, error: DomainError): ErrorDetail[] {
  const field = `updates.${index}`;
  if (!error.details) return [{ field, code: error.code, message: error.message }];
  return error.details.map((detail) => ({ ...detail, field: `${field}.${detail.field}` }));
}

type BatchError = NonNullable<ScoreBatchResult["results"][number]["error"]>;

function toBatchResult(outcomes: readonly (ScoreUpdated | DomainError)[]): ScoreBatchResult {
  const results = outcomes.map((outcome, index) =>
    outcome instanceof DomainError
      ? { index, error: toBatchError(outcome) }
      : { index, update: outcome }
  );
  const rejected = results.filter((result) => "error" in result).length;
  return { accepted: results.length - rejected, rejected, results };
}

function toBatchError({ code, message, details }: DomainError): BatchError {
  return { code, message, ...(details ? { details: [...details] } : {}) };
}
