/** The OpenAPI document as the reference page shows it: groups of operations with samples. */

import {
  type ApiDocument,
  type Content,
  type MethodName,
  METHODS,
  type OperationObject,
  type ParameterObject,
  resolve,
  type ResponseObject,
  type Schema,
} from "./api_document.ts";
import { type FieldRow, fieldRow, fieldRows } from "./api_fields.ts";
import { sampleOf } from "./api_sample.ts";

/** Who may call: anybody, anybody but with more for those signed in, or only those. */
export type Access = "public" | "optional" | "token";

/** A parameter with the value that samples use. */
export interface ParameterRow extends FieldRow {
  in: string;
  sample: string;
  /** The only values it takes; empty when any will do. */
  options: string[];
}

/** The body of a request. */
export interface BodyView {
  mediaType: string;
  isRequired: boolean;
  fields: FieldRow[];
  /** JSON text; null where the body is a form. */
  sample: string | null;
}

/** One success, with a sample where it is JSON. */
export interface AnswerView {
  status: string;
  description: string;
  mediaType: string | null;
  sample: string | null;
}

/** The failures of one status. */
export interface FailureView {
  status: string;
  codes: string[];
}

/** One operation, ready to show. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  access: Access;
  parameters: ParameterRow[];
  body: BodyView | null;
  answers: AnswerView[];
  failures: FailureView[];
  /** False where the answer never ends or is no HTTP. */
  canTry: boolean;
}

export interface OperationGroup {
  tag: string;
  /** The fragment of the group's link. */
  id: string;
  description: string;
  operations: Operation[];
}

/** Groups the operations by their first tag: the document's tags first, then the others. */
export function operationGroups(document: ApiDocument): OperationGroup[] {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method, operation }] : [];
    })
  );
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "Other");
  const described = new Map(document.tags?.map(({ name, description }) => [name, description]));
  const tags = [...new Set([...described.keys(), ...byTag.keys()])].filter((tag) => byTag.has(tag));
  return tags.map((tag) => ({
    tag,
    id: anchorOf("tag", tag),
    description: described.get(tag) ?? "",
    operations: byTag.get(tag)!.map((entry) => toOperation(document, entry)),
  }));
}

interface Entry {
  path: string;
  method: MethodName;
  operation: OperationObject;
}

function toOperation(document: ApiDocument, { path, method, operation }: Entry): Operation {
  const responses = Object.entries(operation.responses ?? {});
  const answers = responses.filter(([status]) => Number(status) < 400);
  return {
    id: operation.operationId ?? anchorOf(method, path),
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? path,
    description: operation.description ?? "",
    access: accessOf(operation.security),
    parameters: (operation.parameters ?? []).map((parameter) => toParameter(document, parameter)),
    body: toBody(document, operation.requestBody),
    answers: answers.map(([status, response]) => toAnswer(document, status, response)),
    failures: responses.flatMap(([status, response]) => {
      const codes = codesOf(response);
      return codes.length > 0 ? [{ status, codes }] : [];
    }),
    canTry: answers.every(([status, { content }]) => {
      return status !== "101" && content?.["text/event-stream"] === undefined;
    }),
  };
}

/** The fragment of a link to something without an id of its own.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { anchorOf } from "@/components/docs/api_reference.ts";
 *
 * assertEquals(anchorOf("post", "/api/v1/competitions/{id}/join"), "post-competitions-id-join");
 * ```
 */
export function anchorOf(kind: string, text: string): string {
  const words = text.replace(/^\/api\/v1/, "").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return [kind, ...words].join("-");
}

function accessOf(security: OperationObject["security"]): Access {
  if (!security || security.length === 0) return "public";
  return security.some((way) => Object.keys(way).length === 0) ? "optional" : "token";
}

function toParameter(document: ApiDocument, parameter: ParameterObject): ParameterRow {
  const { name, description, required = false } = parameter;
  const schema = resolve(document, parameter.schema ?? {});
  const row = fieldRow(document, name, schema, required);
  const options = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return {
    ...row,
    description: row.description || (description ?? ""),
    in: parameter.in,
    sample: String(sampleOf(document, schema)),
    options: options.map(String),
  };
}

function toBody(document: ApiDocument, body: OperationObject["requestBody"]): BodyView | null {
  const [mediaType, media] = Object.entries(body?.content ?? {})[0] ?? [];
  if (!body || mediaType === undefined) return null;
  const schema: Schema = media?.schema ?? {};
  return {
    mediaType,
    isRequired: body.required ?? false,
    fields: fieldRows(document, schema),
    sample: mediaType === "application/json" ? sampleText(document, schema) : null,
  };
}

function toAnswer(document: ApiDocument, status: string, response: ResponseObject): AnswerView {
  const [mediaType, media] = Object.entries(response.content ?? {})[0] ?? [];
  const isJson = mediaType === "application/json" && media?.schema !== undefined;
  return {
    status,
    description: response.description ?? "",
    mediaType: mediaType ?? null,
    sample: isJson ? sampleText(document, media.schema!) : null,
  };
}

function sampleText(document: ApiDocument, schema: Schema): string {
  return JSON.stringify(sampleOf(document, schema), null, 2);
}

/** The error codes an answer names: its samples are listed by code. */
function codesOf({ content }: { content?: Content }): string[] {
  return Object.keys(content?.["application/json"]?.examples ?? {});
}
