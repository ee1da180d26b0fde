/**
 * Where a phone's "share" leads: the browser itself posts the files, so that no form of ours could
 * have given them a token ([decision](../docs/decisions/0014-share-target.md)).
 *
 * @module
 */

/** As the web manifest names it. */
export const SHARE_PATH = "/me/share";

/** Files taken from one share; people pick a few runs, not their archive. */
export const SHARED_FILES_MAX = 10;

/**
 * Whether the browser itself sends the share, on behalf of the person: `Sec-Fetch-Site: none` is
 * set by browsers alone, and no page of any site can make a request that has it. Browsers without
 * the header, and everything else, need the session's token as any form does.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isSharedByBrowser } from "@/routes/share_target.ts";
 *
 * const shareFrom = (site: string) => {
 *   const headers = { "sec-fetch-site": site };
 *   const req = new Request("https://a.example/me/share", { method: "POST", headers });
 *   return isSharedByBrowser({ req, url: new URL(req.url) });
 * };
 * assertEquals([shareFrom("none"), shareFrom("same-site"), shareFrom("cross-site")], [true, false, false]);
 * ```
 */
export function isSharedByBrowser({ req, url }: { req: Request; url: URL }): boolean {
  return req.method === "POST" && url.pathname === SHARE_PATH &&
    req.headers.get("sec-fetch-site") === "none";
}
