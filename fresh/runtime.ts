/**
 * What pages and islands may both import, as `fresh/runtime`: nothing here pulls in the server.
 *
 * @module
 */

import { type ComponentChildren, Fragment, h, type VNode } from "preact";
import { ambient, type PartialProps } from "./ambient.ts";

export { HttpError, type HttpErrorOptions } from "./http_error.ts";
export type { PartialProps };

/** True where the code runs in a page, false on the server. */
export const IS_BROWSER = typeof document !== "undefined";

/** Query parameter that carries the build id. */
export const BUILD_PARAM = "__frsh_c";

/** Adds the build id to a site-absolute path, which makes it cacheable for ever.
 * Other addresses, and calls outside of a request, come back unchanged.
 * @example Another site's file stays as it is
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { asset } from "fresh/runtime";
 * assertEquals(asset("https://example.org/a.css"), "https://example.org/a.css");
 * ```
 */
export function asset(path: string): string {
  const buildId = IS_BROWSER ? document.documentElement.dataset.build : ambient.current()?.buildId;
  if (!buildId || !path.startsWith("/") || path.startsWith("//")) return path;
  const url = new URL(path, "http://site");
  if (url.searchParams.has(BUILD_PARAM)) return path;
  url.searchParams.set(BUILD_PARAM, buildId);
  return url.pathname + url.search + url.hash;
}

/** A region that client navigation (`f-client-nav`) may swap; server code outside islands only. */
export function Partial(props: PartialProps): VNode {
  return h(Fragment, null, ambient.current()?.partial(props) ?? props.children);
}

/** Puts its children into the document's head; the last `<title>` wins. Nothing in the browser. */
export function Head({ children }: { children?: ComponentChildren }): null {
  ambient.current()?.head(children);
  return null;
}
