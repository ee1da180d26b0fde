/** A socket as a test sees it: what came, and waiting for what is to come. */

import { type BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import { applyDelta } from "@/domain/conflation.ts";
import { until } from "./waiting.ts";

export interface SocketClient extends AsyncDisposable {
  readonly frames: ServerFrame[];
  /** The rows that the frames lead to; a delta that does not follow throws. */
  readonly rows: BoardRow[];
  readonly offset: number;
  readonly epoch: string;
  readonly closed: { code: number; reason: string } | undefined;
  send(frame: unknown): void;
  sendRaw(data: string | Uint8Array<ArrayBuffer>): void;
}

/** The browser's type, which this project checks with, knows no headers. */
const DenoWebSocket = WebSocket as unknown as new (
  url: string,
  init: { headers: Record<string, string> },
) => WebSocket;

/** Opens a socket, and resolves when it is open. */
export async function openSocket(
  url: string,
  headers: Record<string, string> = {},
): Promise<SocketClient> {
  const socket = new DenoWebSocket(url.replace(/^http/, "ws"), { headers });
  socket.binaryType = "arraybuffer";
  const frames: ServerFrame[] = [];
  const board = { rows: [] as BoardRow[], offset: -1, epoch: "" };
  let closed: SocketClient["closed"];
  let isOpen = false;
  socket.onopen = () => isOpen = true;
  socket.onmessage = ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(data));
    frames.push(frame);
    if (frame.type === "snapshot") Object.assign(board, frame);
    if (frame.type === "delta" && frame.from === board.offset) {
      board.rows = applyDelta(board.rows, frame);
      board.offset = frame.offset;
    }
  };
  socket.onclose = ({ code, reason }) => closed = { code, reason };
  socket.onerror = () => {};
  await until(() => isOpen || closed !== undefined, "the socket is open");
  return {
    frames,
    get rows() {
      return board.rows;
    },
    get offset() {
      return board.offset;
    },
    get epoch() {
      return board.epoch;
    },
    get closed() {
      return closed;
    },
    send: (frame) => socket.send(JSON.stringify(frame)),
    sendRaw: (data) => socket.send(data),
    async [Symbol.asyncDispose]() {
      socket.close();
      await until(() => closed !== undefined, "the socket is closed");
    },
  };
}
