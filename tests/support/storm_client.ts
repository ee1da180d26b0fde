/**
 * A viewer that follows its board as a client must, and notes whatever a client may never see: a
 * delta that does not follow, an offset that does not rise. Cheap enough for a thousand of them.
 */

import type { BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import { applyDelta } from "@/domain/conflation.ts";

/** A board as one viewer has it. */
export interface SeenBoard {
  epoch: string;
  offset: number;
  frozen: boolean;
  rows: BoardRow[];
}

/** Follows one board over any number of connections. */
export class StormClient {
  readonly board: SeenBoard = { epoch: "", offset: -1, frozen: false, rows: [] };
  /** What was wrong, in words. */
  readonly faults: string[] = [];
  frames = 0;
  connections = 0;
  resumed = 0;
  readonly #onBoard: ((board: SeenBoard) => void) | undefined;
  #socket: WebSocket | undefined;
  #opened = Promise.resolve();

  constructor(onBoard?: (board: SeenBoard) => void) {
    this.#onBoard = onBoard;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects to a node, from where the last connection ended. */
  connect(url: string): Promise<void> {
    const { epoch, offset } = this.board;
    const resume = offset < 0 ? "" : `?epoch=${epoch}&offset=${offset}`;
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${resume}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.connections += 1;
    this.#socket = socket;
    this.#opened = promise;
    let isFirst = true;
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      const frame: ServerFrame = JSON.parse(data);
      if (isFirst && offset >= 0 && frame.type !== "snapshot") this.resumed += 1;
      isFirst = false;
      this.#take(frame);
      resolve();
    };
    socket.onclose = () => resolve();
    socket.onerror = () => {};
    return promise;
  }

  /** Lets go without a word, and resolves when the connection has gone. */
  async disconnect(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket || isClosed(socket)) return;
    // Closing what is only being opened would wait for ever.
    await this.#opened;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (isClosed(socket)) return;
    socket.onclose = () => resolve();
    socket.close();
    await promise;
  }

  #take(frame: ServerFrame): void {
    this.frames += 1;
    if (frame.type === "snapshot") this.#takeSnapshot(frame);
    if (frame.type === "delta") this.#takeDelta(frame);
    if (frame.type === "state") this.board.frozen = frame.frozen;
    if (frame.type === "error") this.faults.push(`error ${frame.code}`);
  }

  #takeSnapshot(frame: Extract<ServerFrame, { type: "snapshot" }>): void {
    const { board } = this;
    if (frame.epoch === board.epoch) this.#checkRises(frame.offset);
    const { epoch, offset, frozen, rows } = frame;
    Object.assign(board, { epoch, offset, frozen, rows });
    this.#onBoard?.(board);
  }

  #takeDelta(frame: Extract<ServerFrame, { type: "delta" }>): void {
    const { board } = this;
    if (frame.from !== board.offset) {
      this.faults.push(`a delta from ${frame.from} came to a board at ${board.offset}`);
    }
    this.#checkRises(frame.offset);
    board.rows = applyDelta(board.rows, frame);
    board.offset = frame.offset;
    this.#onBoard?.(board);
  }

  #checkRises(offset: number): void {
    if (offset > this.board.offset) return;
    this.faults.push(`offset ${offset} came after ${this.board.offset}`);
  }
}

function isClosed(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.CLOSED;
}
