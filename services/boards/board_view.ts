/** A reading of a board in memory, as services see it. */

import { isFrozenAt, phaseOf } from "@/domain/competition.ts";
import type { RankedMembers } from "@/domain/rank_index.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { Clock } from "@/platform/clock.ts";
import { nextChangeAt } from "./board_changes.ts";
import { type LoadedBoard, rowOf, rowsOf } from "./board_state.ts";
import type { BoardHead } from "./board_store.ts";
import type { Audience, BoardList, BoardView } from "./boards.ts";

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
  const list = listOf(shown, (board) => board.members.index);
  const version = createVersion(clock, audience);
  return {
    get total() {
      return list.total;
    },
    rows: list.rows,
    find: list.find,
    keyAt: list.keyAt,
    placeAfter: list.placeAfter,
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
    get stale() {
      return live().isStale;
    },
    get version() {
      return version(live(), shown());
    },
    get source() {
      return shown();
    },
    rankOf(participantId) {
      const { index } = shown().members;
      const slot = index.slotOf(participantId);
      return slot < 0 ? null : index.rankOf(slot);
    },
    division: (name) => listOf(() => shown(), (board) => board.members.index.division(name)),
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

/** Gives the version of the moment; its text is made when something in it changed. */
function createVersion(clock: Clock, audience: Audience) {
  let text = "";
  let until = -Infinity;
  let since = Infinity;
  let head: BoardHead | undefined;
  let isStale = false;
  let seen: LoadedBoard | undefined;
  let offset = -1;
  let revision = -1;
  return (live: LoadedBoard, shown: LoadedBoard): string => {
    const now = clock.now();
    const isSame = live.head === head && live.isStale === isStale && shown === seen &&
      shown.offset === offset && shown.members.revision === revision &&
      now >= since && now < until;
    if (isSame) return text;
    ({ head, isStale } = live);
    seen = shown;
    offset = shown.offset;
    revision = shown.members.revision;
    since = now;
    until = nextChangeAt(head, now) ?? Infinity;
    return text = versionOf(live, shown, { audience, now });
  };
}

/** All that an answer depends on but what it asks for. */
function versionOf(
  live: LoadedBoard,
  shown: LoadedBoard,
  { audience, now }: { audience: Audience; now: number },
): string {
  const { head, isStale } = live;
  const { offset, members } = shown;
  const isFrozen = isFrozenAt(head, now);
  return `${head.epoch}:${offset}:${members.revision}:${phaseOf(head, now)}:${head.status}` +
    `:${isFrozen ? `frozen-${audience}` : ""}:${isStale}`;
}

function listOf(
  shown: () => LoadedBoard,
  choose: (board: LoadedBoard) => RankedMembers,
): BoardList {
  return {
    get total() {
      return choose(shown()).size;
    },
    rows(from, limit) {
      const board = shown();
      return rowsOf(board, choose(board), { from, limit });
    },
    find(key) {
      const board = shown();
      const list = choose(board);
      const slot = "userId" in key
        ? board.members.slotOfUser(key.userId)
        : board.members.slotOf(key.participantId);
      const index = slot < 0 ? -1 : list.placeOf(slot);
      if (index < 0) return undefined;
      return { row: rowOf(board, list, { slot, rank: list.rankOf(slot) }), index };
    },
    keyAt(place) {
      const board = shown();
      return board.members.index.orderKey(choose(board).at(place));
    },
    placeAfter: (key) => choose(shown()).placeAfter(key),
  };
}

function ownEntry(board: LoadedBoard, userId: string): ReturnType<BoardView["own"]> {
  const slot = board.members.slotOfUser(userId);
  const entry = slot < 0 ? undefined : board.members.index.row(slot);
  if (!entry || entry.status === "withdrawn") return undefined;
  const decimals = decimalsOf(board.head.rules.scoring);
  const score = entry.score === null ? null : formatScore(entry.score, decimals);
  return { participantId: entry.participantId, score };
}
