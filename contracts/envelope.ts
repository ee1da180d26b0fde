/** The envelope of every answer, and the small schemas that all resources share. */

import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";

/** The largest page a list gives. */
export const PAGE_SIZE_MAX = 100;
/** The page a list gives when not asked. */
export const PAGE_SIZE_DEFAULT = 20;
/** Pages further than this are answered empty: nobody turns so many. */
export const PAGE_MAX = 100_000;

/** An RFC 9562 UUID. */
export const Id = z.uuid();

/** An instant with its offset, e.g. `2026-05-01T07:00:00Z`. Answers are always UTC with milliseconds. */
export const Instant = z.iso.datetime({ offset: true }).meta({
  description: "ISO 8601 instant with offset; answers are in UTC",
  example: "2026-05-01T07:00:00.000Z",
});

/** `page` and `page_size` of a list. */
export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).max(PAGE_MAX).default(1),
  page_size: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE_DEFAULT),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Where a page stands in its list. */
export const PageMeta = z.object({
  page: z.int(),
  pageSize: z.int(),
  total: z.int(),
  totalPages: z.int(),
  stale: z.literal(true).optional(),
}).meta({ id: "PageMeta" });
export type PageMeta = z.infer<typeof PageMeta>;

/** A page of a list as services give it. */
export interface Page<T> {
  items: T[];
  page: number;
  pageSize: number;
  total: number;
}

/** Makes the `meta` of a page.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pageMeta } from "@/contracts/envelope.ts";
 *
 * assertEquals(pageMeta({ items: [], page: 1, pageSize: 20, total: 41 }).totalPages, 3);
 * ```
 */
export function pageMeta(page: Page<unknown>): PageMeta {
  return {
    page: page.page,
    pageSize: page.pageSize,
    total: page.total,
    totalPages: Math.ceil(page.total / page.pageSize),
  };
}

export const ErrorDetail = z.object({
  field: z.string(),
  code: z.string(),
  message: z.string(),
}).meta({ id: "ErrorDetail" });

/** Every failure. `details` names each faulty field of a VALIDATION_ERROR. */
export const Failure = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    details: z.array(ErrorDetail).optional(),
    requestId: z.string(),
  }),
}).meta({ id: "Failure" });

/** The success envelope around one value. */
export function success<T extends z.ZodType>(data: T) {
  return z.object({ success: z.literal(true), data });
}

/** The success envelope around a page of values. */
export function successPage<T extends z.ZodType>(item: T) {
  return z.object({ success: z.literal(true), data: z.array(item), meta: PageMeta });
}
