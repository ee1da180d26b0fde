import type { IdGenerator } from "@/platform/id.ts";
import { getLog, type Logger } from "@/platform/log.ts";
import type { AppContext } from "../app_env.ts";
import type { RequestFields } from "../request_fields.ts";
import { type FrameMiddleware, framing } from "./one_level.ts";
import { setResponseHeaders } from "./response_headers.ts";

export interface RequestIdOptions {
  newId: IdGenerator;
}

/**
 * What proxies and clients use: UUIDs, ULIDs, hex. Nothing that could break out of a log line, and
 * no token that got into the wrong field.
 */
const REQUEST_ID = /^(?!eyJ)[\w.:-]{1,128}$/;
/** W3C Trace Context, version 00: trace id, parent id, flags. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** How a request is told apart from others. */
export interface RequestIds {
  requestId: string;
  /** The W3C trace id of `traceparent`, when the caller sent a valid one. */
  traceId: string | null;
}

/** Where the id comes and goes. */
export const REQUEST_ID_FIELD = "x-request-id";

/** Takes the caller's `X-Request-Id` or trace id, or makes one, and echoes it. */
export function requestId(options: RequestIdOptions): FrameMiddleware {
  return framing((c) => {
    const { requestId, traceId } = c.env?.begun ?? requestIdsOf(c.req.raw.headers, options.newId);
    c.set("requestId", requestId);
    c.set("traceId", traceId);
    return () => setResponseHeaders(c, [[REQUEST_ID_FIELD, requestId]]);
  });
}

/** The ids that a request brought, or a new one. */
export function requestIdsOf(headers: RequestFields, newId: IdGenerator): RequestIds {
  const traceId = traceIdOf(headers.get("traceparent"));
  const given = headers.get(REQUEST_ID_FIELD);
  const requestId = given && REQUEST_ID.test(given) ? given : traceId ?? newId();
  return { requestId, traceId };
}

/** The log of requests, whose lines carry the id of this one. */
export function requestLog(c: AppContext): Logger {
  const traceId = c.get("traceId") ?? undefined;
  const requestId = c.get("requestId") ?? undefined;
  return getLog("http").with({ ...(requestId && { requestId }), ...(traceId && { traceId }) });
}

function traceIdOf(traceparent: string | null): string | null {
  if (traceparent === null) return null;
  const [, traceId, parentId] = TRACEPARENT.exec(traceparent) ?? [];
  const isValid = traceId !== undefined && /[^0]/.test(traceId) && /[^0]/.test(parentId ?? "");
  return isValid ? traceId : null;
}
