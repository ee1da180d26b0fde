/** `/reviews`: what is doubtful, and what was decided. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id } from "@/contracts/envelope.ts";
import {
  Review,
  ReviewAppealRequest,
  ReviewDecisionRequest,
  ReviewEvidence,
  ReviewQuery,
} from "@/contracts/reviews.ts";
import type { ReviewsService } from "@/services/reviews/reviews.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Reviews"];
const security = [{ bearer: [] }];
const params = z.object({ id: Id.describe("Id of the review") });
const faults = ["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const;
const decisionFaults = [...faults, "CONFLICT", "ALREADY_FINAL", "COMPETITION_CANCELLED"] as const;

const listRoute = createRoute({
  operationId: "listReviews",
  method: "get",
  path: "/reviews",
  summary: "List what waits for review: of one's competitions, and of oneself",
  tags,
  security,
  request: { query: ReviewQuery },
  responses: {
    200: answerPage("One page of reviews, the oldest first", Review),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED"),
  },
});

const getRoute = createRoute({
  operationId: "getReview",
  method: "get",
  path: "/reviews/{id}",
  summary: "Read a review with its evidence, the same for staff and athlete",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The review", ReviewEvidence), ...failures(...faults) },
});

const acceptRoute = createRoute({
  operationId: "acceptReview",
  method: "post",
  path: "/reviews/{id}/accept",
  summary: "Let a doubtful session or day count",
  tags,
  security,
  request: { params, body: jsonBody(ReviewDecisionRequest) },
  responses: { 200: answer("The review as it is now", Review), ...failures(...decisionFaults) },
});

const rejectRoute = createRoute({
  operationId: "rejectReview",
  method: "post",
  path: "/reviews/{id}/reject",
  summary: "Let a doubtful session or day not count",
  tags,
  security,
  request: { params, body: jsonBody(ReviewDecisionRequest) },
  responses: { 200: answer("The review as it is now", Review), ...failures(...decisionFaults) },
});

const undoRoute = createRoute({
  operationId: "undoReview",
  method: "post",
  path: "/reviews/{id}/undo",
  summary: "Take a decision back, so that it waits again",
  tags,
  security,
  request: { params, body: jsonBody(ReviewDecisionRequest) },
  responses: { 200: answer("The review as it is now", Review), ...failures(...decisionFaults) },
});

const appealRoute = createRoute({
  operationId: "appealReview",
  method: "post",
  path: "/reviews/{id}/appeal",
  summary: "Ask for another look at a rejection of one's own activity, once",
  tags,
  security,
  request: { params, body: jsonBody(ReviewAppealRequest) },
  responses: { 200: answer("The review as it is now", Review), ...failures(...decisionFaults) },
});

/** The routes under `/reviews`. */
export function reviewRoutes(reviews: ReviewsService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      listRoute,
      async (c) => okPage(c, await reviews.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(
      getRoute,
      async (c) => ok(c, await reviews.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(acceptRoute, async (c) => {
      const { reason } = c.req.valid("json");
      return ok(c, await reviews.accept(c.var.actor, c.req.valid("param").id, reason), 200);
    })
    .openapi(rejectRoute, async (c) => {
      const { reason } = c.req.valid("json");
      return ok(c, await reviews.reject(c.var.actor, c.req.valid("param").id, reason), 200);
    })
    .openapi(undoRoute, async (c) => {
      const { reason } = c.req.valid("json");
      return ok(c, await reviews.undo(c.var.actor, c.req.valid("param").id, reason), 200);
    })
    .openapi(appealRoute, async (c) => {
      const { text } = c.req.valid("json");
      return ok(c, await reviews.appeal(c.var.actor, c.req.valid("param").id, text), 200);
    });
}
