/**
 * One app a data folder. The lock is the operating system's, so that it goes with its process
 * however that ends; who holds it stands in a file beside it, for the message to the second app.
 *
 * @module
 */

import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded_error.ts";

/** Who has a data folder. */
export interface FolderHolder {
  pid: number;
  /** Where that app answers, once it listens. */
  address?: string;
}

/** A held data folder; disposing of it lets the next app in. */
export interface FolderLock extends AsyncDisposable {
  /** Tells later comers where this app answers. */
  announce(address: string): Promise<void>;
}

/** Never removed: a lock on a removed file would bind nobody. */
const LOCK_FILE = "app.lock";
const HOLDER_FILE = "app.json";

/** Takes the data folder for this process, or gives undefined when another app has it. */
export async function tryLockFolder(dataDir: string, pid: number): Promise<FolderLock | undefined> {
  const file = await Deno.open(join(dataDir, LOCK_FILE), { create: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    return undefined;
  }
  const note = (holder: FolderHolder) =>
    Deno.writeTextFile(join(dataDir, HOLDER_FILE), JSON.stringify(holder) + "\n");
  await note({ pid });
  return {
    announce: (address) => note({ pid, address }),
    async [Symbol.asyncDispose]() {
      await Deno.remove(join(dataDir, HOLDER_FILE)).catch(() => {});
      file.close();
    },
  };
}

/** The refusal that a second app prints. */
export async function folderInUse(dataDir: string): Promise<EmbeddedPostgresError> {
  const holder = await readHolder(dataDir);
  const where = holder?.address ? ` at ${holder.address}` : "";
  const who = holder ? `process ${holder.pid}${where}` : "another process";
  return new EmbeddedPostgresError(
    "FOLDER_IN_USE",
    `Cannot use data folder "${dataDir}": ${who} has it; stop that one or set DATA_DIR to another folder`,
  );
}

async function readHolder(dataDir: string): Promise<FolderHolder | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(dataDir, HOLDER_FILE)));
  } catch {
    return undefined; // Being written or just removed: the refusal then names no process.
  }
}
