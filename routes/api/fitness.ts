/** `/fitness`: activity on its way in, and what became of it. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id, PageQuery } from "@/contracts/envelope.ts";
import {
  ImportResult,
  ImportSummary,
  Stats,
  StatsQuery,
  SyncRequest,
} from "@/contracts/fitness.ts";
import type { FitnessService } from "@/services/activity/fitness.ts";
import type { UploadsService } from "@/services/activity/uploads.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { uploadGuard } from "../middleware/upload_guard.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Fitness"];
const security = [{ bearer: [] }];
const idParams = z.object({ id: Id.describe("Id of the import") });

const Upload = z.object({
  file: z.instanceof(File, { message: "A file is required" }).meta({
    type: "string",
    format: "binary",
    description:
      "FIT, TCX or GPX, also compressed; a ZIP of several; or an export of Apple Health " +
      "(XML or ZIP)",
  }),
  competitionId: Id.optional().meta({ description: "Adds the standing there to the answer" }),
}).meta({ id: "Upload", description: "A device file" });

const importRoute = (uploads: UploadsService) =>
  createRoute({
    operationId: "importActivity",
    method: "post",
    path: "/fitness/import",
    summary:
      "Upload a device file: its activities and samples count wherever the athlete takes part",
    description: "The same file again is answered `duplicate` and changes nothing. An export of " +
      "Apple Health, or an archive of many files, is read as a job: the answer is 202 with the import, whose progress " +
      "`GET /fitness/imports/{id}` tells. The reasons of refused files and records are listed at " +
      "/docs/reasons.",
    tags,
    security,
    middleware: [uploadGuard(uploads)] as const,
    request: {
      body: { required: true, content: { "multipart/form-data": { schema: Upload } } },
    },
    responses: {
      200: answer("What became of each record, and what it did where", ImportResult),
      202: answer("A job reads the file; its import is `queued`", ImportResult),
      ...failures(
        "VALIDATION_ERROR",
        "IMPORT_REJECTED",
        "SERVICE_UNAVAILABLE",
        "UNAUTHORIZED",
        "FORBIDDEN",
        "NOT_FOUND",
        "PAYLOAD_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
      ),
    },
  });

const syncRoute = createRoute({
  operationId: "syncActivity",
  method: "post",
  path: "/fitness/sync",
  summary: "Send step and workout records of a phone or watch",
  description: "Each record is answered by itself; the same id with the same content is a " +
    "duplicate, with other content it replaces.",
  tags,
  security,
  request: { body: jsonBody(SyncRequest) },
  responses: {
    200: answer("What became of each record, and what it did where", ImportResult),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const importsRoute = createRoute({
  operationId: "listImports",
  method: "get",
  path: "/fitness/imports",
  summary: "List one's own imports, newest first",
  tags,
  security,
  request: { query: PageQuery },
  responses: {
    200: answerPage("One page of imports", ImportSummary),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED"),
  },
});

const getImportRoute = createRoute({
  operationId: "getImport",
  method: "get",
  path: "/fitness/imports/{id}",
  summary: "Read what one import held and did",
  tags,
  security,
  request: { params: idParams },
  responses: {
    200: answer("The import", ImportResult),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const statsRoute = createRoute({
  operationId: "getStats",
  method: "get",
  path: "/fitness/stats/{userId}",
  summary: "Read an athlete's totals by day, week or month",
  tags,
  security,
  request: { params: z.object({ userId: Id.describe("The athlete") }), query: StatsQuery },
  responses: {
    200: answer("Totals, best day, streaks, sources", Stats),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

export interface FitnessRoutesDeps {
  fitness: FitnessService;
  uploads: UploadsService;
}

/** The routes under `/fitness`. */
export function fitnessRoutes({ fitness, uploads }: FitnessRoutesDeps) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(importRoute(uploads), async (c) => {
      const { competitionId } = c.req.valid("form");
      const result = await fitness.importFile(c.var.actor, c.var.upload!, { competitionId });
      return result.import.status === "queued" ? ok(c, result, 202) : ok(c, result, 200);
    })
    .openapi(
      syncRoute,
      async (c) => ok(c, await fitness.sync(c.var.actor, c.req.valid("json")), 200),
    )
    .openapi(
      importsRoute,
      async (c) => okPage(c, await fitness.imports(c.var.actor, c.req.valid("query"))),
    )
    .openapi(
      getImportRoute,
      async (c) => ok(c, await fitness.getImport(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(statsRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await fitness.stats(c.var.actor, userId, c.req.valid("query")), 200);
    });
}
