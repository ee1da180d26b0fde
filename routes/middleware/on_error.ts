import type { ErrorHandler } from "hono";
import type { DomainError } from "@/domain/error.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { failure, toDomainError } from "../failure.ts";
import { requestLog } from "./request_id.ts";

export interface OnErrorOptions {
  metrics: Pick<Metrics, "errors">;
  /** Answers a failure outside `/api` as a page; undefined falls back to the JSON envelope. */
  page?: (
    c: AppContext,
    error: DomainError,
  ) => Promise<Response | undefined> | Response | undefined;
}

/** The one handler of everything thrown: translates, counts, logs what is our fault, answers. */
export function onError(options: OnErrorOptions): ErrorHandler<AppEnv> {
  const { metrics, page } = options;
  return async function onError(thrown, c) {
    const error = toDomainError(thrown);
    const isOurs = error.status >= 500;
    c.set("errorCode", error.code);
    metrics.errors.inc({ type: error.code, severity: isOurs ? "error" : "warning" });
    if (isOurs) logFailure(c, thrown, error);
    const isPage = page !== undefined && !c.req.path.startsWith("/api/");
    return (isPage ? await page(c, error) : undefined) ?? failure(c, error);
  };
}

function logFailure(c: AppContext, thrown: unknown, error: DomainError): void {
  const log = requestLog(c);
  const where = { method: c.req.method, path: c.req.path };
  // A known refusal such as a full queue needs no stack; only the unknown is logged whole.
  if (thrown === error && error.code !== "INTERNAL_ERROR") {
    const why = { code: error.code, reason: error.message, cause: error.cause };
    log.warning("Refused: {reason}", { ...where, ...why });
  } else {
    log.error("Request failed", { ...where, error: thrown });
  }
}
