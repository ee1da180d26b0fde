/**
 * `routes/` as a tree: pages with their URL patterns, and folders with the frames, middleware and
 * error pages that hold for everything below them.
 *
 * @module
 */

import type { ResolvedFreshConfig } from "./config.ts";
import type { ErrorData, Frames, LayoutConfig, Middleware, ViewComponent } from "./context.ts";
import type { RouteHandler } from "./define.ts";
import { importModule, listFiles } from "./files.ts";
import { comparePatterns, coveredSegments, isGroup, toPattern } from "./pattern.ts";

/** What a route file may export as `config`. */
export interface RouteConfig extends LayoutConfig {
  /** Another URL pattern than the file's place gives. */
  routeOverride?: string;
}

/** A page file. */
export interface PageRoute<S> {
  id: string;
  pattern: string;
  component: ViewComponent<unknown, S> | undefined;
  handler: RouteHandler<unknown, S> | undefined;
  config: RouteConfig;
  folder: Folder<S>;
}

/** An error page with the frames of its folder. */
export interface ErrorPage<S> {
  component: ViewComponent<ErrorData, S>;
  config: LayoutConfig;
}

/** What holds for a folder and everything below. */
export interface Folder<S> {
  id: string;
  pattern: string;
  middlewares: readonly Middleware<S>[];
  error: ErrorPage<S> | undefined;
  notFound: ErrorPage<S> | undefined;
  frames: Frames<S>;
  /** This folder and those it lies in, outermost first. */
  path: Folder<S>[];
}

/** All pages in the order in which the router must try them, and all folders by id. */
export interface RouteTree<S> {
  pages: PageRoute<S>[];
  folders: ReadonlyMap<string, Folder<S>>;
}

/** Exports of a file in `routes/`. */
export interface RouteModule<S> {
  default?: ViewComponent<unknown, S> | Middleware<S> | Middleware<S>[];
  handler?: RouteHandler<unknown, S> | Middleware<S> | Middleware<S>[];
  handlers?: RouteHandler<unknown, S>;
  config?: RouteConfig;
}
type Modules<S> = ReadonlyMap<string, RouteModule<S>>;

const SPECIAL = new Set(["_app", "_layout", "_middleware", "_error", "_404"]);

/** Imports every page and special file of `routes/`. */
export async function loadRoutes<S>(config: ResolvedFreshConfig): Promise<RouteTree<S>> {
  const root = `${config.root}/${config.routesDir}`;
  const paths = (await listFiles(root)).filter((path) => isRouteFile(path, config.ignore));
  const modules = new Map(
    await Promise.all(paths.map(async (path) => {
      const module = await importModule(`${root}/${path}`) as RouteModule<S>;
      return [path.replace(/\.tsx?$/, ""), module] as const;
    })),
  );
  return createRouteTree(modules);
}

/** Tells pages and special files from what else lies in `routes/`. */
export function isRouteFile(path: string, ignore: readonly RegExp[]): boolean {
  const name = path.split("/").at(-1)!;
  if (/_test\.tsx?$/.test(name) || /(^|\/)\(_[^/]*\)\//.test(path)) return false;
  if (ignore.some((pattern) => pattern.test(path))) return false;
  if (name === "_middleware.ts") return true;
  return name.endsWith(".tsx") && (!name.startsWith("_") || SPECIAL.has(name.slice(0, -4)));
}

/** Orders the modules of `routes/`, keyed by path without extension, into a tree. */
export function createRouteTree<S>(modules: Modules<S>): RouteTree<S> {
  const folders = new Map<string, Folder<S>>();
  const pages: PageRoute<S>[] = [];
  for (const [id, module] of modules) {
    const folder = folderOf(parentId(id), modules, folders);
    if (SPECIAL.has(id.split("/").at(-1)!)) continue;
    pages.push(pageOf(id, module, folder));
  }
  pages.sort((a, b) => comparePatterns(a.pattern, b.pattern));
  for (const [i, { id, pattern }] of pages.entries()) {
    const previous = pages[i - 1];
    if (previous?.pattern === pattern) {
      throw new TypeError(`Cannot route "${id}": "${previous.id}" has the same URL ${pattern}`);
    }
  }
  return { pages, folders };
}

/** The deepest folder whose URL the path lies under: its error pages and middleware hold for it. */
export function folderOfPath<S>(tree: RouteTree<S>, pathname: string): Folder<S> | undefined {
  let best = tree.folders.get("");
  for (const folder of tree.folders.values()) {
    if (isGroup(folder.id)) continue;
    const covered = coveredSegments(folder.pattern, pathname);
    if (covered > coveredSegments(best?.pattern ?? "/", pathname)) best = folder;
  }
  return best;
}

function parentId(id: string): string {
  return id.split("/").slice(0, -1).join("/");
}

function folderOf<S>(
  id: string,
  modules: Modules<S>,
  known: Map<string, Folder<S>>,
): Folder<S> {
  const found = known.get(id);
  if (found) return found;
  const parent = id === "" ? undefined : folderOf(parentId(id), modules, known);
  const special = (name: string) => modules.get(id ? `${id}/${name}` : name);
  const folder: Folder<S> = {
    id,
    pattern: toPattern(id),
    middlewares: middlewaresOf(special("_middleware")),
    error: errorPageOf(special("_error")),
    notFound: errorPageOf(special("_404")),
    frames: framesOf(parent?.frames, special("_app"), special("_layout")),
    path: [],
  };
  folder.path = [...parent?.path ?? [], folder];
  known.set(id, folder);
  return folder;
}

function framesOf<S>(
  outer: Frames<S> | undefined,
  app: RouteModule<S> | undefined,
  layout: RouteModule<S> | undefined,
): Frames<S> {
  const inherited = layout?.config?.skipInheritedLayouts ? [] : outer?.layouts ?? [];
  const own = layout ? [layout.default as ViewComponent<never, S>] : [];
  return {
    app: app ? app.default as ViewComponent<never, S> : outer?.app ?? null,
    layouts: [...inherited, ...own],
  };
}

function middlewaresOf<S>(module: RouteModule<S> | undefined): Middleware<S>[] {
  const exported = module?.default ?? module?.handler ?? [];
  return [exported].flat() as Middleware<S>[];
}

function errorPageOf<S>(module: RouteModule<S> | undefined): ErrorPage<S> | undefined {
  if (!module) return undefined;
  return {
    component: module.default as ViewComponent<unknown, S>,
    config: module.config ?? {},
  };
}

function pageOf<S>(id: string, module: RouteModule<S>, folder: Folder<S>): PageRoute<S> {
  const handler = (module.handler ?? module.handlers) as RouteHandler<unknown, S> | undefined;
  if (typeof module.default !== "function" && !handler) {
    throw new TypeError(`Cannot route "${id}": it exports neither a page nor a handler`);
  }
  return {
    id,
    pattern: module.config?.routeOverride ?? toPattern(id),
    component: module.default as ViewComponent<unknown, S> | undefined,
    handler,
    config: module.config ?? {},
    folder,
  };
}
