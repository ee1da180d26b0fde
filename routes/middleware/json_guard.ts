import { DomainError } from "@/domain/error.ts";
import type { AppContext } from "../app_env.ts";
import { readWithin } from "./body_stream.ts";
import { parseStrictJson } from "./json_scan.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

export interface JsonGuardOptions {
  /** How long the body may take, besides the time its size needs. */
  timeoutMs: number;
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** Reads and parses JSON bodies once, strictly; `c.req.json()` then gives the parsed value. */
export function jsonGuard(options: JsonGuardOptions): CheckMiddleware {
  const { timeoutMs } = options;
  return checking((c) => isJsonBody(c.req.raw) ? read(c, timeoutMs) : undefined);
}

/** Tells whether the body is one that `jsonGuard` reads. */
export function isJsonBody(request: Request): boolean {
  const { method, headers } = request;
  if (method === "GET" || method === "HEAD") return false;
  if (!JSON_TYPE.test(headers.get("content-type") ?? "")) return false;
  // To look at a body is to make a stream of it, so that a declared one is believed.
  return headers.has("content-length") || request.body !== null;
}

async function read(c: AppContext, timeoutMs: number): Promise<void> {
  const text = await (c.env?.begun?.body ?? readText(c.req.raw, timeoutMs));
  remember(c, text, parseBody(text));
}

/** The text of a body of a declared, already checked size. Fails with `BAD_REQUEST`. */
export async function readText(request: Request, timeoutMs: number): Promise<string> {
  return decode(await readWithin(request, timeoutMs));
}

/** What the text of a body says. Fails as `parseStrictJson`. */
export function parseBody(text: string): unknown {
  // Many clients send the type with every POST: no text at all counts as no fields.
  return text === "" ? {} : parseStrictJson(text);
}

/** The body was read here, so later readers get it from the request's own cache. */
function remember(c: AppContext, text: string, value: unknown): void {
  // Hono keeps promises there, whatever its types say.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
  // Hono would parse its cached text at each call.
  c.req.json = () => Promise.resolve(value) as Promise<never>;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new DomainError("BAD_REQUEST", "Cannot read the body: it is not UTF-8", { cause });
  }
}
