/** `/admin`: what operators and admins see and do. */

import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { AuditQuery, AuditRow, Overview, RemovedDemo } from "@/contracts/admin.ts";
import type { AuditService } from "@/services/audit.ts";
import type { DemoService } from "@/services/demo.ts";
import type { OverviewService } from "@/services/overview.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, TOKEN_REFUSALS } from "./answers.ts";

export interface AdminRoutesDeps {
  audit: AuditService;
  overview: OverviewService;
  demo: DemoService;
}

const tags = ["Administration"];
const security = [{ bearer: [] }];

const auditRoute = createRoute({
  operationId: "listAudit",
  method: "get",
  path: "/admin/audit",
  summary: "List changes by staff, newest first: filter, page (admins)",
  tags,
  security,
  request: { query: AuditQuery },
  responses: {
    200: answerPage("One page of the audit log", AuditRow),
    ...failures("VALIDATION_ERROR", ...TOKEN_REFUSALS),
  },
});

const overviewRoute = createRoute({
  operationId: "getOverview",
  method: "get",
  path: "/admin/overview",
  summary: "Read the live figures of this node (staff)",
  tags,
  security,
  responses: { 200: answer("The figures", Overview), ...failures(...TOKEN_REFUSALS) },
});

const removeDemoRoute = createRoute({
  operationId: "removeDemo",
  method: "post",
  path: "/admin/demo/remove",
  summary: "Remove all demo data (admins)",
  tags,
  security,
  responses: {
    200: answer("What was removed", RemovedDemo),
    ...failures(...TOKEN_REFUSALS, "CSRF_FAILED"),
  },
});

/** The routes under `/admin`. */
export function adminRoutes({ audit, overview, demo }: AdminRoutesDeps) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      auditRoute,
      async (c) => okPage(c, await audit.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(overviewRoute, async (c) => ok(c, await overview.get(c.var.actor), 200))
    .openapi(removeDemoRoute, async (c) => ok(c, await demo.remove(c.var.actor), 200));
}
