import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ApiDocument, OperationObject, Schema } from "@/components/docs/api_document.ts";
import { operationGroups } from "@/components/docs/api_reference.ts";
import { sampleOf } from "@/components/docs/api_sample.ts";
import { CLOSE_CODES } from "@/contracts/leaderboard.ts";
import { ERROR_STATUS } from "@/domain/error.ts";
import { openTestApp, type TestApp } from "@/tests/support/app.ts";
import { schemaFaults } from "@/tests/support/json_schema.ts";

/** What the foundation promises, by path and method. */
const PROMISED: Record<string, readonly string[]> = {
  "/api/v1/auth/register": ["post"],
  "/api/v1/auth/login": ["post"],
  "/api/v1/auth/refresh": ["post"],
  "/api/v1/auth/logout": ["post"],
  "/api/v1/auth/password": ["post"],
  "/api/v1/auth/me": ["get"],
  "/api/v1/csrf-token": ["get"],
  "/api/v1/users": ["get"],
  "/api/v1/users/{userId}": ["get", "put", "delete"],
  "/api/v1/users/{userId}/profile": ["get", "put"],
  "/api/v1/competitions": ["get", "post"],
  "/api/v1/competitions/{id}": ["get", "put"],
  "/api/v1/competitions/{id}/publish": ["post"],
  "/api/v1/competitions/{id}/cancel": ["post"],
  "/api/v1/competitions/{id}/join": ["post"],
  "/api/v1/competitions/{id}/leave": ["post"],
  "/api/v1/competitions/{id}/participants": ["get"],
  "/api/v1/competitions/{id}/log": ["get"],
  "/api/v1/competitions/{id}/freeze": ["post"],
  "/api/v1/competitions/{id}/unfreeze": ["post"],
  "/api/v1/competitions/{id}/finalize": ["get", "post"],
  "/api/v1/competitions/{id}/clone": ["post"],
  "/api/v1/competitions/{id}/announce": ["post"],
  "/api/v1/competitions/{id}/rules": ["get", "post"],
  "/api/v1/competitions/{id}/export": ["get"],
  "/api/v1/competitions/{id}/result": ["get"],
  "/api/v1/competitions/{id}/participants/{participantId}/disqualify": ["post"],
  "/api/v1/competitions/{id}/participants/{participantId}/reinstate": ["post"],
  "/api/v1/competitions/{id}/participants/{participantId}/adjust": ["post"],
  "/api/v1/leaderboard/events/{eventId}/void": ["post"],
  "/api/v1/leaderboard/events/{eventId}/reinstate": ["post"],
  "/api/v1/leaderboard/{competitionId}/explain/{participantId}": ["get"],
  "/api/v1/leaderboard/update": ["post"],
  "/api/v1/leaderboard/update/batch": ["post"],
  "/api/v1/leaderboard/{competitionId}": ["get"],
  "/api/v1/fitness/import": ["post"],
  "/api/v1/fitness/sync": ["post"],
  "/api/v1/fitness/stats/{userId}": ["get"],
  "/api/v1/orders": ["get", "post"],
  "/api/v1/orders/{id}": ["get", "put", "delete"],
  "/api/v1/prizes/calculate/{competitionId}": ["post"],
  "/api/v1/prizes/distribute/{competitionId}": ["post"],
  "/api/v1/users/{userId}/transactions": ["get"],
  "/api/v1/users/{userId}/notices": ["get"],
  "/api/v1/admin/ledger/reconciliation": ["get"],
  "/health": ["get"],
  "/health/live": ["get"],
  "/health/ready": ["get"],
  "/health/detailed": ["get"],
  "/metrics": ["get"],
  "/openapi.json": ["get"],
  "/ws/leaderboard/{competitionId}": ["get"],
};

const CODES = Object.keys(ERROR_STATUS);

async function documentOf({ call }: TestApp): Promise<ApiDocument> {
  const { status, body } = await call("GET", "//openapi.json");
  assertEquals(status, 200);
  return body;
}

function operationsOf(document: ApiDocument): [string, OperationObject][] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, OperationObject] => {
      return [`${method} ${path}`, operation];
    })
  );
}

Deno.test("GET /openapi.json has every promised path, and each operation has a name of its own", async () => {
  await using app = await openTestApp();
  const document = await documentOf(app);

  assertEquals(document.openapi, "3.1.0");
  for (const [path, methods] of Object.entries(PROMISED)) {
    for (const method of methods) {
      assert(method in (document.paths?.[path] ?? {}), `${method} ${path} is not documented`);
    }
  }
  const operations = operationsOf(document);
  const ids = operations.map(([name, { operationId }]) => operationId ?? name);
  assertEquals(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id)), []);
  assertEquals(new Set(ids).size, ids.length);
  const tags = new Set(document.tags?.map(({ name }) => name));
  for (const [name, operation] of operations) {
    assert(operation.summary, `${name} has no summary`);
    assert(tags.has(operation.tags?.[0] ?? ""), `${name} has no described tag`);
    assert(operation.security, `${name} does not tell who may call it`);
  }
});

Deno.test("GET /openapi.json documents every route of the API that the app has", async () => {
  await using app = await openTestApp();
  const { paths = {} } = await documentOf(app);

  const undocumented = app.app.routes
    .filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
    .map(({ method, path }) => ({ method, path: path.replace(/:(\w+)/g, "{$1}") }))
    .filter(({ method, path }) => !(method.toLowerCase() in (paths[path] ?? {})))
    .map(({ method, path }) => `${method} ${path}`);

  assertEquals([...new Set(undocumented)], []);
});

