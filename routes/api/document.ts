/**
 * The OpenAPI document: made from the route definitions and the Zod schemas that validate, plus
 * what the middleware in front of every route adds (refusals, headers, ways to sign in).
 *
 * @module
 */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { ERROR_HELP, failureSample } from "@/contracts/error_help.ts";
import { SyncRecord, SyncWorkout } from "@/contracts/fitness.ts";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";
import { VERSION } from "@/platform/version.ts";
import type { AppEnv } from "../app_env.ts";
import { failureAnswer } from "./answers.ts";
import { DOCUMENT_TEXT, TAGS } from "./document_text.ts";
import { IDEMPOTENCY_KEY_MAX } from "../middleware/idempotency.ts";
import { IDEMPOTENT_OPERATIONS } from "./idempotent_paths.ts";
import { componentsOf } from "./json_schemas.ts";
import { KEY_SCOPES } from "./key_scopes.ts";
import { registerOpsPaths } from "./ops_paths.ts";

type Document = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;
type PathItem = NonNullable<Document["paths"]>[string];
type Operation = NonNullable<PathItem["get"]>;
type Responses = NonNullable<Operation["responses"]>;

/** Paths behind the API's own middleware. */
const API_PATH = /^\/api\//;
const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** Makes the document of all routes that the app has. */
export function makeDocument(app: OpenAPIHono<AppEnv>): object {
  const { openAPIRegistry: registry } = app;
  registerOpsPaths(registry);
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Paceboard API",
      version: VERSION,
      description: DOCUMENT_TEXT,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/", description: "This server" }],
    tags: TAGS,
    externalDocs: { url: "/docs", description: "The same to read and to try" },
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      if (item[method]) completeOperation(path, method, item[method]);
    }
  }
  return { ...document, components: { ...document.components, ...sharedComponents(document) } };
}

function completeOperation(path: string, method: string, operation: Operation): void {
  const isApi = API_PATH.test(path);
  if (isApi) operation.security = withKey(operation, withCookie(operation.security ?? [], method));
  const isIdempotent = IDEMPOTENT_OPERATIONS.has(operation.operationId ?? "");
  if (isIdempotent) operation.parameters = [...operation.parameters ?? [], IDEMPOTENCY_KEY];
  // No path can be read from an address that is broken.
  const codes: ErrorCode[] = isApi ? edgeCodes(method, operation) : ["BAD_REQUEST"];
  operation.responses = withFailures(operation.responses ?? {}, codes);
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if (!("description" in response)) continue;
    response.headers = { ...response.headers, ...headersOf(Number(status), isApi) };
  }
}

/** Whoever may come with a token may come with the panel's cookie too. */
function withCookie(security: Record<string, string[]>[], method: string) {
  if (!security.some((way) => "bearer" in way)) return security;
  const cookie = method === "get" ? { cookie: [] } : { cookie: [], csrfToken: [] };
  return [...security, cookie];
}

/** Keys open what their scopes name; where nobody need sign in, any key does. */
function withKey({ operationId = "" }: Operation, security: Record<string, string[]>[]) {
  const scopes = KEY_SCOPES[operationId] ?? [];
  return [...security, ...scopes.map((scope) => ({ apiKey: [scope] }))];
}

