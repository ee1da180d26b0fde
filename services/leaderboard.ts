/**
 * Score updates and boards.
 *
 * @module
 */

import type {
  Board,
  BoardQuery,
  ScoreBatch,
  ScoreBatchResult,
  ScoreUpdate,
  ScoreUpdated,
} from "@/contracts/leaderboard.ts";
import type { PageMeta } from "@/contracts/envelope.ts";
import type { Actor } from "@/domain/actor.ts";

export interface LeaderboardService {
  /**
   * Records one score event; resolves after it is durable. Fails with `NOT_FOUND`, `NOT_STARTED`,
   * `ALREADY_ENDED`, `ALREADY_FINAL`, `NOT_PUBLISHED`, `COMPETITION_CANCELLED`, `NOT_A_PARTICIPANT`,
   * `PARTICIPANT_DISQUALIFIED`, `SELF_REPORT_DISABLED`, `FORBIDDEN`, `VALIDATION_ERROR`, and
   * `CONFLICT` when its key was used for another event.
   */
  update(actor: Actor, update: ScoreUpdate): Promise<ScoreUpdated>;
  /** Records many in one transaction for each request, with an answer for each. */
  updateBatch(actor: Actor, batch: ScoreBatch): Promise<ScoreBatchResult>;
  /** The board by id or slug. Fails with `NOT_FOUND`, `FORBIDDEN`, `UNAUTHORIZED` (around=me). */
  board(
    actor: Actor,
    idOrSlug: string,
    query: BoardQuery,
  ): Promise<{ board: Board; meta?: PageMeta }>;
}
