/** The success envelope: every handler answers through `ok` or `okPage`. */

import { Buffer } from "node:buffer";
import type { Context, TypedResponse } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { JSONValue } from "hono/utils/types";
import { type Page, type PageMeta, pageMeta } from "@/contracts/envelope.ts";

/** A value as JSON carries it: bigint and Date become strings, the unknown any JSON. */
export type Wire<T> = unknown extends T ? JSONValue
  : T extends bigint | Date ? string
  : T extends readonly (infer E)[] ? Wire<E>[]
  : T extends object ? { [K in keyof T]: Wire<T[K]> }
  : T;

type Answer<Body, S extends ContentfulStatusCode> = Response & TypedResponse<Body, S, "json">;

/** Answers `{success: true, data}`, with `meta` when given; bigint and Date go out as strings. */
export function ok<T>(c: Context, data: T): Answer<{ success: true; data: Wire<T> }, 200>;
export function ok<T, S extends ContentfulStatusCode>(
  c: Context,
  data: T,
  status: S,
): Answer<{ success: true; data: Wire<T> }, S>;
export function ok<T, S extends ContentfulStatusCode, M extends object>(
  c: Context,
  data: T,
  status: S,
  meta: M,
): Answer<{ success: true; data: Wire<T>; meta: Wire<M> }, S>;
export function ok(
  c: Context,
  data: unknown,
  status?: ContentfulStatusCode,
  meta?: object,
): Response {
  const body = meta === undefined ? { success: true, data } : { success: true, data, meta };
  return json(c, body, status ?? 200);
}

/** Answers one page of a list with its `meta`. */
export function okPage<T>(
  c: Context,
  page: Page<T>,
): Answer<{ success: true; data: Wire<T>[]; meta: PageMeta }, 200> {
  const body = { success: true, data: page.items, meta: pageMeta(page) };
  return json(c, body, 200) as Answer<{ success: true; data: Wire<T>[]; meta: PageMeta }, 200>;
}

function json(c: Context, body: unknown, status: ContentfulStatusCode): Response {
  const text = stringify(body);
  c.set("responseBytes", Buffer.byteLength(text));
  return c.body(text, status, { "content-type": "application/json" });
}

/** A replacer would make every answer about three times slower, and few carry a bigint. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}` : part);
  }
}
