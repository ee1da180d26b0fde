import { assert, assertEquals } from "@std/assert";
import type { ApiDocument, OperationObject, Schema } from "./api_document.ts";
import { operationGroups } from "./api_reference.ts";
import { fieldRows, typeName } from "./api_fields.ts";
import { sampleOf } from "./api_sample.ts";

const INFO = { title: "Test", version: "1" };

function documentOf(part: Partial<ApiDocument>): ApiDocument {
  return { openapi: "3.1.0", info: INFO, ...part };
}

function withSchemas(schemas: Record<string, Schema>): ApiDocument {
  return documentOf({ components: { schemas } });
}

/** The only operation of a document. */
function viewOf(operation: OperationObject, document: Partial<ApiDocument> = {}) {
  const [group] = operationGroups(documentOf({ ...document, paths: { "/x": { get: operation } } }));
  return group!.operations[0]!;
}

Deno.test("operationGroups() follows the document's tags, then those it does not describe", () => {
  const document = documentOf({
    tags: [{ name: "Second", description: "two" }, { name: "First" }, { name: "Empty" }],
    paths: {
      "/a": { post: { operationId: "a", tags: ["First"] }, get: { tags: ["Other tag"] } },
      "/b": { get: { operationId: "b", tags: ["Second"] }, delete: {} },
    },
  });

  const groups = operationGroups(document);

  assertEquals(
    groups.map(({ tag, id, description, operations }) => {
      return [tag, id, description, operations.map((operation) => operation.id).join()];
    }),
    [
      ["Second", "tag-Second", "two", "b"],
      ["First", "tag-First", "", "a"],
      ["Other tag", "tag-Other-tag", "", "get-a"],
      ["Other", "tag-Other", "", "delete-b"],
    ],
  );
});

Deno.test("operationGroups() tells who may call", () => {
  const access = (security?: Record<string, string[]>[]) =>
    viewOf(security ? { security } : {}).access;

  assertEquals(access(), "public");
  assertEquals(access([]), "public");
  assertEquals(access([{ bearer: [] }]), "token");
  assertEquals(access([{}, { bearer: [] }]), "optional");
});

Deno.test("operationGroups() parts successes from failures, whose codes it names", () => {
  const operation = viewOf({
    responses: {
      "200": { description: "Fine", content: { "application/json": { schema: { const: 1 } } } },
      "304": { description: "Known" },
      "404": {
        description: "NOT_FOUND",
        content: { "application/json": { examples: { NOT_FOUND: {}, GONE: {} } } },
      },
      "500": { description: "without codes" },
    },
  });

  assertEquals(operation.answers, [
    { status: "200", description: "Fine", mediaType: "application/json", sample: "1" },
    { status: "304", description: "Known", mediaType: null, sample: null },
  ]);
  assertEquals(operation.failures, [{ status: "404", codes: ["NOT_FOUND", "GONE"] }]);
});

Deno.test("operationGroups() offers no form where the answer never ends or is no HTTP", () => {
  const answer = (status: string, type: string) =>
    viewOf({ responses: { [status]: { content: { [type]: {} } } } }).canTry;

  assertEquals(answer("200", "application/json"), true);
  assertEquals(answer("200", "text/event-stream"), false);
  assertEquals(answer("101", "application/json"), false);
});

Deno.test("operationGroups() shows parameters with their choices, note and sample", () => {
  const { parameters } = viewOf({
    parameters: [
      { name: "id", in: "path", required: true, description: "Which", schema: { type: "string" } },
      { name: "order", in: "query", schema: { enum: ["asc", "desc"], default: "desc" } },
      { name: "around", in: "query", schema: { const: "me", description: "Own" } },
    ],
  });

  const shown = parameters.map(({ name, isRequired, description, sample, options }) => {
    return [name, isRequired, description, sample, options.join()];
  });
  assertEquals(shown, [
    ["id", true, "Which", "text", ""],
    ["order", false, "", "desc", "asc,desc"],
    ["around", false, "Own", "me", "me"],
  ]);
});

Deno.test("operationGroups() shows a form's fields without a JSON sample", () => {
  const schema: Schema = {
    type: "object",
    properties: { file: { type: "string", format: "binary" } },
    required: ["file"],
  };
  const { body } = viewOf({
    requestBody: { required: true, content: { "multipart/form-data": { schema } } },
  });

  assertEquals([body?.mediaType, body?.sample, body?.isRequired], [
    "multipart/form-data",
    null,
    true,
  ]);
  assertEquals(body?.fields.map(({ name, type }) => [name, type]), [["file", "binary"]]);
});

