/** The part of the OpenAPI document that the reference reads, and what its parts refer to. */

/** The part of a JSON Schema that is read. */
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
  exclusiveMinimum?: number;
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

/** A parameter in the path, the query or the head. */
export interface ParameterObject {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

/** Bodies by media type; failures name their samples by code. */
export type Content = Record<string, { schema?: Schema; examples?: Record<string, object> }>;

export interface ResponseObject {
  description?: string;
  content?: Content;
}

export interface OperationObject {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: ParameterObject[];
  requestBody?: { required?: boolean; content: Content };
  responses?: Record<string, ResponseObject>;
}

/** Methods in the order in which a path's operations are shown. */
export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type MethodName = (typeof METHODS)[number];

/** The part of an OpenAPI 3.1 document that is read. */
export interface ApiDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths?: Record<string, Partial<Record<MethodName, OperationObject>>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Follows `$ref` into the components; what stands beside the reference wins.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resolve } from "@/components/docs/api_document.ts";
 *
 * const document = {
 *   openapi: "3.1.0",
 *   info: { title: "t", version: "1" },
 *   components: { schemas: { Phase: { type: "string", description: "Phase" } } },
 * };
 * const schema = { $ref: "#/components/schemas/Phase", description: "Phase now" };
 * assertEquals(resolve(document, schema), { type: "string", description: "Phase now" });
 * ```
 */
export function resolve(document: ApiDocument, schema: Schema): Schema {
  const { $ref, ...own } = schema;
  if ($ref === undefined) return schema;
  const name = $ref.split("/").at(-1) ?? "";
  return { ...document.components?.schemas?.[name], ...own };
}

/** The types a schema allows, as a list. */
export function typesOf(schema: Schema): string[] {
  return [schema.type ?? []].flat();
}

/** The choices of a schema; `allOf` is not one, all of it holds together. */
export function choicesOf(schema: Schema): Schema[] {
  return schema.oneOf ?? schema.anyOf ?? [];
}
