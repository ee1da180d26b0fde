/** `/competitions`: the life of a competition, its participants and its log. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  CancelRequest,
  Competition,
  CompetitionChange,
  CompetitionInput,
  CompetitionQuery,
  CompetitionView,
  Entry,
  JoinRequest,
  Left,
  Log,
  LogQuery,
  Participant,
  ParticipantQuery,
  RemovedCompetition,
} from "@/contracts/competitions.ts";
import type { CompetitionsService } from "@/services/competitions/competitions.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Competitions"];
const security = [{ bearer: [] }];
/** Public competitions need no token. */
const openSecurity = [{}, { bearer: [] }];
const params = z.object({
  id: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
});

const listRoute = createRoute({
  operationId: "listCompetitions",
  method: "get",
  path: "/competitions",
  summary: "List competitions: search, filter by phase, sort, page",
  tags,
  security: openSecurity,
  request: { query: CompetitionQuery },
  responses: {
    200: answerPage("One page of competitions", Competition),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "TOKEN_EXPIRED", "INVALID_TOKEN"),
  },
});

const createCompetitionRoute = createRoute({
  operationId: "createCompetition",
  method: "post",
  path: "/competitions",
  summary: "Create a competition as a draft",
  tags,
  security,
  request: { body: jsonBody(CompetitionInput) },
  responses: {
    201: answer("The draft", Competition),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "SLUG_TAKEN"),
  },
});

const getRoute = createRoute({
  operationId: "getCompetition",
  method: "get",
  path: "/competitions/{id}",
  summary: "Read one competition by id or slug",
  tags,
  security: openSecurity,
  request: { params },
  responses: {
    200: answer("The competition", CompetitionView),
    ...failures("UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const changeRoute = createRoute({
  operationId: "changeCompetition",
  method: "put",
  path: "/competitions/{id}",
  summary: "Change a competition; absent fields stay",
  tags,
  security,
  request: { params, body: jsonBody(CompetitionChange) },
  responses: {
    200: answer("The changed competition", Competition),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "NOT_FOUND",
      "SLUG_TAKEN",
      "RULES_LOCKED",
      "COMPETITION_FULL",
      "COMPETITION_CANCELLED",
      "ALREADY_FINAL",
    ),
  },
});

const removeRoute = createRoute({
  operationId: "removeCompetition",
  method: "delete",
  path: "/competitions/{id}",
  summary: "Remove a draft",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("It is gone", RemovedCompetition),
    ...failures("UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "ALREADY_PUBLISHED"),
  },
});

const publishRoute = createRoute({
  operationId: "publishCompetition",
  method: "post",
  path: "/competitions/{id}/publish",
  summary: "Publish a draft: locks its rules and opens registration",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("The published competition", Competition),
    ...failures(
      "UNAUTHORIZED",
      "FORBIDDEN",
      "NOT_FOUND",
      "ALREADY_PUBLISHED",
      "ALREADY_ENDED",
      "COMPETITION_CANCELLED",
      "ALREADY_FINAL",
    ),
  },
});

const cancelRoute = createRoute({
  operationId: "cancelCompetition",
  method: "post",
  path: "/competitions/{id}/cancel",
  summary: "Cancel a competition, with the reason that its participants read",
  tags,
  security,
  request: { params, body: jsonBody(CancelRequest) },
  responses: {
    200: answer("The cancelled competition", Competition),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "NOT_FOUND",
      "COMPETITION_CANCELLED",
      "ALREADY_FINAL",
    ),
  },
});

const joinRoute = createRoute({
  operationId: "joinCompetition",
  method: "post",
  path: "/competitions/{id}/join",
  summary: "Join, and pay from the wallet where it costs; invite-only ones want their code",
  tags,
  security,
  request: {
    params,
    body: { required: false, content: { "application/json": { schema: JoinRequest } } },
  },
  responses: {
    200: answer("Already in", Entry),
    201: answer("Joined", Entry),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "NOT_FOUND",
      "COMPETITION_FULL",
      "TEAM_FULL",
      "REGISTRATION_CLOSED",
      "NOT_PUBLISHED",
      "COMPETITION_CANCELLED",
      "ALREADY_FINAL",
      "PARTICIPANT_DISQUALIFIED",
      "ENTRY_REFUSED",
      "INSUFFICIENT_FUNDS",
    ),
  },
});

const leaveRoute = createRoute({
  operationId: "leaveCompetition",
  method: "post",
  path: "/competitions/{id}/leave",
  summary: "Leave: the row goes from the board, and comes back on joining again",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("Left", Left),
    ...failures(
      ...["UNAUTHORIZED", "NOT_FOUND", "NOT_A_PARTICIPANT", "PARTICIPANT_DISQUALIFIED"] as const,
      ...["COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const participantsRoute = createRoute({
  operationId: "listParticipants",
  method: "get",
  path: "/competitions/{id}/participants",
  summary: "List participants; staff see e-mail addresses",
  tags,
  security: openSecurity,
  request: { params, query: ParticipantQuery },
  responses: {
    200: answerPage("One page of participants", Participant),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const logRoute = createRoute({
  operationId: "getLog",
  method: "get",
  path: "/competitions/{id}/log",
  summary: "Read the hash-chained log, from which anybody can recompute the board",
  tags,
  security: openSecurity,
  request: { params, query: LogQuery },
  responses: {
    200: answer("Entries after `after`, oldest first", Log),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

/** The routes under `/competitions`. */
export function competitionRoutes(competitions: CompetitionsService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      listRoute,
      async (c) => okPage(c, await competitions.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(
      createCompetitionRoute,
      async (c) => ok(c, await competitions.create(c.var.actor, c.req.valid("json")), 201),
    )
    .openapi(
      getRoute,
      async (c) => ok(c, await competitions.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(changeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await competitions.change(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(removeRoute, async (c) => {
      const { id } = c.req.valid("param");
      await competitions.remove(c.var.actor, id);
      return ok(c, { id }, 200);
    })
    .openapi(
      publishRoute,
      async (c) => ok(c, await competitions.publish(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(cancelRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await competitions.cancel(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(joinRoute, async (c) => {
      const { id } = c.req.valid("param");
      const { entry, created } = await competitions.join(c.var.actor, id, c.req.valid("json"));
      return created ? ok(c, entry, 201) : ok(c, entry, 200);
    })
    .openapi(leaveRoute, async (c) => {
      await competitions.leave(c.var.actor, c.req.valid("param").id);
      return ok(c, { left: true as const }, 200);
    })
    .openapi(participantsRoute, async (c) => {
      const { id } = c.req.valid("param");
      return okPage(c, await competitions.participants(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(logRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await competitions.log(c.var.actor, id, c.req.valid("query")), 200);
    });
}
