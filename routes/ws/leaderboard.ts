/**
 * `WS /ws/leaderboard/:competitionId`: a live board over a socket. Whatever forbids it is told by a
 * close code after the socket was accepted, because browsers hide the status of a refused upgrade.
 *
 * Heartbeat: the server pings on the protocol level and drops a peer that does not answer. Browsers
 * cannot see those pings; a client that wants to know sends `ping` and hears `pong`. The runtime keeps
 * the pongs to itself, so that a peer that answers none is closed by it, with 1001: nothing here could
 * tell it from one that only listens, and close it with 4408 before. A peer whose
 * window is full hears neither ping nor close: it is told 4408 in vain, gets nothing more, and keeps
 * its place among the connections until the network gives up on it.
 *
 * @module
 */

import { Hono } from "hono";
import { CLOSE_CODES, StreamQuery } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";
import type { Config } from "@/platform/config.ts";
import { getLog } from "@/platform/log.ts";
import type { OpenOptions, Viewer, ViewerSink } from "@/services/live/live.ts";
import type { Services } from "@/services/mod.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { cookieIn, sessionCookieName } from "../cookies.ts";
import { validationError } from "../failure.ts";
import { type LiveCaller, positionIn, readLiveCaller } from "../live_caller.ts";
import { bearerToken } from "../middleware/authenticate.ts";

export interface LeaderboardSocketDeps {
  config: Pick<Config, "server" | "session" | "sockets">;
  services: Pick<Services, "accounts" | "apiKeys" | "live">;
}

/** Why Deno closes a socket (with 1001) whose peer answered no ping in time. */
const NO_PONG = "No response from ping frame.";

/** Frames kept while a socket is being opened; a good client sends one or none. */
const EARLY_FRAMES_MAX = 8;

/** The socket's route. */
export function leaderboardSocket(deps: LeaderboardSocketDeps) {
  return new Hono<AppEnv>().get("/ws/leaderboard/:competitionId", async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new DomainError("BAD_REQUEST", "Cannot open the socket: this is no WebSocket request");
    }
    const opening = await settle(() => readOpening(deps, c));
    const { socket, response } = upgrade(c.req.raw, deps.config.sockets.heartbeatMs);
    attach(deps, socket, opening);
    return response;
  });
}

/** A result or what was thrown instead, to be told when the socket is open. */
type Settled<T> = { value: T } | { error: unknown };

/** What a socket was asked for. */
interface Opening extends LiveCaller {
  competitionId: string;
  options: OpenOptions;
}

async function settle<T>(run: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error };
  }
}

async function readOpening(deps: LeaderboardSocketDeps, c: AppContext): Promise<Opening> {
  const parsed = StreamQuery.safeParse(c.req.query());
  if (!parsed.success) throw validationError(parsed.error);
  const { token: queryToken, top, division, ...query } = parsed.data;
  const token = queryToken ?? bearerToken(c.req.header("authorization"));
  const cookieName = sessionCookieName(deps.config.session.isSecure);
  const cookie = cookieIn(c.req.header("cookie") ?? null, cookieName);
  // Another site's page may open sockets here, and the browser sends our cookie along.
  if (token === undefined && cookie) checkOrigin(deps, c);
  const { requestId, clientAddress: address } = c.var;
  const origin = { requestId, address };
  const caller = await readLiveCaller(deps.services, { token, cookie }, origin);
  return {
    ...caller,
    competitionId: c.req.param("competitionId")!,
    options: {
      ...(top === undefined ? {} : { top }),
      ...(division === undefined ? {} : { division }),
      ...(caller.recheck === undefined ? {} : { recheck: caller.recheck }),
      ...positionIn(query),
    },
  };
}

function checkOrigin({ config }: LeaderboardSocketDeps, c: AppContext): void {
  const origin = c.req.header("origin");
  const own = [new URL(c.req.url).origin, new URL(config.server.publicUrl).origin];
  if (origin !== undefined && own.includes(origin)) return;
  throw new DomainError("FORBIDDEN", "Cannot open the socket: another site asks for it");
}

function upgrade(request: Request, heartbeatMs: number) {
  try {
    return Deno.upgradeWebSocket(request, { idleTimeout: Math.ceil(heartbeatMs / 1000) });
  } catch (error) {
    throw new DomainError("BAD_REQUEST", "Cannot open the socket: the handshake is not valid", {
      cause: error,
    });
  }
}

function attach(deps: LeaderboardSocketDeps, socket: WebSocket, opening: Settled<Opening>): void {
  const early: string[] = [];
  let viewer: Viewer | undefined;
  let isGone = false;
  socket.onopen = async () => {
    const opened = "error" in opening ? opening : await settle(() => {
      const { actor, competitionId, options } = opening.value;
      return deps.services.live.open(actor, competitionId, new SocketSink(socket), options);
    });
    if ("error" in opened) return refuse(socket, opened.error);
    viewer = opened.value;
    if (isGone) return viewer.close();
    for (const text of early.splice(0)) viewer.receive(text);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return close(socket, CLOSE_CODES.UNSUPPORTED, "text frames only");
    if (viewer) return viewer.receive(data);
    if (early.length < EARLY_FRAMES_MAX) early.push(data);
    else close(socket, CLOSE_CODES.TOO_MANY, "too many frames");
  };
  // An error is always followed by a close.
  socket.onerror = () => {};
  socket.onclose = ({ reason }) => {
    isGone = true;
    viewer?.close(reason === NO_PONG ? "silent" : undefined);
  };
}

/** A class, of which ten thousand share their functions and their shape. */
class SocketSink implements ViewerSink {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  close(code: number, reason: string): void {
    close(this.#socket, code, reason);
  }
}

function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
}

/** The status of an error that a browser is told by a close code, since it sees no status. */
const CODE_BY_STATUS: Readonly<Record<number, number>> = {
  400: CLOSE_CODES.BAD_REQUEST,
  401: CLOSE_CODES.UNAUTHORIZED,
  403: CLOSE_CODES.FORBIDDEN,
  404: CLOSE_CODES.NOT_FOUND,
  429: CLOSE_CODES.TOO_MANY,
  503: CLOSE_CODES.RESTART,
};

function refuse(socket: WebSocket, error: unknown): void {
  if (!(error instanceof DomainError)) {
    getLog("http").error("Socket failed", { error });
    return close(socket, CLOSE_CODES.FAILED, "INTERNAL_ERROR");
  }
  const code = error.code === "TOKEN_EXPIRED"
    ? CLOSE_CODES.TOKEN_EXPIRED
    : CODE_BY_STATUS[error.status] ?? CLOSE_CODES.FAILED;
  close(socket, code, error.code);
}
