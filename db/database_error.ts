/**
 * Database faults in the words of the domain. What PostgreSQL says holds table names and values of
 * rows, so none of it goes into a message; it stays in `cause` for the log.
 *
 * @module
 */

import { DomainError, type ErrorCode } from "@/domain/error.ts";

/** What the breaking of a constraint means to the caller. */
export type ConstraintFault = ErrorCode | { code: ErrorCode; message: string };

/** Constraint name → meaning. */
export type ConstraintFaults = Readonly<Record<string, ConstraintFault>>;

/** A restart or failover takes about this long. */
const RETRY_AFTER_SECONDS = 5;

/** Two transactions that met: the loser may come again at once. */
const RETRY_AFTER_CONFLICT_SECONDS = 1;

/** Serialisation failure and deadlock: the transaction did nothing and may be run again. */
const MET_ANOTHER = /^(40001|40P01)$/;

/**
 * No connection, no rights to connect, no resources, shutting down, read-only after a failover, given
 * up because this process stood still in its transaction.
 */
const IS_AWAY = /^(08...|28...|3D000|53...|57P0.|58...|25006|25P03|55P03|57014)$/;

/** Codes of the socket and of the driver; this machine's own shortage of sockets is no other case. */
const IS_CUT_OFF =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EMFILE|ENFILE|ENOBUFS|EADDRNOTAVAIL|CONNECT_TIMEOUT|CONNECTION_CLOSED|CONNECTION_DESTROYED|CONNECTION_ENDED)$/;

/** Values that the column cannot hold: text as uuid or number, NUL, number or date out of range. */
const IS_UNREADABLE = /^(22P02|22P03|22P05|22003|22007|22008|22021|22001|22023)$/;

const UNIQUE_VIOLATION = "23505";
const CONSTRAINT_VIOLATION = /^23...$/;

/** Whether running the same transaction again may succeed. */
export function mayRetryTransaction(error: unknown): boolean {
  return MET_ANOTHER.test(codeOf(error));
}

/** Whether the database could not be reached, as opposed to having refused something. */
export function isConnectionFault(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "CONNECTION_ENDED") return false; // This process closed its pool.
  return IS_CUT_OFF.test(code) || /^(08...|53...|57P0.)$/.test(code);
}

/** Whether the database is away or too slow to be of use, whether the fault was translated or not. */
export function isAwayFault(error: unknown): boolean {
  const isTranslated = error instanceof DomainError;
  return isConnectionFault(isTranslated ? error.cause : error);
}

/** The client's own patience ended: of a statement, of a commit, or of waiting for a connection. */
export function noAnswerInTime(): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the database: no answer in time", {
    cause: Object.assign(new Error("No answer in time"), { code: "ETIMEDOUT" }),
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** Whether the connection that a statement failed on is gone with it. */
export function endsSession(error: unknown): boolean {
  const fault = rootFault(error);
  const severity = "severity" in fault ? fault.severity : undefined;
  return severity === "FATAL" || severity === "PANIC" || IS_CUT_OFF.test(codeOf(fault));
}

/**
 * Translates a fault of the database into a `DomainError`; anything else, and a broken constraint
 * that nobody named, comes back as it is, for those are mistakes of the program.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { translateDatabaseError } from "@/db/database_error.ts";
 * import type { DomainError } from "@/domain/error.ts";
 *
 * const fault = { code: "23505", constraint_name: "users_email_key" };
 * const error = translateDatabaseError(fault, { users_email_key: "EMAIL_TAKEN" });
 * assertEquals((error as DomainError).code, "EMAIL_TAKEN");
 * ```
 */
export function translateDatabaseError(
  error: unknown,
  constraints: ConstraintFaults = {},
): unknown {
  if (error instanceof DomainError) return error;
  const cause = rootFault(error);
  const code = codeOf(cause);
  if (CONSTRAINT_VIOLATION.test(code)) return constraintError(error, cause, constraints);
  if (IS_CUT_OFF.test(code) || IS_AWAY.test(code)) {
    return new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the database: try again later", {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  if (MET_ANOTHER.test(code)) {
    return new DomainError("SERVICE_UNAVAILABLE", "Cannot save: another change came between", {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_CONFLICT_SECONDS,
    });
  }
  if (!IS_UNREADABLE.test(code)) return error;
  return new DomainError("BAD_REQUEST", "Cannot read a value of the request", { cause: error });
}

function constraintError(
  error: unknown,
  cause: object,
  constraints: ConstraintFaults,
): unknown {
  const name = "constraint_name" in cause ? String(cause.constraint_name) : "";
  const fault = Object.hasOwn(constraints, name) ? constraints[name] : undefined;
  if (typeof fault === "object") {
    return new DomainError(fault.code, fault.message, { cause: error });
  }
  if (fault) return new DomainError(fault, messageOf(fault), { cause: error });
  if (codeOf(cause) !== UNIQUE_VIOLATION) return error;
  return new DomainError("CONFLICT", "Cannot save: the same exists already", { cause: error });
}

/** "EMAIL_TAKEN" → "Cannot save: email taken". */
function messageOf(code: ErrorCode): string {
  return `Cannot save: ${code.toLowerCase().replaceAll("_", " ")}`;
}

/** Drizzle wraps the driver's error and gives it as the cause. */
function rootFault(error: unknown): object {
  if (typeof error !== "object" || error === null) return {};
  const isWrapper = !("code" in error) && error instanceof Error && error.cause;
  return isWrapper ? rootFault(error.cause) : error;
}

function codeOf(error: unknown): string {
  const fault = rootFault(error);
  return "code" in fault ? String(fault.code) : "";
}
