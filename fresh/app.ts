/**
 * The App: middleware in the order it was added, routes of its own, and the pages of `routes/`.
 * Hono's router finds the route; the chain that runs for it was put together when the app opened.
 *
 * @module
 */

import { Hono } from "hono";
import { type AppRuntime, openRuntime } from "./app_runtime.ts";
import { ALIVE_PATH, aliveResponse } from "./alive.ts";
import { type FreshConfig, resolveConfig, type ResolvedFreshConfig } from "./config.ts";
import { Context, type Middleware, setFrames, viewOf } from "./context.ts";
import { type Method, page, type PageResponse } from "./define.ts";
import { type AppHooks, errorBoundary, lastBoundary } from "./errors.ts";
import { HttpError } from "./http_error.ts";
import { coveredSegments } from "./pattern.ts";
import { withBuild } from "./render.ts";
import { type Folder, folderOfPath, loadRoutes, type PageRoute } from "./route_tree.ts";

type Step<S> =
  | { kind: "middleware"; run: Middleware<S> }
  | { kind: "route"; method: string; path: string; chain: Middleware<S>[] }
  | { kind: "pages" };
type Router<S> = Hono<{ Bindings: { ctx: Context<S> } }>;
/** Answers one request. */
export type FetchHandler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** Pages, islands and static files, to be mounted on a server. */
export class App<S = unknown> {
  readonly config: ResolvedFreshConfig;
  #hooks: AppHooks<S>;
  #steps: Step<S>[] = [];
  #opening: Promise<FetchHandler> | undefined;

  constructor(config: FreshConfig, hooks: AppHooks<S> = {}) {
    this.config = resolveConfig(config);
    this.#hooks = hooks;
  }

  /** Adds middleware for everything added later and for unknown pages, or only below a path. */
  use(...middlewares: Middleware<S>[]): this;
  use(path: string, ...middlewares: Middleware<S>[]): this;
  use(first: string | Middleware<S>, ...rest: Middleware<S>[]): this {
    const path = typeof first === "string" ? this.config.basePath + first : null;
    for (const run of typeof first === "string" ? rest : [first, ...rest]) {
      this.#steps.push({ kind: "middleware", run: path === null ? run : below(path, run) });
    }
    return this;
  }

  get(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("GET", path, chain);
  }
  post(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("POST", path, chain);
  }
  put(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("PUT", path, chain);
  }
  patch(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("PATCH", path, chain);
  }
  delete(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("DELETE", path, chain);
  }
  head(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("HEAD", path, chain);
  }
  all(path: string, ...chain: Middleware<S>[]): this {
    return this.#route("ALL", path, chain);
  }

  /** Adds the pages of `routes/` here; middleware added later does not run for them. */
  fsRoutes(): this {
    this.#steps.push({ kind: "pages" });
    return this;
  }

  /** Resolves when the app can answer; rejects when a page or the island build is broken. */
  async ready(): Promise<void> {
    await this.#open();
  }

  /** A function for `Deno.serve` or another server; unknown pages answer 404. */
  handler(): FetchHandler {
    this.#open().catch(() => {}); // each request, and ready(), tells of it
    return async (req, info) => await (await this.#open())(req, info);
  }

  #route(method: string, path: string, chain: Middleware<S>[]): this {
    this.#steps.push({ kind: "route", method, path, chain });
    return this;
  }

