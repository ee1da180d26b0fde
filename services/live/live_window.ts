/**
 * A window of one board (its top, or the rows around a person) and those who watch it. Its state is
 * what was last published; each publication is one delta from there, serialised once. A viewer that
 * does not stand where a delta begins gets a snapshot of the present instead, so that whatever was
 * missed, everybody ends at the same board.
 *
 * @module
 */

import type { BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import { diffWindow } from "@/domain/conflation.ts";
import {
  createRing,
  type DeltaFrame,
  type DeltaRing,
  pushFrame,
  replayFrom,
  type StreamPosition,
} from "@/domain/stream.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { BoardList, BoardView } from "../boards/boards.ts";
import type { LiveSlices, SendTo } from "./live_slices.ts";
import type { LiveViewer, Step } from "./live_viewer.ts";

/** Deltas kept for those who come back: at ten a second longer than the longest backoff of 15 s. */
const RING_FRAMES_MAX = 200;
/** So that windows of many rows keep fewer deltas, some megabytes of text each. */
const RING_ROWS_MAX = 20_000;
/** Larger gaps are cheaper as a snapshot. */
const REPLAY_FRAMES_MAX = 100;
/** While only rows outside of the window change, its offset is told this often. */
const QUIET_INTERVAL_MS = SECOND_MS;

/** Frames sent, for the metrics. */
export type CountFrames = (type: ServerFrame["type"], count: number) => void;

export interface WindowDeps {
  now: () => EpochMs;
  countFrames: CountFrames;
  slices: LiveSlices;
  /** A publication that had to wait for the one before it may go now. */
  onOverdue: () => void;
}

export class LiveWindow {
  readonly key: string;
  readonly viewers = new Set<LiveViewer>();
  readonly #deps: WindowDeps;
  readonly #listOf: (view: BoardView) => BoardList;
  readonly #selectRows: (list: BoardList) => BoardRow[];
  readonly #framesMax: number;
  readonly #texts = new WeakMap<DeltaFrame<BoardRow>, string>();
  #ring: DeltaRing<BoardRow>;
  #rows: BoardRow[];
  #total: number;
  #publishedAt: EpochMs;
  #snapshot = { key: "", text: "" };
  /** True until everybody has been sent the last publication. */
  #isDelivering = false;
  /** Whether a publication waits for that. */
  #isOverdue = false;

  constructor(
    key: string,
    view: BoardView,
    options: {
      /** The board itself, or a division of it. */
      listOf: (view: BoardView) => BoardList;
      select: (list: BoardList) => BoardRow[];
      rowsMax: number;
      deps: WindowDeps;
    },
  ) {
    this.key = key;
    this.#listOf = options.listOf;
    this.#selectRows = options.select;
    this.#deps = options.deps;
    this.#framesMax = Math.min(RING_FRAMES_MAX, Math.floor(RING_ROWS_MAX / options.rowsMax));
    this.#ring = this.#newRing(view);
    this.#rows = this.#select(view);
    this.#total = this.#listOf(view).total;
    this.#publishedAt = options.deps.now();
  }

  /** Sends what changed since the last publication; tells after how long to try again, if at all. */
  publish(view: BoardView): number | null {
    // The next frame takes along what changes until this one has gone to all.
    if (this.#isDelivering) {
      this.#isOverdue = true;
      return null;
    }
    if (view.epoch !== this.#ring.epoch || view.offset < this.#ring.offset) {
      this.#reset(view);
      return null;
    }
    const rows = this.#select(view);
    const { total } = this.#listOf(view);
    const delta = diffWindow(this.#rows, rows);
    const isQuiet = delta.rows.length === 0 && delta.removed.length === 0 && total === this.#total;
    const { offset } = view;
    if (offset === this.#ring.offset) {
      // Names on boards that nothing more is logged of change without a number for a delta.
      if (!isQuiet) this.#reset(view);
      return null;
    }
    const sinceMs = this.#deps.now() - this.#publishedAt;
    if (isQuiet && sinceMs < QUIET_INTERVAL_MS) return QUIET_INTERVAL_MS - sinceMs;
    const frame = { type: "delta" as const, from: this.#ring.offset, offset, ...delta, total };
    pushFrame(this.#ring, frame);
    this.#publishedAt = this.#deps.now();
    this.#rows = rows;
    this.#total = total;
    this.#deliver(view, frame);
    return null;
  }

  /** Sends the present board. */
  snapshot(viewer: LiveViewer, view: BoardView): boolean {
    const { epoch, offset } = view;
    const snapshot = { epoch, offset, text: this.#snapshotText(view) };
    const isSent = viewer.sendSnapshot(snapshot, this.#deps.now());
    if (isSent) this.#deps.countFrames("snapshot", 1);
    return isSent;
  }

  /** Sends the deltas since a position, or the present board when they are not all here. */
  resume(viewer: LiveViewer, view: BoardView, position: StreamPosition): void {
    // A client that read the board elsewhere may stand at a number between two deltas.
    if (position.epoch === view.epoch && position.offset === view.offset) {
      viewer.offset = view.offset;
      return;
    }
    // The deltas kept may still be of an epoch that has just ended.
    const isOver = view.epoch !== this.#ring.epoch;
    const frames = isOver ? "snapshot" : replayFrom(this.#ring, position);
    if (frames === "snapshot" || frames.length > REPLAY_FRAMES_MAX) {
      this.snapshot(viewer, view);
      return;
    }
    viewer.offset = position.offset;
    for (const frame of frames) this.#sendFrame(viewer, frame);
  }

  #select(view: BoardView): BoardRow[] {
    return this.#selectRows(this.#listOf(view));
  }

  #deliver(view: BoardView, frame: DeltaFrame<BoardRow>): void {
    const step = this.#stepOf(frame);
    const now = this.#deps.now();
    let sent = 0;
    const send = (viewer: LiveViewer) => {
      const delivery = viewer.sendStep(step, now);
      if (delivery === "lost") return this.#snapshotLength(viewer, view);
      if (delivery === "skipped") return 0;
      sent += 1;
      return step.text.length;
    };
    this.#send(send, () => this.#deps.countFrames("delta", sent));
  }

  #send(send: SendTo, onDone?: () => void): void {
    this.#isDelivering = true;
    this.#deps.slices.send(this.viewers, send, () => {
      this.#isDelivering = false;
      onDone?.();
      if (!this.#isOverdue) return;
      this.#isOverdue = false;
      this.#deps.onOverdue();
    });
  }

  #snapshotLength(viewer: LiveViewer, view: BoardView): number {
    return this.snapshot(viewer, view) ? this.#snapshot.text.length : 0;
  }

  #sendFrame(viewer: LiveViewer, frame: DeltaFrame<BoardRow>): void {
    if (viewer.sendStep(this.#stepOf(frame), this.#deps.now()) === "sent") {
      this.#deps.countFrames("delta", 1);
    }
  }

  /** Everybody starts anew, where no delta can lead from what they have. */
  #reset(view: BoardView): void {
    this.#snapshot = { key: "", text: "" };
    this.#ring = this.#newRing(view);
    this.#rows = this.#select(view);
    this.#total = this.#listOf(view).total;
    this.#publishedAt = this.#deps.now();
    // At once, because numbers of two epochs may happen to agree.
    for (const viewer of this.viewers) viewer.offset = null;
    this.#send((viewer) => viewer.offset === null ? this.#snapshotLength(viewer, view) : 0);
  }

  #newRing({ epoch, offset }: BoardView): DeltaRing<BoardRow> {
    return createRing({ epoch, offset }, this.#framesMax);
  }

  #stepOf(frame: DeltaFrame<BoardRow>): Step {
    const { from, offset } = frame;
    return { epoch: this.#ring.epoch, from, offset, text: this.#textOf(frame) };
  }

  #textOf(frame: DeltaFrame<BoardRow>): string {
    const known = this.#texts.get(frame);
    if (known !== undefined) return known;
    const text = JSON.stringify(frame satisfies ServerFrame);
    this.#texts.set(frame, text);
    return text;
  }

  #snapshotText(view: BoardView): string {
    const { epoch, offset, phase, frozen } = view;
    const { total } = this.#listOf(view);
    const key = [epoch, offset, phase, frozen].join();
    if (this.#snapshot.key === key) return this.#snapshot.text;
    const rows = this.#select(view);
    const frame: ServerFrame = { type: "snapshot", epoch, offset, phase, frozen, total, rows };
    this.#snapshot = { key, text: JSON.stringify(frame) };
    return this.#snapshot.text;
  }
}
