/** One competition's board: kept at the committed log, its listeners told of each change. */

import { DomainError } from "@/domain/error.ts";
import { DAY_MS, type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import { nextChangeAt } from "./board_changes.ts";
import {
  applyScores,
  boardOf,
  buildBoard,
  catchUp,
  isCurrent,
  knownState,
  type LoadedBoard,
  namesOf,
  type ScoresCommitted,
  showNames,
} from "./board_state.ts";
import type { BoardSource } from "./board_source.ts";
import type { BoardHead, BoardReading } from "./board_store.ts";
import { viewOf } from "./board_view.ts";
import type { Audience, BoardListener, BoardView } from "./boards.ts";

/** Other nodes' writes show after this at the latest, and one query in it serves every reader. */
const CHECK_INTERVAL_MS = SECOND_MS;
/** Readers get the board of memory when the database needs longer than this. */
const CHECK_PATIENCE_MS = SECOND_MS;
/** Every request is answered by then, while a database hangs or a million members are read. */
const LOAD_PATIENCE_MS = 10 * SECOND_MS;
const LOAD_RETRY_SECONDS = 5;
/** A phase further away is looked at again, since clocks drift. */
const PHASE_TIMER_MAX_MS = DAY_MS;

export interface BoardSlotDeps {
  source: BoardSource;
  clock: Clock;
  timers: Timers;
  /** Hears that a board was put into memory. */
  onLoaded: (slot: BoardSlot) => void;
  /** Hears what moved on a board since a number of its log. */
  onMoved?: (board: LoadedBoard, from: number, participantIds: readonly string[]) => void;
  /** Hears that a board is let go. */
  onForgotten?: (id: string) => void;
}

/** One competition's place in memory. */
export class BoardSlot {
  readonly id: string;
  readonly #deps: BoardSlotDeps;
  /** As they were given out of this board: every reader and writer asks for one. */
  readonly #views = new Map<Audience, BoardView>();
  readonly #listeners = new Map<BoardListener, Audience>();
  #board: LoadedBoard | undefined;
  /** What the public sees while the board is frozen; of the state that the head of `#board` names. */
  #frozen: LoadedBoard | undefined;
  #checkedAt: EpochMs = 0;
  #running: Promise<void> | undefined;
  /** The reading that begins when the running one has ended. */
  #next: Promise<void> | undefined;
  #phaseTimer: { at: EpochMs; cancel: () => void } | undefined;
  /** The state that listeners of each audience were told. */
  readonly #told = new Map<Audience, string>();

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
  async view(audience: Audience): Promise<BoardView> {
    // A board may be forgotten while it is read.
    while (!this.#board) await this.#load();
    const board = this.#board;
    await this.#check(board);
    return this.#view(board, audience);
  }

  /** The same without waiting; undefined when the board is not loaded, or is to be looked at again. */
  viewNow(audience: Audience): BoardView | undefined {
    const board = this.#board;
    if (!board || this.#isCheckDue()) return undefined;
    return this.#view(board, audience);
  }

  /** Follows a commit; a database that is away only makes the board stale, for the write is durable. */
  async committed(change: ScoresCommitted | undefined): Promise<void> {
    if (this.isIdle) return;
    const board = this.#board;
    if (change && board && applyScores(board, change)) {
      this.#deps.onMoved?.(board, change.from, change.scores.map((score) => score.participantId));
      return this.#accepted();
    }
    await this.#refresh().catch((error) => {
      if (!isAway(error) && !isGone(error)) throw error;
      if (board) board.isStale = true;
      this.#checkedAt = 0;
    });
  }

  listen(listener: BoardListener, audience: Audience): () => void {
    this.#listeners.set(listener, audience);
    if (this.#board) this.#armPhaseTimer(this.#board);
    return () => {
      this.#listeners.delete(listener);
      if (!this.isWatched) this.#disarmPhaseTimer();
    };
  }

  /** Lets go of the board; listeners stay. */
  forget(): void {
    this.#views.clear();
    this.#deps.onForgotten?.(this.id);
    this.#board = undefined;
    this.#frozen = undefined;
    this.#told.clear();
    this.#disarmPhaseTimer();
  }

  /** Waits for a first reading; a long one goes on for those who ask again. */
  async #load(): Promise<void> {
    const reading = this.#running ?? this.#start();
    if (await inTime(this.#deps.timers, reading, LOAD_PATIENCE_MS)) return;
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot show the board yet: it is being loaded", {
      retryAfterSeconds: LOAD_RETRY_SECONDS,
    });
  }

  /** Asks whether others wrote; a database that is away leaves the board of memory, marked stale. */
  async #check(board: LoadedBoard): Promise<void> {
    if (!this.#isCheckDue()) return;
    const { clock, timers } = this.#deps;
    this.#checkedAt = clock.now();
    const isInTime = await inTime(timers, this.#running ?? this.#start(), CHECK_PATIENCE_MS)
      .catch((error) => {
        if (isAway(error)) return false;
        throw error;
      });
    if (!isInTime) board.isStale = true;
  }

  #isCheckDue(): boolean {
    return this.#deps.clock.now() - this.#checkedAt >= CHECK_INTERVAL_MS;
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
    const { source } = this.#deps;
    const board = this.#board;
    if (board) {
      const head = await source.head(this.id);
      if (!head) throw this.#gone();
      if (this.#board === board && isCurrent(board, head) && this.#hasFrozen(head)) {
        catchUp(board, head, []);
        return this.#accepted();
      }
    }
    const reading = await source.board(this.id, board && knownState(board));
    if (!reading) throw this.#gone();
    // Before the live board moves, so that there is no moment at which the public has neither.
    const frozen = await this.#readFrozen(reading.head);
    this.#take(reading, board, frozen);
    this.#accepted();
  }

  #hasFrozen({ epoch, frozenSeq }: BoardHead): boolean {
    if (frozenSeq === null) return true;
    return this.#frozen?.head.epoch === epoch && this.#frozen.offset === frozenSeq;
  }

  async #readFrozen(head: BoardHead): Promise<LoadedBoard | undefined> {
    if (head.frozenSeq === null) return undefined;
    if (this.#hasFrozen(head)) return this.#frozen;
    const then = await this.#deps.source.boardAt(this.id, head.frozenSeq);
    if (!then) throw this.#gone();
    return buildBoard(then.head, then.entries);
  }

  #take(
    reading: BoardReading,
    readFor: LoadedBoard | undefined,
    frozen: LoadedBoard | undefined,
  ): void {
    const { head } = reading;
    const board = this.#board;
    if ("entries" in reading) {
      if (!board || board !== readFor || head.lastSeq < board.offset) return;
      const from = board.offset;
      catchUp(board, head, reading.entries);
      this.#deps.onMoved?.(board, from, reading.entries.map((entry) => entry.participantId));
      this.#frozen = frozen;
      if (frozen) showNames(frozen, reading.entries);
      return;
    }
    const isOlder = board && board.head.epoch === head.epoch && board.offset > head.lastSeq &&
      board.head.rules.version === head.rules.version;
    if (isOlder) return;
    this.#board = boardOf(head, reading.members);
    if (frozen && frozen === this.#frozen) showNames(frozen, namesOf(this.#board));
    this.#frozen = frozen;
    this.#deps.onLoaded(this);
  }

  #gone(): DomainError {
    const wasLoaded = this.#board !== undefined;
    this.forget();
    if (wasLoaded) { for (const listener of [...this.#listeners.keys()]) listener(undefined); }
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
    for (const audience of new Set(this.#listeners.values())) this.#tellAll(board, audience);
  }

  #tellAll(board: LoadedBoard, audience: Audience): void {
    const view = this.#view(board, audience);
    const { epoch, offset, phase, frozen, visibility } = view;
    const state = [epoch, offset, phase, frozen, visibility].join();
    if (this.#told.get(audience) === state) return;
    this.#told.set(audience, state);
    for (const [listener, whose] of [...this.#listeners]) {
      if (whose === audience) listener(view);
    }
  }

  /** Follows the slot; of a board that is let go it keeps showing the last. */
  #view(board: LoadedBoard, audience: Audience): BoardView {
    const known = this.#views.get(audience);
    if (known) return known;
    const view = this.#newView(board, audience);
    this.#views.set(audience, view);
    return view;
  }

  #newView(board: LoadedBoard, audience: Audience): BoardView {
    let last = { board, frozen: this.#frozen };
    const latest = () => last = this.#board ? { board: this.#board, frozen: this.#frozen } : last;
    const source = { live: () => latest().board, frozen: () => latest().frozen };
    return viewOf(source, this.#deps.clock, audience);
  }

  #armPhaseTimer(board: LoadedBoard): void {
    const { clock, timers } = this.#deps;
    const now = clock.now();
    const at = nextChangeAt(board.head, now);
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
