import type { Middleware } from "./context.ts";
import { HttpError } from "./http_error.ts";

/** Settings of `csrf()`. */
export interface CsrfOptions {
  /** Other origins whose writes are let in, e.g. `https://panel.example.org`. */
  trustedOrigins?: readonly string[];
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Refuses writes that a browser says to come from another site, with status 403. */
export function csrf<S>(options: CsrfOptions = {}): Middleware<S> {
  return function csrf(ctx) {
    if (isOwnRequest(ctx.req, ctx.url.origin, options)) return ctx.next();
    throw new HttpError(403, "Cannot accept the form: it was not sent from this site");
  };
}

/** True for safe methods and for writes from this site: `Sec-Fetch-Site` decides where it is sent, else `Origin`.
 * @example A form on another site
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isOwnRequest } from "@/fresh/csrf.ts";
 * const req = new Request("https://a.org/x", { method: "POST", headers: { origin: "https://b.org" } });
 * assertEquals(isOwnRequest(req, "https://a.org", {}), false);
 * ```
 */
export function isOwnRequest(req: Request, ownOrigin: string, options: CsrfOptions): boolean {
  if (SAFE_METHODS.has(req.method)) return true;
  const origin = req.headers.get("origin");
  if (origin !== null && options.trustedOrigins?.includes(origin)) return true;
  const site = req.headers.get("sec-fetch-site");
  // "none" is the user's own doing: the address bar, a share target.
  if (site !== null) return site === "same-origin" || site === "none";
  // Every browser names the origin of a write; who names none is no browser, and has no cookies
  // that another site could use.
  return origin === null || origin === ownOrigin;
}
