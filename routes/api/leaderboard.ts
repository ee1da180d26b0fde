/** `/leaderboard`: boards, and the live stream for those without sockets; writing has its own file. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Board, BoardMeta, BoardQuery, StreamQuery } from "@/contracts/leaderboard.ts";
import type { Services } from "@/services/mod.ts";
import { sendBoard } from "./board_answer.ts";
import type { AppEnv } from "../app_env.ts";
import type { KnownAddresses } from "../lane/known_addresses.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { failures } from "./answers.ts";
import { streamBoard } from "./leaderboard_stream.ts";
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
  known: KnownAddresses,
) {
  const { leaderboard } = services;
  const routes = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  routes.get("/leaderboard/:competitionId", async (c, next) => {
    const destination = known.get(c.req.url)?.destination;
    // Whatever was not validated before goes the long way.
    if (destination?.kind !== "board") return await next();
    const { competitionId, query } = destination;
    return sendBoard(c, await leaderboard.boardText(c.get("actor"), competitionId, query));
  });
  return routes
    .route("/", leaderboardUpdateRoutes(leaderboard, known))
    .openapi(boardRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      const query = c.req.valid("query");
      const text = await leaderboard.boardText(c.get("actor"), competitionId, query);
      // What is asked for once a moment is not worth knowing.
      const isLasting = query.asOf === undefined && query.cursor === undefined;
      if (isLasting) known.remember(c.req.url, { kind: "board", competitionId, query });
      return sendBoard(c, text);
    })
    .openapi(streamRoute, (c) => {
      const { competitionId } = c.req.valid("param");
      return streamBoard(c, services, { competitionId, query: c.req.valid("query") });
    });
}
