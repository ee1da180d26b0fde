/** One board in memory: its head, its members in order, and the rows that viewers see. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import { createOrderedContenders, type OrderedContenders } from "@/domain/ordered_contenders.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import type { LockedCompetition } from "./competition_log.ts";
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
  readonly members: OrderedContenders<BoardEntry>;
  /** User id → participant id. */
  readonly byUser: Map<string, string>;
  /** Rows as last shown, kept while nothing in them changes. */
  readonly shown: WeakMap<BoardEntry, BoardRow>;
  /** True from the first time that the database could not be asked until it answers again. */
  isStale: boolean;
}

/** Builds a board from all of its entries. */
export function buildBoard(head: BoardHead, entries: readonly BoardEntry[]): LoadedBoard {
  return {
    head,
    offset: head.lastSeq,
    members: createOrderedContenders(entries, head.rules),
    byUser: new Map(entries.map((entry) => [entry.userId, entry.participantId])),
    shown: new WeakMap(),
    isStale: false,
  };
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
  for (const entry of entries) {
    board.members.set(entry);
    board.byUser.set(entry.userId, entry.participantId);
  }
  board.head = head;
  board.offset = head.lastSeq;
  board.isStale = false;
}

/** Shows the people of a board that stands still by the names of now, so that a removed one is gone. */
export function showNames(board: LoadedBoard, entries: readonly BoardEntry[]): void {
  for (const { participantId, name, avatarUrl } of entries) {
    const before = board.members.get(participantId);
    if (!before || (before.name === name && before.avatarUrl === avatarUrl)) continue;
    board.members.set({ ...before, name, avatarUrl });
  }
}

/** Applies committed scores; tells false, and changes nothing, where they do not follow the board. */
export function applyScores(board: LoadedBoard, change: ScoresCommitted): boolean {
  const { locked, from, scores } = change;
  const follows = from === board.offset && locked.epoch === board.head.epoch &&
    locked.rules.version === board.head.rules.version &&
    locked.frozenSeq === board.head.frozenSeq &&
    scores.every(({ participantId }) => board.members.get(participantId));
  if (!follows) return false;
  for (const { participantId, after } of scores) {
    board.members.set({ ...board.members.get(participantId)!, ...after });
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

/** The row at a place, the same object as before while nothing in it changed. */
export function rowAt(board: LoadedBoard, index: number): BoardRow {
  const entry = board.members.at(index);
  const rank = board.members.rankAt(index);
  const provisional = !isFinal(board.head);
  const before = board.shown.get(entry);
  if (before && before.rank === rank && before.provisional === provisional) return before;
  const row = toRow(board, entry, { rank, provisional });
  board.shown.set(entry, row);
  return row;
}

function isFinal(head: BoardHead): boolean {
  return head.status === "final" || head.status === "settled";
}

function toRow(
  board: LoadedBoard,
  entry: BoardEntry,
  { rank, provisional }: { rank: number | null; provisional: boolean },
): BoardRow {
  const decimals = decimalsOf(board.head.rules.scoring);
  return {
    rank,
    participantId: entry.participantId,
    userId: entry.userId,
    name: entry.name,
    avatarUrl: entry.avatarUrl,
    score: entry.score === null ? null : formatScore(entry.score, decimals),
    reachedAt: entry.reachedAt === null ? null : new Date(entry.reachedAt).toISOString(),
    provisional,
    // The withdrawn have no place, so that whoever has one is either of these.
    status: entry.status === "disqualified" ? "disqualified" : "active",
  };
}
