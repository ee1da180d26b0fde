/** A reading of a board in memory, as services see it. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import { phaseOf } from "@/domain/competition.ts";
import type { Clock } from "@/platform/clock.ts";
import { type LoadedBoard, rowAt } from "./board_state.ts";
import type { BoardView } from "./boards.ts";

/** Shows the board that `current` gives; everything is read at the moment it is asked for. */
export function viewOf(current: () => LoadedBoard, clock: Clock): BoardView {
  return {
    get competitionId() {
      return current().head.id;
    },
    get slug() {
      return current().head.slug;
    },
    get name() {
      return current().head.name;
    },
    get ownerId() {
      return current().head.ownerId;
    },
    get status() {
      return current().head.status;
    },
    get visibility() {
      return current().head.visibility;
    },
    get rules() {
      return current().head.rules;
    },
    get epoch() {
      return current().head.epoch;
    },
    get offset() {
      return current().offset;
    },
    get phase() {
      return phaseOf(current().head, clock.now());
    },
    get frozen() {
      return current().head.frozenAt !== null;
    },
    get total() {
      return current().members.size;
    },
    get stale() {
      return current().isStale;
    },
    rows(from, limit) {
      const board = current();
      const rows: BoardRow[] = [];
      const end = Math.min(board.members.size, from + limit);
      for (let index = Math.max(0, from); index < end; index++) rows.push(rowAt(board, index));
      return rows;
    },
    find(key) {
      const board = current();
      const participantId = "userId" in key ? board.byUser.get(key.userId) : key.participantId;
      const index = participantId === undefined ? -1 : board.members.indexOf(participantId);
      return index < 0 ? undefined : { row: rowAt(board, index), index };
    },
    rankOf(participantId) {
      const { members } = current();
      return members.rankAt(members.indexOf(participantId));
    },
  };
}
