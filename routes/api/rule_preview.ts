/** Trying rules before they hold: on sample athletes, or on what participants did so far. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  CompetitionPreviewRequest,
  RulePreview,
  RulePreviewRequest,
} from "@/contracts/rule_preview.ts";
import type { RulePreviewService } from "@/services/competitions/rule_preview.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

const tags = ["Steering"];
const security = [{ bearer: [] }];
const params = z.object({
  id: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
});

const samplesRoute = createRoute({
  operationId: "previewRules",
  method: "post",
  path: "/competitions/preview",
  summary: "Try a rule on sample athletes, before there is a competition (organisers)",
  tags,
  security,
  request: { body: jsonBody(RulePreviewRequest) },
  responses: {
    200: answer("The board of the sample athletes", RulePreview),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "CSRF_FAILED"),
  },
});

const competitionRoute = createRoute({
  operationId: "previewCompetitionRules",
  method: "post",
  path: "/competitions/{id}/preview",
  summary: "Try a rule for a competition, on samples or on its participants (staff)",
  tags,
  security,
  request: { params, body: jsonBody(CompetitionPreviewRequest) },
  responses: {
    200: answer("The board under the rule", RulePreview),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "CSRF_FAILED"),
  },
});

/** The routes that try rules. */
export function rulePreviewRoutes(previews: RulePreviewService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(samplesRoute, (c) => {
      return ok(c, previews.onSamples(c.var.actor, c.req.valid("json")), 200);
    })
    .openapi(competitionRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await previews.forCompetition(c.var.actor, id, c.req.valid("json")), 200);
    });
}
