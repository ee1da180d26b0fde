/**
 * The boards of this node: a projection of log and standings kept in memory, brought up to date
 * after every commit, loaded anew on a gap.
 *
 * @module
 */

import type { Board, BoardRow } from "@/contracts/leaderboard.ts";
import type { Phase } from "@/domain/competition.ts";

/** Where a competition's board stands. */
export interface BoardState {
  competitionId: string;
  ownerId: string;
  visibility: "public" | "unlisted" | "invite";
  epoch: string;
  offset: number;
  phase: Phase;
  frozen: boolean;
  /** Rows on the board, ranked or not. */
  total: number;
}

/** One reading of a board, of one offset. */
export interface BoardView extends BoardState {
  /** Rows from..from+limit in board order (0-based). */
  rows(from: number, limit: number): BoardRow[];
  /** The row and its place (0-based) of a participant or user; undefined when not on the board. */
  find(
    key: { participantId: string } | { userId: string },
  ): { row: BoardRow; index: number } | undefined;
}

export interface BoardsService {
  /** The board of now. Fails with `NOT_FOUND`. */
  view(competitionId: string): Promise<BoardView>;
  /** Brings the node's board to the committed log after a write, and tells the listeners. */
  committed(competitionId: string): Promise<void>;
  /** Calls the listener after each change of the competition's board or phase; returns the way to stop. */
  listen(competitionId: string, listener: (view: BoardView) => void): () => void;
  /** Forgets everything; the next view loads from the database. */
  clear(): void;
}

/** A board as the API gives it. */
export type { Board };