Deno.test("fieldRows() names nested fields and items, to a depth of three", () => {
  const leaf: Schema = { type: "object", properties: { deep: { type: "string" } } };
  const document = withSchemas({ Leaf: leaf });
  const schema: Schema = {
    type: "object",
    properties: {
      list: {
        type: "array",
        items: { properties: { leaf: { $ref: "#/components/schemas/Leaf" } } },
      },
      one: { type: "object", properties: { two: { type: "object", properties: { three: leaf } } } },
    },
  };

  assertEquals(fieldRows(document, schema).map(({ name }) => name), [
    "list",
    "list[].leaf",
    "list[].leaf.deep",
    "one",
    "one.two",
    "one.two.three",
  ]);
});

Deno.test("fieldRows() merges choices: types of all, required where all require it", () => {
  const schema: Schema = {
    oneOf: [
      {
        properties: { kind: { const: "a", description: "A" }, x: { type: "number" } },
        required: ["kind", "x"],
      },
      { properties: { kind: { const: "b", description: "B" } }, required: ["kind"] },
    ],
  };

  const rows = fieldRows(documentOf({}), schema);

  assertEquals(
    rows.map(({ name, type, isRequired, description }) => {
      return [name, type, isRequired, description];
    }),
    [["kind", `"a" | "b"`, true, "A; B"], ["x", "number", false, ""]],
  );
});

Deno.test("fieldRows() says bounds and defaults, but not the limits of safe integers", () => {
  const schema: Schema = {
    properties: {
      a: { type: "integer", minimum: 1, maximum: 100, default: 20 },
      b: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      c: { type: "string", maxLength: 5 },
      d: { type: "array", items: {}, minItems: 1, maxItems: 3 },
      e: { type: "integer", minimum: -Number.MAX_SAFE_INTEGER },
    },
  };

  assertEquals(fieldRows(documentOf({}), schema).map(({ limits }) => limits.join(", ")), [
    "1 to 100, default 20",
    "at least 0",
    "at most 5 characters",
    "1 to 3 items",
    "",
  ]);
});

Deno.test("typeName() reads like a type", () => {
  const document = withSchemas({ Phase: { enum: ["draft", "active"] } });
  const cases: [Schema, string][] = [
    [{ type: "string" }, "string"],
    [{ type: "string", format: "uuid" }, "uuid"],
    [{ type: ["number", "null"] }, "number | null"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
    [{ $ref: "#/components/schemas/Phase" }, `"draft" | "active"`],
    [{ type: "array", items: { $ref: "#/components/schemas/Phase" } }, `("draft" | "active")[]`],
    [{ type: "array", items: { type: "integer" } }, "integer[]"],
    [{ const: true }, "true"],
    [{ properties: {} }, "object"],
    [{}, "any"],
  ];

  for (const [schema, name] of cases) assertEquals(typeName(document, schema), name);
});

Deno.test("sampleOf() prefers what the schema offers, null included", () => {
  const document = withSchemas({ Id: { type: "string", format: "uuid" } });
  const cases: [Schema, unknown][] = [
    [{ type: ["string", "null"], example: null }, null],
    [{ type: "string", examples: ["a", "b"], default: "c" }, "a"],
    [{ type: "integer", default: 0 }, 0],
    [{ enum: ["x", "y"] }, "x"],
    [{ const: false }, false],
    [{ $ref: "#/components/schemas/Id" }, "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42"],
    [{ oneOf: [{ const: 1 }, { const: 2 }] }, 1],
    [{ type: "array", items: { type: "boolean" } }, [true]],
    [{ allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] }, {
      a: 1,
      b: 2,
    }],
    [{ type: "integer", minimum: 3 }, 3],
    [{ type: "integer", minimum: -Number.MAX_SAFE_INTEGER }, 0],
    [{ type: "number", maximum: -2 }, -2],
    [{ type: "object", additionalProperties: { type: "string" } }, {}],
    [{ type: "null" }, null],
  ];

  for (const [schema, sample] of cases) assertEquals(sampleOf(document, schema), sample);
});

Deno.test("sampleOf() ends in schemas that contain themselves", () => {
  const document = withSchemas({
    Node: { properties: { next: { $ref: "#/components/schemas/Node" } } },
  });

  const text = JSON.stringify(sampleOf(document, { $ref: "#/components/schemas/Node" }));

  assert(text.length < 200, text);
});
