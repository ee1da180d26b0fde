/** The part of a board that a request asks for. */

import {
  type Board,
  type BoardMeta,
  type BoardQuery,
  type BoardRow,
  WINDOW_DEFAULT,
} from "@/contracts/leaderboard.ts";
import { PAGE_SIZE_MAX, pageMeta } from "@/contracts/envelope.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { readCursor, writeCursor } from "./board_cursor.ts";
import type { BoardList, BoardView } from "./boards.ts";

/** Rows before and behind the own one in `around=me` without a `page_size`: what fits a phone. */
export const AROUND_ROWS = 5;

/** A board's answer with the tag that names its content. */
export interface BoardAnswer {
  board: Board;
  meta?: BoardMeta;
  /** For `ETag`, without quotes; the same while nothing in this actor's answer changes. */
  tag: string;
}

/**
 * Answers a query on a board. Fails with `UNAUTHORIZED` (around=me without a person), `NOT_FOUND`
 * (around somebody who is not on the board) and `VALIDATION_ERROR` (a cursor that is none).
 */
export function answerBoard(actor: Actor, view: BoardView, query: BoardQuery): BoardAnswer {
  const tag = tagOf(actor, view, query);
  if (query.around === "me") {
    return { ...answerAroundMe(checkSignedIn(actor).userId, view, query), tag };
  }
  if (query.around !== undefined) return { ...answerAroundOne(query.around, view, query), tag };
  const list = listOf(view, query);
  const isPaged = [query.page, query.page_size, query.cursor].some((given) => given !== undefined);
  if (isPaged) return { ...answerPage(view, list, query), tag };
  const rows = list.rows(0, query.top ?? WINDOW_DEFAULT);
  return { board: toBoard(view, list, rows), ...staleMeta(view), tag };
}

function listOf(view: BoardView, { division }: BoardQuery): BoardList {
  return division === undefined ? view : view.division(division);
}

/** One page, by its number or behind a cursor, and the way to the next. */
function answerPage(
  view: BoardView,
  list: BoardList,
  query: BoardQuery,
): Omit<BoardAnswer, "tag"> {
  const pageSize = query.top ?? query.page_size ?? PAGE_SIZE_MAX;
  const { total } = list;
  const { version } = view.rules;
  const from = query.cursor === undefined
    ? ((query.page ?? 1) - 1) * pageSize
    : list.placeAfter(readCursor(query.cursor, version));
  const items = list.rows(from, pageSize);
  const hasMore = items.length > 0 && from + items.length < total;
  const nextCursor = hasMore ? writeCursor(version, list.keyAt(from + items.length - 1)) : null;
  const place = query.cursor === undefined
    ? pageMeta({ items, page: query.page ?? 1, pageSize, total })
    : { pageSize, total };
  const meta = { ...place, nextCursor, ...staleMeta(view).meta };
  return { board: toBoard(view, list, items), meta };
}

/** The own row with its neighbours; no rows for somebody who does not take part. */
export function aroundRows(list: BoardList, userId: string, count?: number): BoardRow[] {
  const own = list.find({ userId });
  return own ? rowsAround(list, own.index, count) : [];
}

/** At most `count` rows with the one at `place` in their middle; fewer at the ends of the board. */
function rowsAround(list: BoardList, place: number, count = 2 * AROUND_ROWS + 1): BoardRow[] {
  const before = Math.floor((count - 1) / 2);
  const from = Math.max(0, place - before);
  return list.rows(from, place + count - before - from);
}

function answerAroundMe(
  userId: string,
  view: BoardView,
  query: BoardQuery,
): Omit<BoardAnswer, "tag"> {
  const list = listOf(view, query);
  const rows = aroundRows(list, userId, query.page_size)
    .map((row) => row.userId === userId ? { ...row, isMe: true } : row);
  const board = toBoard(view, list, rows);
  const own = view.own(userId);
  // The rank is the one that everybody sees; only the score is of now while the board is frozen.
  if (own) board.me = { ...own, rank: list.find({ userId })?.row.rank ?? null };
  return { board, ...staleMeta(view) };
}

function answerAroundOne(
  participantId: string,
  view: BoardView,
  query: BoardQuery,
): Omit<BoardAnswer, "tag"> {
  const list = listOf(view, query);
  const found = list.find({ participantId: participantId.toLowerCase() });
  if (!found) {
    throw new DomainError("NOT_FOUND", `Cannot find participant "${participantId}" on the board`);
  }
  const rows = rowsAround(list, found.index, query.page_size);
  return { board: toBoard(view, list, rows), ...staleMeta(view) };
}

function toBoard(view: BoardView, { total }: BoardList, rows: BoardRow[]): Board {
  const { competitionId, epoch, offset, phase, frozen } = view;
  const live = frozen && view.audience === "staff" ? { live: true as const } : {};
  return { competitionId, epoch, offset, phase, frozen, ...live, total, rows };
}

function staleMeta(view: BoardView): { meta?: BoardMeta } {
  return view.stale ? { meta: { stale: true } } : {};
}

/** Names the state of an answer, without making it. Fails with `UNAUTHORIZED` (around=me without a person). */
export function tagOf(
  actor: Actor,
  view: Pick<BoardView, "epoch" | "offset" | "phase" | "frozen" | "stale" | "audience" | "own">,
  { around }: BoardQuery,
): string {
  const { epoch, offset, phase, frozen, stale } = view;
  const marks = [epoch, offset, phase];
  if (frozen) marks.push(`frozen-${view.audience}`);
  if (stale) marks.push("stale");
  if (around !== "me") return marks.join(":");
  // Another person's answer to the same address differs, so the tag names whose it is.
  const { userId } = checkSignedIn(actor);
  marks.push(userId);
  if (frozen) marks.push(view.own(userId)?.score ?? "-");
  return marks.join(":");
}
