import type { BodyLimits } from "@/platform/config.ts";
import type { RequestFields } from "../request_fields.ts";
import { boundBody, tooLarge } from "./body_stream.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

/** The largest body of the paths a pattern matches. */
export interface BodyRule {
  path: RegExp;
  bytesMax: number;
}

export interface BodyLimitOptions {
  /** The first rule that matches the path decides. */
  rules: readonly BodyRule[];
  /** For every other path. */
  defaultBytes: number;
  timeoutMs: number;
}

/** Boundaries and part heads of a multipart body, besides the file itself. */
const MULTIPART_OVERHEAD = 64 * 1024;

/** Larger than any event that a gateway writes. */
const WEBHOOK_BYTES_MAX = 256 * 1024;

/** The rules of the API's own paths, and of the pages that upload files. */
export function bodyRules(limits: BodyLimits): BodyRule[] {
  return [
    { path: /^\/api\/v1\/leaderboard\/update\/batch$/, bytesMax: limits.batchBytes },
    { path: /^\/(api\/v1\/)?webhooks\/stripe$/, bytesMax: WEBHOOK_BYTES_MAX },
    { path: /^\/api\/v1\/fitness\/sync$/, bytesMax: limits.syncBytes },
    {
      path: /^\/(api\/v1\/fitness\/import|me\/(upload|share))\/?$/,
      bytesMax: limits.importBytes + MULTIPART_OVERHEAD,
    },
    {
      path: /^\/api\/v1\/users\/[^/]+\/avatar$/,
      bytesMax: limits.avatarBytes + MULTIPART_OVERHEAD,
    },
  ];
}

/** Refuses bodies that are declared too large at once, and others when they become so or stall. */
export function bodyLimit(options: BodyLimitOptions): CheckMiddleware {
  const { timeoutMs } = options;
  return checking((c) => {
    const { raw } = c.req;
    if (raw.method === "GET" || raw.method === "HEAD") return;
    const bytesMax = bytesMaxOf(options, c.req.path);
    const declared = declaredLength(raw.headers);
    if (declared !== undefined && declared > bytesMax) throw tooLarge(bytesMax);
    // `jsonGuard` reads a JSON body of declared size in one go, with a deadline of its own: a
    // stream around it would cost more than the rest of the request.
    if (declared !== undefined && isJson(raw.headers)) return;
    if (raw.body === null) return;
    const body = boundBody(raw.body, { bytesMax, timeoutMs });
    // A copy of the request as such would take its signal, which Deno warns of at each start.
    const { url, method, headers } = raw;
    c.req.raw = new Request(url, { method, headers, body });
  });
}

/** The largest body that a path takes. */
export function bytesMaxOf(
  { rules, defaultBytes }: Pick<BodyLimitOptions, "rules" | "defaultBytes">,
  path: string,
): number {
  return rules.find((rule) => rule.path.test(path))?.bytesMax ?? defaultBytes;
}

/** The server holds a body to its Content-Length, unless it comes in chunks. */
export function declaredLength(headers: RequestFields): number | undefined {
  const length = headers.get("content-length");
  if (length === null || headers.get("transfer-encoding") !== null) return undefined;
  return /^\d{1,15}$/.test(length) ? Number(length) : Infinity;
}

function isJson(headers: Headers): boolean {
  return /^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "");
}
