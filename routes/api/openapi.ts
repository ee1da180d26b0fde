/** `/openapi.json` and `/asyncapi.json`: the documents of the API and of its socket. */

import { Hono } from "hono";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiDocument } from "@/components/docs/api_document.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { socketDocument } from "./asyncapi.ts";
import { makeDocument } from "./document.ts";
import { PackedDocument } from "./packed_document.ts";

const documents = new WeakMap<object, PackedDocument<ApiDocument>>();

/** The OpenAPI 3.1 document of an app's routes, made at the first call. */
export function apiDocument(app: OpenAPIHono<AppEnv>): ApiDocument {
  return packedApiDocument(app).read();
}

function packedApiDocument(app: OpenAPIHono<AppEnv>): PackedDocument<ApiDocument> {
  let known = documents.get(app);
  if (!known) documents.set(app, known = new PackedDocument(makeDocument(app)));
  return known;
}

/** The routes of both documents; `app` is the one that has the API. */
export function openApiRoutes(app: OpenAPIHono<AppEnv>): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/openapi.json", documentAnswer(() => packedApiDocument(app)))
    .get("/asyncapi.json", documentAnswer(() => new PackedDocument(socketDocument())));
}

/** Made once; tools on other sites may read it, and ask whether theirs is still good. */
function documentAnswer(make: () => PackedDocument<object>) {
  let made: PackedDocument<object> | undefined;
  return function documentAnswer(c: AppContext): Response {
    made ??= make();
    const etag = `"${made.etag}"`;
    const headers = {
      "access-control-allow-origin": "*",
      "cache-control": "public, no-cache",
      etag,
    };
    if (isKnown(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
    return c.body(made.text(), 200, { ...headers, "content-type": "application/json" });
  };
}

/** Compares weakly: the server compresses on the way, which makes a tag weak. */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}
