import { DomainError } from "@/domain/error.ts";
import { hasBody } from "./body_stream.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

/** Media types that some paths take besides JSON. */
export interface ContentTypeRule {
  path: RegExp;
  types: readonly string[];
}

export interface ContentTypeOptions {
  /** The first rule that matches the path decides; other paths take JSON. */
  rules: readonly ContentTypeRule[];
}

const JSON_ONLY: readonly string[] = ["application/json"];

/** The rules of the API's own paths: files come as multipart forms. */
export const API_CONTENT_TYPES: readonly ContentTypeRule[] = [
  { path: /^\/api\/v1\/fitness\/import$/, types: ["multipart/form-data"] },
  { path: /^\/api\/v1\/users\/[^/]+\/avatar$/, types: ["multipart/form-data"] },
];

/** Refuses bodies of a media type or charset that the path does not take, and those without one. */
export function contentType(options: ContentTypeOptions): CheckMiddleware {
  const { rules } = options;
  return checking((c) => {
    const { headers } = c.req.raw;
    if (!hasBody(c.req.raw)) return;
    const accepted = rules.find((rule) => rule.path.test(c.req.path))?.types ?? JSON_ONLY;
    const given = headers.get("content-type") ?? "";
    // What nearly every client sends needs no taking apart.
    if (given === "application/json" && accepted === JSON_ONLY) return;
    const [type = "", ...parameters] = given.toLowerCase().split(";");
    if (!accepted.includes(type.trim())) throw unsupported(type.trim(), accepted);
    if (parameters.some(isOtherCharset)) throw unsupported("another charset", ["utf-8"]);
  });
}

function isOtherCharset(parameter: string): boolean {
  const [name, value = ""] = parameter.split("=").map((part) => part.trim());
  return name === "charset" && value.replaceAll('"', "") !== "utf-8";
}

function unsupported(given: string, accepted: readonly string[]): DomainError {
  const shown = given.slice(0, 100) || "no Content-Type";
  const list = accepted.join(" or ");
  return new DomainError(
    "UNSUPPORTED_MEDIA_TYPE",
    `Cannot read the body as ${shown}: this path takes ${list}`,
  );
}
