/** Keyboard shortcuts of one or two keys, e.g. `/` and `g c`. */

/** A shortcut and what it is for. */
export interface Shortcut {
  /** Keys in their order, separated by a space. */
  keys: string;
  label: string;
}

/** Feeds one key: either a shortcut is complete, or the keys so far may become one.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pressKey } from "@/components/frame/key_path.ts";
 *
 * const all = [{ keys: "/", label: "Search" }, { keys: "g c", label: "Competitions" }];
 * assertEquals(pressKey(all, "", "g"), { pending: "g" });
 * assertEquals(pressKey(all, "g", "c").hit?.label, "Competitions");
 * assertEquals(pressKey(all, "g", "/").hit?.label, "Search");
 * ```
 */
export function pressKey<S extends Shortcut>(
  shortcuts: readonly S[],
  pending: string,
  key: string,
): { pending: string; hit?: S } {
  for (const path of pending ? [`${pending} ${key}`, key] : [key]) {
    const hit = shortcuts.find(({ keys }) => keys === path);
    if (hit) return { pending: "", hit };
    if (shortcuts.some(({ keys }) => keys.startsWith(`${path} `))) return { pending: path };
  }
  return { pending: "" };
}
