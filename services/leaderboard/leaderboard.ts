/**
 * Score updates and boards: writing is `leaderboard_updates.ts`, reading is here.
 *
 * @module
 */

import type {
  BoardQuery,
  ScoreBatch,
  ScoreBatchResult,
  ScoreUpdate,
  ScoreUpdated,
} from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { viewFor, viewForNow } from "../boards/board_access.ts";
import { type BoardText, createBoardAnswers, textOf } from "../boards/board_answers.ts";
import { createBoardHistory } from "../boards/board_history.ts";
import { answerFromRanking } from "../boards/ranked_board.ts";
import type { Ranking } from "../boards/ranking.ts";
import { answerBoard, type BoardAnswer } from "../boards/board_window.ts";
import type { BoardView } from "../boards/boards.ts";
import { createLeaderboardUpdates, type LeaderboardUpdatesDeps } from "./leaderboard_updates.ts";

export type { BoardAnswer, BoardText };

export interface LeaderboardService {
  /**
   * Records one score event; resolves after it is durable. Fails with `NOT_FOUND`, `NOT_STARTED`,
   * `ALREADY_ENDED`, `ALREADY_FINAL`, `NOT_PUBLISHED`, `COMPETITION_CANCELLED`, `NOT_A_PARTICIPANT`,
   * `PARTICIPANT_DISQUALIFIED`, `SELF_REPORT_DISABLED`, `UNAUTHORIZED`, `FORBIDDEN`,
   * `VALIDATION_ERROR`, `CONFLICT` when its key was used for another event, and
   * `SERVICE_UNAVAILABLE` when too much waits or the database is away.
   */
  update(actor: Actor, update: ScoreUpdate): Promise<ScoreUpdated>;
  /**
   * Records many in one transaction, with an answer for each. An atomic batch
   * fails with the code of its first fault and names each fault in `details`.
   */
  updateBatch(actor: Actor, batch: ScoreBatch): Promise<ScoreBatchResult>;
  /** The board by id or slug. Fails with `NOT_FOUND`, `FORBIDDEN`, `UNAUTHORIZED` (around=me, or an invitation is needed), `VALIDATION_ERROR` (a cursor that is none). */
  board(actor: Actor, idOrSlug: string, query: BoardQuery): Promise<BoardAnswer>;
  /** The same as text, made once for all who ask for the same rows. Fails as `board`, some of it when the text is made. */
  boardText(actor: Actor, idOrSlug: string, query: BoardQuery): Promise<BoardText>;
  /** The same of a board that is at hand in memory; undefined when `boardText` would have to wait. Fails as `board`. */
  boardTextNow(actor: Actor, idOrSlug: string, query: BoardQuery): BoardText | undefined;
}

export interface LeaderboardDeps extends LeaderboardUpdatesDeps {
  /** Answers for boards that this node does not hold yet. */
  ranking?: Ranking | undefined;
}

/** Disposing refuses new updates and waits for those that are queued. */
export function createLeaderboardService(
  deps: LeaderboardDeps,
): LeaderboardService & AsyncDisposable {
  const updates = createLeaderboardUpdates(deps);
  const history = createBoardHistory(deps);
  const answers = createBoardAnswers();
  async function shownTo(actor: Actor, idOrSlug: string, { asOf }: BoardQuery): Promise<BoardView> {
    const view = await viewFor(deps.boards, actor, idOrSlug);
    return asOf === undefined ? view : await history.asOf(view, Date.parse(asOf));
  }
  return {
    update: (actor, update) => updates.update(actor, update),
    updateBatch: (actor, batch) => updates.updateBatch(actor, batch),
    async board(actor, idOrSlug, query) {
      return answerBoard(actor, await shownTo(actor, idOrSlug, query), query);
    },
    async boardText(actor, idOrSlug, query) {
      const loaded = shownTo(actor, idOrSlug, query).then((view) => answers.of(actor, view, query));
      const { ranking } = deps;
      if (!ranking || deps.boards.holds(idOrSlug)) return await loaded;
      return await firstOf(answerFromRanking({ ...deps, ranking }, actor, idOrSlug, query), loaded);
    },
    boardTextNow(actor, idOrSlug, query) {
      if (query.asOf !== undefined) return undefined;
      const view = viewForNow(deps.boards, actor, idOrSlug);
      return view && answers.of(actor, view, query);
    },
    [Symbol.asyncDispose]: () => updates[Symbol.asyncDispose](),
  };
}

/** Whichever answers first: the ranking, where it can, or the board that is being loaded. */
async function firstOf(
  ranked: Promise<BoardAnswer | undefined>,
  loaded: Promise<BoardText>,
): Promise<BoardText> {
  // Whatever goes wrong there, the board knows better.
  const early = ranked.then((answer) => answer ? textOf(answer) : loaded, () => loaded);
  // A failure that comes after the answer is for whoever asks next.
  loaded.catch(() => {});
  early.catch(() => {});
  return await Promise.race([early, loaded]);
}
