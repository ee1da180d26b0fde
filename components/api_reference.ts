/** The OpenAPI document as the reference page shows it: groups of operations with samples. */

/** The part of a JSON Schema that the page reads. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  example?: unknown;
  examples?: unknown[];
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface OperationObject {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses?: Record<string, { description?: string; content?: Content }>;
}

/** The part of an OpenAPI 3.1 document that the page reads. */
export interface ApiDocument {
  info: { title: string; version: string; description?: string };
  paths?: Record<string, Record<string, OperationObject>>;
  components?: { schemas?: Record<string, Schema> };
}

/** One field of a schema, flattened: `scoring.dailyCap`. */
export interface FieldRow {
  name: string;
  type: string;
  required: boolean;
  note: string;
}

/** One operation, ready to show. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  access: "public" | "optional" | "token";
  parameters: (FieldRow & { in: string })[];
  bodyType: string | null;
  bodyRequired: boolean;
  bodyFields: FieldRow[];
  bodySample: string | null;
  answers: { status: string; description: string; sample: string | null }[];
}

export interface OperationGroup {
  tag: string;
  operations: Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
/** Deeper fields are left to the sample. */
const FIELD_DEPTH_MAX = 3;
/** Schemas that contain themselves end here. */
const SAMPLE_DEPTH_MAX = 8;

/** Groups the operations of a document by their first tag, in the document's order. */
export function operationGroups(document: ApiDocument): OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? "Other";
      groups.set(tag, [...groups.get(tag) ?? [], toOperation(document, method, path, operation)]);
    }
  }
  return [...groups].map(([tag, operations]) => ({ tag, operations }));
}

function toOperation(
  document: ApiDocument,
  method: string,
  path: string,
  operation: OperationObject,
): Operation {
  const [bodyType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [null, {}];
  const schema = body?.schema;
  return {
    id: operation.operationId ?? anchorOf(method, path),
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? path,
    description: operation.description ?? "",
    access: accessOf(operation.security),
    parameters: (operation.parameters ?? []).map((parameter) => toParameter(document, parameter)),
    bodyType,
    bodyRequired: operation.requestBody?.required ?? false,
    bodyFields: schema ? fieldRows(document, schema) : [],
    bodySample: schema && bodyType === "application/json" ? sampleText(document, schema) : null,
    answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => ({
      status,
      description: answer.description ?? "",
      sample: Number(status) < 300 ? answerSample(document, answer.content) : null,
    })),
  };
}

/** The fragment of an operation's link.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { anchorOf } from "@/components/api_reference.ts";
 *
 * assertEquals(anchorOf("post", "/api/v1/competitions/{id}/join"), "post-competitions-id-join");
 * ```
 */
export function anchorOf(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1/, "").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return [method, ...words].join("-");
}

function accessOf(security: OperationObject["security"]): Operation["access"] {
  if (!security || security.length === 0) return "public";
  return security.some((way) => Object.keys(way).length === 0) ? "optional" : "token";
}

function toParameter(document: ApiDocument, parameter: Parameter): FieldRow & { in: string } {
  const schema = resolve(document, parameter.schema ?? {});
  return {
    name: parameter.name,
    in: parameter.in,
    type: typeName(document, schema),
    required: parameter.required ?? false,
    note: noteOf({ ...schema, ...describe(parameter.description ?? schema.description) }),
  };
}

function describe(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}

function answerSample(document: ApiDocument, content: Content | undefined): string | null {
  const schema = content?.["application/json"]?.schema;
  return schema ? sampleText(document, schema) : null;
}

function sampleText(document: ApiDocument, schema: Schema): string {
  return JSON.stringify(sampleOf(document, schema), null, 2);
}

/** Follows `$ref` into the components. */
export function resolve(document: ApiDocument, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  if (name === undefined) return schema;
  return document.components?.schemas?.[name] ?? {};
}

