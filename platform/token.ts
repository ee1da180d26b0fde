/** Opaque tokens: random text for the client, its hash for the database. */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { sha256Hex } from "./sha256.ts";

/** 256 random bits: nobody guesses one, so that a fast hash suffices for storage. */
const TOKEN_BYTES = 32;

/** Makes a new opaque token of 43 URL-safe characters. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** The SHA-256 of a token in hex (64 characters): what the database keeps instead of it.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashToken } from "@/platform/token.ts";
 *
 * assertEquals(hashToken("a").slice(0, 8), "ca978112");
 * ```
 */
export function hashToken(token: string): string {
  return sha256Hex(token);
}

/** Compares two secrets in a time that does not tell where they differ.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isSameSecret } from "@/platform/token.ts";
 *
 * assert(isSameSecret("abc", "abc"));
 * assert(!isSameSecret("abc", "abcd"));
 * ```
 */
export function isSameSecret(given: string, expected: string): boolean {
  // Hashing first makes both the same length, which timingSafeEqual demands.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
