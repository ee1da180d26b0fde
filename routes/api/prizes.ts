/** `/prizes`: previewed, distributed, shown. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id, PageMeta, pageMeta } from "@/contracts/envelope.ts";
import {
  PrizeDecision,
  PrizeDistribution,
  PrizePreview,
  PrizeQuery,
  PrizeResult,
  PrizesTakenBack,
} from "@/contracts/prizes.ts";
import type { PrizesService } from "@/services/money/prizes.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, FIELD_REFUSALS } from "./answers.ts";

const tags = ["Money"];
const security = [{ bearer: [] }];
/** Prizes of public competitions need no token. */
const openSecurity = [{}, { bearer: [] }];
const params = z.object({
  competitionId: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
});
const REFUSALS = [...FIELD_REFUSALS, "NOT_FOUND"] as const;
const decision = {
  required: false,
  content: { "application/json": { schema: PrizeDecision } },
};

const calculateRoute = createRoute({
  operationId: "calculatePrizes",
  method: "post",
  path: "/prizes/calculate/{competitionId}",
  summary: "Preview what distributing would pay, with its explanation (organiser, finance)",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("The preview; nothing is stored", PrizePreview),
    ...failures(...REFUSALS, "NO_PRIZES"),
  },
});

const distributeRoute = createRoute({
  operationId: "distributePrizes",
  method: "post",
  path: "/prizes/distribute/{competitionId}",
  summary: "Pay the prizes of a final result, or ask a second approver to (finance)",
  tags,
  security,
  request: { params, body: decision },
  responses: {
    200: answer("How far it is; sent again it goes on", PrizeDistribution),
    ...failures(...REFUSALS, "NO_PRIZES", "NOT_FINAL"),
  },
});

const getRoute = createRoute({
  operationId: "getPrizes",
  method: "get",
  path: "/prizes/{competitionId}",
  summary: "Read the prizes with the proof of their split",
  tags,
  security: openSecurity,
  request: { params, query: PrizeQuery },
  responses: {
    200: {
      description: "The prizes; `meta` tells the page",
      content: {
        "application/json": {
          schema: z.object({
            success: z.literal(true).describe("Always true"),
            data: PrizeResult,
            meta: PageMeta,
          }),
        },
      },
    },
    ...failures(...REFUSALS),
  },
});

const clawBackRoute = createRoute({
  operationId: "takePrizesBack",
  method: "post",
  path: "/prizes/{competitionId}/participants/{participantId}/take-back",
  summary: "Take back the prizes of a disqualified participant (finance)",
  tags,
  security,
  request: {
    params: params.extend({ participantId: Id.describe("The participant") }),
    body: decision,
  },
  responses: {
    200: answer("How many were taken back", PrizesTakenBack),
    ...failures(...REFUSALS, "CONFLICT"),
  },
});

/** The routes under `/prizes`. */
export function prizeRoutes(prizes: PrizesService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(calculateRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      return ok(c, await prizes.calculate(c.var.actor, competitionId), 200);
    })
    .openapi(distributeRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      const decision = c.req.valid("json");
      return ok(c, await prizes.distribute(c.var.actor, competitionId, decision), 200);
    })
    .openapi(getRoute, async (c) => {
      const query = c.req.valid("query");
      const { competitionId } = c.req.valid("param");
      const { total, ...result } = await prizes.get(c.var.actor, competitionId, query);
      const { page, page_size: pageSize } = query;
      return ok(c, result, 200, pageMeta({ items: [], page, pageSize, total }));
    })
    .openapi(clawBackRoute, async (c) => {
      const { competitionId, participantId } = c.req.valid("param");
      const decision = c.req.valid("json");
      return ok(
        c,
        await prizes.clawBack(c.var.actor, competitionId, participantId, decision),
        200,
      );
    });
}
