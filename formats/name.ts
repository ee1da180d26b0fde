import { NAME_CHARS_MAX } from "./limits.ts";

/** A device or app name as a file gives it, made safe to store: no control characters, trimmed, cut.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameFrom } from "@/formats/name.ts";
 *
 * assertEquals(nameFrom("  eTrex\n20x "), "eTrex 20x");
 * assertEquals(nameFrom(" "), undefined);
 * ```
 */
export function nameFrom(text: string | undefined): string | undefined {
  // Cut first: the replacement below then never works through a hostile megabyte.
  const words = text?.slice(0, 4 * NAME_CHARS_MAX).toWellFormed().replace(/[\p{Cc}\s]+/gu, " ");
  return words?.trim().slice(0, NAME_CHARS_MAX).toWellFormed().trim() || undefined;
}
