/** `/leaderboard`: boards, and the live stream for those without sockets; writing has its own file. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Board, BoardMeta, BoardQuery, StreamQuery } from "@/contracts/leaderboard.ts";
import type { Services } from "@/services/mod.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { failures } from "./answers.ts";
import { streamBoard } from "./leaderboard_stream.ts";
import { leaderboardUpdateRoutes } from "./leaderboard_updates.ts";

const tags = ["Leaderboard"];
/** Public boards need no token. */
const openSecurity = [{}, { bearer: [] }];
const params = z.object({
  competitionId: z.string().min(1).max(80).meta({
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
  services: Pick<Services, "leaderboard" | "live" | "accounts">,
) {
  const { leaderboard } = services;
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .route("/", leaderboardUpdateRoutes(leaderboard))
    .openapi(boardRoute, async (c) => {
      const { competitionId } = c.req.valid("param");
      const query = c.req.valid("query");
      const { board, meta, tag } = await leaderboard.board(c.var.actor, competitionId, query);
      const etag = `W/"${tag}"`;
      c.header("etag", etag);
      c.header("cache-control", "no-cache");
      c.header("vary", "Authorization, Cookie");
      if (isKnown(c.req.header("if-none-match"), etag)) return c.body(null, 304);
      return meta ? ok(c, board, 200, meta) : ok(c, board, 200);
    })
    .openapi(streamRoute, (c) => {
      const { competitionId } = c.req.valid("param");
      return streamBoard(c, services, { competitionId, query: c.req.valid("query") });
    });
}

/** RFC 9110's weak comparison with each tag that the client has. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const opaque = etag.replace(/^W\//, "");
  return header.split(",").some((tag) => {
    const known = tag.trim();
    return known === "*" || known.replace(/^W\//, "") === opaque;
  });
}
