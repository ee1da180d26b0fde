/** The envelope of every answer, and the small schemas that all resources share. */

import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";

/** The largest page a list gives. */
export const PAGE_SIZE_MAX = 100;
/** The page a list gives when not asked. */
export const PAGE_SIZE_DEFAULT = 20;
/** Pages further than this are answered empty: nobody turns so many. */
export const PAGE_MAX = 100_000;

/**
 * An RFC 9562 UUID, in the small letters that the database gives: Swift and .NET write capitals, and
 * whoever compares the text would tell a person from themselves.
 */
export const Id = z.uuid().toLowerCase().describe("UUID");

/** An instant with its offset, e.g. `2026-05-01T07:00:00Z`. Answers are always UTC with milliseconds. */
export const Instant = z.iso.datetime({
  offset: true,
  error: "Instant must be ISO 8601 with its offset, like 2026-05-01T07:00:00Z",
}).meta({
  description: "ISO 8601 instant with offset; answers are in UTC",
  example: "2026-05-01T07:00:00.000Z",
});

/** Breaks lines, turns the direction of what follows, or is nothing that one sees. */
const NOT_PLAIN = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a text can stand in a list as it is: one line, visible, and harmless to its neighbours.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isPlainLine } from "@/contracts/envelope.ts";
 *
 * assertEquals(isPlainLine("Ñandú 李 🏃"), true);
 * assertEquals(isPlainLine("first\nsecond"), false);
 * assertEquals(isPlainLine("\u200B"), false);
 * ```
 */
export function isPlainLine(text: string): boolean {
  // That nothing was given is told by the shortest length.
  return text === "" || (VISIBLE.test(text) && !NOT_PLAIN.test(text));
}

/** What a refused line is told. */
export const PLAIN_LINE_FAULT = "Use one line of visible characters";

/** What a removal answers. */
export const Removed = z.object({
  id: Id.describe("Id of what is gone"),
}).meta({ id: "Removed", description: "What is gone" });

/** `page` and `page_size` of a list. */
export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).max(PAGE_MAX).default(1).describe("Page, counted from 1"),
  page_size: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE_DEFAULT)
    .describe("Items on a page"),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Where a page stands in its list. */
export const PageMeta = z.object({
  page: z.int().meta({ description: "The page that was given", example: 1 }),
  pageSize: z.int().meta({ description: "Items on a page", example: PAGE_SIZE_DEFAULT }),
  total: z.int().meta({ description: "Items on all pages", example: 41 }),
  totalPages: z.int().meta({ description: "Pages there are; 0 without items", example: 3 }),
  stale: z.literal(true).optional()
    .describe("Present while the database is away: the answer may be older than the truth"),
}).meta({ id: "PageMeta", description: "Where the page stands in its list" });
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
  field: z.string().meta({
    description: "Dotted path of the field; `body` or `query` for the whole of it",
    example: "scoring.dailyCap",
  }),
  code: z.string().meta({ description: "Which rule it breaks", example: "too_small" }),
  message: z.string().meta({
    description: "The same for people",
    example: "Too small: at least 1",
  }),
}).meta({ id: "ErrorDetail", description: "One fault of one field" });

/** Every failure. `details` names each faulty field of a VALIDATION_ERROR. */
export const Failure = z.object({
  success: z.literal(false).describe("Always false"),
  error: z.object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]])
      .describe("The most specific code; each has a page at /docs/errors/{code}"),
    message: z.string().meta({
      description: "What went wrong, for people; the words may change, the code does not",
      example: "Cannot join competition: it is full",
    }),
    details: z.array(ErrorDetail).optional().describe("The faulty fields of a VALIDATION_ERROR"),
    requestId: z.string().meta({
      description: "Names the request in the server's log",
      example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
    }),
  }).describe("What went wrong"),
}).meta({ id: "Failure", description: "Every failure has this shape" });

const SUCCESS = z.literal(true).describe("Always true");

/** The success envelope around one value. */
export function success<T extends z.ZodType>(data: T) {
  return z.object({ success: SUCCESS, data });
}

/** The success envelope around a page of values. */
export function successPage<T extends z.ZodType>(item: T) {
  return z.object({
    success: SUCCESS,
    data: z.array(item).describe("The items of the page"),
    meta: PageMeta,
  });
}
