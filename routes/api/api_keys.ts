/** `/admin/api-keys`: the keys of apps. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  ApiKey,
  ApiKeyInput,
  ApiKeyQuery,
  ApiKeyRevocation,
  IssuedApiKey,
} from "@/contracts/api_keys.ts";
import { Id } from "@/contracts/envelope.ts";
import type { ApiKeysService } from "@/services/accounts/api_keys.ts";
import { ok, okPage } from "../answer.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Administration"];
const security = [{ bearer: [] }];
const params = z.object({ id: Id.describe("Id of the key") });
const REFUSALS = ["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN"] as const;

const listRoute = createRoute({
  operationId: "listApiKeys",
  method: "get",
  path: "/admin/api-keys",
  summary: "List the keys of apps, newest first (admins)",
  tags,
  security,
  request: { query: ApiKeyQuery },
  responses: { 200: answerPage("One page of keys", ApiKey), ...failures(...REFUSALS) },
});

const getRoute = createRoute({
  operationId: "getApiKey",
  method: "get",
  path: "/admin/api-keys/{id}",
  summary: "Read one key, without its secret (admins)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The key", ApiKey), ...failures(...REFUSALS, "NOT_FOUND") },
});

const createKeyRoute = createRoute({
  operationId: "createApiKey",
  method: "post",
  path: "/admin/api-keys",
  summary: "Make a key with its scopes (admins)",
  description: "The answer shows the key this once; only a hash of it is kept.",
  tags,
  security,
  request: { body: jsonBody(ApiKeyInput) },
  responses: { 201: answer("The key with its secret", IssuedApiKey), ...failures(...REFUSALS) },
});

const rotateRoute = createRoute({
  operationId: "rotateApiKey",
  method: "post",
  path: "/admin/api-keys/{id}/rotate",
  summary: "Give a key a new secret; the old one stops within 5 seconds (admins)",
  description: "To change keys without a gap, make a second one, move the app, revoke the first.",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("The key with its new secret", IssuedApiKey),
    ...failures(...REFUSALS, "NOT_FOUND", "CONFLICT"),
  },
});

const revokeRoute = createRoute({
  operationId: "revokeApiKey",
  method: "delete",
  path: "/admin/api-keys/{id}",
  summary: "Revoke a key; it stops within 5 seconds (admins)",
  tags,
  security,
  request: { params, query: ApiKeyRevocation },
  responses: { 200: answer("The revoked key", ApiKey), ...failures(...REFUSALS, "NOT_FOUND") },
});

/** The routes under `/admin/api-keys`. */
export function apiKeyRoutes(apiKeys: ApiKeysService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      listRoute,
      async (c) => okPage(c, await apiKeys.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(
      getRoute,
      async (c) => ok(c, await apiKeys.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(createKeyRoute, async (c) => {
      const issued = await apiKeys.create(c.var.actor, c.req.valid("json"));
      return ok(keepNowhere(c), issued, 201);
    })
    .openapi(rotateRoute, async (c) => {
      const issued = await apiKeys.rotate(c.var.actor, c.req.valid("param").id);
      return ok(keepNowhere(c), issued, 200);
    })
    .openapi(revokeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await apiKeys.revoke(c.var.actor, id, c.req.valid("query")), 200);
    });
}

/** A secret must not stay in any cache on its way. */
function keepNowhere<C extends Pick<AppContext, "header">>(c: C): C {
  c.header("cache-control", "no-store");
  return c;
}
