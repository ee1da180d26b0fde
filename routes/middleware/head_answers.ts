import type { AppContext } from "../app_env.ts";
import { type FrameMiddleware, framing } from "./one_level.ts";
import { setResponseHeaders } from "./response_headers.ts";

/**
 * HEAD is answered by what answers GET, and the framework drops the body: its length is told as GET
 * would tell it, and an endless stream is ended, so that nobody goes on writing to it.
 */
export function headAnswers(): FrameMiddleware {
  // Any other answer's body is not even looked at: that would make a stream of a text.
  return framing((c) => () => c.req.method === "HEAD" ? measure(c) : undefined);
}

async function measure(c: AppContext): Promise<void> {
  const { body, headers } = c.res;
  if (body === null) return;
  if (headers.get("content-type")?.startsWith("text/event-stream")) return await body.cancel();
  const { byteLength } = await c.res.clone().arrayBuffer();
  setResponseHeaders(c, [["content-length", String(byteLength)]]);
}
