/** What callers hear between listening and the app's being there. */

import { DomainError } from "@/domain/error.ts";
import { failureHeaders } from "./failure.ts";

/** A warm start takes less, a first one a few seconds. */
const RETRY_AFTER_SECONDS = 1;

/** Alive, but not ready; browsers ask again by themselves. */
export function answerWhileStarting(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/health/live") return Response.json({ status: "alive" });
  if (pathname === "/health/ready") return Response.json({ status: "not_ready" }, { status: 503 });
  const error = new DomainError("SERVICE_UNAVAILABLE", "Cannot answer yet: Paceboard is starting", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
  const init = { status: error.status, headers: failureHeaders(error) };
  if (pathname.startsWith("/api/")) {
    const { code, message } = error;
    return Response.json({ success: false, error: { code, message, requestId: "" } }, init);
  }
  const refresh = { refresh: String(RETRY_AFTER_SECONDS) };
  return new Response("Paceboard is starting …\n", {
    ...init,
    headers: { ...init.headers, ...refresh },
  });
}
