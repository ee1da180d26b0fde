/** The state of a list lives in its URL: search, filters, sort and page. */

/** What a list is asked for; undefined and empty values stay out of the URL. */
export type ListState = Record<string, string | number | undefined>;

/** The address of a list with some of its state changed; any change but of the page returns to page 1.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listHref } from "@/components/list_url.ts";
 *
 * const now = { q: "cup", phase: undefined, page: 3 };
 * assertEquals(listHref("/admin/competitions", now, { page: 4 }), "/admin/competitions?q=cup&page=4");
 * assertEquals(listHref("/admin/competitions", now, { q: undefined }), "/admin/competitions");
 * ```
 */
export function listHref(path: string, state: ListState, change: ListState): string {
  const page = "page" in change ? change.page : undefined;
  const merged: ListState = { ...state, ...change, page: page === 1 ? undefined : page };
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(merged)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  const query = params.toString();
  return query === "" ? path : `${path}?${query}`;
}

/** Sort by a column: the other way round when it is the present one. */
export function nextOrder(
  column: string,
  now: { sort: string; order: "asc" | "desc" },
  first: "asc" | "desc" = "asc",
): "asc" | "desc" {
  if (now.sort !== column) return first;
  return now.order === "asc" ? "desc" : "asc";
}
