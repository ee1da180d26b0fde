/** `/users/{userId}/dashboard` and `/competitions`: what concerns one person. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Dashboard, UserCompetition, UserCompetitionQuery } from "@/contracts/dashboard.ts";
import { Id } from "@/contracts/envelope.ts";
import type { DashboardService } from "@/services/dashboard.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, FIELD_REFUSALS } from "./answers.ts";

const tags = ["Users"];
const security = [{ bearer: [] }];
const params = z.object({ userId: Id.describe("Id of the user") });

const dashboardRoute = createRoute({
  operationId: "getDashboard",
  method: "get",
  path: "/users/{userId}/dashboard",
  summary: "Today, this week, standings and news of a person (oneself or an admin)",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("The dashboard", Dashboard),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND"),
  },
});

const competitionsRoute = createRoute({
  operationId: "listUserCompetitions",
  method: "get",
  path: "/users/{userId}/competitions",
  summary: "List the competitions a person entered, with the standing (oneself or an admin)",
  tags,
  security,
  request: { params, query: UserCompetitionQuery },
  responses: {
    200: answerPage("One page of entries, the latest to end first", UserCompetition),
    ...failures(...FIELD_REFUSALS),
  },
});

/** The routes of what concerns one person. */
export function dashboardRoutes(dashboard: DashboardService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(dashboardRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await dashboard.dashboard(c.var.actor, userId), 200);
    })
    .openapi(competitionsRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return okPage(
        c,
        await dashboard.competitions(c.var.actor, userId, c.req.valid("query")),
      );
    });
}
