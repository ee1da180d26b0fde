import type { OpenAPIHono } from "@hono/zod-openapi";
import { TrieRouter } from "hono/router/trie-router";
import { DomainError } from "@/domain/error.ts";
import type { AppEnv } from "../app_env.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

export interface RequireSignInOptions {
  /** Whose documented operations tell which want a token; read at the first request. */
  app: Pick<OpenAPIHono<AppEnv>, "openAPIRegistry">;
}

/**
 * Refuses strangers on operations that want a token before their input is looked at: what is wrong
 * with it is told to those only who may call. Runs behind `authenticate`. Fails with `UNAUTHORIZED`.
 */
export function requireSignIn({ app }: RequireSignInOptions): CheckMiddleware {
  let closed: TrieRouter<true> | undefined;
  return checking((c) => {
    if (c.get("actor").kind !== "anonymous") return;
    closed ??= closedOperations(app);
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    if (closed.match(method, c.req.path)[0].length === 0) return;
    throw new DomainError("UNAUTHORIZED", "Cannot do this: sign in first");
  });
}

function closedOperations({ openAPIRegistry }: RequireSignInOptions["app"]): TrieRouter<true> {
  const router = new TrieRouter<true>();
  for (const definition of openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path, security = [] } = definition.route;
    // An empty requirement among several says that nobody needs to sign in.
    const isClosed = security.length > 0 && security.every((way) => Object.keys(way).length > 0);
    if (isClosed) router.add(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1"), true);
  }
  return router;
}
