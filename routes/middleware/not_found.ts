import type { Hono, NotFoundHandler } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import { DomainError } from "@/domain/error.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { failure } from "../failure.ts";

export interface NotFoundOptions {
  /** The app whose routes tell which methods a path has; read at the first miss. */
  app: Pick<Hono<AppEnv>, "routes">;
  /** Answers a path outside `/api` as a page; undefined falls back to the JSON envelope. */
  page?: (c: AppContext, error: DomainError) => Promise<Response> | Response | undefined;
}

/** Answers 405 with `Allow` where the path exists for another method, OPTIONS with 204; else 404. */
export function notFound(options: NotFoundOptions): NotFoundHandler<AppEnv> {
  const { app, page } = options;
  let methods: TrieRouter<string> | undefined;
  return async function notFound(c) {
    methods ??= methodsByPath(app.routes);
    const allowed = allowedOn(methods, c.req.path);
    if (c.req.method === "OPTIONS" && allowed.length > 0) {
      return c.body(null, 204, { Allow: [...allowed, "OPTIONS"].sort().join(", ") });
    }
    const error = missOf(c, allowed);
    c.set("errorCode", error.code);
    const isPage = page !== undefined && !c.req.path.startsWith("/api/");
    return (isPage ? await page(c, error) : undefined) ?? failure(c, error);
  };
}

function methodsByPath(routes: Hono["routes"]): TrieRouter<string> {
  const router = new TrieRouter<string>();
  // "ALL" is middleware, which exists for paths without a route too.
  for (const { method, path } of routes) if (method !== "ALL") router.add("ALL", path, method);
  return router;
}

function allowedOn(methods: TrieRouter<string>, path: string): string[] {
  const allowed = new Set(methods.match("ALL", path)[0].map(([method]) => method));
  if (allowed.has("GET")) allowed.add("HEAD");
  return [...allowed].sort();
}

function missOf(c: AppContext, allowed: readonly string[]): DomainError {
  const { method, path } = c.req;
  const shown = path.slice(0, 200);
  if (allowed.length === 0 || allowed.includes(method)) {
    return new DomainError("NOT_FOUND", `Cannot find "${shown}": there is no such path`);
  }
  c.header("Allow", allowed.join(", "));
  const list = allowed.join(", ");
  return new DomainError("METHOD_NOT_ALLOWED", `Cannot ${method} "${shown}": it takes ${list}`);
}
