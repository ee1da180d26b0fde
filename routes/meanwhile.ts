/** What callers hear while the process listens and the app is not there: before and after it. */

import { DomainError } from "@/domain/error.ts";
import { failureHeaders } from "./failure.ts";

/** A warm start takes less, a first one or a restart a few seconds. */
const RETRY_AFTER_SECONDS = 1;

/** Alive, but not ready; browsers ask again by themselves, clients on a new connection. */
export function answerMeanwhile(request: Request, state: "is starting" | "is stopping"): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/health/live") return Response.json({ status: "alive" });
  if (pathname === "/health/ready") return Response.json({ status: "not_ready" }, { status: 503 });
  const error = new DomainError("SERVICE_UNAVAILABLE", `Cannot answer now: Paceboard ${state}`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
  const headers = { ...failureHeaders(error), connection: "close", "cache-control": "no-store" };
  if (pathname.startsWith("/api/")) {
    const { code, message, status } = error;
    const failure = { success: false, error: { code, message, requestId: "" } };
    return Response.json(failure, { status, headers });
  }
  const refresh = String(RETRY_AFTER_SECONDS);
  return new Response(`Paceboard ${state}.\n`, {
    status: error.status,
    headers: { ...headers, refresh },
  });
}
