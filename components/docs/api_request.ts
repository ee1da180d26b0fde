/** Requests of an operation: as the reference prints them, and as its form sends them. */

import type { Operation } from "./api_reference.ts";

/** What of an operation decides its request. */
export type RequestShape = Pick<Operation, "method" | "path"> & {
  parameters: readonly { name: string; in: string; isRequired: boolean }[];
};

/** Values by the names of parameters; empty ones are left out. */
export type ParameterValues = Readonly<Record<string, string>>;

/** The address of a request, with its parameters filled in.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { requestPath } from "@/components/docs/api_request.ts";
 *
 * const shape = {
 *   method: "GET",
 *   path: "/competitions/{id}/log",
 *   parameters: [
 *     { name: "id", in: "path", isRequired: true },
 *     { name: "after", in: "query", isRequired: false },
 *     { name: "limit", in: "query", isRequired: false },
 *   ],
 * };
 * assertEquals(requestPath(shape, { id: "a b", after: "5", limit: "" }), "/competitions/a%20b/log?after=5");
 * ```
 */
export function requestPath(shape: RequestShape, values: ParameterValues): string {
  const path = shape.path.replace(
    /\{(\w+)\}/g,
    (_, name) => encodeURIComponent(values[name] ?? ""),
  );
  const query = shape.parameters.flatMap(({ name, in: place }) => {
    const value = values[name] ?? "";
    return place === "query" && value !== "" ? [[name, value]] : [];
  });
  return query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path;
}

/** The header fields that are parameters of the operation. */
export function requestHeaders(
  shape: RequestShape,
  values: ParameterValues,
): Record<string, string> {
  const fields = shape.parameters.flatMap(({ name, in: place }) => {
    const value = values[name] ?? "";
    return place === "header" && value !== "" ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

/** Names of the parameters that are still needed. */
export function missingParameters(shape: RequestShape, values: ParameterValues): string[] {
  return shape.parameters
    .filter(({ name, isRequired }) => isRequired && (values[name] ?? "").trim() === "")
    .map(({ name }) => name);
}

/** The sample values of required parameters. */
function sampleValues(operation: Operation): ParameterValues {
  const required = operation.parameters.filter(({ isRequired }) => isRequired);
  return Object.fromEntries(required.map(({ name, sample }) => [name, sample]));
}

/** One request in one language. */
export interface RequestSample {
  title: string;
  code: string;
}

/** The request of an operation as curl and as JavaScript, for a server at `origin`. */
export function requestSamples(operation: Operation, origin: string): RequestSample[] {
  const url = origin + requestPath(operation, sampleValues(operation));
  return [
    { title: "curl", code: curlSample(operation, url) },
    { title: "JavaScript", code: javascriptSample(operation, url) },
  ];
}

function curlSample(operation: Operation, url: string): string {
  const { method, access, body } = operation;
  const parts = [
    `curl ${method === "GET" ? "" : `-X ${method} `}"${url}"`,
    access === "public" ? "" : `-H "Authorization: Bearer $TOKEN"`,
    body?.sample ? `-H "Content-Type: application/json"` : "",
    ...(body?.sample ? [`-d ${shellText(body.sample)}`] : requiredFields(operation).map(curlField)),
  ];
  return parts.filter((part) => part !== "").join(" \\\n  ");
}

/** Text in single quotes, in which a shell reads nothing but their end. */
function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function requiredFields(operation: Operation): FormField[] {
  return formFields(operation).filter(({ isRequired }) => isRequired);
}

function curlField({ name, isFile }: FormField): string {
  return isFile ? `-F "${name}=@morning_run.fit"` : `-F "${name}=…"`;
}

function javascriptSample(operation: Operation, url: string): string {
  const { method, access, body } = operation;
  const headers = [
    access === "public" ? "" : "Authorization: `Bearer ${token}`",
    body?.sample ? `"Content-Type": "application/json"` : "",
  ].filter((field) => field !== "");
  const options = [
    method === "GET" ? "" : `method: "${method}",`,
    headers.length > 0 ? `headers: { ${headers.join(", ")} },` : "",
    body?.sample ? `body: JSON.stringify(${indent(body.sample)}),` : "",
    body && !body.sample ? "body: form," : "",
  ].filter((line) => line !== "");
  const init = options.length > 0 ? `, {\n  ${options.join("\n  ")}\n}` : "";
  return [
    ...javascriptForm(operation),
    `const res = await fetch("${url}"${init});`,
    reading(operation),
  ]
    .join("\n");
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

function javascriptForm(operation: Operation): string[] {
  const fields = formFields(operation).filter(({ isFile }) => isFile);
  if (fields.length === 0) return [];
  return [
    "const form = new FormData();",
    ...fields.map(({ name }) => `form.set("${name}", file);`),
  ];
}

function reading({ path, answers }: Operation): string {
  const isJson = answers.some(({ mediaType }) => mediaType === "application/json");
  if (!isJson) return "const text = await res.text();";
  return path.startsWith("/api/")
    ? "const { data, error } = await res.json();"
    : "console.log(await res.json());";
}

/** One field of a multipart form. */
export interface FormField {
  name: string;
  isFile: boolean;
  isRequired: boolean;
}

/** The fields of the form that an operation takes; none where its body is JSON. */
export function formFields({ body }: Pick<Operation, "body">): FormField[] {
  if (body?.mediaType !== "multipart/form-data") return [];
  return body.fields.map(({ name, type, isRequired }) => {
    return { name, isFile: type === "binary", isRequired };
  });
}
