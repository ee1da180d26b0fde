/** `/leaderboard`: boards, and the live stream for those without sockets; writing has its own file. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Board, BoardMeta, BoardQuery, StreamQuery } from "@/contracts/leaderboard.ts";
import type { Services } from "@/services/mod.ts";
import { sendBoard } from "./board_answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { failures } from "./answers.ts";
import { streamBoard } from "./leaderboard_stream.ts";
import { KnownQueries } from "./known_queries.ts";
import { leaderboardUpdateRoutes } from "./leaderboard_updates.ts";

const tags = ["Leaderboard"];
/** Public boards need no token. */
const openSecurity = [{}, { bearer: [] }];
/** The longest slug. */
const ID_MAX = 80;
const params = z.object({
  competitionId: z.string().min(1).max(ID_MAX).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
    param: { name: "competitionId", in: "path" },
  }),
});
const boardRoute = createRoute({
  operationId: "getBoard",
  method: "get",
  path: "/leaderboard/{competitionId}",
  summary: "Read a board: its top, a page, or the rows around oneself",
  tags,
  security: openSecurity,
  request: { params, query: BoardQuery },
  responses: {
    200: {
      description: "The board; `ETag` names its state, `meta` tells the page",
      content: {
        "application/json": {
          schema: z.object({
            success: z.literal(true).describe("Always true"),
            data: Board,
            meta: BoardMeta.optional(),
          }),
        },
      },
    },
    304: { description: "The board is still the one of `If-None-Match`" },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const streamRoute = createRoute({
  operationId: "streamBoard",
  method: "get",
  path: "/leaderboard/{competitionId}/stream",
  summary: "Follow a board as server-sent events: the frames of the socket",
  tags,
  security: openSecurity,
  request: { params, query: StreamQuery },
  responses: {
    200: {
      description: "An endless stream; the id of an event is `epoch:offset`",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

/** The routes under `/leaderboard`. */
export function leaderboardRoutes(
  services: Pick<Services, "leaderboard" | "live" | "accounts" | "apiKeys">,
) {
  const { leaderboard } = services;
  const known = new KnownQueries<BoardQuery>({});
  const routes = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  routes.get("/leaderboard/:competitionId", async (c, next) => {
    const query = known.of(c.req.url);
    const competitionId = c.req.param("competitionId");
    // Whatever was not validated before goes the long way.
    if (!query || competitionId.length > ID_MAX) return await next();
    return sendBoard(c, await leaderboard.boardText(c.var.actor, competitionId, query));
  });
  return routes
    .route("/", leaderboardUpdateRoutes(leaderboard))
    .openapi(boardRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      const query = c.req.valid("query");
      known.remember(c.req.url, query);
      return sendBoard(c, await leaderboard.boardText(c.var.actor, competitionId, query));
    })
    .openapi(streamRoute, (c) => {
      const { competitionId } = c.req.valid("param");
      return streamBoard(c, services, { competitionId, query: c.req.valid("query") });
    });
}
