/** `/openapi.json` and `/asyncapi.json`: the documents of the API and of its socket. */

import { Hono } from "hono";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiDocument } from "@/components/api_document.ts";
import { sha256 } from "@/platform/sha256.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { socketDocument } from "./asyncapi.ts";
import { makeDocument } from "./document.ts";

const documents = new WeakMap<object, ApiDocument>();

/** The OpenAPI 3.1 document of an app's routes, made at the first call. */
export function apiDocument(app: OpenAPIHono<AppEnv>): ApiDocument {
  const known = documents.get(app);
  if (known) return known;
  // As JSON carries it, so that pages show what `/openapi.json` says.
  const document: ApiDocument = JSON.parse(JSON.stringify(makeDocument(app)));
  documents.set(app, document);
  return document;
}

/** The routes of both documents; `app` is the one that has the API. */
export function openApiRoutes(app: OpenAPIHono<AppEnv>): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/openapi.json", documentAnswer(() => apiDocument(app)))
    .get("/asyncapi.json", documentAnswer(socketDocument));
}

/** Serialises once; tools on other sites may read it, and ask whether theirs is still good. */
function documentAnswer(make: () => object) {
  let made: { text: string; etag: string } | undefined;
  return function documentAnswer(c: AppContext): Response {
    made ??= tagged(JSON.stringify(make()));
    const headers = {
      "access-control-allow-origin": "*",
      "cache-control": "public, no-cache",
      etag: made.etag,
    };
    if (isKnown(c.req.header("if-none-match"), made.etag)) return c.body(null, 304, headers);
    return c.body(made.text, 200, { ...headers, "content-type": "application/json" });
  };
}

function tagged(text: string): { text: string; etag: string } {
  return { text, etag: `"${sha256(text).toHex().slice(0, 32)}"` };
}

/** Compares weakly: the server compresses on the way, which makes a tag weak. */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}
