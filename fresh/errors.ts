import { type Context, type Middleware, setFrames, viewOf } from "./context.ts";
import { HttpError } from "./http_error.ts";
import type { ErrorPage, Folder } from "./route_tree.ts";

/** What the app's owner knows about failures. */
export interface AppHooks<S> {
  /** Status of a thrown error that is no `HttpError`; default 500. */
  statusOf?(error: unknown): number | undefined;
  /** Header fields of the answer to a thrown error that is no `HttpError`. */
  headersOf?(error: unknown): HeadersInit | undefined;
  /** Told of every failure that is answered with a status of 500 or more. */
  report?(error: unknown, ctx: Context<S>): void;
}

/** Status to answer a thrown error with. */
export function statusOfError<S>(error: unknown, hooks: AppHooks<S>): number {
  return error instanceof HttpError ? error.status : hooks.statusOf?.(error) ?? 500;
}

/** Turns what the rest of the chain throws into the folder's error page; passes on what it has no page for. */
export function errorBoundary<S>(folder: Folder<S>, hooks: AppHooks<S>): Middleware<S> {
  return async function errorBoundary(ctx) {
    try {
      return await ctx.next();
    } catch (error) {
      const status = statusOfError(error, hooks);
      const page = errorPageFor(folder, status);
      if (!page) throw error;
      if (status >= 500) hooks.report?.(error, ctx);
      const headers = headersOfError(error, hooks);
      return await renderError(ctx, { error, status, headers, page, folder });
    }
  };
}

/** The last line: shows the root's error page, or a plain answer. Never throws. */
export function lastBoundary<S>(root: Folder<S> | undefined, hooks: AppHooks<S>): Middleware<S> {
  return async function lastBoundary(ctx) {
    try {
      return await (root ? errorBoundary(root, hooks)(ctx) : ctx.next());
    } catch (error) {
      const status = statusOfError(error, hooks);
      if (status >= 500) hooks.report?.(error, ctx);
      const text = error instanceof HttpError ? error.message : "The page could not be made";
      return new Response(text, { status, headers: headersOfError(error, hooks) });
    }
  };
}

function headersOfError<S>(error: unknown, hooks: AppHooks<S>): HeadersInit {
  return error instanceof HttpError ? error.headers : hooks.headersOf?.(error) ?? {};
}

function errorPageFor<S>(folder: Folder<S>, status: number): ErrorPage<S> | undefined {
  return status === 404 ? folder.notFound ?? folder.error : folder.error;
}

interface Failure<S> {
  error: unknown;
  status: number;
  headers: HeadersInit;
  page: ErrorPage<S>;
  folder: Folder<S>;
}

async function renderError<S>(ctx: Context<S>, failure: Failure<S>) {
  const { error, status, headers, page, folder } = failure;
  ctx.error = error;
  setFrames(ctx, folder.frames);
  const view = await viewOf(ctx, page.component, { status });
  return await ctx.render(view, { status, headers }, page.config);
}
