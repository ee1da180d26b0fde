/** One competition's board: kept at the committed log, its listeners told of each change. */

import type { Database } from "@/db/client.ts";
import { nextPhaseChangeAt } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import {
  applyScores,
  buildBoard,
  catchUp,
  isCurrent,
  knownState,
  type LoadedBoard,
  type ScoresCommitted,
} from "./board_state.ts";
import { type BoardReading, readBoard, readHead } from "./board_store.ts";
import { viewOf } from "./board_view.ts";
import type { BoardListener, BoardView } from "./boards.ts";

/** Other nodes' writes show after this at the latest, and one query in it serves every reader. */
const CHECK_INTERVAL_MS = SECOND_MS;
/** Readers get the board of memory when the database needs longer than this. */
const CHECK_PATIENCE_MS = SECOND_MS;
/** A phase further away is looked at again, since clocks drift. */
const PHASE_TIMER_MAX_MS = DAY_MS;

export interface BoardSlotDeps {
  database: Database;
  clock: Clock;
  timers: Timers;
  /** Hears that a board was put into memory. */
  onLoaded: (slot: BoardSlot) => void;
}

/** One competition's place in memory. */
export class BoardSlot {
  readonly id: string;
  readonly #deps: BoardSlotDeps;
  readonly #listeners = new Set<BoardListener>();
  #board: LoadedBoard | undefined;
  #checkedAt: EpochMs = 0;
  #running: Promise<void> | undefined;
  /** The reading that begins when the running one has ended. */
  #next: Promise<void> | undefined;
  #phaseTimer: { at: EpochMs; cancel: () => void } | undefined;
  /** The state that listeners were told. */
  #told = "";

  constructor(id: string, deps: BoardSlotDeps) {
    this.id = id;
    this.#deps = deps;
  }

  get board(): LoadedBoard | undefined {
    return this.#board;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether nothing would be lost with this slot. */
  get isIdle(): boolean {
    return !this.#board && !this.#running && !this.isWatched;
  }

  /** The board of now. Fails with `NOT_FOUND`, and `SERVICE_UNAVAILABLE` when it was never loaded. */
  async view(): Promise<BoardView> {
    // A board may be forgotten while it is read.
    while (!this.#board) await (this.#running ?? this.#start());
    const board = this.#board;
    await this.#check(board);
    return this.#view(board);
  }

  /** Follows a commit; a database that is away only makes the board stale, for the write is durable. */
  async committed(change: ScoresCommitted | undefined): Promise<void> {
    if (this.isIdle) return;
    const board = this.#board;
    if (change && board && applyScores(board, change)) return this.#accepted();
    await this.#refresh().catch((error) => {
      if (!isAway(error) && !isGone(error)) throw error;
      if (board) board.isStale = true;
      this.#checkedAt = 0;
    });
  }

  listen(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    if (this.#board) this.#armPhaseTimer(this.#board);
    return () => {
      this.#listeners.delete(listener);
      if (!this.isWatched) this.#disarmPhaseTimer();
    };
  }

  /** Lets go of the board; listeners stay. */
  forget(): void {
    this.#board = undefined;
    this.#told = "";
    this.#disarmPhaseTimer();
  }

  /** Asks whether others wrote; a database that is away leaves the board of memory, marked stale. */
  async #check(board: LoadedBoard): Promise<void> {
    const { clock, timers } = this.#deps;
    if (clock.now() - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = clock.now();
    const isInTime = await inTime(timers, this.#running ?? this.#start(), CHECK_PATIENCE_MS)
      .catch((error) => {
        if (isAway(error)) return false;
        throw error;
      });
    if (!isInTime) board.isStale = true;
  }

  /** Starts a reading, or joins the one that begins when the running one has ended. */
  #refresh(): Promise<void> {
    if (!this.#running) return this.#start();
    return this.#next ??= this.#running.catch(() => {}).then(() => {
      this.#next = undefined;
      return this.#start();
    });
  }

  #start(): Promise<void> {
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return this.#running = running;
  }

  async #read(): Promise<void> {
    const { database } = this.#deps;
    const board = this.#board;
    if (board) {
      const head = await readHead(database.sql, { id: this.id });
      if (!head) throw this.#gone();
      if (this.#board === board && isCurrent(board, head)) {
        catchUp(board, head, []);
        return this.#accepted();
      }
    }
    const reading = await readBoard(database, this.id, board && knownState(board));
    if (!reading) throw this.#gone();
    this.#take(reading, board);
    this.#accepted();
  }

  #take({ head, entries, isWhole }: BoardReading, readFor: LoadedBoard | undefined): void {
    const board = this.#board;
    if (!isWhole) {
      if (board && board === readFor) catchUp(board, head, entries);
      return;
    }
    const isOlder = board && board.head.epoch === head.epoch && board.offset > head.lastSeq &&
      board.head.rules.version === head.rules.version;
    if (isOlder) return;
    this.#board = buildBoard(head, entries);
    this.#deps.onLoaded(this);
  }

  #gone(): DomainError {
    const wasLoaded = this.#board !== undefined;
    this.forget();
    if (wasLoaded) { for (const listener of [...this.#listeners]) listener(undefined); }
    return new DomainError("NOT_FOUND", `Cannot find competition "${this.id}": there is none`);
  }

  #accepted(): void {
    this.#checkedAt = this.#deps.clock.now();
    this.#tell();
  }

  #tell(): void {
    const board = this.#board;
    if (!board || !this.isWatched) return;
    this.#armPhaseTimer(board);
    const view = this.#view(board);
    const { epoch, offset, phase, frozen, visibility } = view;
    const state = [epoch, offset, phase, frozen, visibility].join();
    if (this.#told === state) return;
    this.#told = state;
    for (const listener of [...this.#listeners]) listener(view);
  }

  /** Follows the slot; of a board that is let go it keeps showing the last. */
  #view(board: LoadedBoard): BoardView {
    return viewOf(() => board = this.#board ?? board, this.#deps.clock);
  }

  #armPhaseTimer(board: LoadedBoard): void {
    const { clock, timers } = this.#deps;
    const now = clock.now();
    const at = nextPhaseChangeAt(board.head, now);
    if (this.#phaseTimer?.at === at) return;
    this.#disarmPhaseTimer();
    if (at === null) return;
    const cancel = timers.after(Math.min(at - now, PHASE_TIMER_MAX_MS), () => {
      this.#phaseTimer = undefined;
      this.#tell();
    });
    this.#phaseTimer = { at, cancel };
  }

  #disarmPhaseTimer(): void {
    this.#phaseTimer?.cancel();
    this.#phaseTimer = undefined;
  }
}

/** Whether the work ended within the time; its failure is thrown, or ignored when it comes later. */
async function inTime(timers: Timers, work: Promise<void>, limitMs: number): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<false>((resolve) => {
    cancel = timers.after(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}

function isAway(error: unknown): boolean {
  return error instanceof DomainError &&
    (error.code === "SERVICE_UNAVAILABLE" || error.code === "CIRCUIT_OPEN");
}

function isGone(error: unknown): boolean {
  return error instanceof DomainError && error.code === "NOT_FOUND";
}
