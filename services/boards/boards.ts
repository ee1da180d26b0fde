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
import { BoardSlot } from "./board_slot.ts";
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

/** Boards kept besides those with listeners; more are loaded again when asked for. */
const BOARDS_MAX = 200;
/** Members kept over all boards without listeners, some 110 bytes each. */
const MEMBERS_MAX = 3_000_000;

export function createBoardsService(deps: BoardsDeps): BoardsService {
  // A used slot is put back at the end, so that the map is ordered from the least recently used on.
  const slots = new Map<string, BoardSlot>();
  const slugs = new Map<string, string>();
  /** The slot at the end; readers of one board come in rows. */
  let newest: BoardSlot | undefined;
  const slotDeps = {
    ...deps,
    source: deps.source ?? boardSourceOf(deps.database),
    onLoaded(slot: BoardSlot) {
      slugs.set(slot.board!.head.slug, slot.id);
      evict(slots, slugs);
      if (slot.board) deps.rankingFeed?.loaded(slot.board);
    },
    onMoved: (...move: Parameters<RankingFeed["moved"]>) => deps.rankingFeed?.moved(...move),
    onForgotten: (id: string) => deps.rankingFeed?.forgotten(id),
  };
  function slotOf(id: string): BoardSlot {
    const slot = slots.get(id) ?? new BoardSlot(id, slotDeps);
    slots.delete(id);
    slots.set(id, newest = slot);
    return slot;
  }
  async function resolve(idOrSlug: string): Promise<string> {
    return keyOf(idOrSlug) ?? await findId(deps.database, idOrSlug);
  }
  /** The slot of a board that is in memory, put back at the end. */
  function heldSlot(idOrSlug: string): BoardSlot | undefined {
    // Ids are the keys, and mostly come as they are written.
    const slot = slots.get(idOrSlug) ?? slots.get(keyOf(idOrSlug) ?? "");
    if (!slot?.board) return undefined;
    if (slot !== newest) {
      slots.delete(slot.id);
      slots.set(slot.id, newest = slot);
    }
    return slot;
  }
  /** The id of a board that is in memory. */
  function keyOf(idOrSlug: string): string | undefined {
    if (isUuid(idOrSlug)) return idOrSlug.toLowerCase();
    const id = slugs.get(idOrSlug);
    // A slug may have gone over to another competition.
    return id !== undefined && slots.get(id)?.board?.head.slug === idOrSlug ? id : undefined;
  }
  function dropIdle(slot: BoardSlot): void {
    if (slot.isIdle && slots.get(slot.id) === slot) slots.delete(slot.id);
  }
  return {
    async view(idOrSlug, audience = "public") {
      const slot = slotOf(await resolve(idOrSlug));
      return await slot.view(audience).finally(() => dropIdle(slot));
    },
    viewNow: (idOrSlug, audience = "public") => heldSlot(idOrSlug)?.viewNow(audience),
    async committed(competitionId, change) {
      const slot = slots.get(competitionId);
      await slot?.committed(change).finally(() => dropIdle(slot));
    },
    async refresh(competitionId) {
      const slot = slots.get(competitionId);
      await slot?.committed(undefined).finally(() => dropIdle(slot));
    },
    listen(competitionId, listener, audience = "public") {
      const slot = slotOf(competitionId);
      const stop = slot.listen(listener, audience);
      return () => {
        stop();
        dropIdle(slot);
      };
    },
    holds(idOrSlug) {
      const id = isUuid(idOrSlug) ? idOrSlug.toLowerCase() : slugs.get(idOrSlug);
      return id !== undefined && slots.get(id)?.board !== undefined;
    },
    clear() {
      slugs.clear();
      for (const slot of [...slots.values()]) {
        slot.forget();
        dropIdle(slot);
      }
    },
  };
}

async function findId(database: Database, slug: string): Promise<string> {
  const head = await readHead(database.sql, { slug });
  if (head) return head.id;
  throw new DomainError("NOT_FOUND", `Cannot find competition "${slug}": there is none`);
}

/** Drops the boards used longest ago above the limits; those with listeners stay. */
function evict(slots: Map<string, BoardSlot>, slugs: Map<string, string>): void {
  let boards = 0;
  let members = 0;
  for (const slot of [...slots.values()].reverse()) {
    if (!slot.board || slot.isWatched) continue;
    boards += 1;
    members += slot.board.members.index.known;
    const isNewest = boards === 1;
    if (isNewest || (boards <= BOARDS_MAX && members <= MEMBERS_MAX)) continue;
    slugs.delete(slot.board.head.slug);
    slot.forget();
    if (slot.isIdle) slots.delete(slot.id);
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
