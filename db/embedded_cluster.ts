/**
 * The files of a cluster: made once by `initdb`, with a random password that only the app's user
 * and the server's can read, since every local user reaches the loopback address.
 *
 * @module
 */

import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded_error.ts";
import { exists, giveToServer, makePrivateFolder } from "./embedded_folders.ts";
import type { ServerPlace } from "./embedded_place.ts";
import { runProgram } from "./embedded_program.ts";

/** How to reach a cluster's server. */
export interface ClusterAccess {
  password: string;
  /** Of the last start; kept while it is free, so that addresses in use stay right. */
  port?: number;
}

/** The superuser and the database of the app. */
export const SERVER_USER = "paceboard";
export const DATABASE_NAME = "paceboard";

const ACCESS_FILE = "postgres.json";
const PASSWORD_BYTES = 24;
const PRIVATE_FILE_MODE = 0o600;

/** Reads how to reach the cluster's server; undefined before there is one. */
export async function readAccess(place: ServerPlace): Promise<ClusterAccess | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(place.baseDir, ACCESS_FILE)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Replaces it whole, so that a crash leaves the old one or the new one. */
export async function writeAccess(place: ServerPlace, access: ClusterAccess): Promise<void> {
  const file = join(place.baseDir, ACCESS_FILE);
  await Deno.writeTextFile(`${file}.tmp`, JSON.stringify(access) + "\n", {
    mode: PRIVATE_FILE_MODE,
  });
  await Deno.rename(`${file}.tmp`, file);
}

/** Opens the cluster's files: makes them at the first start, else checks that this release reads them. */
export async function openCluster(
  place: ServerPlace,
  options: { major: number; isDurable: boolean },
): Promise<ClusterAccess> {
  const known = await readAccess(place);
  if (await exists(place.clusterDir)) {
    await checkMajor(place, options.major);
    if (known) return known;
    throw new EmbeddedPostgresError(
      "START_FAILED",
      `Cannot open database folder "${place.clusterDir}": its password in "${ACCESS_FILE}" is gone; ` +
        "restore that file beside it, or move the folder away to begin anew",
    );
  }
  const access = known ?? { password: newPassword() };
  await writeAccess(place, access);
  await createCluster(place, access.password, options.isDurable);
  return access;
}

async function checkMajor(place: ServerPlace, major: number): Promise<void> {
  const path = join(place.clusterDir, "PG_VERSION");
  const found = (await Deno.readTextFile(path).catch(() => "nothing")).trim();
  if (found === String(major)) return;
  throw new EmbeddedPostgresError(
    "VERSION_MISMATCH",
    `Cannot open database folder "${place.clusterDir}": PostgreSQL ${found} wrote it and this release ` +
      `brings PostgreSQL ${major}; dump it with the old release and restore, or set DATABASE_URL`,
  );
}

/** Builds beside the place and moves in whole: a first start that was cut off leaves nothing. */
async function createCluster(
  place: ServerPlace,
  password: string,
  isDurable: boolean,
): Promise<void> {
  const temporary = `${place.clusterDir}.tmp`;
  await Deno.remove(temporary, { recursive: true }).catch(() => {});
  await makePrivateFolder(temporary, place);
  const passwordFile = join(place.baseDir, "postgres.pw");
  await Deno.writeTextFile(passwordFile, password, { mode: PRIVATE_FILE_MODE });
  try {
    await giveToServer(passwordFile, place);
    await runProgram(place, "initdb", initArguments(temporary, passwordFile, isDurable));
  } finally {
    await Deno.remove(passwordFile);
  }
  await Deno.rename(temporary, place.clusterDir);
}

/** The built-in C.UTF-8 folds case over all of Unicode, the same on every host. */
function initArguments(clusterDir: string, passwordFile: string, isDurable: boolean): string[] {
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const access = [`--username=${SERVER_USER}`, "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const always = [`--pgdata=${clusterDir}`, "--encoding=UTF8", ...locale, ...access];
  return isDurable ? always : [...always, "--no-sync"];
}

function newPassword(): string {
  return crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES)).toHex();
}