/** What the middleware refuses before a route is asked. */
function edgeCodes(method: string, operation: Operation): ErrorCode[] {
  const isRead = method === "get";
  // JSON is checked wherever it is sent, asked for or not.
  const takesInput = !isRead || (operation.parameters ?? []).length > 0;
  return [
    "BAD_REQUEST",
    ...(takesInput ? ["VALIDATION_ERROR"] as const : []),
    "INVALID_TOKEN",
    "TOKEN_EXPIRED",
    "ACCOUNT_SUSPENDED",
    // A key is refused wherever no scope of it opens the operation.
    ...(operation.security?.length ? ["FORBIDDEN"] as const : []),
    ...(IDEMPOTENT_OPERATIONS.has(operation.operationId ?? "") ? ["CONFLICT"] as const : []),
    ...(isRead ? [] : ["CSRF_FAILED", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const),
  ];
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key with the same request has one effect and one answer for 24 hours",
  schema: { type: "string", minLength: 1, maxLength: IDEMPOTENCY_KEY_MAX },
  example: "entry-2026-05-01-mira",
} as const;

/** Adds codes to the answers of a route, in the order of the table. */
function withFailures(responses: Responses, added: readonly ErrorCode[]): Responses {
  const all = new Set<string>([...added, ...Object.values(responses).flatMap(codesOf)]);
  const names = (Object.keys(ERROR_STATUS) as ErrorCode[]).filter((code) => all.has(code));
  const failures = Map.groupBy(names, (code) => ERROR_STATUS[code]);
  const schema = { $ref: "#/components/schemas/Failure" };
  const answers = [...failures].map(([status, codes]) => {
    const { description, content } = failureAnswer(codes);
    const { examples } = content["application/json"];
    return [status, { description, content: { "application/json": { schema, examples } } }];
  });
  return { ...responses, ...Object.fromEntries(answers) };
}

function codesOf(response: Responses[string]): string[] {
  return Object.keys(response.content?.["application/json"]?.examples ?? {});
}

const LIMIT_HEADERS = ["RateLimit", "RateLimit-Policy"];

function headersOf(status: number, isApi: boolean) {
  const names = [
    "X-Request-Id",
    ...(isApi ? LIMIT_HEADERS : []),
    ...(status >= 400 && isApi ? ["Link"] : []),
    ...(status === 401 ? ["WWW-Authenticate"] : []),
    ...(status === 429 || (status === 503 && isApi) ? ["Retry-After"] : []),
  ];
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

function sharedComponents({ components }: Document) {
  // The lists of a sync take anything, so that one bad record does not refuse the others.
  const records = { ...componentsOf(SyncRecord), ...componentsOf(SyncWorkout) };
  return {
    schemas: { ...records, ...components?.schemas },
    securitySchemes: SECURITY_SCHEMES,
    headers: HEADERS,
    examples: failureExamples(),
  };
}

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The access token of POST /api/v1/auth/login",
  },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "A key of an app, also as `Authorization: Bearer pb_…`; its scopes decide",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "paceboard_session",
    description: "The panel's session; `__Host-paceboard_session` behind HTTPS",
  },
  csrfToken: {
    type: "apiKey",
    in: "header",
    name: "X-CSRF-Token",
    description: "The token of GET /api/v1/csrf-token; writes by cookie need it",
  },
  socketToken: {
    type: "apiKey",
    in: "query",
    name: "token",
    description: "The access token, since a browser's socket cannot send headers",
  },
  metricsToken: {
    type: "http",
    scheme: "bearer",
    description: "The operator's METRICS_TOKEN",
  },
} as const;

const HEADERS = {
  "X-Request-Id": header("Names the request in the server's log", "0199a3c2-7b54-7c1e-9d0a"),
  "RateLimit": header(
    "What is left of the quota, and seconds until it is whole",
    `"default";r=199;t=1`,
  ),
  "RateLimit-Policy": header("The quota and its window in seconds", `"default";q=200;w=2`),
  "Retry-After": header("Seconds to wait before the next try", "2"),
  "Link": header("The page of the error code", `</docs/errors/NOT_FOUND>; rel="help"`),
  "WWW-Authenticate": header("How to authenticate", `Bearer realm="paceboard"`),
};

function header(description: string, example: string) {
  return { description, schema: { type: "string" as const }, example };
}

/** A sample answer of each code, which the answers of all operations refer to. */
function failureExamples() {
  return Object.fromEntries(
    (Object.keys(ERROR_STATUS) as ErrorCode[]).map((code) => [code, {
      summary: ERROR_HELP[code].cause,
      value: failureSample(code),
    }]),
  );
}
