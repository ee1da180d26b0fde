/** One board in memory without a database: what listeners of boards need in their tests. */

import type { Clock } from "@/platform/clock.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS } from "@/domain/time.ts";
import { buildBoard } from "@/services/boards/board_state.ts";
import type { BoardEntry, BoardHead } from "@/services/boards/board_store.ts";
import { viewOf } from "@/services/boards/board_view.ts";
import type { BoardListener, BoardsService, BoardView } from "@/services/boards/boards.ts";
import { DIRECT_RULES } from "./board_fixture.ts";

/** The id of the one competition. */
export const FAKE_COMPETITION_ID = "00000000-0000-7000-8000-000000000001";

/** Boards that a test changes by hand. */
export interface FakeBoards extends BoardsService {
  /** Gives a person a score; joins it first where needed. Ids are made of the name. */
  score(name: string, score: number | null): void;
  /** Puts a person into a division. */
  enter(name: string, division: string): void;
  /** Takes a person off the board. */
  withdraw(name: string): void;
  /** Shows a person by another name, which boards that are over do without an entry. */
  rename(name: string, shown: string): void;
  /** Counts an entry that changes no row, such as an event that left the score as it was. */
  touch(): void;
  /** Changes the head, e.g. the epoch or the status. */
  change(head: Partial<BoardHead>): void;
  /** The competition was removed. */
  remove(): void;
  readonly current: BoardView;
  readonly listenerCount: number;
}

export function createFakeBoards(clock: Clock, head: Partial<BoardHead> = {}): FakeBoards {
  const now = clock.now();
  const board = buildBoard({
    id: FAKE_COMPETITION_ID,
    slug: "cup",
    name: "Cup",
    ownerId: "00000000-0000-7000-8000-0000000000ff",
    status: "published",
    visibility: "public",
    rules: DIRECT_RULES,
    epoch: "00000000-0000-4000-8000-00000000000e",
    lastSeq: 0,
    freezeAt: null,
    frozenAt: null,
    frozenSeq: null,
    registrationOpensAt: null,
    registrationClosesAt: now + DAY_MS,
    startsAt: now - DAY_MS,
    endsAt: now + DAY_MS,
    graceMs: DAY_MS,
    ...head,
  }, []);
  const entries = new Map<string, BoardEntry>();
  const listeners = new Set<BoardListener>();
  const view = viewOf({ live: () => board, frozen: () => undefined }, clock, "public");
  let isRemoved = false;

  function put(entry: Partial<BoardEntry> & { name: string }): void {
    set(fakeId("p", entry.name), entry);
    touch();
  }
  function set(participantId: string, entry: Partial<BoardEntry> & { name: string }): void {
    const next: BoardEntry = {
      division: null,
      status: "active",
      joinedAt: now,
      score: null,
      reachedAt: null,
      eventCount: 0,
      bestEvent: null,
      avatarUrl: null,
      participantId,
      userId: fakeId("u", entry.name),
      ...entries.get(participantId),
      ...entry,
    };
    entries.set(participantId, next);
    board.members.set(next);
    board.shown.delete(board.members.slotOf(participantId));
  }
  function touch(): void {
    board.offset += 1;
    tell();
  }
  function tell(): void {
    for (const listener of [...listeners]) listener(isRemoved ? undefined : view);
  }
  return {
    score: (name, score) => put({ name, score, reachedAt: score === null ? null : clock.now() }),
    enter: (name, division) => put({ name, division }),
    withdraw: (name) => put({ name, status: "withdrawn" }),
    rename(name, shown) {
      set(fakeId("p", name), { name: shown });
      tell();
    },
    touch,
    change(head) {
      board.head = { ...board.head, ...head };
      tell();
    },
    remove() {
      isRemoved = true;
      tell();
    },
    get current() {
      return view;
    },
    get listenerCount() {
      return listeners.size;
    },
    view(idOrSlug) {
      const isKnown = !isRemoved && (idOrSlug === FAKE_COMPETITION_ID || idOrSlug === "cup");
      if (isKnown) return Promise.resolve(view);
      return Promise.reject(new DomainError("NOT_FOUND", "Cannot find competition: there is none"));
    },
    viewNow: () => undefined,
    committed() {
      tell();
      return Promise.resolve();
    },
    refresh() {
      tell();
      return Promise.resolve();
    },
    listen(_competitionId, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    holds: () => !isRemoved,
    clear() {},
  };
}

/** The UUID of a name's participant (p) or user (u). */
export function fakeId(kind: "p" | "u", name: string): string {
  const hex = new TextEncoder().encode(name).toHex().padEnd(12, "0").slice(0, 12);
  return `00000000-0000-7000-800${kind === "p" ? 0 : 1}-${hex}`;
}
