import { DomainError } from "@/domain/error.ts";
import type { AppContext, AppMiddleware } from "../app_env.ts";
import { readWithin } from "./body_stream.ts";
import { parseStrictJson } from "./json_scan.ts";

export interface JsonGuardOptions {
  /** How long the body may take, besides the time its size needs. */
  timeoutMs: number;
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** Reads and parses JSON bodies once, strictly; `c.req.json()` then gives the parsed value. */
export function jsonGuard(options: JsonGuardOptions): AppMiddleware {
  const { timeoutMs } = options;
  return async function jsonGuard(c, next) {
    const { body } = c.req.raw;
    if (body === null || !JSON_TYPE.test(c.req.header("content-type") ?? "")) return await next();
    const text = decode(await readWithin(c.req.raw, timeoutMs));
    // Many clients send the type with every POST: no text at all counts as no fields.
    remember(c, text, text === "" ? {} : parseStrictJson(text));
    await next();
  };
}

/** The body was read here, so later readers get it from the request's own cache. */
function remember(c: AppContext, text: string, value: unknown): void {
  // Hono keeps promises there, whatever its types say.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
  // Hono would parse its cached text at each call.
  Object.defineProperty(c.req, "json", { value: () => Promise.resolve(value) });
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DomainError("BAD_REQUEST", "Cannot read the body: it is not UTF-8", { cause });
  }
}
