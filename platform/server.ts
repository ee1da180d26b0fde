/**
 * Listening that survives: when the accept loop of `Deno.serve` fails, as it does at the limit of
 * file descriptors, connections that are open stay and the server listens again.
 *
 * @module
 */

import type { Timers } from "./timers.ts";

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

/** Starts to listen. Fails when the port is taken or may not be used. */
export function startServer(options: ServerOptions): Server {
  let isStopping = false;
  let cancelRetry = () => {};
  let current = listen(options, options.port);
  const port = (current.addr as Deno.NetAddr).port;
  watch(current);
  function watch(server: Deno.HttpServer): void {
    server.finished.catch((error) => {
      if (isStopping) return;
      options.onAcceptFailure(error);
      again(LISTEN_AGAIN_MS);
    });
  }
  function again(delayMs: number): void {
    cancelRetry = options.timers.after(delayMs, () => {
      try {
        current = listen(options, port);
        watch(current);
      } catch (error) {
        options.onAcceptFailure(error);
        again(Math.min(delayMs * 2, LISTEN_AGAIN_MAX_MS));
      }
    });
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
