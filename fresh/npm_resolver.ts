/**
 * Lets esbuild find what Deno would: `@/…`, the import map's names, and npm packages in Deno's
 * global cache, where no `node_modules` folder leads to them.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

type Target = string | Record<string, unknown> | undefined;
interface PackageManifest {
  name?: string;
  exports?: Record<string, Target>;
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
        if (!path.startsWith("node:")) return { path: resolveBare(path, importer) };
        return { errors: [{ text: `Cannot bundle "${path}": browsers do not have it` }] };
      });
    },
  };
}

/** Path of the module that a bare specifier means in the importing file. */
export function resolveBare(specifier: string, importer: string): string {
  try {
    const url = import.meta.resolve(specifier);
    if (url.startsWith("file:")) return fileURLToPath(url);
  } catch {
    // Not in the import map: a package's own dependency, which only its `require` can find.
  }
  const path = createRequire(pathToFileURL(importer)).resolve(specifier);
  return moduleTwin(specifier, path) ?? path;
}

/** The ES module that a package offers beside what `require` found. */
function moduleTwin(specifier: string, path: string): string | undefined {
  const parts = specifier.split("/");
  const name = parts.splice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = readManifest(folder);
    if (manifest?.name !== name) continue; // some subfolders have one of another name
    const target = manifest.exports?.[[".", ...parts].join("/")];
    const entry = typeof target === "object" ? target.browser ?? target.import : manifest.module;
    return typeof entry === "string" ? join(folder, entry) : undefined;
  }
  return undefined;
}

function readManifest(folder: string): PackageManifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return undefined; // most folders have none
  }
}