/** The fields of an object schema, nested ones by dotted names; choices are merged. */
export function fieldRows(
  document: ApiDocument,
  schema: Schema,
  prefix = "",
  depth = 0,
): FieldRow[] {
  const resolved = resolve(document, schema);
  const parts = [...resolved.oneOf ?? [], ...resolved.anyOf ?? [], ...resolved.allOf ?? []];
  const rows = Object.entries(resolved.properties ?? {}).flatMap(([name, property]) => {
    const field = resolve(document, property);
    const row = {
      name: prefix + name,
      type: typeName(document, property),
      required: resolved.required?.includes(name) ?? false,
      note: noteOf(field),
    };
    if (depth + 1 >= FIELD_DEPTH_MAX) return [row];
    const inner = field.items ? `${prefix}${name}[].` : `${prefix}${name}.`;
    return [row, ...fieldRows(document, field.items ?? field, inner, depth + 1)];
  });
  const merged = parts.flatMap((part) => fieldRows(document, part, prefix, depth));
  return uniqueByName([...rows, ...merged]);
}

function uniqueByName(rows: FieldRow[]): FieldRow[] {
  return [...new Map(rows.toReversed().map((row) => [row.name, row])).values()].toReversed();
}

function typeName(document: ApiDocument, schema: Schema): string {
  const resolved = resolve(document, schema);
  if (resolved.const !== undefined) return JSON.stringify(resolved.const);
  if (resolved.enum) return resolved.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = resolved.oneOf ?? resolved.anyOf;
  if (choices) return [...new Set(choices.map((choice) => typeName(document, choice)))].join(" | ");
  if (resolved.items) return `${typeName(document, resolved.items)}[]`;
  const types = [resolved.type ?? "any"].flat();
  return types.map((type) => type === "string" && resolved.format ? resolved.format : type)
    .join(" | ");
}

function noteOf(schema: Schema): string {
  const bounds = [
    bound("from", schema.minimum),
    bound("to", schema.maximum),
    bound("at least", schema.minLength, "characters"),
    bound("at most", schema.maxLength, "characters"),
    bound("at least", schema.minItems, "items"),
    bound("at most", schema.maxItems, "items"),
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ];
  return [schema.description ?? "", ...bounds].filter((part) => part !== "").join(", ");
}

function bound(word: string, value: number | undefined, unit = ""): string {
  // Zod writes the limits of a safe integer, which say nothing to a reader.
  if (value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER) return "";
  return `${word} ${value} ${unit}`.trim();
}

/** Makes a value that fits the schema: its example, default, first choice, or a plain value. */
export function sampleOf(document: ApiDocument, schema: Schema, depth = 0): unknown {
  const resolved = resolve(document, schema);
  const given = resolved.example ?? resolved.examples?.[0] ?? resolved.const ?? resolved.default ??
    resolved.enum?.[0];
  if (given !== undefined || depth > SAMPLE_DEPTH_MAX) return given ?? null;
  const choice = resolved.oneOf?.[0] ?? resolved.anyOf?.[0];
  if (choice) return sampleOf(document, choice, depth + 1);
  if (resolved.properties || resolved.allOf) return objectSample(document, resolved, depth);
  if (resolved.items) return [sampleOf(document, resolved.items, depth + 1)];
  return plainSample(resolved);
}

function objectSample(document: ApiDocument, schema: Schema, depth: number): object {
  const bases = (schema.allOf ?? []).map((part) => sampleOf(document, part, depth + 1));
  const own = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    sampleOf(document, property, depth + 1),
  ]);
  return Object.assign({}, ...bases, Object.fromEntries(own));
}

const STRING_SAMPLES: Record<string, string> = {
  uuid: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  email: "mira@example.org",
  date: "2026-05-01",
  "date-time": "2026-05-01T07:00:00.000Z",
};

function plainSample(schema: Schema): unknown {
  const type = [schema.type ?? "object"].flat()[0];
  if (type === "string") return STRING_SAMPLES[schema.format ?? ""] ?? "text";
  if (type === "integer" || type === "number") {
    const minimum = schema.minimum ?? 0;
    return minimum > -Number.MAX_SAFE_INTEGER ? Math.max(minimum, 0) : 0;
  }
  if (type === "boolean") return true;
  return type === "array" ? [] : type === "null" ? null : {};
}
