/**
 * A real PostgreSQL 18 beside the app, for those who bring none: from npm, in the data folder.
 * The server outlives a killed app and is adopted by the next start; a killed server is started
 * again on the same port, so that a pool finds it where it was.
 *
 * Files in the data folder: `native/` (programs), `postgres/` (the cluster), `postgres.json`
 * (password and port, private), `logs/` (seven files, one a weekday), `app.lock`, `app.json`.
 *
 * @module
 */

import postgres from "postgres";
import { type ClusterAccess, DATABASE_NAME, openCluster } from "./embedded_cluster.ts";
import { readAccess, SERVER_USER, writeAccess } from "./embedded_cluster.ts";
import { EmbeddedPostgresError } from "./embedded_error.ts";
import { boundLogs, makeFolders } from "./embedded_folders.ts";
import { folderInUse, type FolderLock, tryLockFolder } from "./embedded_lock.ts";
import { findNativePackage, installNative, isInstalled } from "./embedded_native.ts";
import { findServerPlace, type ServerPlace } from "./embedded_place.ts";
import { findRunning, freePort, isHeldByOrphans, type RunningServer } from "./embedded_server.ts";
import { startAfterCrash, startServer, stopServer } from "./embedded_server.ts";

/** An embedded PostgreSQL; disposing of it stops the server and lets the next app in. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** With user, password and database, for `openDatabase()`. */
  readonly url: string;
  readonly port: number;
  /** Of the server; another one after it crashed. */
  readonly pid: number;
  /** Tells a second app on the same folder where this one answers. */
  announce(address: string): Promise<void>;
}

/** How to start an embedded PostgreSQL. */
export interface EmbeddedPostgresOptions {
  /** Made when absent. */
  dataDir: string;
  log?: (message: string) => void;
  /** PostgreSQL settings over ours; `fsync: "off"` is for tests alone. */
  settings?: Readonly<Record<string, string>>;
  /** Programs shared between data folders, as tests do; by default in the data folder. */
  nativeDir?: string;
  /** What when another app has the folder: fail (default), or use its server and leave it running. */
  whenInUse?: "refuse" | "join";
}

/** A port may be taken between its choice and the start. */
const START_ATTEMPTS_MAX = 3;

/** Pauses before a server that crashed is started again, growing by this much each time. */
const RESTART_PAUSE_MS = 200;

/** A server that falls this often without staying up needs a person. */
const RESTARTS_MAX = 5;

/** A server that stayed up this long counts as sound again. */
const SOUND_AFTER_MS = 60_000;

interface Session extends Required<Pick<EmbeddedPostgresOptions, "log" | "settings">> {
  place: ServerPlace;
  access: ClusterAccess;
}

