/** `/fitness/activities` and `/users/:userId/activity`: recorded sessions. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Activity, ActivityChange, ActivityDetail, ActivityQuery } from "@/contracts/activities.ts";
import { Id, Removed } from "@/contracts/envelope.ts";
import type { FitnessService } from "@/services/activity/fitness.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Fitness"];
const security = [{ bearer: [] }];
const request = { params: z.object({ id: Id.describe("Id of the activity") }) };
const path = "/fitness/activities/{id}";
const faults = ["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const;

const listRoute = createRoute({
  operationId: "listActivities",
  method: "get",
  path: "/users/{userId}/activity",
  summary: "List an athlete's recorded sessions, the latest first",
  tags,
  security,
  request: { params: z.object({ userId: Id.describe("The athlete") }), query: ActivityQuery },
  responses: { 200: answerPage("One page of sessions", Activity), ...failures(...faults) },
});

const getRoute = createRoute({
  operationId: "getActivity",
  method: "get",
  path,
  summary: "Read one session, its doubles and what it did in each competition",
  tags,
  security,
  request,
  responses: { 200: answer("The session", ActivityDetail), ...failures(...faults) },
});

const changeRoute = createRoute({
  operationId: "changeActivity",
  method: "patch",
  path,
  summary: "Correct the type of a session, or choose which of its records counts",
  description: "Every score that used the session is computed anew. What the device measured " +
    "cannot be changed; send or upload the corrected record under the same id instead.",
  tags,
  security,
  request: { ...request, body: jsonBody(ActivityChange) },
  responses: { 200: answer("The session as it is now", ActivityDetail), ...failures(...faults) },
});

const removeRoute = createRoute({
  operationId: "removeActivity",
  method: "delete",
  path,
  summary: "Remove a session from every score that used it",
  description: "Its identity is free again: the same record may be sent anew. Results that are " +
    "final stay as they are.",
  tags,
  security,
  request,
  responses: { 200: answer("The session is gone", Removed), ...failures(...faults) },
});

/** The routes of recorded sessions. */
export function activityRoutes(fitness: FitnessService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(listRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return okPage(c, await fitness.activities(c.var.actor, userId, c.req.valid("query")));
    })
    .openapi(
      getRoute,
      async (c) => ok(c, await fitness.getActivity(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(changeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await fitness.changeActivity(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(removeRoute, async (c) => {
      const { id } = c.req.valid("param");
      await fitness.removeActivity(c.var.actor, id);
      return ok(c, { id }, 200);
    });
}
