/**
 * The boards of this node: a projection of log and standings kept in memory, brought up to date
 * after every commit, loaded anew on a gap.
 *
 * A board follows the log by its offset. Scores committed here and following it are applied at
 * once; everything else is read from the database: what changed since the offset, or all. Readings
 * of one board never overlap, and one reading serves everybody who asked before it began. Boards
 * of other nodes' writes are found by asking for the head at most once a second.
 *
 * @module
 */

import type { Board, BoardRow } from "@/contracts/leaderboard.ts";
import type { Database } from "@/db/client.ts";
import type { CompetitionStatus, Phase, Visibility } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import type { OrderKey } from "@/domain/rank_index.ts";
import type { Rules } from "@/domain/rules.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import { BoardSlots } from "./board_slots.ts";
import { type BoardSource, boardSourceOf } from "./board_source.ts";
import type { ScoresCommitted } from "./board_state.ts";
import { readHead } from "./board_store.ts";
import type { RankingFeed } from "./ranking_feed.ts";

/**
 * Whom a board is shown to. Staff always see it live; for everybody else a frozen board stands
 * still, by every road, until it is unfrozen or final.
 */
export type Audience = "public" | "staff";

/** Where a competition's board stands. */
export interface BoardState {
  competitionId: string;
  slug: string;
  name: string;
  ownerId: string;
  status: CompetitionStatus;
  visibility: Visibility;
  rules: Rules;
  epoch: string;
  offset: number;
  phase: Phase;
  /** Whether the public board stands still. */
  frozen: boolean;
  /** True while the database is away: later writes may be missing. */
  stale: boolean;
}

/** Rows in the order of the board: all of them, or those of one division. */
export interface BoardList {
  /** Rows, ranked or not. */
  readonly total: number;
  /** Rows from..from+limit in board order (0-based). */
  rows(from: number, limit: number): BoardRow[];
  /** The row and its place (0-based) of a participant or user; undefined when not on the board. */
  find(
    key: { participantId: string } | { userId: string },
  ): { row: BoardRow; index: number } | undefined;
  /** What the row at a place is placed by; throws `RangeError` where there is none. */
  keyAt(place: number): OrderKey;
  /** The first place behind a key, whether or not anybody has it. */
  placeAfter(key: OrderKey): number;
}

/**
 * A board as it is at each moment: offset and rows belong together when read without waiting in
 * between.
 */
export interface BoardView extends Readonly<BoardState>, BoardList {
  /** Whose view it is: offset, total, rules and rows are those that this audience may know. */
  readonly audience: Audience;
  /** Another text after each change of anything that an answer may show, on this node. */
  readonly version: string;
  /** The same object as long as the board is the same one in memory; what is derived may hang on it. */
  readonly source: object;
  /** One division as a board of its own, with its own ranks; empty where nobody is in it. */
  division(name: string): BoardList;
  /** The rank of a participant; null for those without one. */
  rankOf(participantId: string): number | null;
  /** A person's own entry with its score of now, also while the board is frozen; for that person only. */
  own(userId: string): { participantId: string; score: number | null } | undefined;
}

/** Hears of each change of a board or its phase; undefined when the competition was removed. */
export type BoardListener = (view: BoardView | undefined) => void;

export interface BoardsService {
  /** The board of now as an audience sees it, the public unless told, by id or slug. Fails with `NOT_FOUND`; with `SERVICE_UNAVAILABLE` only when it was never loaded. */
  view(idOrSlug: string, audience?: Audience): Promise<BoardView>;
  /** The same of a board in memory that need not be looked at now; undefined otherwise. */
  viewNow(idOrSlug: string, audience?: Audience): BoardView | undefined;
  /** Brings the node's board to the committed log after a write, and tells the listeners; `change` saves asking the database. */
  committed(competitionId: string, change?: ScoresCommitted): Promise<void>;
  /** Brings the node's board to the log that others committed to; one that is not in memory stays out of it. */
  refresh(competitionId: string): Promise<void>;
  /** Calls the listener after each change that the audience, the public unless told, may hear of; returns the way to stop. */
  listen(competitionId: string, listener: BoardListener, audience?: Audience): () => void;
  /** Whether the board is in the memory of this node, so that a view need not load it. */
  holds(idOrSlug: string): boolean;
  /** Forgets everything; the next view loads from the database. */
  clear(): void;
}

/** A board as the API gives it. */
export type { Board, ScoresCommitted };

export interface BoardsDeps {
  database: Database;
  /** What stands in for the database where boards are read; for simulations. */
  source?: BoardSource;
  /** Hears of what boards become, to keep rankings of them elsewhere. */
  rankingFeed?: RankingFeed | undefined;
  clock: Clock;
  timers: Timers;
}

export function createBoardsService(deps: BoardsDeps): BoardsService {
  const slots = new BoardSlots({
    ...deps,
    source: deps.source ?? boardSourceOf(deps.database),
    onLoaded: (slot) => deps.rankingFeed?.loaded(slot.board!),
    onMoved: (...move) => deps.rankingFeed?.moved(...move),
    onForgotten: (id) => deps.rankingFeed?.forgotten(id),
  });
  async function moveOn(competitionId: string, change?: ScoresCommitted): Promise<void> {
    const slot = slots.get(competitionId);
    await slot?.committed(change).finally(() => slots.dropIdle(slot));
  }
  return {
    async view(idOrSlug, audience = "public") {
      const id = slots.idOf(idOrSlug) ?? await findId(deps.database, idOrSlug);
      const slot = slots.slotOf(id);
      return await slot.view(audience).finally(() => slots.dropIdle(slot));
    },
    viewNow: (idOrSlug, audience = "public") => slots.held(idOrSlug)?.viewNow(audience),
    committed: moveOn,
    refresh: (competitionId) => moveOn(competitionId),
    listen(competitionId, listener, audience = "public") {
      const slot = slots.slotOf(competitionId);
      const stop = slot.listen(listener, audience);
      return () => {
        stop();
        slots.dropIdle(slot);
      };
    },
    holds: (idOrSlug) => slots.holds(idOrSlug),
    clear: () => slots.clear(),
  };
}

async function findId(database: Database, slug: string): Promise<string> {
  const head = await readHead(database.sql, { slug });
  if (head) return head.id;
  throw new DomainError("NOT_FOUND", `Cannot find competition "${slug}": there is none`);
}
