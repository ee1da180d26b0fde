import { assert, assertEquals } from "@std/assert";
import {
  endsSession,
  isConnectionFault,
  mayRetryTransaction,
  translateDatabaseError,
} from "./database_error.ts";
import { DomainError } from "@/domain/error.ts";

const SECRET = "duplicate key value (email)=(ada@example.org)";

function fault(code: string, constraint?: string): Error {
  const named = constraint ? { "constraint_name": constraint } : {};
  return Object.assign(new Error(SECRET), { code }, named);
}

function translate(error: unknown): DomainError {
  const translated = translateDatabaseError(error, { "users_email_key": "EMAIL_TAKEN" });
  assert(translated instanceof DomainError, `not translated: ${error}`);
  return translated;
}

Deno.test("translateDatabaseError() knows the faults of PostgreSQL and of the socket", () => {
  const cases: [string, string][] = [
    ["ECONNREFUSED", "SERVICE_UNAVAILABLE"],
    ["CONNECT_TIMEOUT", "SERVICE_UNAVAILABLE"],
    ["EMFILE", "SERVICE_UNAVAILABLE"],
    ["CONNECTION_CLOSED", "SERVICE_UNAVAILABLE"],
    ["08006", "SERVICE_UNAVAILABLE"],
    ["28P01", "SERVICE_UNAVAILABLE"],
    ["53300", "SERVICE_UNAVAILABLE"],
    ["57P03", "SERVICE_UNAVAILABLE"],
    ["57014", "SERVICE_UNAVAILABLE"],
    ["25P03", "SERVICE_UNAVAILABLE"],
    ["40001", "SERVICE_UNAVAILABLE"],
    ["40P01", "SERVICE_UNAVAILABLE"],
    ["22P02", "BAD_REQUEST"],
    ["22003", "BAD_REQUEST"],
    ["22021", "BAD_REQUEST"],
    ["23505", "CONFLICT"],
  ];
  for (const [code, expected] of cases) {
    const error = translate(fault(code));

    assertEquals(error.code, expected, code);
    assertEquals(error.retryAfterSeconds !== undefined, error.status === 503, code);
    assert(!error.message.includes("ada@"), code);
  }
});

Deno.test("translateDatabaseError() gives a named constraint its meaning, through Drizzle too", () => {
  const broken = fault("23505", "users_email_key");
  const wrapped = new Error("Failed query: insert into users", { cause: broken });

  assertEquals(translate(broken).code, "EMAIL_TAKEN");
  assertEquals(translate(wrapped).code, "EMAIL_TAKEN");
  assert(translate(wrapped).cause === wrapped);
});

Deno.test("translateDatabaseError() leaves mistakes of the program as they are", () => {
  for (const error of [fault("42601"), fault("23514", "a_check"), new TypeError("x"), undefined]) {
    assert(translateDatabaseError(error) === error);
  }
});

Deno.test("mayRetryTransaction() and isConnectionFault() tell the two apart", () => {
  assertEquals([mayRetryTransaction(fault("40P01")), isConnectionFault(fault("40P01"))], [
    true,
    false,
  ]);
  assertEquals([mayRetryTransaction(fault("EPIPE")), isConnectionFault(fault("EPIPE"))], [
    false,
    true,
  ]);
  assertEquals(isConnectionFault(fault("CONNECTION_ENDED")), false);
  // Out of descriptors for a further connection: those that are open serve the statement.
  assertEquals(isConnectionFault(fault("EMFILE")), true);
});

Deno.test("endsSession() knows what leaves no connection to roll back on", () => {
  const killed = Object.assign(fault("57P01"), { severity: "FATAL" });
  const wrapped = new Error("Failed query", { cause: fault("ECONNRESET") });

  assert(endsSession(killed));
  assert(endsSession(wrapped));
  assert(!endsSession(Object.assign(fault("57014"), { severity: "ERROR" })));
  assert(!endsSession(new TypeError("no")));
});
