/** One board in memory: its head, its members in order, and the rows that viewers see. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { RankedMembers } from "@/domain/rank_index.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import { BoardMembers } from "./board_members.ts";
import { isProvisional, toBoardRow } from "./board_row.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { BoardEntry, BoardHead, KnownState } from "./board_store.ts";

/** What a board takes over from a competition's row: schedule, visibility and the head of its log. */
export type CommittedHead =
  & Pick<LockedCompetition, (typeof COMMITTED_KEYS)[number]>
  & { rules: Pick<LockedCompetition["rules"], "version"> };

/** The columns of it. */
export const COMMITTED_KEYS = [
  "id",
  "slug",
  "name",
  "ownerId",
  "status",
  "visibility",
  "epoch",
  "lastSeq",
  "registrationOpensAt",
  "registrationClosesAt",
  "startsAt",
  "endsAt",
  "graceMs",
  "freezeAt",
  "frozenAt",
  "frozenSeq",
] as const;

/** What a transaction that wrote only score events changed, so that a board need not ask for it. */
export interface ScoresCommitted {
  /** As it stands after the commit. */
  locked: CommittedHead;
  /** The last number before the transaction. */
  from: number;
  scores: readonly { participantId: string; after: FoldedScore }[];
}

/** Changed in place; always the state of one offset. */
export interface LoadedBoard {
  head: BoardHead;
  offset: number;
  readonly members: BoardMembers;
  /** Rows as last shown by slot, kept while nothing in them changes. */
  readonly shown: Map<number, BoardRow>;
  /** True from the first time that the database could not be asked until it answers again. */
  isStale: boolean;
}

/** Rows that are kept besides the members: the windows that are looked at, some 20 MB. */
const SHOWN_MAX = 50_000;

/** Builds a board from all of its entries. */
export function buildBoard(head: BoardHead, entries: readonly BoardEntry[]): LoadedBoard {
  return boardOf(head, new BoardMembers(head.rules, entries, entries.length));
}

/** A board of members that were loaded. */
export function boardOf(head: BoardHead, members: BoardMembers): LoadedBoard {
  return { head, offset: head.lastSeq, members, shown: new Map(), isStale: false };
}

/** The state that a board stands at, for a reading of what came after. */
export function knownState(board: LoadedBoard): KnownState {
  const { head, offset } = board;
  return { epoch: head.epoch, offset, rulesVersion: head.rules.version };
}

/** Whether the board already shows everything of a head that was read. */
export function isCurrent(board: LoadedBoard, head: BoardHead): boolean {
  return board.head.epoch === head.epoch && board.offset === head.lastSeq &&
    board.head.rules.version === head.rules.version;
}

/** Brings the changed entries of a later head into the board; one of an earlier moment is ignored. */
export function catchUp(board: LoadedBoard, head: BoardHead, entries: readonly BoardEntry[]): void {
  if (head.lastSeq < board.offset) return;
  for (const entry of entries) board.members.set(entry);
  for (const { participantId } of entries) board.shown.delete(board.members.slotOf(participantId));
  board.head = head;
  board.offset = head.lastSeq;
  board.isStale = false;
}

/** Shows the people of a board that stands still by the names of now, so that a removed one is gone. */
export function showNames(board: LoadedBoard, people: Iterable<NamedMember>): void {
  for (const { participantId, name, avatarUrl } of people) {
    const slot = board.members.slotOf(participantId);
    if (slot >= 0 && board.members.rename(slot, { name, avatarUrl })) board.shown.delete(slot);
  }
}

/** A member with what the board shows of the person. */
type NamedMember = Pick<BoardEntry, "participantId" | "name" | "avatarUrl">;

/** The members of a board with their names. */
export function* namesOf({ members }: LoadedBoard): Iterable<NamedMember> {
  for (let slot = 0; slot < members.index.known; slot++) {
    const { participantId } = members.index.row(slot);
    yield { participantId, ...members.person(slot) };
  }
}

/** Applies committed scores; tells false, and changes nothing, where they do not follow the board. */
export function applyScores(board: LoadedBoard, change: ScoresCommitted): boolean {
  const { locked, from, scores } = change;
  const follows = from === board.offset && locked.epoch === board.head.epoch &&
    locked.rules.version === board.head.rules.version &&
    locked.frozenSeq === board.head.frozenSeq &&
    scores.every(({ participantId }) => board.members.slotOf(participantId) >= 0);
  if (!follows) return false;
  for (const { participantId, after } of scores) {
    const slot = board.members.slotOf(participantId);
    board.members.setScore(slot, after);
    board.shown.delete(slot);
  }
  board.head = { ...board.head, ...headOf(locked) };
  board.offset = locked.lastSeq;
  return true;
}

/** What a locked row says newer than the board's head; rules are of the same version. */
function headOf(locked: CommittedHead): Partial<BoardHead> {
  const { slug, name, ownerId, status, visibility, lastSeq } = locked;
  const { registrationOpensAt, registrationClosesAt, startsAt, endsAt, graceMs } = locked;
  const { freezeAt, frozenAt, frozenSeq } = locked;
  return {
    slug,
    name,
    ownerId,
    status,
    visibility,
    lastSeq,
    registrationOpensAt,
    registrationClosesAt,
    startsAt,
    endsAt,
    graceMs,
    freezeAt,
    frozenAt,
    frozenSeq,
  };
}

/** Rows of the whole board or of one division, the same objects as before while nothing in them changed. */
export function rowsOf(
  board: LoadedBoard,
  list: RankedMembers,
  { from, limit }: { from: number; limit: number },
): BoardRow[] {
  const { slots, ranks } = list.window(from, limit);
  return slots.map((slot, place) => rowOf(board, list, { slot, rank: ranks[place]! }));
}

/** The row of a slot with its rank in a list. */
export function rowOf(
  board: LoadedBoard,
  list: RankedMembers,
  { slot, rank }: { slot: number; rank: number | null },
): BoardRow {
  const provisional = isProvisional(board.head);
  const before = board.shown.get(slot);
  if (before && before.rank === rank && before.provisional === provisional) return before;
  const person = board.members.person(slot);
  const row = toBoardRow(board.head, board.members.index.row(slot), { rank, person });
  // Ranks in a division are others, so that only rows of the whole board are kept.
  if (list !== board.members.index) return row;
  if (board.shown.size >= SHOWN_MAX) board.shown.clear();
  board.shown.set(slot, row);
  return row;
}
