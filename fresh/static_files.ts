import { type Middleware, runtimeOf } from "./context.ts";
import type { Asset } from "./assets.ts";

/** Query parameter that carries the build id. */
const BUILD_PARAM = "__frsh_c";

/** Serves `static/` and the built islands; goes on where there is no such file. */
export function staticFiles<S>(): Middleware<S> {
  return function staticFiles(ctx) {
    const { assets, buildId, config } = runtimeOf(ctx);
    const asset = assets.find(ctx.url.pathname);
    if (!asset) return ctx.next();
    const isVersioned = asset.isHashed || ctx.url.searchParams.get(BUILD_PARAM) === buildId;
    return sendAsset(ctx.req, asset, isVersioned && config.mode === "production");
  };
}

/** Answers with the file, or 304 where the browser has it, or 405. */
export function sendAsset(req: Request, asset: Asset, isImmutable: boolean): Response {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const zipped = acceptsGzip(req.headers.get("accept-encoding")) ? asset.gzip() : null;
  const etag = `"${asset.digest}${zipped ? "-gzip" : ""}"`; // strong: one for each encoding
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
    etag,
  });
  if (isKnown(req.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const body = zipped ?? asset.body;
  if (zipped) headers.set("content-encoding", "gzip");
  headers.set("content-length", String(body.length));
  return new Response(req.method === "HEAD" ? null : body, { headers });
}

/** True when the header admits gzip and does not rule it out by `q=0`. */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? "").split(",").some((item) => {
    const [coding, ...parameters] = item.trim().toLowerCase().split(/\s*;\s*/);
    return (coding === "gzip" || coding === "*") && !parameters.some((p) => /^q=0(\.0*)?$/.test(p));
  });
}

/** `If-None-Match` compares weakly (RFC 9110). */
function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  return (ifNoneMatch ?? "").split(",").some((item) => {
    const tag = item.trim();
    return tag === "*" || tag.replace(/^W\//, "") === etag;
  });
}
