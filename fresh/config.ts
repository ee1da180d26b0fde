import { fileURLToPath } from "node:url";

/** Where the app's parts live and how they are served. Folders are relative to `root`. */
export interface FreshConfig {
  /** Project root: a path or a `file:` URL, e.g. `new URL("./", import.meta.url)`. */
  root: string | URL;
  /** Pages; default `routes`. */
  routesDir?: string;
  /** Paths relative to `routesDir` that are no pages. */
  ignore?: RegExp[];
  /** Components that hydrate, one default export a file; default `islands`. */
  islandsDir?: string;
  /** Files served as they are; default `static`. */
  staticDir?: string;
  /** Where the built islands are kept between starts; default `_fresh`. */
  buildDir?: string;
  /** Folders that islands import from: a change in them makes a new build; default `components`, `contracts`, `domain`. */
  sourceDirs?: string[];
  /** Path that the app is mounted under, e.g. `/panel`; default none. */
  basePath?: string;
  /** `development` reloads open pages after a restart and does not minify; default `production`. */
  mode?: "development" | "production";
}

/** `FreshConfig` with its defaults filled in; `root` is an absolute path without a slash at its end. */
export type ResolvedFreshConfig = Required<Omit<FreshConfig, "root">> & { root: string };

/** Fills in the defaults. */
export function resolveConfig(config: FreshConfig): ResolvedFreshConfig {
  const root = String(config.root);
  const path = root.startsWith("file:") ? fileURLToPath(root) : root;
  return {
    routesDir: "routes",
    ignore: [],
    islandsDir: "islands",
    staticDir: "static",
    buildDir: "_fresh",
    sourceDirs: ["components", "contracts", "domain"],
    mode: "production",
    ...config,
    basePath: (config.basePath ?? "").replace(/\/+$/, ""),
    root: path.replace(/[/\\]+$/, ""),
  };
}
