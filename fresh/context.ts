import { type ComponentChildren, type FunctionComponent, h, type VNode } from "preact";
import type { ResolvedFreshConfig } from "./config.ts";
import { HttpError } from "./http_error.ts";
import type { AppRuntime } from "./app_runtime.ts";
import { renderDocument } from "./document.ts";

/** Query parameter by which client navigation asks for the regions of a page. */
export const PARTIAL_PARAM = "fresh-partial";

/** Names the other site that a redirect leads to, in answers to client navigation. */
const AWAY_HEADER = "x-fresh-location";

/** A value or its promise. */
export type Awaitable<T> = T | Promise<T>;

/** Runs before, around or instead of what follows: answers itself or returns `ctx.next()`. */
export type Middleware<S = unknown> = (ctx: Context<S>) => Awaitable<Response>;

/** Leaves out the frames that a page would get by its folder. */
export interface LayoutConfig {
  skipInheritedLayouts?: boolean;
  skipAppWrapper?: boolean;
}

/** What a page, layout or `_app` is rendered with. */
export interface PageProps<D = unknown, S = unknown> {
  /** What the handler passed to `page()`; for `_error` and `_404` it is `ErrorData`. */
  data: D;
  state: S;
  req: Request;
  url: URL;
  info: Deno.ServeHandlerInfo;
  params: Record<string, string>;
  config: ResolvedFreshConfig;
  /** Pattern of the matched route, e.g. `/c/:slug`; null where none matched. */
  route: string | null;
  /** What was thrown, for error pages. */
  error: unknown;
  /** True when client navigation asks. */
  isPartial: boolean;
  /** The page inside, for layouts and `_app`. */
  Component: FunctionComponent;
}

/** Data of `_error` and `_404` pages. */
export interface ErrorData {
  status: number;
}

/** What a page component may return; a `Response` is sent as it is. */
export type View = ComponentChildren | Response;

/** A page, layout or `_app`; an async one is awaited before the render and cannot use hooks. */
export type ViewComponent<D, S> = (props: PageProps<D, S>) => Awaitable<View>;

/** Frames round a page, outermost first. */
export interface Frames<S> {
  app: ViewComponent<never, S> | null;
  layouts: readonly ViewComponent<never, S>[];
}

/** Reads the app's parts from a context; for this package only. */
export let runtimeOf: <S>(ctx: Context<S>) => AppRuntime;
/** Sets the frames that `render()` puts round a page; for this package only. */
export let setFrames: <S>(ctx: Context<S>, frames: Frames<S>) => void;

/** One request on its way through middleware, handler and page. */
export class Context<S = unknown> {
  readonly req: Request;
  /** Without the parameter that client navigation adds. */
  readonly url: URL;
  readonly info: Deno.ServeHandlerInfo;
  readonly config: ResolvedFreshConfig;
  readonly isPartial: boolean;
  params: Record<string, string> = {};
  /** Pattern of the matched route; null where none matched. */
  route: string | null = null;
  /** Filled by middleware; pages read it. */
  state: S = {} as S;
  /** What was thrown, while an error page is made. */
  error: unknown = null;
  /** Runs the rest of the chain. */
  next: () => Promise<Response> = () => Promise.reject(new HttpError(404, "Not Found"));
  #runtime: AppRuntime;
  #frames: Frames<S> = { app: null, layouts: [] };

  static {
    runtimeOf = (ctx) => ctx.#runtime;
    setFrames = (ctx, frames) => {
      ctx.#frames = frames;
    };
  }

  constructor(req: Request, info: Deno.ServeHandlerInfo, runtime: AppRuntime) {
    this.req = req;
    this.info = info;
    this.url = new URL(req.url);
    this.isPartial = this.url.searchParams.has(PARTIAL_PARAM);
    if (this.isPartial) this.url.searchParams.delete(PARTIAL_PARAM);
    this.config = runtime.config;
    this.#runtime = runtime;
  }

  /** Redirects; a path always stays on this site (`//elsewhere` is not followed). */
  redirect(pathOrUrl: string, status = 302): Response {
    // Browsers drop tabs and line ends and read a backslash as a slash.
    const location = pathOrUrl.replace(/[\t\r\n]/g, "").replace(/^[/\\]+/, "/");
    // A fetch cannot follow to another site: client navigation goes there by itself.
    const isAway = URL.canParse(location) && new URL(location).origin !== this.url.origin;
    if (this.isPartial && isAway) {
      return new Response(null, { status: 204, headers: { [AWAY_HEADER]: location } });
    }
    return new Response(null, { status, headers: { location } });
  }

  text(body: string, init?: ResponseInit): Response {
    return new Response(body, init);
  }

  json(body: unknown, init?: ResponseInit): Response {
    return Response.json(body, init);
  }

  html(body: string, init: ResponseInit = {}): Response {
    const headers = new Headers(init.headers);
    headers.set("content-type", "text/html; charset=utf-8");
    return new Response(body, { ...init, headers });
  }

  /** Renders a page inside its layouts and `_app`. */
  async render(page: View, init: ResponseInit = {}, config: LayoutConfig = {}): Promise<Response> {
    const frames = config.skipInheritedLayouts ? [] : [...this.#frames.layouts];
    if (this.#frames.app && !config.skipAppWrapper) frames.unshift(this.#frames.app);
    let view = page;
    for (const frame of frames.reverse()) {
      if (view instanceof Response) return view;
      const inside = view;
      view = await viewOf(this, frame, null as never, () => inside as VNode);
    }
    if (view instanceof Response) return view;
    return this.html(renderDocument(view, this.#runtime), init);
  }
}

/** Calls an async component; leaves a plain one to the renderer, so that it may use hooks. */
export async function viewOf<D, S>(
  ctx: Context<S>,
  component: ViewComponent<D, S>,
  data: D,
  Component: FunctionComponent = () => null,
): Promise<View> {
  const { state, req, url, info, params, config, route, error, isPartial } = ctx;
  const props = { data, state, req, url, info, params, config, route, error, isPartial, Component };
  if (component.constructor.name === "AsyncFunction") return await component(props);
  return h(component as FunctionComponent<PageProps<D, S>>, props);
}
