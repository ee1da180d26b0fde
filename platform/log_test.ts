import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { getLog, type LogOptions, startLog } from "./log.ts";
import { redact, REDACTED, redactText } from "./redact.ts";

/** Runs with the log captured and gives its lines. */
function capture(options: Partial<LogOptions>, run: () => void): string[] {
  let text = "";
  const log = startLog({
    level: "info",
    format: "json",
    ...options,
    write: (lines) => void (text += lines),
  });
  run();
  log[Symbol.dispose]();
  return text.split("\n").filter(Boolean);
}

Deno.test("startLog() writes one JSON line a record with its properties", () => {
  const [line, ...others] = capture({}, () => {
    getLog("http").info("Request", { route: "/x", status: 200 });
    getLog("http").debug("Not shown");
  });

  assertEquals(others, []);
  const { time, ...rest } = JSON.parse(line!);
  assertMatch(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assertEquals(rest, { level: "info", area: "http", message: "Request", route: "/x", status: 200 });
});

Deno.test("startLog() shows an error whole, cause included, and its secrets not", () => {
  const cause = new TypeError("connect postgres://app:hunter2@db/x failed");
  const error = new DomainError("CONFLICT", "Cannot join", { cause });

  const [line] = capture({}, () => getLog("http").error("Failed", { error }));

  const logged = JSON.parse(line!).error;
  assertEquals([logged.name, logged.code, logged.message], [
    "DomainError",
    "CONFLICT",
    "Cannot join",
  ]);
  assertStringIncludes(logged.stack, "log_test.ts");
  assertEquals(logged.cause.message, `connect postgres://${REDACTED}@db/x failed`);
});

Deno.test("startLog() keeps line breaks of values within the line", () => {
  const lines = capture({ format: "pretty" }, () => {
    getLog("auth").warning("Login of {user}", { user: "x\n2026-01-01 forged" });
  });

  assertMatch(lines[0]!, /^[\d:.]{12} warni auth Login of x\\n2026/);
});

Deno.test("startLog() writes for a terminal with and without colours", () => {
  const log = () => getLog("main").info("Listening", { port: 8080 });

  assertMatch(
    capture({ format: "pretty" }, log)[0]!,
    /^[\d:.]{12} info {2}main Listening port=8080$/,
  );
  assertStringIncludes(capture({ format: "pretty", hasColour: true }, log)[0]!, "\x1b[36minfo");
});

Deno.test("startLog() redacts values named in the message", () => {
  const [line] = capture({}, () => getLog("auth").info("Mail to {to}", { to: "mira@example.org" }));

  assert(!line!.includes("mira"));
});

Deno.test("redact() hides secrets and personal data by name, at every depth", () => {
  const hidden = redact({
    headers: { Authorization: "Bearer abc", cookie: "a=b", "Set-Cookie": "c", "x-api-key": "k" },
    body: { email: "a@b.example", newPassword: "p", refresh_token: "t", name: "run" },
    list: [{ accessToken: "x" }],
    clientAddress: "203.0.113.9",
  });

  assertEquals(hidden, {
    headers: {
      Authorization: REDACTED,
      cookie: REDACTED,
      "Set-Cookie": REDACTED,
      "x-api-key": REDACTED,
    },
    body: { email: REDACTED, newPassword: REDACTED, refresh_token: REDACTED, name: "run" },
    list: [{ accessToken: REDACTED }],
    clientAddress: REDACTED,
  });
});

Deno.test("redact() bounds depth, lists and texts", () => {
  const nested: Record<string, unknown> = {};
  nested.self = nested;

  assertStringIncludes(JSON.stringify(redact(nested)), "[…]");
  assertEquals((redact(Array(1000).fill(1)) as unknown[]).length, 30);
  assert((redact("x".repeat(100_000)) as string).length < 7_000);
  assertEquals(redact({ n: 5n, at: new Date(0), bytes: new Uint8Array(3) }), {
    n: "5",
    at: "1970-01-01T00:00:00.000Z",
    bytes: "[3 bytes]",
  });
});

Deno.test("redactText() hides tokens and addresses within a text", async (t) => {
  const cases: [string, string][] = [
    ["GET /ws?token=abc.def&top=10", `GET /ws?token=${REDACTED}&top=10`],
    ["sent Bearer abcdefgh123", `sent Bearer ${REDACTED}`],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", REDACTED],
    ["nothing to hide", "nothing to hide"],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, () => assertEquals(redactText(text), expected));
  }
});

Deno.test("redactText() takes linear time on hostile text", () => {
  const startMs = performance.now();
  for (const part of ["a", "a.", "@", "a@", "://", "a:", "eyJ"]) redactText(part.repeat(200_000));

  // Squared, it would take minutes.
  assert(performance.now() - startMs < 20_000);
});
