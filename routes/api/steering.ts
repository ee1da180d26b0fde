/** `/competitions/:id/…`: how staff steer a running competition, and its final result. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Announcement, AnnouncementInput, AnnouncementQuery } from "@/contracts/announcements.ts";
import { Competition } from "@/contracts/competitions.ts";
import { ExportQuery } from "@/contracts/exports.ts";
import {
  FinaliseState,
  Finalized,
  FinalizeRequest,
  FreezeRequest,
  Result,
  ResultKeys,
} from "@/contracts/results.ts";
import { CloneRequest, RulesChange, RulesChanged, RuleVersions } from "@/contracts/rules.ts";
import type { Services } from "@/services/mod.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";
import { sendExport } from "./export_answer.ts";

const tags = ["Steering"];
const security = [{ bearer: [] }];
/** Of public competitions these need no token. */
const openSecurity = [{}, { bearer: [] }];
const params = z.object({
  id: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
});
/** A body that may be left out. */
const optionalBody = <T extends z.ZodType>(schema: T) => ({
  required: false,
  content: { "application/json": { schema } },
});

const freezeRoute = createRoute({
  operationId: "freezeBoard",
  method: "post",
  path: "/competitions/{id}/freeze",
  summary: "Stop the public board; staff go on seeing it live",
  tags,
  security,
  request: { params, body: optionalBody(FreezeRequest) },
  responses: {
    200: answer("The competition; frozen already is no failure", Competition),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const unfreezeRoute = createRoute({
  operationId: "unfreezeBoard",
  method: "post",
  path: "/competitions/{id}/unfreeze",
  summary: "Let the public board move again",
  tags,
  security,
  request: { params, body: optionalBody(FreezeRequest) },
  responses: {
    200: answer("The competition; not frozen is no failure", Competition),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const finaliseStateRoute = createRoute({
  operationId: "getFinaliseState",
  method: "get",
  path: "/competitions/{id}/finalize",
  summary: "Tell what keeps the result from being final",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("Everything that stands in the way", FinaliseState),
    ...failures(
      ...["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const finaliseRoute = createRoute({
  operationId: "finalizeCompetition",
  method: "post",
  path: "/competitions/{id}/finalize",
  summary: "Approve the result: it becomes final and is signed",
  tags,
  security,
  request: { params, body: optionalBody(FinalizeRequest) },
  responses: {
    200: answer("The competition and its signed result", Finalized),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "RESULT_BLOCKED"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const cloneRoute = createRoute({
  operationId: "cloneCompetition",
  method: "post",
  path: "/competitions/{id}/clone",
  summary: "Copy a competition as a new draft, its times moved along",
  tags,
  security,
  request: { params, body: optionalBody(CloneRequest) },
  responses: {
    201: answer("The draft", Competition),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "SLUG_TAKEN"),
  },
});

const announceRoute = createRoute({
  operationId: "announce",
  method: "post",
  path: "/competitions/{id}/announce",
  summary: "Tell everybody who follows the competition; at most 30 an hour",
  tags,
  security,
  request: { params, body: jsonBody(AnnouncementInput) },
  responses: {
    201: answer("What was told", Announcement),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "NOT_PUBLISHED"),
  },
});

const announcementsRoute = createRoute({
  operationId: "listAnnouncements",
  method: "get",
  path: "/competitions/{id}/announcements",
  summary: "List what everybody was told, newest first",
  tags,
  security: openSecurity,
  request: { params, query: AnnouncementQuery },
  responses: {
    200: answerPage("One page of announcements", Announcement),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const rulesRoute = createRoute({
  operationId: "listRules",
  method: "get",
  path: "/competitions/{id}/rules",
  summary: "List the versions of the rules, newest first",
  tags,
  security: openSecurity,
  request: { params },
  responses: {
    200: answer("Every version", RuleVersions),
    ...failures("UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const changeRulesRoute = createRoute({
  operationId: "changeRules",
  method: "post",
  path: "/competitions/{id}/rules",
  summary: "Enter a new version of published rules: everybody is scored anew and told",
  tags,
  security,
  request: { params, body: jsonBody(RulesChange) },
  responses: {
    201: answer("The competition under its new rules", RulesChanged),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const exportRoute = createRoute({
  operationId: "exportCompetition",
  method: "get",
  path: "/competitions/{id}/export",
  summary: "Export the standings as CSV or JSON, or the log for checking the result",
  tags,
  security: openSecurity,
  request: { params, query: ExportQuery },
  responses: {
    200: {
      description: "The file; what the public gets of a frozen board is the frozen one",
      content: {
        "text/csv": { schema: z.string() },
        "application/json": { schema: z.object({}).loose() },
      },
    },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const resultRoute = createRoute({
  operationId: "getResult",
  method: "get",
  path: "/competitions/{id}/result",
  summary: "Read the signed result with its revisions; none until it is final",
  tags,
  security: openSecurity,
  request: { params },
  responses: {
    200: answer("The result", Result),
    ...failures("UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const keysRoute = createRoute({
  operationId: "listResultKeys",
  method: "get",
  path: "/results/keys",
  summary: "List the public keys that results are signed with",
  tags,
  security: [{}],
  responses: { 200: answer("The keys, the current one among them", ResultKeys), ...failures() },
});

type Deps = Pick<
  Services,
  | "announcements"
  | "competitions"
  | "exports"
  | "lifecycle"
  | "results"
  | "ruleVersions"
>;

/** The routes by which a competition is steered. */
export function steeringRoutes(services: Deps) {
  const { announcements, competitions, exports, lifecycle, results, ruleVersions } = services;
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(freezeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await lifecycle.freeze(c.var.actor, id, c.req.valid("json") ?? {}), 200);
    })
    .openapi(unfreezeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await lifecycle.unfreeze(c.var.actor, id, c.req.valid("json") ?? {}), 200);
    })
    .openapi(
      finaliseStateRoute,
      async (c) => ok(c, await lifecycle.finaliseState(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(finaliseRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await lifecycle.finalise(c.var.actor, id, c.req.valid("json") ?? {}), 200);
    })
    .openapi(cloneRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await competitions.clone(c.var.actor, id, c.req.valid("json") ?? {}), 201);
    })
    .openapi(announceRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await announcements.announce(c.var.actor, id, c.req.valid("json")), 201);
    })
    .openapi(announcementsRoute, async (c) => {
      const { id } = c.req.valid("param");
      return okPage(c, await announcements.list(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(
      rulesRoute,
      async (c) => ok(c, await ruleVersions.list(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(changeRulesRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await ruleVersions.change(c.var.actor, id, c.req.valid("json")), 201);
    })
    .openapi(exportRoute, async (c) => {
      const { id } = c.req.valid("param");
      return sendExport(c, await exports.export(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(
      resultRoute,
      async (c) => ok(c, await results.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(keysRoute, async (c) => ok(c, await results.keys(), 200));
}
