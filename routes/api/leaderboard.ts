/** `/leaderboard`: boards, score updates, and the live stream for those without sockets. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  Board,
  BoardMeta,
  BoardQuery,
  ScoreBatch,
  ScoreBatchResult,
  ScoreUpdate,
  ScoreUpdated,
  StreamQuery,
} from "@/contracts/leaderboard.ts";
import type { Services } from "@/services/mod.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";
import { streamBoard } from "./leaderboard_stream.ts";

const tags = ["Leaderboard"];
const security = [{ bearer: [] }];
/** Public boards need no token. */
const openSecurity = [{}, { bearer: [] }];
const params = z.object({
  competitionId: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
    param: { name: "competitionId", in: "path" },
  }),
});
const IDEMPOTENCY_KEY_MAX = 255;
/** The key of a batch gets the place of each update behind it. */
const BATCH_KEY_MAX = IDEMPOTENCY_KEY_MAX - ":1000".length;

const keyHeader = (max: number, description: string) =>
  z.object({
    "idempotency-key": z.string().min(1).max(max).optional().meta({
      description,
      example: "run-118",
    }),
  });

const updateRoute = createRoute({
  operationId: "updateScore",
  method: "post",
  path: "/leaderboard/update",
  summary: "Record a score; answered when it is durable",
  tags,
  security,
  request: {
    headers: keyHeader(IDEMPOTENCY_KEY_MAX, "Used where the body has no `idempotencyKey`"),
    body: jsonBody(ScoreUpdate),
  },
  responses: {
    200: answer("The score after the event, and the rank of the moment", ScoreUpdated),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "SELF_REPORT_DISABLED",
      "NOT_FOUND",
      "CONFLICT",
      "NOT_PUBLISHED",
      "NOT_STARTED",
      "ALREADY_ENDED",
      "ALREADY_FINAL",
      "COMPETITION_CANCELLED",
      "NOT_A_PARTICIPANT",
      "PARTICIPANT_DISQUALIFIED",
    ),
  },
});

const batchRoute = createRoute({
  operationId: "updateScores",
  method: "post",
  path: "/leaderboard/update/batch",
  summary: "Record up to 1000 scores, each with its own answer",
  tags,
  security,
  request: {
    headers: keyHeader(BATCH_KEY_MAX, "With `:` and its place, the key of an update without one"),
    body: jsonBody(ScoreBatch),
  },
  responses: {
    200: answer("One result for each update, in their order", ScoreBatchResult),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "SELF_REPORT_DISABLED",
      "NOT_FOUND",
      "CONFLICT",
      "NOT_PUBLISHED",
      "NOT_STARTED",
      "ALREADY_ENDED",
      "ALREADY_FINAL",
      "COMPETITION_CANCELLED",
      "NOT_A_PARTICIPANT",
      "PARTICIPANT_DISQUALIFIED",
      "PAYLOAD_TOO_LARGE",
    ),
  },
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
    .openapi(updateRoute, async (c) => {
      const update = withKey(c.req.valid("json"), c.req.valid("header")["idempotency-key"]);
      return ok(c, await leaderboard.update(c.var.actor, update), 200);
    })
    .openapi(batchRoute, async (c) => {
      const { updates, atomic } = c.req.valid("json");
      const key = c.req.valid("header")["idempotency-key"];
      const keyed = key === undefined
        ? updates
        : updates.map((update, index) => withKey(update, `${key}:${index}`));
      return ok(c, await leaderboard.updateBatch(c.var.actor, { updates: keyed, atomic }), 200);
    })
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

function withKey(update: ScoreUpdate, key: string | undefined): ScoreUpdate {
  if (key === undefined || update.idempotencyKey !== undefined) return update;
  return { ...update, idempotencyKey: key };
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
