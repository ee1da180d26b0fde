/** The failure envelope: whatever was thrown becomes a code, a safe message and an HTTP answer. */

import { Buffer } from "node:buffer";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ZodError } from "zod";
import {
  DomainError,
  type ErrorCode,
  type ErrorDetail,
  type RefusingLimit,
} from "@/domain/error.ts";
import type { AppContext } from "./app_env.ts";

/** Faults of one input that are worth naming; a client fixes a few at a time. */
const DETAILS_MAX = 50;
/** What a client waits after a 503 that does not say better. */
const UNAVAILABLE_RETRY_SECONDS = 5;

/** Codes of statuses that frameworks throw. */
const CODE_BY_STATUS: Record<number, ErrorCode> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  429: "RATE_LIMIT_EXCEEDED",
  503: "SERVICE_UNAVAILABLE",
};

const SAFE_MESSAGES: Partial<Record<ErrorCode, string>> = {
  INTERNAL_ERROR: "Something went wrong on our side",
  SERVICE_UNAVAILABLE: "The service is not available now",
};

/** Translates anything thrown; what has no meaning for the caller becomes INTERNAL_ERROR. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof ZodError) return validationError(error);
  const status = statusOf(error);
  const code = status === undefined ? "INTERNAL_ERROR" : CODE_BY_STATUS[status] ?? "INTERNAL_ERROR";
  const message = SAFE_MESSAGES[code] ?? (error instanceof Error ? error.message : "");
  return new DomainError(code, message || "Cannot answer this request", { cause: error });
}

/** Frameworks throw errors that name a status; their messages below 500 are made for the caller. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HTTPException) return error.status;
  if (!(error instanceof Error) || error.name !== "HttpError") return undefined;
  return "status" in error && typeof error.status === "number" ? error.status : undefined;
}

/** A VALIDATION_ERROR with one detail for each faulty field; `whole` names faults of no one field. */
export function validationError(error: Pick<ZodError, "issues">, whole = "body"): DomainError {
  const details = error.issues.flatMap((issue) => detailsOf(issue, whole)).slice(0, DETAILS_MAX);
  const [first] = details;
  const message = details.length === 1 && first ? `${first.field}: ${first.message}` : undefined;
  const count = error.issues.length;
  return new DomainError("VALIDATION_ERROR", message ?? `${count} fields are not valid`, {
    details,
    cause: error,
  });
}

type Issue = ZodError["issues"][number];

function detailsOf(issue: Issue, whole: string): ErrorDetail[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: [...path, key].join("."),
      code: "unrecognized_key",
      message: "This field is not known",
    }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [{
    field: path.join(".") || whole,
    code: isMissing ? "required" : issue.code,
    message: isMissing ? "This field is required" : messageOf(issue),
  }];
}

/** What is no number in an address was a word, or stands there twice. */
function messageOf({ code, message }: Issue): string {
  const isNoNumber = code === "invalid_type" && message.endsWith("received NaN");
  return isNoNumber ? "Must be a number, given once" : message;
}

/** Answers a failure in the envelope, with its page and its waiting time in the head. */
export function failure(c: AppContext, error: DomainError): Response {
  const { code, message, details } = error;
  const requestId = c.get("requestId") ?? "";
  const body = { code, message, ...(details ? { details } : {}), requestId };
  const headers = { "content-type": "application/json", ...failureHeaders(error) };
  const text = JSON.stringify({ success: false, error: body });
  c.set("responseBytes", Buffer.byteLength(text));
  return c.body(text, error.status as ContentfulStatusCode, headers);
}

/** The header fields of a failure, for answers that are not JSON too. */
export function failureHeaders(error: DomainError): Record<string, string> {
  const seconds = error.retryAfterSeconds ??
    (error.status === 503 ? UNAVAILABLE_RETRY_SECONDS : undefined);
  return {
    link: `</docs/errors/${error.code}>; rel="help"`,
    ...(seconds === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(seconds))) }),
    ...(error.limit ? limitFields(error.limit, seconds ?? error.limit.windowSeconds) : {}),
    ...(error.status === 401 ? { "www-authenticate": challenge(error.code) } : {}),
  };
}

/** What the caller ran into, in place of a wider limit that still has room. */
function limitFields({ name, quota, windowSeconds }: RefusingLimit, seconds: number) {
  return {
    "ratelimit-policy": `"${name}";q=${quota};w=${windowSeconds}`,
    "ratelimit": `"${name}";r=0;t=${Math.max(1, Math.ceil(seconds))}`,
  };
}

/** RFC 6750: a token that was presented and refused is named so. */
function challenge(code: ErrorCode): string {
  const isTokenFault = code === "TOKEN_EXPIRED" || code === "INVALID_TOKEN";
  return isTokenFault
    ? `Bearer realm="paceboard", error="invalid_token"`
    : `Bearer realm="paceboard"`;
}
