/** Makes an ILIKE pattern that finds the text anywhere; its own wildcards are escaped.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { likePattern } from "@/services/like_pattern.ts";
 *
 * assertEquals(likePattern("50%_a\\b"), "%50\\%\\_a\\\\b%");
 * ```
 */
export function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
