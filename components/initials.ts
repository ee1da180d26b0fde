/** Stand-ins for a picture: initials on one of eight colours. */

/** How many avatar colours the stylesheet has. */
const HUES = 8;

/** First letters of the first and the last word of a name.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialsOf } from "@/components/initials.ts";
 *
 * assertEquals(initialsOf("Mira Anna Koskela"), "MK");
 * assertEquals(initialsOf("élodie"), "É");
 * ```
 */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => [...word ?? ""][0] ?? "").join("").toUpperCase();
}

/** The colour of an identity: the same on every page and server. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum % HUES;
}
