/**
 * Fresh 2's public names over Hono's router and Preact. Routes, islands and components that import
 * `fresh` and `fresh/runtime` move onto the real package by one line of the import map.
 *
 * @module
 */

export { App, type FetchHandler } from "./app.ts";
export type { FreshConfig, ResolvedFreshConfig } from "./config.ts";
export type {
  Awaitable,
  Context,
  ErrorData,
  LayoutConfig,
  Middleware,
  PageProps,
  View,
  ViewComponent,
} from "./context.ts";
export {
  createDefine,
  type DataOf,
  type Define,
  type HandlerByMethod,
  type HandlerFn,
  type Method,
  page,
  type PageResponse,
  type RouteHandler,
} from "./define.ts";
export type { AppHooks } from "./errors.ts";
export type { RouteConfig } from "./route_tree.ts";
export { HttpError, type HttpErrorOptions } from "./http_error.ts";
export { contentPolicy, csp, type CspOptions } from "./csp.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { staticFiles } from "./static_files.ts";
export { buildIslands, type IslandBuild } from "./build.ts";
