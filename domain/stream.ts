/**
 * The stream of a live board. A snapshot says everything; a delta says what differs from the board
 * at its `from` and applies there only. A position is an epoch and an offset: offsets of another
 * epoch mean nothing. A ring keeps the last deltas, so that a short gap is replayed.
 *
 * Rows need no place in the list: the order of a board follows from (status, rank, id) alone.
 *
 * @module
 */

/** What a row must have, so that its place follows from itself. */
export interface OrderedRow {
  participantId: string;
  rank: number | null;
  /** Disqualified rows stand behind the unranked. */
  status: "active" | "disqualified";
}

/** What changed in a window: rows that are new, moved or altered, and ids that left it. */
export interface WindowDelta<Row extends OrderedRow> {
  rows: Row[];
  removed: string[];
}

/** A delta as it is sent; `from` and `offset` are numbers of the competition's log. */
export interface DeltaFrame<Row extends OrderedRow> extends WindowDelta<Row> {
  type: "delta";
  from: number;
  offset: number;
  /** Rows of the whole board, the window's included. */
  total: number;
}

/** A place in a stream. */
export interface StreamPosition {
  epoch: string;
  offset: number;
}

/** The last deltas of one window, each starting where the one before ended; changed in place. */
export interface DeltaRing<Row extends OrderedRow> {
  epoch: string;
  /** The offset after the last delta. */
  offset: number;
  frames: DeltaFrame<Row>[];
  framesMax: number;
}

/** Frames a ring keeps unless told otherwise: six seconds at ten a second, longer than a reconnect. */
export const RING_FRAMES_DEFAULT = 60;

/** Orders rows as the board lists them: by rank, then the unranked, then the disqualified; by id. */
export function compareRows(a: OrderedRow, b: OrderedRow): number {
  return groupOf(a) - groupOf(b) || (a.rank ?? 0) - (b.rank ?? 0) ||
    (a.participantId < b.participantId ? -1 : a.participantId > b.participantId ? 1 : 0);
}

function groupOf(row: OrderedRow): number {
  if (row.rank !== null) return 0;
  return row.status === "disqualified" ? 2 : 1;
}

/** Whether a delta applies to the board at an offset. */
export function canApply(offset: number, delta: { from: number }): boolean {
  return delta.from === offset;
}

/** Makes an empty ring that starts at a position. */
export function createRing<Row extends OrderedRow>(
  position: StreamPosition,
  framesMax: number = RING_FRAMES_DEFAULT,
): DeltaRing<Row> {
  return { ...position, frames: [], framesMax };
}

/** Adds a delta and forgets the oldest above the limit; one that does not follow the last throws
 * `RangeError`, because a replay over a gap would give a wrong board. */
export function pushFrame<Row extends OrderedRow>(
  ring: DeltaRing<Row>,
  frame: DeltaFrame<Row>,
): void {
  if (!canApply(ring.offset, frame) || frame.offset <= frame.from) {
    throw new RangeError(
      `Cannot add the delta from ${frame.from} to ${frame.offset}: the ring stands at ${ring.offset}`,
    );
  }
  ring.frames.push(frame);
  ring.offset = frame.offset;
  if (ring.frames.length > ring.framesMax) {
    ring.frames.splice(0, ring.frames.length - ring.framesMax);
  }
}

/** Gives the frames that lead from a position to the ring's offset, or tells that only a snapshot will do.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRing, pushFrame, replayFrom } from "@/domain/stream.ts";
 *
 * const ring = createRing({ epoch: "e", offset: 4 });
 * const frame = { type: "delta" as const, from: 4, offset: 7, rows: [], removed: [], total: 0 };
 * pushFrame(ring, frame);
 * assertEquals(replayFrom(ring, { epoch: "e", offset: 4 }), [frame]);
 * assertEquals(replayFrom(ring, { epoch: "e", offset: 7 }), []);
 * assertEquals(replayFrom(ring, { epoch: "e", offset: 5 }), "snapshot");
 * ```
 */
export function replayFrom<Row extends OrderedRow>(
  ring: DeltaRing<Row>,
  position: StreamPosition,
): DeltaFrame<Row>[] | "snapshot" {
  if (position.epoch !== ring.epoch) return "snapshot";
  if (position.offset === ring.offset) return [];
  const index = ring.frames.findIndex((frame) => canApply(position.offset, frame));
  return index < 0 ? "snapshot" : ring.frames.slice(index);
}
