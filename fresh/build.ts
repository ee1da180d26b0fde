/**
 * Islands and the client runtime → hashed ES modules. The result is kept in `buildDir` under a hash
 * of everything it was made from, so that a start without changes reads it back and esbuild, with
 * its child process, is not even loaded.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bundle, bundle } from "./bundle.ts";
import { type FreshConfig, resolveConfig, type ResolvedFreshConfig } from "./config.ts";
import { digestOf, listFiles } from "./files.ts";

/** A module that a page may start, and the chunks it needs. */
export interface BuildEntry {
  url: string;
  imports: string[];
}

/** Browser modules of one App. */
export interface IslandBuild {
  /** Hash of all sources and settings. */
  key: string;
  /** By URL path: modules and their source maps. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** `boot`, `navigation`, `alive` and `island-<Name>`. */
  entries: ReadonlyMap<string, BuildEntry>;
  /** Where it came from; `memory` when it could not be kept. */
  origin: "disk" | "built" | "memory";
}

/** A component file under `islands/`. */
export interface IslandFile {
  name: string;
  path: string;
}

/** This package's folder: its browser half is a source of every build. */
const PACKAGE_DIR = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "");
const MANIFEST = "manifest.json";

/** Loads the build of the present sources, or makes and keeps it. */
export async function buildIslands(input: FreshConfig): Promise<IslandBuild> {
  const config = resolveConfig(input);
  const key = await sourceKey(config);
  const folder = `${config.root}/${config.buildDir}/${config.mode}-${key}`;
  const kept = await readBundle(folder);
  if (kept) return { key, ...withUrls(kept, config), origin: "disk" };
  const made = await bundle(config, PACKAGE_DIR, await listIslands(config));
  const isKept = await keepBundle(folder, made);
  return { key, ...withUrls(made, config), origin: isKept ? "built" : "memory" };
}

/** The components under `islandsDir`, each named after its path. */
export async function listIslands(config: ResolvedFreshConfig): Promise<IslandFile[]> {
  const folder = `${config.root}/${config.islandsDir}`;
  const paths = (await listFiles(folder)).filter((path) => {
    return path.endsWith(".tsx") && !path.endsWith("_test.tsx");
  });
  return paths.map((path) => ({
    name: path.slice(0, -".tsx".length).replace(/\W/g, "_"),
    path: `${folder}/${path}`,
  }));
}

/** Hash over names and contents of all that can change the modules. */
async function sourceKey(config: ResolvedFreshConfig): Promise<string> {
  const folders = [config.islandsDir, ...config.sourceDirs].map((name) => `${config.root}/${name}`);
  const parts = await Promise.all([
    ...[PACKAGE_DIR, ...folders].map(sourcesIn),
    contentsOf(config.root, ["deno.json", "deno.lock"]),
  ]);
  return digestOf([config.mode, ...parts.flat()]);
}

async function sourcesIn(folder: string): Promise<(string | Uint8Array)[]> {
  const paths = await listFiles(folder);
  return await contentsOf(folder, paths.filter((path) => !/_(test|bench)\.tsx?$/.test(path)));
}

async function contentsOf(root: string, paths: string[]): Promise<(string | Uint8Array)[]> {
  const contents = await Promise.all(paths.map((path) => readIfThere(`${root}/${path}`)));
  return paths.flatMap((path, i) => [path, contents[i] ?? ""]);
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

async function readBundle(folder: string): Promise<Bundle | undefined> {
  const manifest = await readIfThere(`${folder}/${MANIFEST}`);
  if (!manifest) return undefined;
  const { files, entries } = JSON.parse(new TextDecoder().decode(manifest)) as KeptManifest;
  const bodies = await Promise.all(files.map((file) => Deno.readFile(`${folder}/${file}`)));
  return { files: new Map(files.map((file, i) => [file, bodies[i]!])), entries: new Map(entries) };
}

interface KeptManifest {
  files: string[];
  entries: [name: string, entry: { file: string; imports: string[] }][];
}

/** Writes beside and renames, so that a half-written build is never read; false where it may not. */
async function keepBundle(folder: string, { files, entries }: Bundle): Promise<boolean> {
  const draft = `${dirname(folder)}/draft-${Deno.pid}`;
  try {
    await Deno.mkdir(draft, { recursive: true });
    for (const [file, body] of files) await Deno.writeFile(`${draft}/${file}`, body);
    const manifest: KeptManifest = { files: [...files.keys()], entries: [...entries] };
    await Deno.writeTextFile(`${draft}/${MANIFEST}`, JSON.stringify(manifest));
    await Deno.rename(draft, folder);
    await removeOthers(folder);
    return true;
  } catch {
    await Deno.remove(draft, { recursive: true }).catch(() => {}); // may not exist
    return false;
  }
}

/** Builds of the same mode that no source leads to any more. */
async function removeOthers(folder: string): Promise<void> {
  const mode = basename(folder).split("-", 1)[0]!;
  for await (const { name } of Deno.readDir(dirname(folder))) {
    const isStale = name.startsWith(`${mode}-`) && name !== basename(folder);
    if (isStale) await Deno.remove(`${dirname(folder)}/${name}`, { recursive: true });
  }
}

/** Modules import each other relatively; only pages need to know where they are served. */
function withUrls({ files, entries }: Bundle, config: ResolvedFreshConfig) {
  const url = (file: string) => `${config.basePath}/_fresh/js/${file}`;
  return {
    files: new Map([...files].map(([file, body]) => [url(file), body])),
    entries: new Map(
      [...entries].map(([name, { file, imports }]): [string, BuildEntry] => {
        return [name, { url: url(file), imports: imports.map(url) }];
      }),
    ),
  };
}
