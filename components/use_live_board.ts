/** The state of a board on a page: the server's rows first, then what the socket tells. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { Phase } from "@/domain/competition.ts";
import { type RowChange, rowChanges } from "./rank_change.ts";

/** A board as a page knows it. */
export interface BoardState {
  epoch: string;
  offset: number;
  phase: Phase;
  frozen: boolean;
  total: number;
  rows: BoardRow[];
}

/** How the page hangs on the server; `still` before the first script ran, and without one. */
export type LinkState = "still" | "connecting" | "live" | "waiting" | "closed";

/** A board with what moved lately and how fresh it is. */
export interface LiveBoardState {
  board: BoardState;
  changes: ReadonlyMap<string, RowChange>;
  link: LinkState;
}

/** Arrows stay long enough to be noticed, not so long that they tell of the past. */
const CHANGES_SHOWN_MS = 8000;

/** Follows the board of a competition from the rows that the server rendered. */
export function useLiveBoard(competitionId: string, initial: BoardState): LiveBoardState {
  const [state, setState] = useState<LiveBoardState>({
    board: initial,
    changes: new Map(),
    link: "still",
  });
  return state;
}
