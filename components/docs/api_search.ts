/** Finding operations by words. */

/** What of an operation is searched. */
export interface Searchable {
  id: string;
  method: string;
  path: string;
  summary: string;
}

/** Whether every word of the search stands in the operation's method, path, summary or id.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matchesSearch } from "@/components/docs/api_search.ts";
 *
 * const join = {
 *   id: "joinCompetition",
 *   method: "POST",
 *   path: "/api/v1/competitions/{id}/join",
 *   summary: "Join",
 * };
 * assertEquals(matchesSearch(join, "post comp"), true);
 * assertEquals(matchesSearch(join, "get comp"), false);
 * ```
 */
export function matchesSearch(operation: Searchable, search: string): boolean {
  const { id, method, path, summary } = operation;
  const text = `${method} ${path} ${summary} ${id}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** The groups with the operations that match; groups without any are left out. */
export function searchGroups<O extends Searchable, G extends { operations: O[] }>(
  groups: readonly G[],
  search: string,
): G[] {
  return groups.flatMap((group) => {
    const operations = group.operations.filter((operation) => matchesSearch(operation, search));
    return operations.length > 0 ? [{ ...group, operations }] : [];
  });
}
