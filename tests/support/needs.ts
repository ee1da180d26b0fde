/** Tests that need what may not be there: they are skipped with a reason that the runner prints. */

/** Name and `ignore` of such a test; CI forbids skips, so that the need must be met there.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { needs } from "@/tests/support/needs.ts";
 *
 * assertEquals(needs("REDIS_URL", false, "broker delivers in order"), {
 *   name: "broker delivers in order [needs REDIS_URL]",
 *   ignore: true,
 * });
 * ```
 */
export function needs(what: string, isThere: boolean, name: string) {
  return { name: isThere ? name : `${name} [needs ${what}]`, ignore: !isThere };
}
