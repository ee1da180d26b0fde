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
import { viewFor } from "./board_access.ts";
import { createBoardHistory } from "./board_history.ts";
import { answerBoard, type BoardAnswer } from "./board_window.ts";
import { createLeaderboardUpdates, type LeaderboardUpdatesDeps } from "./leaderboard_updates.ts";

export type { BoardAnswer };

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
  /** The board by id or slug. Fails with `NOT_FOUND`, `FORBIDDEN`, `UNAUTHORIZED` (around=me, or an invitation is needed). */
  board(actor: Actor, idOrSlug: string, query: BoardQuery): Promise<BoardAnswer>;
}

export type LeaderboardDeps = LeaderboardUpdatesDeps;

/** Disposing refuses new updates and waits for those that are queued. */
export function createLeaderboardService(
  deps: LeaderboardDeps,
): LeaderboardService & AsyncDisposable {
  const updates = createLeaderboardUpdates(deps);
  const history = createBoardHistory(deps);
  return {
    update: (actor, update) => updates.update(actor, update),
    updateBatch: (actor, batch) => updates.updateBatch(actor, batch),
    async board(actor, idOrSlug, query) {
      const view = await viewFor(deps.boards, actor, idOrSlug);
      const { asOf } = query;
      const shown = asOf === undefined ? view : await history.asOf(view, Date.parse(asOf));
      return answerBoard(actor, shown, query);
    },
    [Symbol.asyncDispose]: () => updates[Symbol.asyncDispose](),
  };
}
