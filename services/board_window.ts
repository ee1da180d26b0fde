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
import { checkSignedIn } from "./access.ts";
import type { BoardView } from "./boards.ts";

/** Rows before and behind the own one in `around=me`: what fits a phone. */
export const AROUND_ROWS = 5;

/** A board's answer with the tag that names its content. */
export interface BoardAnswer {
  board: Board;
  meta?: BoardMeta;
  /** For `ETag`, without quotes; the same while nothing in this actor's answer changes. */
  tag: string;
}

/** Answers a query on a board. Fails with `UNAUTHORIZED` (around=me without a person). */
export function answerBoard(actor: Actor, view: BoardView, query: BoardQuery): BoardAnswer {
  if (query.around) return answerAround(checkSignedIn(actor).userId, view);
  if (query.page === undefined && query.page_size === undefined) {
    const rows = view.rows(0, query.top ?? WINDOW_DEFAULT);
    return { board: toBoard(view, rows), ...staleMeta(view), tag: tagOf(view) };
  }
  const pageSize = query.top === undefined ? query.page_size ?? PAGE_SIZE_MAX : query.top;
  const page = query.page ?? 1;
  const items = view.rows((page - 1) * pageSize, pageSize);
  const meta = pageMeta({ items, page, pageSize, total: view.total });
  return {
    board: toBoard(view, items),
    meta: { ...meta, ...staleMeta(view).meta },
    tag: tagOf(view),
  };
}

/** The own row with its neighbours; no rows for somebody who does not take part. */
export function aroundRows(view: BoardView, userId: string): BoardRow[] {
  const own = view.find({ userId });
  if (!own) return [];
  const from = Math.max(0, own.index - AROUND_ROWS);
  return view.rows(from, own.index + AROUND_ROWS + 1 - from);
}

function answerAround(userId: string, view: BoardView): BoardAnswer {
  const rows = aroundRows(view, userId)
    .map((row) => row.userId === userId ? { ...row, isMe: true } : row);
  const board = toBoard(view, rows);
  const own = view.own(userId);
  // The rank is the one that everybody sees; only the score is of now while the board is frozen.
  if (own) board.me = { ...own, rank: view.rankOf(own.participantId) };
  // Another person's answer to the same address differs, so the tag names whose it is.
  const tag = `${tagOf(view)}:${userId}`;
  const ownTag = view.frozen ? `${tag}:${own?.score ?? "-"}` : tag;
  return { board, ...staleMeta(view), tag: ownTag };
}

function toBoard(view: BoardView, rows: BoardRow[]): Board {
  const { competitionId, epoch, offset, phase, frozen, total } = view;
  const live = frozen && view.audience === "staff" ? { live: true as const } : {};
  return { competitionId, epoch, offset, phase, frozen, ...live, total, rows };
}

function staleMeta(view: BoardView): { meta?: BoardMeta } {
  return view.stale ? { meta: { stale: true } } : {};
}

function tagOf(view: BoardView): string {
  const { epoch, offset, phase, frozen, stale } = view;
  const marks = [
    epoch,
    offset,
    phase,
    ...(frozen ? [`frozen-${view.audience}`] : []),
    ...(stale ? ["stale"] : []),
  ];
  return marks.join(":");
}
