import type { AppMiddleware } from "../app_env.ts";
import { setResponseHeaders } from "./response_headers.ts";

/**
 * HEAD is answered by what answers GET, and the framework drops the body: its length is told as GET
 * would tell it, and an endless stream is ended, so that nobody goes on writing to it.
 */
export function headAnswers(): AppMiddleware {
  return async function headAnswers(c, next) {
    await next();
    const { body, headers } = c.res;
    if (c.req.method !== "HEAD" || body === null) return;
    if (headers.get("content-type")?.startsWith("text/event-stream")) return await body.cancel();
    const { byteLength } = await c.res.clone().arrayBuffer();
    setResponseHeaders(c, [["content-length", String(byteLength)]]);
  };
}
