/** Files served from memory: `static/` and the built islands, which together give the build id. */

import { gzipSync } from "node:zlib";
import type { ResolvedFreshConfig } from "./config.ts";
import { type Middleware, runtimeOf } from "./context.ts";
import { digestOf, listFiles } from "./files.ts";
import { BUILD_PARAM } from "./runtime.ts";

/** A file ready to be sent. */
export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  digest: string;
  /** Its URL names its content: it never changes. */
  isHashed: boolean;
  /** Compressed on first use; null where that does not pay. */
  gzip(): Uint8Array<ArrayBuffer> | null;
}

/** All files of an App. */
export interface Assets {
  buildId: string;
  find(pathname: string): Asset | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff2: "font/woff2",
  xml: "application/xml",
};

/** Below this, the headers of compression cost more than it saves. */
const GZIP_MIN_BYTES = 800;

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

/** Reads the static folder and adds the built files, which are keyed by URL path. */
export async function openAssets(
  config: Pick<ResolvedFreshConfig, "root" | "staticDir" | "basePath">,
  built: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Assets> {
  const folder = `${config.root}/${config.staticDir}`;
  const assets = new Map<string, Asset>();
  for (const path of await listFiles(folder)) {
    const body = await Deno.readFile(`${folder}/${path}`);
    assets.set(`${config.basePath}/${path}`, createAsset(path, body, false));
  }
  for (const [url, body] of built) assets.set(url, createAsset(url, body, true));
  const buildId = digestOf([...assets].flatMap(([url, { digest }]) => [url, digest]));
  return { buildId, find: (pathname) => assets.get(decodePath(pathname)) };
}

/** A path that cannot be decoded names no file; only names found on disk are ever served. */
function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return "";
  }
}

function createAsset(path: string, body: Uint8Array<ArrayBuffer>, isHashed: boolean): Asset {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const type = TYPES[extension] ?? "application/octet-stream";
  const pays = /text|json|svg|xml/.test(type) && body.length > GZIP_MIN_BYTES;
  let zipped: Uint8Array<ArrayBuffer> | undefined;
  const gzip = () => pays ? zipped ??= new Uint8Array(gzipSync(body)) : null;
  return { body, type, digest: digestOf([body]), isHashed, gzip };
}

/** Answers with the file, or 304 where the browser has it, or 405. */
function sendAsset(req: Request, asset: Asset, isImmutable: boolean): Response {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const zipped = acceptsGzip(req.headers.get("accept-encoding") ?? "") ? asset.gzip() : null;
  const etag = `"${asset.digest}${zipped ? "-gzip" : ""}"`; // strong: one for each encoding
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
    etag,
  });
  const known = (req.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim());
  if (known.some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag)) {
    return new Response(null, { status: 304, headers });
  }
  const body = zipped ?? asset.body;
  if (zipped) headers.set("content-encoding", "gzip");
  headers.set("content-length", String(body.length));
  return new Response(req.method === "HEAD" ? null : body, { headers });
}

function acceptsGzip(acceptEncoding: string): boolean {
  return acceptEncoding.split(",").some((item) =>
    /^\s*(gzip|\*)\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(item)
  );
}
