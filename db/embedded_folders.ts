/** Folders and files of the embedded server, owned by the user it runs as. */

import { join } from "node:path";
import type { ServerPlace } from "./embedded_place.ts";

const PRIVATE_MODE = 0o700;

/** Others may pass through: the server's own user has to. */
const PASSABLE_MODE = 0o755;

/** Only errors of the server itself are logged, so that this is months. */
const LOG_BYTES_MAX = 10_000_000;

/** Makes the folders around the cluster, reachable by the user the server runs as. */
export async function makeFolders(place: ServerPlace): Promise<void> {
  for (const folder of [place.dataDir, place.baseDir]) {
    if (await exists(folder)) continue;
    await Deno.mkdir(folder, { recursive: true });
    if (place.user) await Deno.chmod(folder, PASSABLE_MODE);
  }
  await makePrivateFolder(place.logDir, place);
}

/** Makes a folder that only the server's user reads. */
export async function makePrivateFolder(path: string, place: ServerPlace): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: PRIVATE_MODE });
  await giveToServer(path, place);
}

/** Makes the server's user the owner of a file or folder. */
export async function giveToServer(path: string, { user }: ServerPlace): Promise<void> {
  if (user) await Deno.chown(path, user.uid, user.gid);
}

/** Drops log files that grew past the limit; the server truncates a weekday's file only while it runs. */
export async function boundLogs(place: ServerPlace): Promise<void> {
  for await (const entry of Deno.readDir(place.logDir)) {
    const path = join(place.logDir, entry.name);
    if ((await Deno.stat(path)).size > LOG_BYTES_MAX) await Deno.remove(path);
  }
}

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
