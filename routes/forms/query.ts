/** List state from the URL: what cannot be understood is left out, because a link should always open. */

import type { z } from "zod";

/** Parses search parameters; empty and faulty ones fall back to the schema's defaults.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 * import { queryOf } from "@/routes/forms/query.ts";
 *
 * const schema = z.object({ page: z.coerce.number().int().default(1), q: z.string().optional() });
 * assertEquals(queryOf(schema, new URLSearchParams("page=x&q=cup")), { page: 1, q: "cup" });
 * ```
 */
export function queryOf<T extends z.ZodType>(schema: T, params: URLSearchParams): z.infer<T> {
  const given = Object.fromEntries([...params].filter(([, value]) => value !== ""));
  const first = schema.safeParse(given);
  if (first.success) return first.data;
  for (const { path } of first.error.issues) delete given[String(path[0])];
  return schema.parse(given);
}
