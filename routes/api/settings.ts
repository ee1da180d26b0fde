/** `/admin/settings`: what admins decide for the whole platform. */

import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Settings, SettingsChange } from "@/contracts/settings.ts";
import type { SettingsService } from "@/services/settings.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

const tags = ["Administration"];
const security = [{ bearer: [] }];

const getRoute = createRoute({
  operationId: "getSettings",
  method: "get",
  path: "/admin/settings",
  summary: "Read the settings of the platform (admins)",
  tags,
  security,
  responses: { 200: answer("The settings", Settings), ...failures("UNAUTHORIZED", "FORBIDDEN") },
});

const changeRoute = createRoute({
  operationId: "changeSettings",
  method: "put",
  path: "/admin/settings",
  summary: "Change the settings of the platform; absent fields stay (admins)",
  tags,
  security,
  request: { body: jsonBody(SettingsChange) },
  responses: {
    200: answer("The settings after it", Settings),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN"),
  },
});

/** The routes under `/admin/settings`. */
export function settingsRoutes(settings: SettingsService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(getRoute, async (c) => ok(c, await settings.get(c.var.actor), 200))
    .openapi(
      changeRoute,
      async (c) => ok(c, await settings.change(c.var.actor, c.req.valid("json")), 200),
    );
}
