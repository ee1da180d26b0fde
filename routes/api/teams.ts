/** Teams and divisions: what there is, their boards, going in and out, and moves by staff. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id, PageMeta, success } from "@/contracts/envelope.ts";
import {
  DivisionChoice,
  DivisionList,
  MovedMany,
  MoveManyRequest,
  MoveRequest,
  Placement,
  Team,
  TeamBoard,
  TeamBoardQuery,
  TeamExplanation,
  TeamInput,
  TeamQuery,
  TeamRemoval,
  TeamRemoved,
} from "@/contracts/teams.ts";
import type { TeamsService } from "@/services/teams/teams.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";
import { isKnown } from "./board_answer.ts";

const tags = ["Teams"];
const security = [{ bearer: [] }];
/** Public competitions need no token. */
const openSecurity = [{}, { bearer: [] }];
const COMPETITION = z.string().min(1).max(80).meta({
  description: "Id or slug of the competition",
  example: "spring-distance-cup",
});
const params = z.object({ id: COMPETITION });
const teamParams = z.object({ id: COMPETITION, teamId: Id.describe("The team") });
const boardParams = z.object({ competitionId: COMPETITION });
const explainParams = z.object({ competitionId: COMPETITION, teamId: Id.describe("The team") });
const participantParams = z.object({
  id: COMPETITION,
  participantId: Id.describe("The participant"),
});
const READING = ["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const;
const CHANGING = ["VALIDATION_ERROR", ...READING] as const;
const CLOSED = ["NOT_PUBLISHED", "COMPETITION_CANCELLED", "ALREADY_FINAL"] as const;
const CHOOSING = ["NOT_A_PARTICIPANT", "CHOICE_LOCKED", "TEAM_FULL"] as const;

const divisionsRoute = createRoute({
  operationId: "listDivisions",
  method: "get",
  path: "/competitions/{id}/divisions",
  summary: "List the divisions, with who leads each; `?division=` gives a division's board",
  tags,
  security: openSecurity,
  request: { params },
  responses: { 200: answer("The divisions", DivisionList), ...failures(...READING) },
});

const chooseRoute = createRoute({
  operationId: "chooseDivision",
  method: "put",
  path: "/competitions/{id}/division",
  summary: "Change one's own division, until the start",
  tags,
  security,
  request: { params, body: jsonBody(DivisionChoice) },
  responses: {
    200: answer("Where one is now", Placement),
    ...failures(...CHANGING, ...CHOOSING),
  },
});

const listRoute = createRoute({
  operationId: "listTeams",
  method: "get",
  path: "/competitions/{id}/teams",
  summary: "List the teams by name, with members, score and rank",
  tags,
  security: openSecurity,
  request: { params, query: TeamQuery },
  responses: {
    200: answerPage("One page of teams", Team),
    ...failures("VALIDATION_ERROR", ...READING),
  },
});

const createTeamRoute = createRoute({
  operationId: "createTeam",
  method: "post",
  path: "/competitions/{id}/teams",
  summary: "Make a team: staff, or a participant where the rule says so, who is in it then",
  tags,
  security,
  request: { params, body: jsonBody(TeamInput) },
  responses: {
    201: answer("The team", Team),
    ...failures(
      ...[...CHANGING, ...CLOSED] as const,
      ...["NOT_A_PARTICIPANT", "CHOICE_LOCKED", "TEAM_NAME_TAKEN", "CONFLICT"] as const,
    ),
  },
});

const getRoute = createRoute({
  operationId: "getTeam",
  method: "get",
  path: "/competitions/{id}/teams/{teamId}",
  summary: "Read one team",
  tags,
  security: openSecurity,
  request: { params: teamParams },
  responses: { 200: answer("The team", Team), ...failures("VALIDATION_ERROR", ...READING) },
});

const renameRoute = createRoute({
  operationId: "renameTeam",
  method: "put",
  path: "/competitions/{id}/teams/{teamId}",
  summary: "Rename a team: staff, or the participant who made it",
  tags,
  security,
  request: { params: teamParams, body: jsonBody(TeamInput) },
  responses: {
    200: answer("The team", Team),
    ...failures(...CHANGING, "TEAM_NAME_TAKEN"),
  },
});

const removeRoute = createRoute({
  operationId: "removeTeam",
  method: "delete",
  path: "/competitions/{id}/teams/{teamId}",
  summary: "Remove a team with all that was given to it; its members are in none",
  tags,
  security,
  request: {
    params: teamParams,
    body: { required: false, content: { "application/json": { schema: TeamRemoval } } },
  },
  responses: {
    200: answer("What is gone", TeamRemoved),
    ...failures(...CHANGING, ...CLOSED),
  },
});

const joinRoute = createRoute({
  operationId: "joinTeam",
  method: "post",
  path: "/competitions/{id}/teams/{teamId}/join",
  summary: "Go into a team; from another one too, which keeps what was given to it",
  tags,
  security,
  request: { params: teamParams },
  responses: {
    200: answer("Where one is now", Placement),
    ...failures(...CHANGING, ...CHOOSING),
  },
});

const leaveRoute = createRoute({
  operationId: "leaveTeam",
  method: "post",
  path: "/competitions/{id}/teams/leave",
  summary: "Go out of one's team, which keeps what was given to it",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("Where one is now", Placement),
    ...failures(...READING, "NOT_A_PARTICIPANT", "CHOICE_LOCKED"),
  },
});

