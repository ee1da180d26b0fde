import type { Middleware } from "./context.ts";

/** Settings of `csp()`. */
export interface CspOptions {
  /** Directives that replace the default of their name, e.g. `"img-src 'self' https:"`. */
  csp?: readonly string[];
  /** Only report what would be refused. */
  reportOnly?: boolean;
}

// No page has inline script or style, so nothing needs a nonce; 'self' covers sockets of this origin.
const STRICT = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** Sends the strict content policy with every answer that does not bring its own. */
export function csp<S>({ csp = [], reportOnly = false }: CspOptions = {}): Middleware<S> {
  const name = `content-security-policy${reportOnly ? "-report-only" : ""}`;
  const value = contentPolicy(csp);
  return async (ctx) => {
    const res = await ctx.next();
    if (res.headers.has(name) || res.status === 101) return res; // its own, or a socket
    const copy = new Response(res.body, res); // redirects and fetched answers are read-only
    copy.headers.set(name, value);
    return copy;
  };
}

/** The strict policy with some directives replaced, for the header of one answer.
 * @example A page that others may embed
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { contentPolicy } from "fresh";
 * assertMatch(contentPolicy(["frame-ancestors *"]), /form-action 'self'; frame-ancestors \*$/);
 * ```
 */
export function contentPolicy(replaced: readonly string[] = []): string {
  const byName = new Map([...STRICT, ...replaced].map((directive) => {
    return [directive.split(" ", 1)[0]!, directive];
  }));
  return [...byName.values()].join("; ");
}
