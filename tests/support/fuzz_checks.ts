/** What every answer has to be, whatever was asked. */

import type { ApiDocument, ResponseObject, Schema } from "@/components/docs/api_document.ts";
import { ERROR_STATUS } from "@/domain/error.ts";
import type { FuzzRequest } from "./fuzz_requests.ts";
import { schemaFaults } from "./json_schema.ts";

/** An answer, read. */
export interface FuzzAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** The faults of an answer; none when it is as the document says. */
export function answerFaults(
  document: ApiDocument,
  request: FuzzRequest,
  answer: FuzzAnswer,
): string[] {
  const { status, headers, text } = answer;
  if (status >= 500) return [`answers ${status}: ${text.slice(0, 300)}`];
  const faults = headers.get("x-request-id") ? [] : ["lacks X-Request-Id"];
  if (/file:\/\/\/|\bat async\b|node:internal/.test(text)) {
    faults.push(`leaks: ${text.slice(0, 300)}`);
  }
  const pathname = new URL(request.url, "http://localhost").pathname;
  if (!pathname.startsWith("/api/") && status === 404) return faults;
  const isFailure = status >= 400;
  if (isFailure) faults.push(...envelopeFaults(document, answer));
  const isTarget = request.method === request.target.method.toUpperCase() &&
    matches(request.target.path, pathname);
  if (!isTarget) return faults;
  const documented = request.target.operation.responses?.[status];
  if (!documented) return [...faults, `answers ${status}, undocumented: ${text.slice(0, 300)}`];
  return [
    ...faults,
    ...(isFailure ? codeFaults(documented, text) : successFaults(document, documented, answer)),
  ];
}

/** Odd segments can turn a path into another one, whose answers are other ones too. */
function matches(template: string, pathname: string): boolean {
  const parts = template.split("/");
  const given = pathname.split("/");
  return parts.length === given.length && parts.every((part, index) => {
    return part.startsWith("{") ? given[index] !== "" : part === given[index];
  });
}

function envelopeFaults(document: ApiDocument, { status, headers, text }: FuzzAnswer): string[] {
  const type = headers.get("content-type");
  if (type !== "application/json") return [`answers ${status} as ${type}`];
  const body = parsed(text);
  const faults = schemaFaults(document, { $ref: "#/components/schemas/Failure" }, body);
  if (faults.length > 0) return faults;
  const { code, requestId } = (body as { error: { code: string; requestId: string } }).error;
  const expected = Reflect.get(ERROR_STATUS, code);
  return [
    ...(expected === status ? [] : [`answers ${code} with ${status}`]),
    ...(headers.get("link") === `</docs/errors/${code}>; rel="help"`
      ? []
      : [`lacks the Link of ${code}`]),
    ...(headers.get("x-request-id") === requestId ? [] : ["names another request id in the body"]),
  ];
}

function codeFaults({ content }: ResponseObject, text: string): string[] {
  const codes = Object.keys(content?.["application/json"]?.examples ?? {});
  const body = parsed(text) as { error?: { code?: string } } | undefined;
  const code = body?.error?.code ?? "";
  return codes.includes(code) ? [] : [`answers ${code}, undocumented: ${text.slice(0, 300)}`];
}

function successFaults(
  document: ApiDocument,
  { content }: ResponseObject,
  { status, headers, text }: FuzzAnswer,
): string[] {
  const type = headers.get("content-type")?.split(";")[0] ?? null;
  if (!content) return text === "" ? [] : [`answers ${status} with a body`];
  const media: { schema?: Schema } | undefined = content[type ?? ""];
  if (!media) return [`answers ${status} as ${type}`];
  if (type !== "application/json" || !media.schema) return [];
  return schemaFaults(document, media.schema, parsed(text)).slice(0, 5);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
