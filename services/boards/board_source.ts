/** Where boards are read from: the database, or what stands in for it in a simulation. */

import type { Database } from "@/db/client.ts";
import { readBoardAt } from "./board_at.ts";
import { type BoardHead, type BoardReading, type KnownState, readBoard } from "./board_store.ts";
import { readHead } from "./board_store.ts";

/** Readings of boards, each as of one moment. */
export interface BoardSource {
  /** The head of now; undefined when there is no such competition. */
  head(id: string): Promise<BoardHead | undefined>;
  /** What changed since the known state, or everything. */
  board(id: string, known: KnownState | undefined): Promise<BoardReading | undefined>;
  /** The board as it stood after a number of the log. */
  boardAt(id: string, seq: number): ReturnType<typeof readBoardAt>;
}

/** Readings of the database. */
export function boardSourceOf(database: Database): BoardSource {
  return {
    head: (id) => readHead(database.sql, { id }),
    board: (id, known) => readBoard(database, id, known),
    boardAt: (id, seq) => readBoardAt(database, id, seq),
  };
}