const moveRoute = createRoute({
  operationId: "moveParticipant",
  method: "post",
  path: "/competitions/{id}/participants/{participantId}/move",
  summary: "Put a participant into another division or team, until the result is final",
  tags,
  security,
  request: { params: participantParams, body: jsonBody(MoveRequest) },
  responses: {
    200: answer("Where the participant is now", Placement),
    ...failures(...CHANGING, ...CLOSED, "NOT_A_PARTICIPANT", "TEAM_FULL"),
  },
});

const moveManyRoute = createRoute({
  operationId: "moveParticipants",
  method: "post",
  path: "/competitions/{id}/participants/move",
  summary: "Put many participants into another division or team: all or nobody",
  tags,
  security,
  request: { params, body: jsonBody(MoveManyRequest) },
  responses: {
    200: answer("How many were elsewhere", MovedMany),
    ...failures(...CHANGING, ...CLOSED, "NOT_A_PARTICIPANT", "TEAM_FULL", "CONFLICT"),
  },
});

const boardRoute = createRoute({
  operationId: "getTeamBoard",
  method: "get",
  path: "/leaderboard/{competitionId}/teams",
  summary: "Read the team board; its offset is that of the participants' board",
  description: "Follow the board by its stream: when its offset moves, ask again with " +
    "`If-None-Match`, at most once a second.",
  tags,
  security: openSecurity,
  request: { params: boardParams, query: TeamBoardQuery },
  responses: {
    200: {
      description: "One page of teams; `ETag` names the content",
      content: {
        "application/json": { schema: success(TeamBoard).extend({ meta: PageMeta }) },
      },
    },
    304: { description: "The board is still the one of `If-None-Match`" },
    ...failures("VALIDATION_ERROR", ...READING),
  },
});

const explainRoute = createRoute({
  operationId: "explainTeam",
  method: "get",
  path: "/leaderboard/{competitionId}/teams/{teamId}",
  summary: "Explain a team's score: who gave what, since when, and what counts",
  tags,
  security: openSecurity,
  request: { params: explainParams },
  responses: {
    200: answer("Who gave what", TeamExplanation),
    ...failures("VALIDATION_ERROR", ...READING),
  },
});

/** Mounts the operations of teams and divisions. */
export function teamRoutes({ teams }: { teams: TeamsService }) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(divisionsRoute, async (c) => {
      return ok(c, await teams.divisions(c.var.actor, c.req.valid("param").id));
    })
    .openapi(chooseRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await teams.chooseDivision(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(listRoute, async (c) => {
      const { id } = c.req.valid("param");
      return okPage(c, await teams.list(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(createTeamRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await teams.create(c.var.actor, id, c.req.valid("json")), 201);
    })
    // Before the routes of one team, whose pattern takes any last segment.
    .openapi(leaveRoute, async (c) => {
      return ok(c, await teams.leave(c.var.actor, c.req.valid("param").id), 200);
    })
    .openapi(getRoute, async (c) => {
      const { id, teamId } = c.req.valid("param");
      return ok(c, await teams.get(c.var.actor, id, teamId));
    })
    .openapi(renameRoute, async (c) => {
      const { id, teamId } = c.req.valid("param");
      return ok(c, await teams.rename(c.var.actor, id, teamId, c.req.valid("json")), 200);
    })
    .openapi(removeRoute, async (c) => {
      const { id, teamId } = c.req.valid("param");
      const request = c.req.valid("json") ?? {};
      return ok(c, await teams.remove(c.var.actor, id, teamId, request), 200);
    })
    .openapi(joinRoute, async (c) => {
      const { id, teamId } = c.req.valid("param");
      return ok(c, await teams.join(c.var.actor, id, teamId), 200);
    })
    .openapi(moveManyRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await teams.moveMany(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(moveRoute, async (c) => {
      const { id, participantId } = c.req.valid("param");
      return ok(c, await teams.move(c.var.actor, id, participantId, c.req.valid("json")), 200);
    })
    .openapi(boardRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      const { board, meta, tag } = await teams.board(
        c.var.actor,
        competitionId,
        c.req.valid("query"),
      );
      const etag = `W/"${tag}"`;
      c.header("etag", etag);
      c.header("cache-control", "no-cache");
      c.header("vary", "Authorization, Cookie");
      if (isKnown(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never;
      return ok(c, board, 200, meta);
    })
    .openapi(explainRoute, async (c) => {
      const { competitionId, teamId } = c.req.valid("param");
      return ok(c, await teams.explain(c.var.actor, competitionId, teamId));
    });
}
