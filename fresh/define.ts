import type { Awaitable, Context, Middleware, PageProps, View, ViewComponent } from "./context.ts";

/** HTTP methods that a route may answer. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";

/** Data for the page of the same route. */
export interface PageResponse<D> {
  data: D;
  status?: number;
  headers?: HeadersInit;
}

/** Answers itself, or gives the page its data by `page()`. */
export type HandlerFn<D, S> = (ctx: Context<S>) => Awaitable<Response | PageResponse<D>>;
/** One handler a method. */
export type HandlerByMethod<D, S> = { [M in Method]?: HandlerFn<D, S> };
/** What a route exports as `handler` (or `handlers`). */
export type RouteHandler<D, S> = HandlerFn<D, S> | HandlerByMethod<D, S>;

type DataOfResult<R> = R extends PageResponse<infer D> ? D : never;
type DataOfFn<F> = F extends (...args: never[]) => infer R ? DataOfResult<Awaited<R>> : never;
/** What the handlers `H` give to their page: the union over all methods. */
export type DataOf<H> = H extends (...args: never[]) => unknown ? DataOfFn<H>
  : { [M in keyof H]: DataOfFn<H[M]> }[keyof H];

/** Gives a page its data, with a status (default 200) and headers of the answer. */
export function page(): PageResponse<undefined>;
export function page<D>(data: D, options?: Omit<PageResponse<D>, "data">): PageResponse<D>;
export function page<D>(data?: D, options: Omit<PageResponse<D>, "data"> = {}) {
  return { data, ...options };
}

/** Typed identities for the exports of a route file. */
export interface Define<S> {
  /** `export const handler = define.handlers({ GET(ctx) { … } })`. */
  handlers<H extends RouteHandler<unknown, S>>(handlers: H): H;
  /** `export default define.page<typeof handler>(({ data }) => …)`. */
  page<H = never>(
    render: (props: PageProps<DataOf<H>, S>) => Awaitable<View>,
  ): ViewComponent<DataOf<H>, S>;
  /** For `_layout` and `_app`. */
  layout(render: (props: PageProps<unknown, S>) => Awaitable<View>): ViewComponent<unknown, S>;
  /** For `_middleware`; several run in their order. */
  middleware<M extends Middleware<S> | Middleware<S>[]>(middleware: M): M;
}

/** Makes the `define` of an app whose middleware fills a state of type `S`. */
export function createDefine<S>(): Define<S> {
  return {
    handlers: (handlers) => handlers,
    page: (render) => render,
    layout: (render) => render,
    middleware: (middleware) => middleware,
  };
}
