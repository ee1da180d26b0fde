import { createHmac } from "node:crypto";
import { DomainError } from "@/domain/error.ts";
import { isSameSecret } from "@/platform/token.ts";
import type { AppContext } from "../app_env.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

export interface CsrfOptions {
  /** Signs the tokens; the same on every node. */
  secret: string;
  /** Origins besides the request's own whose pages may write, e.g. the public one behind a proxy. */
  trustedOrigins?: readonly string[];
}

/** Where an API client sends the token. */
export const CSRF_HEADER = "x-csrf-token";

const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses writes that a cookie vouches for unless they come from our own pages and carry the
 * session's token. Tokens in `Authorization` need none of this: no other site can send them.
 * Fails with `CSRF_FAILED`.
 */
export function csrf(options: CsrfOptions): CheckMiddleware {
  const { secret, trustedOrigins = [] } = options;
  return checking((c) => {
    const actor = c.get("actor");
    const isByCookie = actor.kind === "user" && actor.via === "browser";
    if (isByCookie && !SAFE_METHODS.includes(c.req.method)) {
      checkOrigin(c, trustedOrigins);
      checkToken(secret, actor.sessionId, c.req.header(CSRF_HEADER));
    }
  });
}

/** The token that forms and writes of a session must carry; it tells nothing about the session.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { csrfTokenOf, isCsrfToken } from "@/routes/middleware/csrf.ts";
 *
 * const token = csrfTokenOf("secret", "session-1");
 * assert(isCsrfToken("secret", "session-1", token));
 * assert(!isCsrfToken("secret", "session-2", token));
 * ```
 */
export function csrfTokenOf(secret: string, sessionId: string): string {
  return createHmac("sha256", secret).update(`csrf ${sessionId}`).digest("base64url");
}

/** Tells in constant time whether the token is the session's. */
export function isCsrfToken(secret: string, sessionId: string, given: string): boolean {
  return isSameSecret(given, csrfTokenOf(secret, sessionId));
}

function checkToken(secret: string, sessionId: string, given: string | undefined): void {
  if (given !== undefined && isCsrfToken(secret, sessionId, given)) return;
  throw new DomainError(
    "CSRF_FAILED",
    "Cannot accept the request: send the token of /api/v1/csrf-token in X-CSRF-Token",
  );
}

/** A browser names the origin of every write; what names none is no page of another site. */
function checkOrigin(c: AppContext, trustedOrigins: readonly string[]): void {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin") ?? originOf(c.req.header("referer"));
  if (origin !== undefined && (isOwnOrigin(c, origin) || trustedOrigins.includes(origin))) return;
  if (origin === undefined && (site === undefined || site === "same-origin")) return;
  throw new DomainError("CSRF_FAILED", "Cannot accept the request: it comes from another site");
}

/** Compares hosts: behind a proxy that ends TLS our own scheme is not the browser's. */
function isOwnOrigin(c: AppContext, origin: string): boolean {
  return URL.parse(origin)?.host === new URL(c.req.url).host;
}

function originOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : URL.parse(address)?.origin ?? "null";
}
