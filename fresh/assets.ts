/** Files served from memory: `static/` and the built islands, with their build id. */

import { gzipSync } from "node:zlib";
import type { ResolvedFreshConfig } from "./config.ts";
import { digestOf, listFiles } from "./files.ts";

/** A file ready to be sent. */
export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  /** SHA-256 of the body, without quotes. */
  digest: string;
  /** Its URL names its content: it never changes. */
  isHashed: boolean;
  /** Compressed on first use; null where that does not pay. */
  gzip(): Uint8Array<ArrayBuffer> | null;
}

/** All files of an App by URL path. */
export interface Assets {
  buildId: string;
  find(pathname: string): Asset | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  css: "text/css; charset=utf-8",
  gif: "image/gif",
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

/** Reads the static folder and adds the built files. */
export async function openAssets(
  config: ResolvedFreshConfig,
  built: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Assets> {
  const folder = `${config.root}/${config.staticDir}`;
  const assets = new Map<string, Asset>();
  await Promise.all((await listFiles(folder)).map(async (path) => {
    const body = await Deno.readFile(`${folder}/${path}`);
    assets.set(`${config.basePath}/${path}`, createAsset(path, body, false));
  }));
  for (const [url, body] of built) assets.set(url, createAsset(url, body, true));
  const buildId = digestOf(
    [...assets].map(([url, { digest }]) => url + digest).sort(),
  );
  return { buildId, find: (pathname) => assets.get(decodePath(pathname)) };
}

/** Describes one file. */
export function createAsset(
  path: string,
  body: Uint8Array<ArrayBuffer>,
  isHashed: boolean,
): Asset {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const type = TYPES[extension] ?? "application/octet-stream";
  const isText = /text|json|svg|xml/.test(type);
  let zipped: Uint8Array<ArrayBuffer> | undefined;
  const gzip = () =>
    isText && body.length > GZIP_MIN_BYTES ? zipped ??= new Uint8Array(gzipSync(body)) : null;
  return { body, type, digest: digestOf([body]), isHashed, gzip };
}

/** A path that cannot be decoded names no file. */
function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return "";
  }
}
