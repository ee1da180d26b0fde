import { getLog } from "@/platform/log.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { AppMiddleware } from "../app_env.ts";
import { setResponseHeaders } from "./response_headers.ts";

export interface RequestIdOptions {
  newId: IdGenerator;
}

/** What proxies and clients use: UUIDs, ULIDs, hex. Nothing that could break out of a log line. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** W3C Trace Context, version 00: trace id, parent id, flags. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Takes the caller's `X-Request-Id` or trace id, or makes one; echoes it and puts it in the log. */
export function requestId(options: RequestIdOptions): AppMiddleware {
  const { newId } = options;
  const log = getLog("http");
  return async function requestId(c, next) {
    const traceId = traceIdOf(c.req.header("traceparent"));
    const given = c.req.header("x-request-id");
    const id = given && REQUEST_ID.test(given) ? given : traceId ?? newId();
    c.set("requestId", id);
    c.set("traceId", traceId);
    c.set("log", log.with(traceId ? { requestId: id, traceId } : { requestId: id }));
    await next();
    setResponseHeaders(c, [["x-request-id", id]]);
  };
}

function traceIdOf(traceparent: string | undefined): string | null {
  const [, traceId, parentId] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  const isValid = traceId !== undefined && /[^0]/.test(traceId) && /[^0]/.test(parentId ?? "");
  return isValid ? traceId : null;
}
