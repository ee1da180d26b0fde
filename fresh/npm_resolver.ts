/**
 * Lets esbuild find what Deno would: `@/…` and the import map's names, and npm packages in Deno's
 * global cache, where no `node_modules` folder leads to them.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

/** Conditions of `exports` that hold for a module in a browser's bundle. */
const CONDITIONS = new Set(["browser", "import", "module", "default"]);

type Exports = string | null | { [key: string]: Exports };

/** What this module reads of a `package.json`. */
export interface PackageManifest {
  name?: string;
  exports?: Exports;
  module?: string;
}

/** Resolves bare specifiers; relative ones are left to esbuild. */
export function npmResolver(root: string): Plugin {
  return {
    name: "npm-resolver",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        if (path.startsWith("@/")) return { path: join(root, path.slice(2)) };
        if (path.startsWith("node:")) {
          return { errors: [{ text: `Cannot use "${path}" in a browser` }] };
        }
        return { path: resolveBare(path, importer) };
      });
    },
  };
}

/** Path of the module that a bare specifier means in the importing file. */
export function resolveBare(specifier: string, importer: string): string {
  const path = locate(specifier, importer);
  const [name, subpath] = splitSpecifier(specifier);
  const found = findPackage(dirname(path), name);
  const target = found && browserEntry(found.manifest, subpath);
  return target ? join(found.folder, target) : path;
}

/** The import map knows direct dependencies; a package's own ones are known to its `require`. */
function locate(specifier: string, importer: string): string {
  try {
    const url = import.meta.resolve(specifier);
    if (url.startsWith("file:")) return fileURLToPath(url);
  } catch {
    // Not in the import map.
  }
  return createRequire(pathToFileURL(importer)).resolve(specifier);
}

function splitSpecifier(specifier: string): [name: string, subpath: string] {
  const parts = specifier.split("/");
  const name = parts.splice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  return [name, [".", ...parts].join("/")];
}

/** Walks up to the package's own manifest: some subfolders have one of another name. */
function findPackage(folder: string, name: string) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const manifest = readManifest(at);
    if (manifest?.name === name) return { folder: at, manifest };
  }
  return undefined;
}

function readManifest(folder: string): PackageManifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** File that a browser's bundle takes for a subpath; undefined leaves it to Deno's answer. */
export function browserEntry(manifest: PackageManifest, subpath: string): string | undefined {
  const { exports } = manifest;
  if (exports === undefined) return subpath === "." ? manifest.module : undefined;
  const isMap = typeof exports === "object" && exports !== null && "." in exports;
  const entry = isMap ? exports[subpath] : subpath === "." ? exports : undefined;
  return byCondition(entry);
}

function byCondition(entry: Exports | undefined): string | undefined {
  if (typeof entry === "string") return entry;
  if (!entry) return undefined;
  for (const [condition, value] of Object.entries(entry)) {
    const target = CONDITIONS.has(condition) ? byCondition(value) : undefined;
    if (target) return target;
  }
  return undefined;
}
