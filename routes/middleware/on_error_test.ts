import { assertEquals, assertMatch } from "@std/assert";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { DomainError } from "@/domain/error.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { AppEnv } from "../app_env.ts";
import { ok } from "../answer.ts";
import { onError } from "./on_error.ts";
import { validationHook } from "./validation_hook.ts";

const Body = z.strictObject({
  score: z.number().max(10),
  scoring: z.object({ dailyCap: z.int() }),
  tags: z.array(z.string()).optional(),
});

function appThrowing(error: unknown) {
  const metrics = createMetrics();
  const app = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  app.onError(onError({ metrics }));
  app.use(async (c, next) => {
    c.set("requestId", "request-1");
    await next();
  });
  app.get("/throw", () => {
    throw error;
  });
  const route = createRoute({
    method: "post",
    path: "/validate",
    request: { body: { content: { "application/json": { schema: Body } }, required: true } },
    responses: { 200: { description: "ok" } },
  });
  app.openapi(route, (c) => ok(c, c.req.valid("json")));
  return { app, metrics };
}

/** Posts to the validating route. */
function validate(body: string) {
  const headers = { "content-type": "application/json" };
  return appThrowing(null).app.request("/validate", { method: "POST", body, headers });
}

Deno.test("onError() answers a DomainError with its code, status and page", async () => {
  const details = [{ field: "email", code: "taken", message: "Taken" }];
  const { app, metrics } = appThrowing(new DomainError("EMAIL_TAKEN", "Cannot", { details }));

  const response = await app.request("/throw");

  assertEquals(response.status, 409);
  assertEquals(response.headers.get("link"), '</docs/errors/EMAIL_TAKEN>; rel="help"');
  assertEquals(await response.json(), {
    success: false,
    error: { code: "EMAIL_TAKEN", message: "Cannot", details, requestId: "request-1" },
  });
  const counted = await metrics.errors.get();
  assertEquals(counted.values[0]?.labels, { type: "EMAIL_TAKEN", severity: "warning" });
});

Deno.test("onError() says nothing of an unknown error", async () => {
  for (
    const thrown of [new Error("relation users does not exist"), new TypeError("x of undefined")]
  ) {
    const response = await appThrowing(thrown).app.request("/throw");

    assertEquals(response.status, 500);
    assertEquals(await response.json(), {
      success: false,
      error: {
        code: "INTERNAL_ERROR",
        message: "Something went wrong on our side",
        requestId: "request-1",
      },
    });
  }
});

Deno.test("onError() tells when to come back", async () => {
  const cases: [DomainError, string | null][] = [
    [new DomainError("RATE_LIMIT_EXCEEDED", "Wait", { retryAfterSeconds: 11.2 }), "12"],
    [new DomainError("SERVICE_UNAVAILABLE", "Away"), "5"],
    [new DomainError("CIRCUIT_OPEN", "Away", { retryAfterSeconds: 30 }), "30"],
    [new DomainError("NOT_FOUND", "None"), null],
  ];
  for (const [error, expected] of cases) {
    const response = await appThrowing(error).app.request("/throw");
    assertEquals(response.headers.get("retry-after"), expected);
  }
});

Deno.test("onError() names the limit that refused, not a wider one", async () => {
  const limit = { name: "auth", quota: 5, windowSeconds: 60 };
  const error = new DomainError("RATE_LIMIT_EXCEEDED", "Wait", { retryAfterSeconds: 12, limit });

  const { headers } = await appThrowing(error).app.request("/throw");

  assertEquals(headers.get("ratelimit-policy"), '"auth";q=5;w=60');
  assertEquals(headers.get("ratelimit"), '"auth";r=0;t=12');
});

Deno.test("onError() challenges on 401, and names a refused token", async () => {
  const challengeOf = async (error: DomainError) =>
    (await appThrowing(error).app.request("/throw")).headers.get("www-authenticate");

  assertEquals(
    await challengeOf(new DomainError("UNAUTHORIZED", "Sign in")),
    'Bearer realm="paceboard"',
  );
  assertEquals(
    await challengeOf(new DomainError("TOKEN_EXPIRED", "Expired")),
    'Bearer realm="paceboard", error="invalid_token"',
  );
});

Deno.test("onError() translates what the framework throws", async () => {
  for (const [status, code] of [[403, "FORBIDDEN"], [413, "PAYLOAD_TOO_LARGE"]] as const) {
    const response = await appThrowing(new HTTPException(status, { message: "No" })).app
      .request("/throw");

    assertEquals(response.status, status);
    const { error } = await response.json();
    assertEquals([error.code, error.message], [code, "No"]);
  }
  const teapot = await appThrowing(new HTTPException(500, { message: "secret" })).app
    .request("/throw");
  assertEquals((await teapot.json()).error.message, "Something went wrong on our side");
});

Deno.test("onError() leaves pages to the page renderer", async () => {
  const { app, metrics } = appThrowing(new DomainError("NOT_FOUND", "None"));
  app.onError(onError({ metrics, page: (c, error) => c.html(`<h1>${error.code}</h1>`, 404) }));
  app.get("/api/throw", () => {
    throw new DomainError("NOT_FOUND", "None");
  });

  assertEquals(await (await app.request("/throw")).text(), "<h1>NOT_FOUND</h1>");
  assertMatch(await (await app.request("/api/throw")).text(), /^{"success":false/);
});

Deno.test("validationHook() names each faulty field by its path", async () => {
  const response = await validate(`{"score": 11, "scoring": {"dailyCap": "x"}, "tags": ["a", 1]}`);

  assertEquals(response.status, 400);
  const { error } = await response.json();
  assertEquals(error.code, "VALIDATION_ERROR");
  assertEquals(error.message, "3 fields are not valid");
  assertEquals(
    error.details.map((detail: { field: string; code: string }) => {
      return [detail.field, detail.code];
    }),
    [
      ["score", "too_big"],
      ["scoring.dailyCap", "invalid_type"],
      ["tags.1", "invalid_type"],
    ],
  );
});

Deno.test("validationHook() tells a missing field and an unknown one", async () => {
  const missing = await (await validate(`{"scoring": {"dailyCap": 1}}`)).json();
  const unknown = await (await validate(`{"score": 1, "scoring": {"dailyCap": 1}, "x": 1}`)).json();

  assertEquals(missing.error.details, [
    { field: "score", code: "required", message: "This field is required" },
  ]);
  assertEquals(unknown.error.details, [
    { field: "x", code: "unrecognized_key", message: "This field is not known" },
  ]);
});

Deno.test("onError() answers malformed JSON with BAD_REQUEST", async () => {
  const response = await validate(`{"score": `);

  assertEquals(response.status, 400);
  assertEquals((await response.json()).error.code, "BAD_REQUEST");
});

Deno.test("onError() bounds the details of a body with many faults", async () => {
  const response = await validate(
    JSON.stringify({ score: 1, scoring: { dailyCap: 1 }, tags: Array(500).fill(1) }),
  );

  const { error } = await response.json();
  assertEquals(error.details.length, 50);
  assertEquals(error.message, "500 fields are not valid");
});
