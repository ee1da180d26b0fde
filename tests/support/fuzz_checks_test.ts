import { assertEquals, assertMatch } from "@std/assert";
import type { ApiDocument, Schema } from "@/components/docs/api_document.ts";
import { failureSample } from "@/contracts/error_help.ts";
import { answerFaults, type FuzzAnswer } from "./fuzz_checks.ts";
import type { FuzzRequest } from "./fuzz_requests.ts";
import { schemaFaults } from "./json_schema.ts";

const ANY_FAILURE: Schema = {
  type: "object",
  properties: { success: { const: false }, error: { type: "object" } },
  required: ["success", "error"],
};
const DOCUMENT: ApiDocument = {
  openapi: "3.1.0",
  info: { title: "", version: "" },
  components: { schemas: { Failure: ANY_FAILURE } },
};
const REQUEST: FuzzRequest = {
  target: {
    path: "/api/v1/users/{userId}",
    method: "get",
    operation: {
      responses: {
        "200": {
          content: {
            "application/json": { schema: { properties: { id: { type: "integer" } } } },
          },
        },
        "404": { content: { "application/json": { examples: { NOT_FOUND: {} } } } },
      },
    },
  },
  actor: "member",
  method: "GET",
  url: "/api/v1/users/1",
  headers: {},
  body: null,
};

function faultsOf(part: Partial<FuzzAnswer>, request: Partial<FuzzRequest> = {}): string {
  const { requestId } = failureSample("NOT_FOUND").error;
  const headers = new Headers({ "content-type": "application/json", "x-request-id": requestId });
  part.headers?.forEach((value, name) => headers.set(name, value));
  const answer = { status: 200, text: `{"id":1}`, ...part, headers };
  return answerFaults(DOCUMENT, { ...REQUEST, ...request }, answer).join("; ");
}

function failure(code: "NOT_FOUND" | "FORBIDDEN", status: number): Partial<FuzzAnswer> {
  const link = `</docs/errors/${code}>; rel="help"`;
  return { status, text: JSON.stringify(failureSample(code)), headers: new Headers({ link }) };
}

Deno.test("answerFaults() lets through what the document says", () => {
  assertEquals(faultsOf({}), "");
  assertEquals(faultsOf(failure("NOT_FOUND", 404)), "");
});

Deno.test("answerFaults() finds what it does not say", () => {
  assertMatch(faultsOf({ status: 500 }), /^answers 500/);
  assertMatch(faultsOf({ text: `{"id":"1"}` }), /\$\.id is "1", not integer/);
  assertMatch(faultsOf({ text: `{"id":1,"hash":"x"}` }), /\$\.hash is not documented/);
  assertMatch(faultsOf({ text: `{"at":"file:///srv/x.ts"}` }), /leaks/);
  assertMatch(faultsOf({ status: 201 }), /answers 201, undocumented/);
  assertMatch(faultsOf({ headers: new Headers({ "content-type": "text/html" }) }), /as text\/html/);
  assertMatch(faultsOf(failure("FORBIDDEN", 403)), /answers 403, undocumented/);
  assertMatch(faultsOf(failure("FORBIDDEN", 404)), /FORBIDDEN with 404.*FORBIDDEN, undocumented/);
  assertMatch(faultsOf({ ...failure("NOT_FOUND", 404), headers: new Headers() }), /lacks the Link/);
  assertMatch(faultsOf({ status: 404, text: "gone" }), /\$ is undefined, not object/);
});

Deno.test("answerFaults() asks less of paths that are not the operation's own", () => {
  const elsewhere = { url: "/api/v1/users/../nope" };

  assertEquals(faultsOf(failure("FORBIDDEN", 403), elsewhere), "");
  assertMatch(faultsOf({ status: 503 }, elsewhere), /answers 503/);
});

Deno.test("schemaFaults() reads choices, parts, lists and formats", () => {
  const cases: [Schema, unknown, RegExp][] = [
    [{ type: ["string", "null"] }, null, /^$/],
    [{ type: ["string", "null"] }, 1, /not string or null/],
    [{ oneOf: [{ const: "a" }, { type: "integer" }] }, 1.5, /fits no choice/],
    [{ allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }, { a: 1, b: 2 }, /^$/],
    [{ allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }, { c: 1 }, /c is not doc/],
    [
      { type: "array", items: { type: "string", format: "uuid" } },
      ["x"],
      /\[0\] is "x", not a uuid/,
    ],
    [{ properties: { a: {} }, required: ["a"] }, {}, /a is missing/],
    [{ enum: ["a", "b"] }, "c", /not in the enum/],
    [{ type: "string", format: "date-time" }, "2026-05-01T07:00:00Z", /not a date-time/],
    [{ type: "object", additionalProperties: { type: "number" } }, { any: 1 }, /^$/],
  ];

  for (const [schema, value, expected] of cases) {
    assertMatch(schemaFaults(DOCUMENT, schema, value).join("; "), expected);
  }
});
