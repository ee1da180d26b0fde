/**
 * Listening that survives: when the accept loop of `Deno.serve` fails, as it does at the limit of
 * file descriptors, connections that are open stay and the server listens again.
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
  /** Stops accepting and waits for open requests until the deadline; tells whether all ended. */
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
  let cancelRetry = () => {};
  let delayMs = LISTEN_AGAIN_MS;
  let current = listenFirst(options);
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
    if (isStopping) return;
    options.onAcceptFailure(error);
    cancelRetry = options.timers.after(delayMs, listenAgain);
    delayMs = Math.min(delayMs * 2, LISTEN_AGAIN_MAX_MS);
  }
  function listenAgain(): void {
    try {
      current = listen(options, port);
      watch(current);
    } catch (error) {
      again(error);
    }
  }
  return {
    port,
    async stop(deadlineMs) {
      isStopping = true;
      cancelRetry();
      return await drain(current, deadlineMs, options.timers);
    },
  };
}

function listenFirst(options: ServerOptions): Deno.HttpServer {
  try {
    return listen(options, options.port);
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

function listen(options: ServerOptions, port: number): Deno.HttpServer {
  return Deno.serve(
    { hostname: options.host, port, onListen: () => {} },
    options.handler,
  );
}

/** `shutdown()` waits for streams that never end, so a deadline races it. */
async function drain(
  server: Deno.HttpServer,
  deadlineMs: number,
  timers: Timers,
): Promise<boolean> {
  const { promise: deadline, resolve } = Promise.withResolvers<false>();
  const cancel = timers.after(deadlineMs, () => resolve(false));
  const done = server.shutdown().then(() => true, () => true);
  const isDone = await Promise.race([done, deadline]);
  cancel();
  return isDone;
}
