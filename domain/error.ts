/**
 * The one error class and the one table of codes: every failure a client may see is named here
 * with its HTTP status. Anything thrown that is not a `DomainError` is answered as INTERNAL_ERROR.
 *
 * @module
 */

/** Code → HTTP status. Public: each code has a page under `/docs/errors/`. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  VALIDATION_ERROR: 400,
  IMPORT_REJECTED: 400,
  INVALID_SIGNATURE: 400,
  UNAUTHORIZED: 401,
  INVALID_CREDENTIALS: 401,
  TOKEN_EXPIRED: 401,
  INVALID_TOKEN: 401,
  INSUFFICIENT_FUNDS: 402,
  PAYMENT_REFUSED: 402,
  FORBIDDEN: 403,
  CSRF_FAILED: 403,
  SIGN_UP_CLOSED: 403,
  ACCOUNT_SUSPENDED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  EMAIL_TAKEN: 409,
  SLUG_TAKEN: 409,
  COMPETITION_FULL: 409,
  TEAM_FULL: 409,
  TEAM_NAME_TAKEN: 409,
  CHOICE_LOCKED: 409,
  REGISTRATION_CLOSED: 409,
  ENTRY_REFUSED: 409,
  NOT_STARTED: 409,
  ALREADY_ENDED: 409,
  ALREADY_FINAL: 409,
  RESULT_BLOCKED: 409,
  NOT_PUBLISHED: 409,
  ALREADY_PUBLISHED: 409,
  RULES_LOCKED: 409,
  COMPETITION_CANCELLED: 409,
  NOT_A_PARTICIPANT: 409,
  PARTICIPANT_DISQUALIFIED: 409,
  SELF_REPORT_DISABLED: 403,
  LAST_ADMIN: 409,
  ORDER_STATE: 409,
  NOT_FINAL: 409,
  NO_PRIZES: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  CIRCUIT_OPEN: 503,
  SERVICE_UNAVAILABLE: 503,
} as const;

/** A code a client can rely on. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** One fault of one field of the input; `field` is a dotted path (`scoring.dailyCap`). */
export interface ErrorDetail {
  field: string;
  code: string;
  message: string;
}

/** The limit that refused a call: so many in so many seconds. */
export interface RefusingLimit {
  name: string;
  quota: number;
  windowSeconds: number;
}

/** Options of a `DomainError`. */
export interface DomainErrorOptions extends ErrorOptions {
  details?: readonly ErrorDetail[];
  /** Seconds after which the caller may try again (`Retry-After`). */
  retryAfterSeconds?: number;
  /** Named in the `RateLimit` fields of the answer. */
  limit?: RefusingLimit;
}

/** A failure that has a meaning for the caller; `message` is safe to show. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly limit: RefusingLimit | undefined;

  constructor(readonly code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options);
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Builds a VALIDATION_ERROR about one field.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { invalid } from "@/domain/error.ts";
 *
 * const error = invalid("score", "too_big", "Score must be at most 9007199254740991");
 * assertEquals(error.status, 400);
 * assertEquals(error.details?.[0]?.field, "score");
 * ```
 */
export function invalid(field: string, code: string, message: string): DomainError {
  return new DomainError("VALIDATION_ERROR", message, { details: [{ field, code, message }] });
}
