/** The state of a board on a page: the server's rows first, then what the socket tells. */

import { useEffect, useState } from "preact/hooks";
import { createLiveClient, type LiveBoardData, type LiveStatus } from "./live_client.ts";
import { type RowChange, rowChanges, type ShownMove, shownMoves } from "./rank_change.ts";

/** How the page hangs on the server; `still` before the script ran, and without one. */
export type LinkState = "still" | LiveStatus["state"];

/** A board with what moved lately and how fresh it is. */
export interface LiveBoardState {
  board: LiveBoardData;
  /** What the last update changed. */
  news: ReadonlyMap<string, RowChange>;
  /** Arrows of the last seconds. */
  moves: ReadonlyMap<string, ShownMove>;
  link: LinkState;
  /** What the organiser said last while the page was open. */
  announcement?: { text: string; at: string };
}

/** Which board, and how much of it. */
export interface LiveBoardOptions {
  competitionId: string;
  /** The rows that the server rendered. */
  initial: LiveBoardData;
  /** Rows from the top; null for the server's default. */
  top: number | null;
  /** Only this division; null for everybody. */
  division: string | null;
  /** The browser's clock. */
  now: () => number;
}

/** Arrows stay long enough to be noticed, not so long that they tell of the past. */
const MOVES_SHOWN_MS = 8000;
/** Arrows that are over go within this time. */
const SWEEP_MS = 1000;

/** Follows a board from the rows that the server rendered, as long as the component is shown. */
export function useLiveBoard(
  { competitionId, initial, top, division, now }: LiveBoardOptions,
): LiveBoardState {
  const [state, setState] = useState<LiveBoardState>({
    board: initial,
    news: new Map(),
    moves: new Map(),
    link: "still",
  });

  useEffect(() => {
    const client = createLiveClient({
      url: socketUrl(competitionId),
      initial,
      ...(top === null ? {} : { top }),
      ...(division === null ? {} : { division }),
      onBoard: (board) => setState((before) => withBoard(before, board, now())),
      onAnnouncement: (announcement) => setState((before) => ({ ...before, announcement })),
      onStatus: (status) => setState((before) => ({ ...before, link: status.state })),
    });
    const retry = () => client.retry();
    addEventListener("online", retry);
    return () => {
      removeEventListener("online", retry);
      client.stop();
    };
  }, [competitionId, division]);

  const hasMoves = state.moves.size > 0;
  useEffect(() => {
    if (!hasMoves) return;
    const timer = setInterval(() => setState((before) => swept(before, now())), SWEEP_MS);
    return () => clearInterval(timer);
  }, [hasMoves]);

  return state;
}

/** The state after a new board arrived. */
export function withBoard(
  before: LiveBoardState,
  board: LiveBoardData,
  nowMs: number,
): LiveBoardState {
  const news = rowChanges(before.board.rows, board.rows);
  const moves = shownMoves(before.moves, news, { nowMs, lastsMs: MOVES_SHOWN_MS });
  return { ...before, board, news, moves };
}

/** The state without the arrows whose time is over; the same state when none is. */
function swept(before: LiveBoardState, nowMs: number): LiveBoardState {
  const moves = shownMoves(before.moves, new Map(), { nowMs, lastsMs: MOVES_SHOWN_MS });
  return moves.size === before.moves.size ? before : { ...before, moves };
}

function socketUrl(competitionId: string): string {
  const url = new URL(`/ws/leaderboard/${competitionId}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
