/** Cookies of the pages: the session, and the message shown once after a redirect. */

import type { FlashMessage } from "@/components/Flash.tsx";

const SESSION_COOKIE = "paceboard_session";
const FLASH_COOKIE = "paceboard_flash";

/** A message that was not read within a minute belongs to another page. */
const FLASH_SECONDS = 60;

/** Longest message that fits a cookie in any encoding (4096 bytes with name and attributes). */
const FLASH_TEXT_MAX = 300;

/** The session cookie's name: with HTTPS it is bound to this very host. */
export function sessionCookieName(isSecure: boolean): string {
  return isSecure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE;
}

/** The value of a cookie in a `Cookie` header.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cookieIn } from "@/routes/cookies.ts";
 *
 * assertEquals(cookieIn("a=1; paceboard_session=xyz", "paceboard_session"), "xyz");
 * assertEquals(cookieIn(null, "a"), undefined);
 * ```
 */
export function cookieIn(header: string | null, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

/** `Set-Cookie` of a session that starts. */
export function sessionCookie(value: string, expiresAtMs: number, isSecure: boolean): string {
  const expires = new Date(expiresAtMs).toUTCString();
  return `${sessionCookieName(isSecure)}=${value}; Expires=${expires}${attributes(isSecure)}`;
}

/** `Set-Cookie` that ends the session in the browser. */
export function endedSessionCookie(isSecure: boolean): string {
  return `${sessionCookieName(isSecure)}=; Max-Age=0${attributes(isSecure)}`;
}

/** `Set-Cookie` of a message for the next page. */
export function flashCookie(flash: FlashMessage, isSecure: boolean): string {
  const text = flash.text.slice(0, FLASH_TEXT_MAX);
  const value = encodeURIComponent(JSON.stringify([flash.tone, text]));
  return `${FLASH_COOKIE}=${value}; Max-Age=${FLASH_SECONDS}${attributes(isSecure)}`;
}

/** `Set-Cookie` that forgets the message. */
export function readFlashCookie(isSecure: boolean): string {
  return `${FLASH_COOKIE}=; Max-Age=0${attributes(isSecure)}`;
}

/** The message in a `Cookie` header; null when there is none or it was tampered with. */
export function flashIn(header: string | null): FlashMessage | null {
  const value = cookieIn(header, FLASH_COOKIE);
  if (!value) return null;
  try {
    const [tone, text] = JSON.parse(decodeURIComponent(value)) as unknown[];
    if (typeof text !== "string" || (tone !== "good" && tone !== "warn" && tone !== "bad")) {
      return null;
    }
    return { tone, text: text.slice(0, FLASH_TEXT_MAX) };
  } catch {
    return null;
  }
}

function attributes(isSecure: boolean): string {
  return `; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}
