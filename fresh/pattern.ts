const GROUP = /^\(.*\)$/;
const SEGMENTS: readonly [syntax: RegExp, pattern: string][] = [
  [/^\[\[(\w+)\]\]$/, ":$1?"],
  [/^\[\.\.\.(\w+)\]$/, ":$1{.+}"],
  [/^\[(\w+)\]$/, ":$1"],
];

/** Turns a path of `routes/` without its extension into a URL pattern of Hono's router.
 * @example Groups and `index` leave no trace
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toPattern } from "@/fresh/pattern.ts";
 * assertEquals(toPattern("(panel)/users/[id]/index"), "/users/:id");
 * ```
 */
export function toPattern(routeId: string): string {
  const segments = routeId.split("/").filter((segment) => segment && !GROUP.test(segment));
  if (segments.at(-1) === "index") segments.pop();
  return "/" + segments.map((segment) => segmentPattern(segment, routeId)).join("/");
}

function segmentPattern(segment: string, routeId: string): string {
  for (const [syntax, pattern] of SEGMENTS) {
    if (syntax.test(segment)) return segment.replace(syntax, pattern);
  }
  if (/[[\]:*{}?]/.test(segment)) {
    throw new TypeError(`Cannot route "${routeId}": segment "${segment}" is not understood`);
  }
  return segment;
}

/** Orders patterns so that the first match is the right one: static, `:id`, `:id?`, `:rest{.+}`.
 * @example The static page comes first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { comparePatterns } from "@/fresh/pattern.ts";
 * assertEquals(["/c/:slug", "/c/new"].sort(comparePatterns), ["/c/new", "/c/:slug"]);
 * ```
 */
export function comparePatterns(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let i = 1; i < Math.max(left.length, right.length); i++) {
    const byRank = segmentRank(left[i]) - segmentRank(right[i]);
    if (byRank !== 0) return byRank;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function segmentRank(segment: string | undefined): number {
  if (segment === undefined) return 0;
  if (!segment.startsWith(":")) return 1;
  return segment.endsWith("{.+}") ? 4 : segment.endsWith("?") ? 3 : 2;
}

/** How many leading segments of the path the folder's pattern covers; -1 where it does not match. */
export function coveredSegments(pattern: string, pathname: string): number {
  const wanted = pattern.split("/").filter(Boolean);
  const given = pathname.split("/").filter(Boolean);
  const matches = wanted.every((segment, i) =>
    given[i] !== undefined && (segment.startsWith(":") || segment === given[i])
  );
  return matches ? wanted.length : -1;
}

/** True for `(group)` folders, which are no part of the URL. */
export function isGroup(folderId: string): boolean {
  return GROUP.test(folderId.split("/").at(-1) ?? "");
}
