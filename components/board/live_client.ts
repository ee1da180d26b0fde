/**
 * The browser's end of a live board: connects, follows snapshots and deltas, comes back after a
 * break with what it has, and gives up only when it is told that it may not see the board. No DOM
 * beyond `WebSocket`, so that pages, tests and scripts use the same code.
 *
 * @module
 */

import type { BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import type { Phase } from "@/domain/competition.ts";
import { applyDelta } from "@/domain/conflation.ts";
import { canApply } from "@/domain/stream.ts";

/** A board as the client has it. */
export interface LiveBoardData {
  epoch: string;
  offset: number;
  phase: Phase;
  frozen: boolean;
  total: number;
  rows: BoardRow[];
}

/** Why a client gave up. */
export type StopReason = "unauthorized" | "forbidden" | "not_found" | "stopped";

/** How the client hangs on the server. */
export type LiveStatus =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "waiting"; retryInMs: number }
  | { state: "stopped"; reason: StopReason };

/** A connection; `close` may be called in any state. */
export interface LiveSocket {
  send(text: string): unknown;
  close(): void;
}

/** What a connection tells: texts, and its end with the close code. */
export interface LiveSocketEvents {
  onText(text: string): unknown;
  onClose(code: number): unknown;
}

/** What surrounds the client; browsers need not give it, tests bring their own. */
export interface LiveSurroundings {
  connect(url: string, events: LiveSocketEvents): LiveSocket;
  /** Runs once after the delay; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
  /** A number from 0 to 1, below 1. */
  random(): number;
}

export interface LiveClientOptions {
  /** The socket's address without query, e.g. `wss://host/ws/leaderboard/<id>`. */
  url: string;
  /** Rows from the top; the server gives 100 when absent. */
  top?: number;
  /** Only this division. */
  division?: string;
  /** The board that the page was rendered with: the first connection asks only for what came since. */
  initial?: LiveBoardData;
  /** The access token, asked for before each connection; a page with a session cookie needs none. */
  token?: () => string | null | Promise<string | null>;
  onBoard(board: LiveBoardData): void;
  onStatus(status: LiveStatus): void;
  onAnnouncement?: (announcement: { text: string; at: string }) => void;
  surroundings?: LiveSurroundings;
}

export interface LiveClient {
  /** Leaves; nothing is told afterwards. */
  stop(): void;
  /** Connects now instead of after the wait, e.g. when the network came back. */
  retry(): void;
}

/** Waits between attempts grow from here … */
const BACKOFF_MIN_MS = 500;
/** … to here: people look at a board, a minute would seem for ever. */
const BACKOFF_MAX_MS = 15_000;
/** A handshake takes two round trips; longer than this it hangs. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Browsers cannot see the server's pings, so silence is broken by one of ours. */
const SILENCE_MS = 25_000;
/** And when that is not answered the connection is dead. */
const PONG_TIMEOUT_MS = 10_000;

/** Close codes after which coming back is of no use. */
const FINAL_CODES: Readonly<Record<number, StopReason>> = {
  4401: "unauthorized",
  4403: "forbidden",
  4404: "not_found",
};
/** The token ran out; a new one is at hand. */
const TOKEN_EXPIRED = 4410;
/** The server has too many viewers; only patience helps. */
const TOO_MANY = 4429;

/** Starts to follow a board. */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const client = new Client(options);
  void client.connect();
  return { stop: () => client.stop(), retry: () => client.retry() };
}

class Client {
  readonly #options: LiveClientOptions;
  readonly #surroundings: LiveSurroundings;
  #board: LiveBoardData | undefined;
  #socket: LiveSocket | undefined;
  /** Counts connections, to tell the present from former ones. */
  #connection = 0;
  #attempts = 0;
  #isStopped = false;
  /** True from a connection's first frame to its end. */
  #isLive = false;
  /** True from a gap until the server's answer. */
  #isResuming = false;
  #isRenewingToken = false;
  /** The one timer: the wait for an attempt, for the handshake, or for a sign of life. */
  #cancelTimer: () => void = () => {};

  constructor(options: LiveClientOptions) {
    this.#options = options;
    this.#surroundings = options.surroundings ?? BROWSER;
    this.#board = options.initial;
  }

