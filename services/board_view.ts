/** A reading of a board in memory, as services see it. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import { isFrozenAt, phaseOf } from "@/domain/competition.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { Clock } from "@/platform/clock.ts";
import { type LoadedBoard, rowAt } from "./board_state.ts";
import type { Audience, BoardView } from "./boards.ts";

/** Where a view finds its rows. */
export interface BoardSource {
  /** The board that follows the log. */
  live(): LoadedBoard;
  /** The board that the public sees while it is frozen. */
  frozen(): LoadedBoard | undefined;
}

/** Shows a board to an audience; everything is read at the moment it is asked for. */
export function viewOf(source: BoardSource, clock: Clock, audience: Audience): BoardView {
  const live = () => source.live();
  const shown = () => shownTo(audience, source);
  return {
    audience,
    get competitionId() {
      return live().head.id;
    },
    get slug() {
      return live().head.slug;
    },
    get name() {
      return live().head.name;
    },
    get ownerId() {
      return live().head.ownerId;
    },
    get status() {
      return live().head.status;
    },
    get visibility() {
      return live().head.visibility;
    },
    get rules() {
      return shown().head.rules;
    },
    get epoch() {
      return live().head.epoch;
    },
    get offset() {
      return shown().offset;
    },
    get phase() {
      return phaseOf(live().head, clock.now());
    },
    get frozen() {
      return isFrozenAt(live().head, clock.now());
    },
    get total() {
      return shown().members.size;
    },
    get stale() {
      return live().isStale;
    },
    rows(from, limit) {
      const board = shown();
      const rows: BoardRow[] = [];
      const end = Math.min(board.members.size, from + limit);
      for (let index = Math.max(0, from); index < end; index++) rows.push(rowAt(board, index));
      return rows;
    },
    find(key) {
      const board = shown();
      const participantId = "userId" in key ? board.byUser.get(key.userId) : key.participantId;
      const index = participantId === undefined ? -1 : board.members.indexOf(participantId);
      return index < 0 ? undefined : { row: rowAt(board, index), index };
    },
    rankOf(participantId) {
      const { members } = shown();
      return members.rankAt(members.indexOf(participantId));
    },
    own: (userId) => ownEntry(live(), userId),
  };
}

/** Never the live board where the frozen one is due: a fault here must not tell anything. */
function shownTo(audience: Audience, source: BoardSource): LoadedBoard {
  const live = source.live();
  if (audience === "staff" || live.head.frozenSeq === null) return live;
  const frozen = source.frozen();
  if (frozen?.offset === live.head.frozenSeq && frozen.head.epoch === live.head.epoch) {
    return frozen;
  }
  throw new RangeError(`Cannot show board "${live.head.id}": its frozen state is not loaded`);
}

function ownEntry(board: LoadedBoard, userId: string): ReturnType<BoardView["own"]> {
  const participantId = board.byUser.get(userId);
  const entry = participantId === undefined ? undefined : board.members.get(participantId);
  if (!entry || entry.status === "withdrawn") return undefined;
  const decimals = decimalsOf(board.head.rules.scoring);
  const score = entry.score === null ? null : formatScore(entry.score, decimals);
  return { participantId: entry.participantId, score };
}
