/**
 * Where the embedded PostgreSQL keeps its files, and as which user it runs. PostgreSQL refuses to
 * run as root, so under root it gets another user; that user must reach the folder, and where it
 * cannot (a project under `/root`) the server's files live in `/var/lib/paceboard/<hash>` instead.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";

/** The user a server runs as when the app runs as root. */
export interface ServerUser {
  uid: number;
  gid: number;
}

/** The folders of one embedded server, all absolute. */
export interface ServerPlace {
  /** The app's own data folder: its lock and the note of who runs. */
  dataDir: string;
  /** Holds what follows; `dataDir` itself unless another user cannot reach that. */
  baseDir: string;
  nativeDir: string;
  clusterDir: string;
  logDir: string;
  /** Undefined: the server runs as the app's own user. */
  user: ServerUser | undefined;
}

/** What stands in for the folder of an app whose server cannot reach it. */
const FALLBACK_ROOT = "/var/lib/paceboard";

/** The conventional "nobody", for hosts without a readable password file. */
const NOBODY: ServerUser = { uid: 65534, gid: 65534 };

/** Users that own nothing else, best first. */
const SERVER_USERS: readonly string[] = ["postgres", "nobody"];

/** What may be given instead of being found out. */
export interface PlaceOptions {
  nativeDir?: string | undefined;
  /** The user of this process. */
  uid?: number | null;
}

/** Finds the folders and the user for a data folder; reads the file system, changes nothing. */
export async function findServerPlace(
  dataDir: string,
  { nativeDir, uid = Deno.uid() }: PlaceOptions = {},
): Promise<ServerPlace> {
  const absolute = resolve(dataDir);
  if (uid !== 0) return placeIn(absolute, absolute, undefined, nativeDir);
  const usual = placeIn(absolute, absolute, await userFor(absolute), nativeDir);
  if (await canReach(absolute, usual.user!)) return usual;
  const fallback = join(FALLBACK_ROOT, await shortHash(absolute));
  return placeIn(absolute, fallback, await userFor(fallback), nativeDir);
}

function placeIn(
  dataDir: string,
  baseDir: string,
  user: ServerUser | undefined,
  nativeDir = join(baseDir, "native"),
): ServerPlace {
  const clusterDir = join(baseDir, "postgres");
  return { dataDir, baseDir, nativeDir, clusterDir, logDir: join(baseDir, "logs"), user };
}

/** The owner of an existing cluster stays its user, whatever users came or went since. */
async function userFor(baseDir: string): Promise<ServerUser> {
  const owner = await statOf(join(baseDir, "postgres"));
  if (owner?.uid && owner.gid !== null) return { uid: owner.uid, gid: owner.gid };
  return parseServerUser(await Deno.readTextFile("/etc/passwd").catch(() => "")) ?? NOBODY;
}

/** Picks the server's user from the text of a password file.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseServerUser } from "@/db/embedded_place.ts";
 *
 * const text = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
 * assertEquals(parseServerUser(text), { uid: 65534, gid: 65534 });
 * ```
 */
export function parseServerUser(passwd: string): ServerUser | undefined {
  const rows = passwd.split("\n").map((line) => line.split(":"));
  for (const name of SERVER_USERS) {
    const row = rows.find((fields) => fields[0] === name);
    const user = { uid: Number(row?.[2]), gid: Number(row?.[3]) };
    if (user.uid > 0 && user.gid > 0) return user;
  }
  return undefined;
}

/** Whether a user may pass through every existing folder on the way to a path, itself included. */
async function canReach(path: string, user: ServerUser): Promise<boolean> {
  for (let folder = path;; folder = dirname(folder)) {
    const found = await statOf(folder);
    if (found && !mayEnter(found, user)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(folder: Deno.FileInfo, user: ServerUser): boolean {
  const mode = folder.mode ?? 0;
  if (folder.uid === user.uid) return (mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return undefined;
    throw error;
  }
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}
