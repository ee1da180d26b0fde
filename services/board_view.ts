/** A reading of a board in memory, as services see it. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import { phaseOf } from "@/domain/competition.ts";
import type { Clock } from "@/platform/clock.ts";
import { type LoadedBoard, rowAt } from "./board_state.ts";
import type { BoardView } from "./boards.ts";

/** Shows a board; everything is read from it at the moment it is asked for. */
export function viewOf(board: LoadedBoard, clock: Clock): BoardView {
  const { members } = board;
  return {
    get competitionId() {
      return board.head.id;
    },
    get slug() {
      return board.head.slug;
    },
    get name() {
      return board.head.name;
    },
    get ownerId() {
      return board.head.ownerId;
    },
    get status() {
      return board.head.status;
    },
    get visibility() {
      return board.head.visibility;
    },
    get rules() {
      return board.head.rules;
    },
    get epoch() {
      return board.head.epoch;
    },
    get offset() {
      return board.offset;
    },
    get phase() {
      return phaseOf(board.head, clock.now());
    },
    get frozen() {
      return board.head.frozenAt !== null;
    },
    get total() {
      return members.size;
    },
    get stale() {
      return board.isStale;
    },
    rows(from, limit) {
      const rows: BoardRow[] = [];
      const end = Math.min(members.size, from + limit);
      for (let index = Math.max(0, from); index < end; index++) rows.push(rowAt(board, index));
      return rows;
    },
    find(key) {
      const participantId = "userId" in key ? board.byUser.get(key.userId) : key.participantId;
      const index = participantId === undefined ? -1 : members.indexOf(participantId);
      return index < 0 ? undefined : { row: rowAt(board, index), index };
    },
  };
}
