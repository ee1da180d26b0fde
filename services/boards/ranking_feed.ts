/**
 * Keeps rankings elsewhere at the boards of this node. Changes are gathered while a call is under
 * way and sent together, each member as it stands by then; a ranking that tells a gap is built anew
 * from the board. Nothing waits for it: while the ranking is away changes are dropped, and when it is
 * back it is asked where it stands.
 *
 * @module
 */

import type { Contender } from "@/domain/standing.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { Timers } from "@/platform/timers.ts";
import type { LoadedBoard } from "./board_state.ts";
import type { Ranking, RankingState } from "./ranking.ts";

export interface RankingFeed extends Disposable {
  /** A board was put into memory. */
  loaded(board: LoadedBoard): void;
  /** Members of a board moved in the entries after a number. */
  moved(board: LoadedBoard, from: number, participantIds: readonly string[]): void;
  /** A board is let go. */
  forgotten(competitionId: string): void;
  /** Resolves when everything was sent or given up. */
  settled(): Promise<void>;
}

export interface RankingFeedDeps {
  ranking: Ranking;
  timers: Timers;
  /** Boards with fewer members load as fast as a ranking answers. */
  membersMin: number;
  /** Hears of calls that failed. */
  onFault?: (error: unknown) => void;
}

/** Boards of so many members load in some 50 ms; a ranking of one costs Redis some 5 MB. */
export const RANKING_MEMBERS_MIN = 10_000;
/** Members read from the board at once, while others may go on. */
const PART_MEMBERS = 500;
/** A ranking that is away is asked so often, not with each commit. */
const RETRY_MS = SECOND_MS;
/** A ranking that tells gaps again and again is left alone until the next change. */
const ROUNDS_MAX = 20;

/** One board and what its ranking lacks. */
interface Line {
  board: LoadedBoard;
  /** The number that the ranking stands at, as far as this node knows; null when it must be asked. */
  from: number | null;
  changed: Set<string>;
  isDue: boolean;
  isRunning: boolean;
  /** Whether the ranking came back since the call under way began. */
  isBack: boolean;
  cancelRetry: (() => void) | undefined;
}

export function createRankingFeed(deps: RankingFeedDeps): RankingFeed {
  const lines = new Map<string, Line>();
  const running = new Set<Promise<void>>();
  const stopHearing = deps.ranking.onReady(() => {
    for (const line of lines.values()) {
      line.isBack = true;
      stopRetry(line);
      ask(line);
    }
  });
  function lineOf(board: LoadedBoard): Line | undefined {
    const { id } = board.head;
    if (board.members.index.known < deps.membersMin) return undefined;
    const known = lines.get(id);
    if (known?.board === board) return known;
    const line = known ?? newLine(board);
    startAnew(line, board);
    lines.set(id, line);
    return line;
  }
  function ask(line: Line): void {
    line.from = null;
    start(line);
  }
  function start(line: Line): void {
    line.isDue = true;
    if (line.isRunning || line.cancelRetry) return;
    const work = run(deps, line, () => lines.get(line.board.head.id) === line).then((isDone) => {
      running.delete(work);
      if (!isDone && lines.get(line.board.head.id) === line) retryLater(line);
    });
    running.add(work);
  }
  function retryLater(line: Line): void {
    line.cancelRetry = deps.timers.after(RETRY_MS, () => {
      line.cancelRetry = undefined;
      ask(line);
    });
  }
  function drop(line: Line): void {
    stopRetry(line);
    lines.delete(line.board.head.id);
  }
  return {
    loaded(board) {
      const line = lineOf(board);
      if (line) ask(line);
    },
    moved(board, from, participantIds) {
      const line = lineOf(board);
      if (!line) return;
      // What was dropped meanwhile is found out by asking.
      if (line.from !== null && line.changed.size === 0 && line.from !== from) line.from = null;
      for (const id of participantIds) line.changed.add(id);
      start(line);
    },
    forgotten(competitionId) {
      const line = lines.get(competitionId);
      if (line) drop(line);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    [Symbol.dispose]() {
      stopHearing();
      for (const line of [...lines.values()]) drop(line);
    },
  };
}

function newLine(board: LoadedBoard): Line {
  return {
    ...{ board, from: null, changed: new Set<string>() },
    ...{ isDue: false, isRunning: false, isBack: false, cancelRetry: undefined },
  };
}

function startAnew(line: Line, board: LoadedBoard): void {
  line.board = board;
  line.from = null;
  line.changed.clear();
}

function stopRetry(line: Line): void {
  line.cancelRetry?.();
  line.cancelRetry = undefined;
}

/** Sends what is due; tells false where the ranking is away. */
async function run(deps: RankingFeedDeps, line: Line, isKept: () => boolean): Promise<boolean> {
  line.isRunning = true;
  for (let round = 0; line.isDue && isKept() && round < ROUNDS_MAX; round++) {
    line.isDue = false;
    line.isBack = false;
    try {
      await follow(deps.ranking, line);
    } catch (error) {
      line.from = null;
      line.changed.clear();
      deps.onFault?.(error);
      if (line.isBack) continue;
      line.isRunning = false;
      return false;
    }
  }
  line.isRunning = false;
  return true;
}

async function follow(ranking: Ranking, line: Line): Promise<void> {
  const { board } = line;
  const state = stateOf(board);
  const from = line.from ?? state.offset;
  const members = takeChanged(line, board);
  line.from = state.offset;
  const { outcome } = await ranking.apply({ ...state, from, members });
  // Another board in its place asks for itself.
  if (outcome !== "gap" || line.board !== board) return;
  line.changed.clear();
  line.from = board.offset;
  await ranking.rebuild(stateOf(board), {
    members: partsOf(board),
    settle() {
      if (line.board !== board) return { offset: board.offset, members: [] };
      line.from = board.offset;
      return { offset: board.offset, members: takeChanged(line, board) };
    },
  });
}

function stateOf({ head, offset }: LoadedBoard): RankingState {
  const { id, epoch, rules } = head;
  return { competitionId: id, epoch, rules, offset };
}

function takeChanged(line: Line, { members: { index } }: LoadedBoard): Contender[] {
  const changed = [...line.changed];
  line.changed.clear();
  return changed.map((id) => index.contender(index.slotOf(id)));
}

function* partsOf({ members: { index } }: LoadedBoard): Iterable<Contender[]> {
  for (let from = 0; from < index.known; from += PART_MEMBERS) {
    const count = Math.min(PART_MEMBERS, index.known - from);
    yield Array.from({ length: count }, (_, n) => index.contender(from + n));
  }
}
