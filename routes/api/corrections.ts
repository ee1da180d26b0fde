/** How staff correct scores and judge participants, and why somebody is ranked where they are. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  AdjustRequest,
  CorrectionRequest,
  EventCorrected,
  EventQuery,
  EventRow,
  ParticipantCorrected,
  ScoreAdjusted,
} from "@/contracts/corrections.ts";
import { Id, PageMeta } from "@/contracts/envelope.ts";
import { Explanation, ExplanationQuery } from "@/contracts/explanation.ts";
import type { Services } from "@/services/mod.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Steering"];
const security = [{ bearer: [] }];
const COMPETITION = z.string().min(1).max(80).meta({
  description: "Id or slug of the competition",
  example: "spring-distance-cup",
});
const eventParams = z.object({ eventId: Id.describe("The score event") });
const participantParams = z.object({
  id: COMPETITION,
  participantId: Id.describe("The participant"),
});
const body = jsonBody(CorrectionRequest);

const voidRoute = createRoute({
  operationId: "voidEvent",
  method: "post",
  path: "/leaderboard/events/{eventId}/void",
  summary: "Let a score event count as never written; one that is voided stays so",
  tags,
  security,
  request: { params: eventParams, body },
  responses: {
    200: answer("The event, and the participant's score without it", EventCorrected),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const reinstateEventRoute = createRoute({
  operationId: "reinstateEvent",
  method: "post",
  path: "/leaderboard/events/{eventId}/reinstate",
  summary: "Let a voided event count again, exactly as before",
  tags,
  security,
  request: { params: eventParams, body },
  responses: {
    200: answer("The event, and the participant's score with it", EventCorrected),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const disqualifyRoute = createRoute({
  operationId: "disqualifyParticipant",
  method: "post",
  path: "/competitions/{id}/participants/{participantId}/disqualify",
  summary: "List a participant last, without rank; a final result gets another revision",
  tags,
  security,
  request: { params: participantParams, body },
  responses: {
    200: answer("The participant", ParticipantCorrected),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED"] as const,
    ),
  },
});

const reinstateRoute = createRoute({
  operationId: "reinstateParticipant",
  method: "post",
  path: "/competitions/{id}/participants/{participantId}/reinstate",
  summary: "Take a disqualified participant back, with the score of before",
  tags,
  security,
  request: { params: participantParams, body },
  responses: {
    200: answer("The participant", ParticipantCorrected),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const,
      ...["NOT_PUBLISHED", "COMPETITION_CANCELLED"] as const,
    ),
  },
});

const adjustRoute = createRoute({
  operationId: "adjustScore",
  method: "post",
  path: "/competitions/{id}/participants/{participantId}/adjust",
  summary: "Enter or correct somebody's score; voiding the event undoes it",
  tags,
  security,
  request: { params: participantParams, body: jsonBody(AdjustRequest) },
  responses: {
    200: answer("The score after it", ScoreAdjusted),
    ...failures(
      ...["VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "CONFLICT"] as const,
      ...["NOT_PUBLISHED", "NOT_STARTED", "ALREADY_ENDED", "ALREADY_FINAL"] as const,
      ...["COMPETITION_CANCELLED", "NOT_A_PARTICIPANT", "PARTICIPANT_DISQUALIFIED"] as const,
    ),
  },
});

const eventsRoute = createRoute({
  operationId: "listEvents",
  method: "get",
  path: "/competitions/{id}/events",
  summary: "List the score events with who wrote them and what is voided (staff)",
  tags,
  security,
  request: { params: z.object({ id: COMPETITION }), query: EventQuery },
  responses: {
    200: answerPage("One page of events, newest first", EventRow),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const explainRoute = createRoute({
  operationId: "explainRank",
  method: "get",
  path: "/leaderboard/{competitionId}/explain/{participantId}",
  summary: "Explain a rank: what counts, what does not and why, what decided, what is to beat",
  tags: ["Leaderboard"],
  security: [{}, { bearer: [] }],
  request: {
    params: z.object({
      competitionId: COMPETITION,
      participantId: Id.describe("The participant"),
    }),
    query: ExplanationQuery,
  },
  responses: {
    200: {
      description: "The explanation; `meta` tells the page of its events",
      content: {
        "application/json": {
          schema: z.object({
            success: z.literal(true).describe("Always true"),
            data: Explanation,
            meta: PageMeta,
          }),
        },
      },
    },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

/** The routes of corrections and explanations. */
export function correctionRoutes(
  { corrections, explanations }: Pick<Services, "corrections" | "explanations">,
) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(voidRoute, async (c) => {
      const { eventId } = c.req.valid("param");
      return ok(c, await corrections.voidEvent(c.var.actor, eventId, c.req.valid("json")), 200);
    })
    .openapi(reinstateEventRoute, async (c) => {
      const { eventId } = c.req.valid("param");
      const corrected = await corrections.reinstateEvent(
        c.var.actor,
        eventId,
        c.req.valid("json"),
      );
      return ok(c, corrected, 200);
    })
    .openapi(disqualifyRoute, async (c) => {
      const { id, participantId } = c.req.valid("param");
      const { actor } = c.var;
      return ok(
        c,
        await corrections.disqualify(actor, id, participantId, c.req.valid("json")),
        200,
      );
    })
    .openapi(reinstateRoute, async (c) => {
      const { id, participantId } = c.req.valid("param");
      const { actor } = c.var;
      return ok(c, await corrections.reinstate(actor, id, participantId, c.req.valid("json")), 200);
    })
    .openapi(adjustRoute, async (c) => {
      const { id, participantId } = c.req.valid("param");
      return ok(
        c,
        await corrections.adjust(c.var.actor, id, participantId, c.req.valid("json")),
        200,
      );
    })
    .openapi(eventsRoute, async (c) => {
      const { id } = c.req.valid("param");
      return okPage(c, await corrections.events(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(explainRoute, async (c) => {
      const { competitionId, participantId } = c.req.valid("param");
      const { explanation, meta } = await explanations.explain(
        ...[c.var.actor, competitionId, participantId] as const,
        c.req.valid("query"),
      );
      c.header("cache-control", "no-cache");
      c.header("vary", "Authorization, Cookie");
      return ok(c, explanation, 200, meta);
    });
}
