/**
 * One run of the PostgreSQL server on a cluster: begun as a child, or found running because its
 * parent was killed. `postmaster.pid` is PostgreSQL's own note of who runs, where, and whether ready.
 *
 * @module
 */

import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded_error.ts";
import type { ServerPlace } from "./embedded_place.ts";
import { cannotRun, programCommand, tryProgram } from "./embedded_program.ts";

/** A server that accepts connections. */
export interface RunningServer {
  pid: number;
  port: number;
  /** Settles when the server is gone, with what it said last. */
  gone: Promise<string>;
  /** Ends the watch over a server that is not a child. */
  unwatch(): void;
}

/** Loopback only: the password is no protection against a network. */
const HOST = "127.0.0.1";

/** Crash recovery replays at most `max_wal_size`, so that a minute is ample. */
const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 20;

/** Fast shutdown ends sessions and writes a checkpoint; after this long it is cut off. */
const STOP_DEADLINE_SECONDS = 10;

/** How often a server that is not a child is looked at. */
const WATCH_MS = 2_000;

/** What is kept of a dying server's words. */
const LAST_WORDS_MAX = 4_000;

/** Between a killed server and its last session letting go of the shared memory. */
const ORPHANS_DEADLINE_MS = 10_000;
const ORPHANS_POLL_MS = 200;
const LISTENING_TRIES = 5;

/** What PostgreSQL says while sessions of a killed server still hold its memory. */
const ORPHANS_WORDS = /shared memory block|shmget|could not create shared memory/i;

/** Small, since the app's own pool is its only user; never logs statements, which hold personal data. */
const SETTINGS: readonly string[] = [
  `listen_addresses=${HOST}`,
  "unix_socket_directories=",
  "max_connections=100",
  "shared_buffers=64MB",
  "max_wal_size=256MB",
  "max_parallel_workers_per_gather=0",
  "jit=off",
  "io_method=sync",
  "timezone=UTC",
  "log_timezone=UTC",
  "logging_collector=on",
  "log_filename=postgres-%u.log",
  "log_truncate_on_rotation=on",
  "log_rotation_age=1d",
  "log_rotation_size=0",
  "log_min_messages=log",
  "log_min_error_statement=panic",
  "log_checkpoints=off",
];

interface PidFile {
  pid: number;
  port: number;
  isReady: boolean;
}

/** Finds the server that still runs on the cluster, or clears what a dead one left. */
export async function findRunning(place: ServerPlace): Promise<RunningServer | undefined> {
  const noted = await readPidFile(place);
  if (!noted || !await isAlive(place)) return undefined;
  // Another program got the dead server's number, and PostgreSQL would take it for the server.
  if (!await isPostgres(noted.pid)) return await forget(place);
  const ready = await waitAdoptable(place, noted.pid);
  if (!ready) return undefined;
  // A killed server counts as alive until whoever inherited it has taken note of its end.
  if (!await isListening(ready.port)) return await forget(place);
  const stopped = new AbortController();
  const gone = watch(ready.port, stopped.signal);
  return { pid: ready.pid, port: ready.port, gone, unwatch: () => stopped.abort() };
}

async function forget(place: ServerPlace): Promise<undefined> {
  await Deno.remove(join(place.clusterDir, "postmaster.pid"));
}

/** Starts a server as a child and waits until it accepts connections. */
export async function startServer(
  place: ServerPlace,
  options: { port: number; settings: Readonly<Record<string, string>> },
): Promise<RunningServer> {
  const own = Object.entries(options.settings).map(([name, value]) => `${name}=${value}`);
  const settings = [...SETTINGS, `log_directory=${place.logDir}`, ...own];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const args = ["-D", place.clusterDir, "-p", String(options.port), ...flags];
  const child = spawnServer(place, args);
  const gone = lastWords(child);
  const ready = await waitReady(place, child.pid, gone);
  return { pid: ready.pid, port: ready.port, gone, unwatch: () => {} };
}

/** After a kill −9 the sessions outlive their server for a moment and hold its memory. */
export async function startAfterCrash(
  place: ServerPlace,
  options: { port: number; settings: Readonly<Record<string, string>> },
): Promise<RunningServer> {
  const deadline = performance.now() + ORPHANS_DEADLINE_MS;
  for (;;) {
    try {
      return await startServer(place, options);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(ORPHANS_POLL_MS);
    }
  }
}

/** Whether a start failed only because of a server that was killed a moment ago. */
export function isHeldByOrphans(error: unknown): boolean {
  return ORPHANS_WORDS.test(String(error));
}