Deno.test("GET /openapi.json describes every field and every parameter", async () => {
  await using app = await openTestApp();
  const document = await documentOf(app);
  const bare: string[] = [];
  const look = (schema: Schema, path: string) => {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      if (!field.$ref && !field.allOf && !field.description) bare.push(`${path}.${name}`);
      look(field, `${path}.${name}`);
    }
    if (schema.items) look(schema.items, `${path}[]`);
    for (const part of [schema.oneOf, schema.anyOf, schema.allOf]) {
      part?.forEach((one) => look(one, path));
    }
  };

  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (!schema.description) bare.push(name);
    look(schema, name);
  }
  for (const [name, { parameters, responses, requestBody }] of operationsOf(document)) {
    for (const parameter of parameters ?? []) {
      if (!(parameter.description ?? parameter.schema?.description)) {
        bare.push(`${name} ${parameter.name}`);
      }
    }
    const contents = [requestBody, ...Object.values(responses ?? {})].map((one) => one?.content);
    for (const { schema } of contents.flatMap((content) => Object.values(content ?? {}))) {
      if (schema) look(schema, name);
    }
  }

  assertEquals(bare, []);
});

Deno.test("GET /openapi.json shows samples that fit its own schemas", async () => {
  await using app = await openTestApp();
  const document = await documentOf(app);
  const faults: string[] = [];

  for (const [name, { requestBody, responses }] of operationsOf(document)) {
    for (const { content } of [requestBody ?? { content: {} }, ...Object.values(responses ?? {})]) {
      const schema = content?.["application/json"]?.schema;
      if (!schema) continue;
      const found = schemaFaults(document, schema, sampleOf(document, schema));
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
  }

  assertEquals(faults, []);
});

Deno.test("GET /openapi.json has every error code with a sample, and only codes of its status", async () => {
  await using app = await openTestApp();
  const document = await documentOf(app);
  // deno-lint-ignore no-explicit-any -- samples are not part of what the reference reads
  const samples: Record<string, any> = Reflect.get(document.components ?? {}, "examples");

  assertEquals(Object.keys(samples), CODES);
  for (const [code, { value }] of Object.entries(samples)) {
    const schema = { $ref: "#/components/schemas/Failure" };
    assertEquals(schemaFaults(document, schema, value), []);
    assertEquals(value.error.code, code);
  }
  for (const { operations } of operationGroups(document)) {
    for (const { id, failures } of operations) {
      for (const { status, codes } of failures) {
        for (const code of codes) {
          assertEquals(ERROR_STATUS[code as keyof typeof ERROR_STATUS], Number(status), id);
        }
      }
    }
  }
});

Deno.test("every error code has its page with cause, fix and sample; other codes have none", async () => {
  await using app = await openTestApp();

  for (const code of CODES) {
    const { status, body } = await app.call("GET", `//docs/errors/${code}`);
    assertEquals(status, 200, code);
    for (const part of [code, "Cause", "What to do", "Sample answer"]) {
      assert(body.includes(part), `${code} lacks ${part}`);
    }
  }
  for (const wrong of ["NOPE", "toString", "not_found"]) {
    assertEquals((await app.call("GET", `//docs/errors/${wrong}`)).status, 404);
  }
});

Deno.test("GET /docs shows every operation, and searches without script", async () => {
  await using app = await openTestApp();
  const document = await documentOf(app);

  const all = await app.call("GET", "//docs");
  const found = await app.call("GET", "//docs?q=post+join");
  const none = await app.call("GET", "//docs?q=%3Cscript%3E");

  assertEquals(all.status, 200);
  for (const [, { operationId }] of operationsOf(document)) {
    assert(all.body.includes(`id="${operationId}"`), operationId);
  }
  assert(found.body.includes(`id="joinCompetition"`));
  assert(!found.body.includes(`id="listCompetitions"`));
  assertMatch(none.body, /No operation has “&lt;script(>|&gt;)”/);
});

Deno.test("GET /openapi.json and /asyncapi.json are answered from any site, and 304 when known", async () => {
  await using app = await openTestApp();

  for (const path of ["//openapi.json", "//asyncapi.json"]) {
    const first = await app.call("GET", path);
    const etag = first.headers.get("etag")!;
    const again = (known: string) => app.call("GET", path, { headers: { "if-none-match": known } });

    assertEquals(first.headers.get("content-type"), "application/json");
    assertEquals(first.headers.get("access-control-allow-origin"), "*");
    assertEquals(first.headers.get("cache-control"), "public, no-cache");
    assertMatch(etag, /^"[0-9a-f]{32}"$/);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const { status, body, headers } = await again(known);
      assertEquals([status, body, headers.get("etag")], [304, "", etag]);
    }
    assertEquals((await again(`"x"`)).status, 200);
  }
});

Deno.test("GET /asyncapi.json has every frame with a sample, and every close code", async () => {
  await using app = await openTestApp();

  const { body } = await app.call("GET", "//asyncapi.json");

  assertEquals(body.asyncapi, "3.0.0");
  const { address, messages } = body.channels.board;
  assertEquals(address, "/ws/leaderboard/{competitionId}");
  assertEquals(Object.keys(messages), [
    ...["snapshot", "delta", "state", "announcement", "error", "pong"],
    ...["subscribe", "resume", "ping"],
  ]);
  const document: ApiDocument = { openapi: "", info: { title: "", version: "" }, ...body };
  for (const [name, message] of Object.entries<AnyMessage>(body.components.messages)) {
    assertEquals(schemaFaults(document, message.payload, message.examples[0]?.payload), [], name);
  }
  const codes = body["x-close-codes"].map(({ code }: { code: number }) => code);
  assertEquals(codes, Object.values(CLOSE_CODES));
  const { pushBoard, askBoard } = body.operations;
  assertEquals([pushBoard.action, askBoard.action], ["send", "receive"]);
});

interface AnyMessage {
  payload: Schema;
  examples: { payload: unknown }[];
}
