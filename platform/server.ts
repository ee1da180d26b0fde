/**
 * Listening that survives: when the accept loop of `Deno.serve` fails, as it does at the limit of
 * file descriptors, connections that are open stay and the server listens again.
 *
 * Stopping that finishes: `shutdown()` of `Deno.serve` takes the bodies away from requests that are
 * still being read, so that it is called only when no handler runs any more.
 *
 * @module
 */

import type { Timers } from "./timers.ts";

/** The address cannot be listened on; the message names it and the remedy. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Answers one request. */
export type ServerHandler = (
  req: Request,
  info: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

export interface ServerOptions {
  host: string;
  port: number;
  handler: ServerHandler;
  timers: Timers;
  /** Hears that accepting failed and will go on. */
  onAcceptFailure: (error: unknown) => void;
}

/** A server that listens. */
export interface Server {
  readonly port: number;
  /** False from a failure to accept until it listens again, and from the begin of a stop. */
  readonly isListening: boolean;
  /**
   * Waits until every handler has answered, stops accepting, and waits for the answers to be sent;
   * tells whether all that ended before the deadline. The handler is asked until then, and refuses.
   */
  stop(deadlineMs: number): Promise<boolean>;
}

/** A port just left may be held for a moment; descriptors come back within seconds. */
const LISTEN_AGAIN_MS = 100;
const LISTEN_AGAIN_MAX_MS = 5_000;

/** Listening that lasted this long was sound: the next failure is a new one. */
const SOUND_AFTER_MS = 10_000;

/** Starts to listen. Fails with `ListenError` when the port is taken or may not be used. */
export function startServer(options: ServerOptions): Server {
  let isStopping = false;
  let isListening = true;
  let cancelRetry = () => {};
  let delayMs = LISTEN_AGAIN_MS;
  const running = countRunning(options.handler);
  let current = listenFirst(options, running.handler);
  const port = (current.addr as Deno.NetAddr).port;
  watch(current);
  function watch(server: Deno.HttpServer): void {
    const startedAt = performance.now();
    server.finished.catch((error) => {
      if (performance.now() - startedAt > SOUND_AFTER_MS) delayMs = LISTEN_AGAIN_MS;
      again(error);
    });
  }
  function again(error: unknown): void {
    isListening = false;
    if (isStopping) return;
    options.onAcceptFailure(error);
    cancelRetry = options.timers.after(delayMs, listenAgain);
    delayMs = Math.min(delayMs * 2, LISTEN_AGAIN_MAX_MS);
  }
  function listenAgain(): void {
    try {
      current = listen({ ...options, port }, running.handler);
      isListening = true;
      watch(current);
    } catch (error) {
      again(error);
    }
  }
  return {
    port,
    get isListening() {
      return isListening;
    },
    async stop(deadlineMs) {
      isStopping = true;
      isListening = false;
      cancelRetry();
      return await inTime(options.timers, deadlineMs, async () => {
        await running.idle();
        await current.shutdown();
      });
    },
  };
}

/** The handler, and a way to learn that it answered everything it was asked. */
function countRunning(handler: ServerHandler) {
  let count = 0;
  let tellIdle: (() => void) | undefined;
  const end = () => {
    count -= 1;
    if (count === 0) tellIdle?.();
  };
  return {
    handler(req: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response> {
      const answer = handler(req, info);
      // What is answered at once never runs while anybody waits for idleness, and a promise around
      // it would cost the server its short way.
      if (answer instanceof Response) return answer;
      count += 1;
      answer.then(end, end);
      return answer;
    },
    idle: () =>
      new Promise<void>((resolve) => {
        if (count === 0) resolve();
        tellIdle = resolve;
      }),
  };
}

function listenFirst(options: ServerOptions, handler: ServerHandler): Deno.HttpServer {
  try {
    return listen(options, handler);
  } catch (cause) {
    const address = `${options.host}:${options.port}`;
    throw new ListenError(`Cannot listen on ${address}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse) {
    return "another program has that port; stop it or set PORT to another one";
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address; set HOST to one it has";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "this user may not use that port; set PORT to 1024 or more";
  }
  return cause instanceof Error ? cause.message : String(cause);
}

function listen({ host, port }: ServerOptions, handler: ServerHandler): Deno.HttpServer {
  return Deno.serve({ hostname: host, port, onListen: () => {} }, handler);
}

/** Whether the work ended, well or not, before the deadline; streams may never end. */
async function inTime(
  timers: Timers,
  deadlineMs: number,
  work: () => Promise<void>,
): Promise<boolean> {
  const { promise: deadline, resolve } = Promise.withResolvers<false>();
  const cancel = timers.after(deadlineMs, () => resolve(false));
  const done = work().then(() => true, () => true);
  const isDone = await Promise.race([done, deadline]);
  cancel();
  return isDone;
}