/** Stops whatever server runs on the cluster: sessions ended, everything on disk. */
export async function stopServer(place: ServerPlace): Promise<void> {
  const stop = (mode: "fast" | "immediate") =>
    tryProgram(place, "pg_ctl", [
      "stop",
      `--pgdata=${place.clusterDir}`,
      `--mode=${mode}`,
      `--timeout=${STOP_DEADLINE_SECONDS}`,
    ]);
  const { code } = await stop("fast");
  if (code !== 0 && await isAlive(place)) await stop("immediate");
}

/** A port that nobody listens on: the remembered one, or any. */
export function freePort(remembered?: number): number {
  for (const port of [remembered ?? 0, 0]) {
    try {
      using listener = Deno.listen({ hostname: HOST, port });
      return listener.addr.port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new EmbeddedPostgresError("START_FAILED", "Cannot start PostgreSQL: no port is free");
}

function spawnServer(place: ServerPlace, args: readonly string[]): Deno.ChildProcess {
  try {
    return programCommand(place, "postgres", args).spawn();
  } catch (error) {
    throw cannotRun(place, "postgres", error);
  }
}

/** Reads the child's output to its end, so that the pipes never fill and are closed with it. */
async function lastWords(child: Deno.ChildProcess): Promise<string> {
  let words = "";
  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      words = (words + text).slice(-LAST_WORDS_MAX);
    }
  };
  await Promise.all([keep(child.stdout), keep(child.stderr), child.status]);
  return words.trim();
}

/** Waits until a found server accepts connections; undefined when it was stopping and is gone. */
async function waitAdoptable(place: ServerPlace, pid: number): Promise<PidFile | undefined> {
  const stopped = new AbortController();
  const gone = whenGone(place, pid, stopped.signal);
  try {
    return await waitReady(place, pid, gone);
  } catch (error) {
    if ((await readPidFile(place))?.pid === pid) throw error;
    return undefined;
  } finally {
    stopped.abort();
    await gone;
  }
}

/** PostgreSQL removes its note as the last thing it does. */
async function whenGone(place: ServerPlace, pid: number, signal: AbortSignal): Promise<string> {
  while (!signal.aborted && (await readPidFile(place))?.pid === pid) await delay(READY_POLL_MS);
  return "it has stopped";
}

async function waitReady(
  place: ServerPlace,
  pid: number,
  gone: Promise<string>,
): Promise<PidFile> {
  let ended: string | undefined;
  gone.then((words) => ended = words);
  const deadline = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < deadline) {
    const noted = await readPidFile(place);
    if (noted?.isReady && noted.pid === pid) return noted;
    if (ended !== undefined) break;
    await delay(READY_POLL_MS);
  }
  const reason = ended ?? `it is not ready after ${READY_DEADLINE_MS / 1000} s`;
  throw new EmbeddedPostgresError(
    "START_FAILED",
    `Cannot start PostgreSQL in "${place.clusterDir}": ${reason || "see the files in logs/"}`,
  );
}

/** Lines: process, folder, start time, port, socket folder, address, shared memory, status. */
async function readPidFile(place: ServerPlace): Promise<PidFile | undefined> {
  const path = join(place.clusterDir, "postmaster.pid");
  const text = await Deno.readTextFile(path).catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  return {
    pid: Number(lines[0]),
    port: Number(lines[3]),
    isReady: lines[7]?.trim() === "ready",
  };
}

/** `pg_ctl status` answers 0 when the noted process lives; asking the system needs wider rights. */
async function isAlive(place: ServerPlace): Promise<boolean> {
  return (await tryProgram(place, "pg_ctl", ["status", `--pgdata=${place.clusterDir}`])).code === 0;
}

/** False only where the system says that another program has this process number. */
async function isPostgres(pid: number): Promise<boolean> {
  const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "postgres");
  return name.trim() === "postgres";
}

async function watch(port: number, signal: AbortSignal): Promise<string> {
  while (!signal.aborted && await accepts(port)) await delay(WATCH_MS, signal);
  return "it was not started by this process";
}

/** A server that is ready never refuses, not even while it is stopped or its queue is full. */
async function isListening(port: number): Promise<boolean> {
  for (let tries = 1; !await accepts(port); tries++) {
    if (tries === LISTENING_TRIES) return false;
    await delay(ORPHANS_POLL_MS);
  }
  return true;
}

async function accepts(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: HOST, port });
    return true;
  } catch {
    return false;
  }
}

function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
