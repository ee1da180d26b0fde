/** `/admin/jobs`: the queue of background jobs. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { JobId, JobQuery, JobRow } from "@/contracts/jobs.ts";
import type { JobsService } from "@/services/jobs/jobs.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures } from "./answers.ts";

const tags = ["Administration"];
const security = [{ bearer: [] }];
const params = z.object({ id: JobId });
const REFUSALS = ["UNAUTHORIZED", "FORBIDDEN"] as const;
const CHANGE_REFUSALS = [
  "VALIDATION_ERROR",
  ...REFUSALS,
  "NOT_FOUND",
  "CONFLICT",
  "CSRF_FAILED",
] as const;

const listRoute = createRoute({
  operationId: "listJobs",
  method: "get",
  path: "/admin/jobs",
  summary: "List background jobs that wait, run or were given up (admins)",
  description: "Jobs that succeeded are gone.",
  tags,
  security,
  request: { query: JobQuery },
  responses: {
    200: answerPage("One page of jobs, the next due first", JobRow),
    ...failures("VALIDATION_ERROR", ...REFUSALS),
  },
});

const retryRoute = createRoute({
  operationId: "retryJob",
  method: "post",
  path: "/admin/jobs/{id}/retry",
  summary: "Run a waiting or given-up job now, its tries counted anew (admins)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The job", JobRow), ...failures(...CHANGE_REFUSALS) },
});

const CancelledJob = z.object({ id: JobId }).meta({
  id: "CancelledJob",
  description: "The job that is gone",
});

const cancelRoute = createRoute({
  operationId: "cancelJob",
  method: "delete",
  path: "/admin/jobs/{id}",
  summary: "Remove a waiting or given-up job (admins)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("It is gone", CancelledJob), ...failures(...CHANGE_REFUSALS) },
});

/** The routes under `/admin/jobs`. */
export function jobRoutes(jobs: JobsService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(listRoute, async (c) => okPage(c, await jobs.list(c.var.actor, c.req.valid("query"))))
    .openapi(
      retryRoute,
      async (c) => ok(c, await jobs.retry(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(cancelRoute, async (c) => {
      const { id } = c.req.valid("param");
      await jobs.cancel(c.var.actor, id);
      return ok(c, { id }, 200);
    });
}
