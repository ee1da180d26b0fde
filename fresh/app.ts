/**
 * The App: middleware in the order it was added, routes of its own, and the pages of `routes/`.
 * Hono's router finds the route; the chain that runs for it was put together when the app opened.
 *
 * @module
 */

import { Hono } from "hono";
import { type AppRuntime, openRuntime } from "./app_runtime.ts";
import { type FreshConfig, resolveConfig, type ResolvedFreshConfig } from "./config.ts";
import { Context, type Middleware, setFrames, viewOf } from "./context.ts";
import { type Method, page, type PageResponse } from "./define.ts";
import { type AppHooks, errorBoundary, lastBoundary } from "./errors.ts";
import { HttpError } from "./http_error.ts";
import { coveredSegments } from "./pattern.ts";
import { withBuild } from "./render.ts";
import {
  type Folder,
  folderOfPath,
  loadRoutes,
  type PageRoute,
  type RouteTree,
} from "./route_tree.ts";

/** Answers one request. */
export type FetchHandler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

type Chain<S> = readonly Middleware<S>[];
type Router<S> = Hono<{ Bindings: { ctx: Context<S> } }>;
type Step<S> = Middleware<S> | { method: string; path: string; chain: Chain<S> } | "pages";

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
    if (typeof first !== "string") this.#steps.push(first, ...rest);
    else this.#steps.push(...rest.map((run) => below(this.config.basePath + first, run)));
    return this;
  }

  /** Adds a route of the given method; the last of the chain answers. */
  get = this.#adder("GET");
  post = this.#adder("POST");
  put = this.#adder("PUT");
  patch = this.#adder("PATCH");
  delete = this.#adder("DELETE");
  all = this.#adder("ALL");

  /** Adds the pages of `routes/` here; middleware added later does not run for them. */
  fsRoutes(): this {
    this.#steps.push("pages");
    return this;
  }

  /** Resolves when the app can answer; rejects when a page or the island build is broken. */
  async ready(): Promise<void> {
    await this.#open();
  }

  /** A function for `Deno.serve` or another server; unknown pages answer 404. Opens with the first
   * request unless `ready()` did before. */
  handler(): FetchHandler {
    return async (req, info) => await (await this.#open())(req, info);
  }

  #adder(method: string) {
    return (path: string, ...chain: Middleware<S>[]): this => {
      this.#steps.push({ method, path, chain });
      return this;
    };
  }

  #open(): Promise<FetchHandler> {
    return this.#opening ??= this.#assemble();
  }

  async #assemble(): Promise<FetchHandler> {
    const { basePath, mode } = this.config;
    const tree: RouteTree<S> = this.#steps.includes("pages")
      ? await loadRoutes<S>(this.config)
      : { pages: [], folders: new Map() };
    const runtime = await openRuntime(this.config);
    const root: Router<S> = new Hono({ strict: false });
    const router = basePath ? root.basePath(basePath) : root;
    const boundary = lastBoundary(tree.folders.get(""), this.#hooks);
    const outer: Middleware<S>[] = [boundary];
    if (mode === "development") addRoute(router, "GET", "/_fresh/alive", [answerAlive]);
    for (const step of this.#steps) {
      if (step === "pages") tree.pages.forEach((page) => this.#addPage(router, page, [...outer]));
      else if (typeof step === "function") outer.push(step, boundary);
      else addRoute(router, step.method, step.path, [...outer, ...step.chain]);
    }
    root.notFound(({ env: { ctx } }) => {
      const folder = folderOfPath(tree, ctx.url.pathname.slice(basePath.length));
      return runChain(ctx, [...outer, ...folderChain(folder, this.#hooks)]);
    });
    return (req, info) => answer(root, runtime, req, info);
  }

  #addPage(router: Router<S>, route: PageRoute<S>, outer: Chain<S>): void {
    const chain = [...outer, ...folderChain(route.folder, this.#hooks), pageAnswer(route)];
    addRoute(router, "ALL", route.pattern, chain);
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
  const isHead = req.method === "HEAD";
  // The router would drop the body of a HEAD before anybody could tell its length.
  const found = isHead ? new Request(req.url) : req;
  const res = await withBuild(runtime.buildId, () => router.fetch(found, { ctx }));
  return isHead ? await headOf(res) : res;
}

/** The head of an answer, with the length that its body has for GET; an endless stream has none. */
async function headOf(res: Response): Promise<Response> {
  const headers = new Headers(res.headers);
  if (res.body === null) return new Response(null, { status: res.status, headers });
  if (headers.get("content-type")?.startsWith("text/event-stream")) await res.body.cancel();
  else headers.set("content-length", String((await res.arrayBuffer()).byteLength));
  return new Response(null, { status: res.status, headers });
}

function addRoute<S>(router: Router<S>, method: string, path: string, chain: Chain<S>): void {
  router.on(method, path, ({ env: { ctx }, req }) => {
    ctx.params = req.param();
    ctx.route = path;
    return runChain(ctx, chain);
  });
}

/** Error pages and middleware of the folders on the way down. */
function folderChain<S>(folder: Folder<S> | undefined, hooks: AppHooks<S>): Middleware<S>[] {
  return (folder?.path ?? []).flatMap((level) => [
    errorBoundary(level, hooks),
    ...level.middlewares,
  ]);
}

function pageAnswer<S>({ component, handler, config, folder }: PageRoute<S>): Middleware<S> {
  return async (ctx) => {
    setFrames(ctx, folder.frames);
    const method = ctx.req.method === "HEAD" ? "GET" : ctx.req.method;
    const handle = typeof handler === "function" ? handler : handler?.[method as Method];
    if (!handle && !(component && method === "GET")) {
      const allow = ["HEAD", ...(component ? ["GET"] : []), ...Object.keys(handler ?? {})];
      const headers = { allow: [...new Set(allow)].join(", ") };
      throw new HttpError(405, "Method Not Allowed", { headers });
    }
    const result: Response | PageResponse<unknown> = handle ? await handle(ctx) : page();
    if (result instanceof Response) return result;
    if (!component) throw new TypeError(`Cannot show "${ctx.route}": it has no page`);
    const init = { status: result.status ?? 200, headers: result.headers ?? {} };
    return await ctx.render(await viewOf(ctx, component, result.data), init, config);
  };
}

/** Tells a page in development which process serves; the end makes the browser ask again, and no open stream delays a stop. */
function answerAlive(): Response {
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(`retry: 500\ndata: ${performance.timeOrigin}\n\n`, { headers });
}

/** Runs middleware in its order; `ctx.next()` runs what follows. */
async function runChain<S>(ctx: Context<S>, chain: Chain<S>, at = 0): Promise<Response> {
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
