/**
 * Boards as they were shown at an earlier time, rebuilt from the log and remembered for a while,
 * because one link to a moment is opened by many.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import type { CompetitionStatus } from "@/domain/competition.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { readBoardAt } from "./board_at.ts";
import { buildBoard, type LoadedBoard } from "./board_state.ts";
import { viewOf } from "./board_view.ts";
import type { BoardView } from "./boards.ts";

export interface BoardHistory {
  /** The board as the view's audience was shown it at an instant. Fails with `VALIDATION_ERROR` for the future. */
  asOf(view: BoardView, at: EpochMs): Promise<BoardView>;
  /** The board at a number, which moves no more. */
  atSeq(view: BoardView, seq: number): Promise<LoadedBoard>;
}

export interface BoardHistoryDeps {
  database: Database;
  clock: Clock;
}

/** Boards remembered, and the rows of all of them, some 500 bytes each. */
const BOARDS_MAX = 32;
const ROWS_MAX = 200_000;
/** Names on them are of the moment of reading; whoever was erased is gone after this. */
const REMEMBERED_MS = MINUTE_MS;

interface Remembered {
  board: Promise<LoadedBoard>;
  readAt: EpochMs;
  rows: number;
}

export function createBoardHistory(deps: BoardHistoryDeps): BoardHistory {
  // Put back at the end when used, so that the map is ordered from the least recently used on.
  const boards = new Map<string, Remembered>();
  async function atSeq(view: BoardView, seq: number): Promise<LoadedBoard> {
    const { competitionId, epoch } = view;
    const key = `${competitionId}:${epoch}:${seq}`;
    const known = boards.get(key);
    const isFresh = known && deps.clock.now() - known.readAt < REMEMBERED_MS;
    const entry = isFresh ? known : remember(key, read(deps, competitionId, seq));
    boards.delete(key);
    boards.set(key, entry);
    return await entry.board;
  }
  function remember(key: string, board: Promise<LoadedBoard>): Remembered {
    const entry = { board, readAt: deps.clock.now(), rows: 0 };
    board.then(({ members }) => {
      entry.rows = members.size;
      evict(boards);
    }, () => {
      if (boards.get(key) === entry) boards.delete(key);
    });
    return entry;
  }
  return {
    atSeq,
    async asOf(view, at) {
      if (at > deps.clock.now()) {
        throw invalid("asOf", "in_future", "What is to come is not known yet");
      }
      const then = await readThen(deps.database, view, at);
      const board = await atSeq(view, then.seq);
      const shown = shownAs(board, then);
      const source = { live: () => shown, frozen: () => undefined };
      return viewOf(source, { now: () => at }, view.audience);
    },
  };
}

/** Boards as they were shown in another phase; the same object again, so that answers are shared. */
const shownBoards = new WeakMap<LoadedBoard, Map<string, LoadedBoard>>();

function shownAs(board: LoadedBoard, { status, frozenAt }: Then): LoadedBoard {
  const byState = shownBoards.get(board) ?? new Map<string, LoadedBoard>();
  shownBoards.set(board, byState);
  const key = `${status}:${frozenAt}`;
  const known = byState.get(key);
  if (known) return known;
  const shown = { ...board, head: { ...board.head, status, frozenAt } };
  byState.set(key, shown);
  return shown;
}

function evict(boards: Map<string, Remembered>): void {
  let count = 0;
  let rows = 0;
  for (const [key, entry] of [...boards].reverse()) {
    count += 1;
    rows += entry.rows;
    const isNewest = count === 1;
    if (!isNewest && (count > BOARDS_MAX || rows > ROWS_MAX)) boards.delete(key);
  }
}

async function read(
  { database }: BoardHistoryDeps,
  competitionId: string,
  seq: number,
): Promise<LoadedBoard> {
  const then = await readBoardAt(database, competitionId, seq);
  if (!then) {
    throw new DomainError(
      "NOT_FOUND",
      `Cannot find competition "${competitionId}": there is none`,
    );
  }
  const { head, entries, isFinal } = then;
  const status: CompetitionStatus = isFinal ? "final" : "published";
  const still = { status, freezeAt: null, frozenAt: null, frozenSeq: null };
  return buildBoard({ ...head, ...still }, entries);
}

/** What an audience was shown at an instant. */
interface Then {
  seq: number;
  status: CompetitionStatus;
  frozenAt: EpochMs | null;
}

async function readThen(
  { sql }: Database,
  { competitionId, audience }: BoardView,
  at: EpochMs,
): Promise<Then> {
  const seq = await findLastSeq(sql, competitionId, at);
  const [life] = await sql<{ status: CompetitionStatus | null }[]>`
    select body ->> 'status' as status from competition_log
    where competition_id = ${competitionId} and participant_id is null and kind = 'status'
      and seq <= ${seq}
    order by seq desc limit 1`;
  const [turn] = await sql<{ seq: number; kind: string; arrivedAt: EpochMs }[]>`
    select seq, kind, arrived_at as "arrivedAt" from competition_log
    where competition_id = ${competitionId} and participant_id is null and seq <= ${seq}
      and (kind in ('freeze', 'unfreeze')
      or (kind = 'status' and body ->> 'status' in ('final', 'settled')))
    order by seq desc limit 1`;
  const status = life?.status ?? "draft";
  if (turn?.kind !== "freeze") return { seq, status, frozenAt: null };
  const { arrivedAt: frozenAt } = turn;
  return { seq: audience === "staff" ? seq : turn.seq - 1, status, frozenAt };
}

/** The last number that had arrived by an instant; times never fall along the numbers. */
async function findLastSeq(
  sql: Database["sql"],
  competitionId: string,
  at: EpochMs,
): Promise<number> {
  const [head] = await sql<{ seq: number; arrivedAt: EpochMs | null }[]>`
    select last_seq as seq, last_arrived_at as "arrivedAt" from competitions
    where id = ${competitionId}`;
  if (!head || head.arrivedAt === null) return 0;
  if (head.arrivedAt <= at) return head.seq;
  let low = 0;
  let high = head.seq;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const [row] = await sql<{ arrivedAt: EpochMs }[]>`
      select arrived_at as "arrivedAt" from competition_log
      where competition_id = ${competitionId} and seq = ${middle}`;
    if (row && row.arrivedAt <= at) low = middle;
    else high = middle;
  }
  return low;
}