  #open(): Promise<FetchHandler> {
    return this.#opening ??= this.#assemble();
  }

  async #assemble(): Promise<FetchHandler> {
    const hasPages = this.#steps.some(({ kind }) => kind === "pages");
    const [runtime, tree] = await Promise.all([
      openRuntime(this.config),
      hasPages ? loadRoutes<S>(this.config) : { pages: [], folders: new Map<string, Folder<S>>() },
    ]);
    const root = tree.folders.get("");
    const router: Router<S> = new Hono({ strict: false });
    const mounted = this.config.basePath ? router.basePath(this.config.basePath) : router;
    const boundary = lastBoundary(root, this.#hooks);
    const outer: Middleware<S>[] = [boundary];
    if (this.config.mode === "development") {
      addRoute(mounted, { method: "GET", path: ALIVE_PATH, chain: [aliveResponse] });
    }
    for (const step of this.#steps) {
      if (step.kind === "middleware") outer.push(step.run, boundary);
      else if (step.kind === "route") {
        addRoute(mounted, { ...step, chain: [...outer, ...step.chain] });
      } else for (const route of tree.pages) addPage(mounted, route, [...outer], this.#hooks);
    }
    router.notFound(({ env: { ctx } }) => {
      const path = ctx.url.pathname.slice(this.config.basePath.length);
      return runChain(ctx, [...outer, ...folderChain(folderOfPath(tree, path), this.#hooks)]);
    });
    return (req, info) => answer(router, runtime, req, info);
  }
}

const NO_INFO: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  completed: Promise.resolve(),
};

async function answer<S>(
  router: Router<S>,
  runtime: AppRuntime,
  req: Request,
  info: Deno.ServeHandlerInfo = NO_INFO,
): Promise<Response> {
  const ctx = new Context<S>(req, info, runtime);
  return await withBuild(runtime.buildId, () => router.fetch(req, { ctx }));
}

function addRoute<S>(
  router: Router<S>,
  { method, path, chain }: { method: string; path: string; chain: Middleware<S>[] },
): void {
  const methods = method === "ALL" ? [] : [method];
  const run = (ctx: Context<S>, params: Record<string, string>) => {
    ctx.params = params;
    ctx.route = path;
    return runChain(ctx, chain);
  };
  if (methods.length === 0) router.all(path, (c) => run(c.env.ctx, c.req.param()));
  else router.on(methods, path, (c) => run(c.env.ctx, c.req.param()));
}

function addPage<S>(
  router: Router<S>,
  route: PageRoute<S>,
  outer: Middleware<S>[],
  hooks: AppHooks<S>,
): void {
  const chain = [...outer, ...folderChain(route.folders.at(-1), hooks), answerPage(route)];
  addRoute(router, { method: "ALL", path: route.pattern, chain });
}

/** Error pages and middleware of the folders on the way down. */
function folderChain<S>(folder: Folder<S> | undefined, hooks: AppHooks<S>): Middleware<S>[] {
  return (folder?.path ?? []).flatMap((level) => [
    ...(level.error || level.notFound ? [errorBoundary(level, hooks)] : []),
    ...level.middlewares,
  ]);
}

function answerPage<S>({ component, handler, config, folders }: PageRoute<S>): Middleware<S> {
  return async function answerPage(ctx) {
    setFrames(ctx, folders.at(-1)!.frames);
    const method = ctx.req.method === "HEAD" ? "GET" : ctx.req.method;
    const handle = typeof handler === "function" ? handler : handler?.[method as Method];
    if (!handle && !(component && method === "GET")) {
      const allowed = new Set([
        "HEAD",
        ...(component ? ["GET"] : []),
        ...Object.keys(handler ?? {}),
      ]);
      const headers = { allow: [...allowed].join(", ") };
      throw new HttpError(405, "Method Not Allowed", { headers });
    }
    const result: Response | PageResponse<unknown> = handle ? await handle(ctx) : page();
    if (result instanceof Response) return result;
    if (!component) throw new TypeError(`Cannot show "${ctx.route}": it has no page`);
    const init = { status: result.status ?? 200, headers: result.headers ?? {} };
    return await ctx.render(await viewOf(ctx, component, result.data), init, config);
  };
}

/** Runs middleware in its order; `ctx.next()` runs what follows. */
async function runChain<S>(
  ctx: Context<S>,
  chain: readonly Middleware<S>[],
  at = 0,
): Promise<Response> {
  const run = chain[at];
  if (!run) throw new HttpError(404, "Not Found");
  const previous = ctx.next;
  ctx.next = () => runChain(ctx, chain, at + 1);
  try {
    return await run(ctx);
  } finally {
    ctx.next = previous;
  }
}

function below<S>(path: string, run: Middleware<S>): Middleware<S> {
  return (ctx) => coveredSegments(path, ctx.url.pathname) >= 0 ? run(ctx) : ctx.next();
}
