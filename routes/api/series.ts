/** `/competitions/:id/series`: what comes again, and what of it is left out. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { OccurrenceChoice, Series } from "@/contracts/recurrence.ts";
import type { SeriesService } from "@/services/competitions/series.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

const tags = ["Competitions"];
const security = [{ bearer: [] }];
const params = z.object({
  id: z.string().min(1).max(80).meta({
    description: "Id or slug of any occurrence",
    example: "spring-distance-cup",
  }),
});
const STAFF = ["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const;

const getRoute = createRoute({
  operationId: "getSeries",
  method: "get",
  path: "/competitions/{id}/series",
  summary: "Tell how a competition comes again: its neighbours, and what is planned",
  tags,
  security: [{}, ...security],
  request: { params },
  responses: {
    200: answer("The series; null for a competition that does not come again", Series.nullable()),
    ...failures(...STAFF),
  },
});

const stopRoute = createRoute({
  operationId: "stopSeries",
  method: "post",
  path: "/competitions/{id}/series/stop",
  summary: "Make no more occurrences; those there are stay",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The stopped series", Series), ...failures(...STAFF) },
});

const resumeRoute = createRoute({
  operationId: "resumeSeries",
  method: "post",
  path: "/competitions/{id}/series/resume",
  summary: "Go on with the next occurrence that is not over",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The series", Series), ...failures(...STAFF) },
});

const skipRoute = createRoute({
  operationId: "skipOccurrence",
  method: "post",
  path: "/competitions/{id}/series/skip",
  summary: "Leave out an occurrence that is not made yet",
  tags,
  security,
  request: { params, body: jsonBody(OccurrenceChoice) },
  responses: {
    200: answer("The series", Series),
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

const unskipRoute = createRoute({
  operationId: "unskipOccurrence",
  method: "post",
  path: "/competitions/{id}/series/unskip",
  summary: "Take an occurrence in again that was to be left out",
  tags,
  security,
  request: { params, body: jsonBody(OccurrenceChoice) },
  responses: {
    200: answer("The series", Series),
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

/** The routes of competitions that come again. */
export function seriesRoutes(series: SeriesService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      getRoute,
      async (c) => ok(c, await series.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(
      stopRoute,
      async (c) => ok(c, await series.stop(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(
      resumeRoute,
      async (c) => ok(c, await series.resume(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(skipRoute, async (c) => {
      const { index } = c.req.valid("json");
      return ok(c, await series.skip(c.var.actor, c.req.valid("param").id, index), 200);
    })
    .openapi(unskipRoute, async (c) => {
      const { index } = c.req.valid("json");
      return ok(c, await series.unskip(c.var.actor, c.req.valid("param").id, index), 200);
    });
}