/** Starts, adopts or joins the PostgreSQL of a data folder. Fails with an `EmbeddedPostgresError`. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const place = await findServerPlace(options.dataDir, { nativeDir: options.nativeDir });
  const log = options.log ?? (() => {});
  await makeReachable(place, log);
  const lock = await tryLockFolder(place.dataDir, Deno.pid);
  if (!lock) return await joinOrRefuse(place, options.whenInUse);
  try {
    const settings = options.settings ?? {};
    const { access, server } = await openServer(place, settings, log);
    const session: Session = { place, access, settings, log };
    await ensureDatabase(urlOf(access.password, server.port, "postgres"));
    return supervise(session, server, lock);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function makeReachable(place: ServerPlace, log: (message: string) => void): Promise<void> {
  try {
    await makeFolders(place);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      "FOLDER_UNREACHABLE",
      `Cannot write to data folder "${place.baseDir}": ${(cause as Error).message}; ` +
        "set DATA_DIR to a folder of this user, or set DATABASE_URL",
      { cause },
    );
  }
  if (place.baseDir === place.dataDir) return;
  log(
    `PostgreSQL runs as user ${place.user?.uid}, which cannot reach "${place.dataDir}"; ` +
      `its files are in "${place.baseDir}"`,
  );
}

async function joinOrRefuse(
  place: ServerPlace,
  whenInUse: EmbeddedPostgresOptions["whenInUse"],
): Promise<EmbeddedPostgres> {
  const access = whenInUse === "join" ? await readAccess(place) : undefined;
  const server = access ? await findRunning(place) : undefined;
  if (!access || !server) throw await folderInUse(place.dataDir);
  server.unwatch();
  return {
    url: urlOf(access.password, server.port),
    port: server.port,
    pid: server.pid,
    announce: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openServer(
  place: ServerPlace,
  settings: Readonly<Record<string, string>>,
  log: (message: string) => void,
): Promise<{ access: ClusterAccess; server: RunningServer }> {
  const native = await findNativePackage();
  const installed = await isInstalled(place.nativeDir, native);
  const running = installed ? await findRunning(place) : undefined;
  if (!installed) {
    // Programs of an older release may still run a server; it must not lose them under its feet.
    await stopServer(place).catch(() => {});
    await installNative(place.nativeDir, native);
  }
  const isDurable = settings.fsync !== "off";
  const access = await openCluster(place, { major: native.major, isDurable });
  if (running) {
    log(`PostgreSQL was still running as process ${running.pid} and is used again`);
    return { access, server: running };
  }
  await boundLogs(place);
  const server = await startOnFreePort(place, access.port, settings);
  if (server.port !== access.port) await writeAccess(place, { ...access, port: server.port });
  return { access, server };
}

async function startOnFreePort(
  place: ServerPlace,
  remembered: number | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<RunningServer> {
  for (let attempt = 1;; attempt++) {
    const port = freePort(attempt === 1 ? remembered : undefined);
    try {
      return await startServer(place, { port, settings });
    } catch (error) {
      if (isHeldByOrphans(error)) return await startAfterCrash(place, { port, settings });
      if (attempt === START_ATTEMPTS_MAX || !/could not bind/i.test(String(error))) throw error;
    }
  }
}

/** Every start checks, since the first one may have been cut off in between. */
async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE_NAME}`;
    if (found.length === 0) await sql.unsafe(`create database "${DATABASE_NAME}"`);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new EmbeddedPostgresError(
      "START_FAILED",
      `Cannot use the embedded PostgreSQL: ${reason}`,
      {
        cause,
      },
    );
  } finally {
    await sql.end();
  }
}

/** Keeps a server running on its port until disposed of. */
function supervise(session: Session, first: RunningServer, lock: FolderLock): EmbeddedPostgres {
  const { place, access, log } = session;
  const port = first.port;
  let server = first;
  let isStopping = false;
  const keepRunning = async () => {
    let falls = 0;
    while (falls < RESTARTS_MAX) {
      const startedAt = performance.now();
      const words = await server.gone;
      if (isStopping) return;
      falls = performance.now() - startedAt > SOUND_AFTER_MS ? 1 : falls + 1;
      log(`PostgreSQL ended unexpectedly and is started again: ${words}`);
      await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS * falls));
      server = await startAfterCrash(place, { port, settings: session.settings });
    }
    log(`PostgreSQL fell ${falls} times and is left down: see the files in "${place.logDir}"`);
  };
  const watched = keepRunning().catch((error) => log(`PostgreSQL stays down: ${error.message}`));
  return {
    url: urlOf(access.password, port),
    port,
    get pid() {
      return server.pid;
    },
    announce: (address) => lock.announce(address),
    async [Symbol.asyncDispose]() {
      isStopping = true;
      server.unwatch();
      await stopServer(place);
      await watched;
      await lock[Symbol.asyncDispose]();
    },
  };
}

function urlOf(password: string, port: number, database = DATABASE_NAME): string {
  return `postgres://${SERVER_USER}:${password}@127.0.0.1:${port}/${database}`;
}