  async connect(): Promise<void> {
    this.#cancelTimer();
    this.#options.onStatus({ state: "connecting" });
    const token = await this.#token();
    if (this.#isStopped || this.#socket) return;
    if (token === undefined) return this.#wait();
    const id = ++this.#connection;
    // A dead connection may take minutes to tell its end, long after the next has begun.
    const isCurrent = () => id === this.#connection && this.#socket !== undefined;
    this.#isResuming = false;
    this.#setTimer(CONNECT_TIMEOUT_MS, () => this.#lose());
    this.#socket = this.#surroundings.connect(this.#address(token), {
      onText: (text) => isCurrent() && this.#heard(text),
      onClose: (code) => isCurrent() && this.#closed(code),
    });
  }

  stop(reason: StopReason = "stopped"): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancelTimer();
    this.#letGo();
    if (reason !== "stopped") this.#options.onStatus({ state: "stopped", reason });
  }

  retry(): void {
    if (this.#isStopped || this.#socket) return;
    void this.connect();
  }

  /** Null is nobody's; undefined tells that the token could not be had now. */
  async #token(): Promise<string | null | undefined> {
    try {
      return await this.#options.token?.() ?? null;
    } catch {
      return undefined;
    }
  }

  #address(token: string | null): string {
    const query = new URLSearchParams();
    if (this.#options.top !== undefined) query.set("top", `${this.#options.top}`);
    if (this.#options.division !== undefined) query.set("division", this.#options.division);
    if (this.#board) {
      query.set("epoch", this.#board.epoch);
      query.set("offset", `${this.#board.offset}`);
    }
    if (token !== null) query.set("token", token);
    const text = query.toString();
    return text === "" ? this.#options.url : `${this.#options.url}?${text}`;
  }

  #heard(text: string): void {
    const frame = readFrame(text);
    if (!frame) return;
    if (!this.#isLive) this.#nowLive();
    this.#expectLife();
    switch (frame.type) {
      case "snapshot": {
        const { type: _, ...board } = frame;
        this.#isResuming = false;
        return this.#show(board);
      }
      case "delta":
        return this.#follow(frame);
      case "state":
        this.#isResuming = false;
        return this.#changeState(frame);
      case "announcement":
        return this.#options.onAnnouncement?.({ text: frame.text, at: frame.at });
    }
  }

  #nowLive(): void {
    this.#attempts = 0;
    this.#isLive = true;
    this.#isRenewingToken = false;
    this.#options.onStatus({ state: "live" });
  }

  #follow(frame: Extract<ServerFrame, { type: "delta" }>): void {
    const board = this.#board;
    if (board && canApply(board.offset, frame)) {
      const { offset, total } = frame;
      this.#isResuming = false;
      return this.#show({ ...board, offset, total, rows: applyDelta(board.rows, frame) });
    }
    if (this.#isResuming) return;
    this.#isResuming = true;
    const { epoch = "", offset = 0 } = board ?? {};
    this.#socket?.send(JSON.stringify({ type: "resume", epoch, offset }));
  }

  #changeState({ phase, frozen }: Extract<ServerFrame, { type: "state" }>): void {
    const board = this.#board;
    if (!board || (board.phase === phase && board.frozen === frozen)) return;
    this.#show({ ...board, phase, frozen });
  }

  #show(board: LiveBoardData): void {
    this.#board = board;
    this.#options.onBoard(board);
  }

  /** Asks for a sign of life after a silence, and gives the connection up without one. */
  #expectLife(): void {
    this.#setTimer(SILENCE_MS, () => {
      this.#socket?.send(JSON.stringify({ type: "ping" }));
      this.#setTimer(PONG_TIMEOUT_MS, () => this.#lose());
    });
  }

  #closed(code: number): void {
    const reason = FINAL_CODES[code];
    if (reason) return this.stop(reason);
    if (code === TOKEN_EXPIRED && !this.#isRenewingToken) {
      this.#isRenewingToken = true;
      this.#letGo();
      return void this.connect();
    }
    this.#lose(code === TOO_MANY ? BACKOFF_MAX_MS : BACKOFF_MIN_MS);
  }

  #lose(leastMs = BACKOFF_MIN_MS): void {
    this.#letGo();
    this.#wait(leastMs);
  }

  #letGo(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isLive = false;
    socket?.close();
  }

  #wait(leastMs = BACKOFF_MIN_MS): void {
    const span = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    // Spread, so that all viewers of a server that restarts do not come back at once.
    const spread = this.#surroundings.random() * span;
    const retryInMs = Math.min(BACKOFF_MAX_MS, Math.round(leastMs + spread));
    this.#options.onStatus({ state: "waiting", retryInMs });
    this.#setTimer(retryInMs, () => void this.connect());
  }

  #setTimer(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#surroundings.after(delayMs, run);
  }
}

/** The frame, or undefined for what is none; the server's own schema is not checked again here. */
function readFrame(text: string): ServerFrame | undefined {
  try {
    const frame = JSON.parse(text) as ServerFrame | null;
    return typeof frame?.type === "string" ? frame : undefined;
  } catch {
    return undefined;
  }
}

const BROWSER: LiveSurroundings = {
  connect(url, { onText, onClose }) {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => typeof data === "string" && onText(data);
    socket.onclose = ({ code }) => onClose(code);
    return {
      send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
      close: () => socket.close(),
    };
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32,
};
