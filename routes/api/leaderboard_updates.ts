/**
 * `/leaderboard/update` and its batch. Their input is validated here and not by the framework, whose
 * validators take three levels and copy all header fields; the document is the same.
 *
 * @module
 */

import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import {
  ScoreBatch,
  ScoreBatchResult,
  ScoreUpdate,
  ScoreUpdated,
} from "@/contracts/leaderboard.ts";
import { invalid } from "@/domain/error.ts";
import type { LeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { ok } from "../answer.ts";
import type { AppContext, AppEnv } from "../app_env.ts";
import { validationError } from "../failure.ts";
import type { KnownAddresses } from "../lane/known_addresses.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

const tags = ["Leaderboard"];
const security = [{ bearer: [] }];
/** The header field of a key. */
export const KEY_HEADER = "idempotency-key";
const KEY_MAX = 255;
/** The key of a batch gets the place of each update behind it. */
const BATCH_KEY_MAX = KEY_MAX - ":1000".length;

/** Only tells of the header: `keyOf` looks at it. */
const keyHeader = (maxLength: number, description: string) => [{
  name: KEY_HEADER,
  in: "header" as const,
  required: false,
  description,
  schema: { type: "string" as const, minLength: 1, maxLength },
  example: "run-118",
}];

/** Why a score is not taken. */
const SCORE_REFUSALS = [
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
] as const;

const updateRoute = createRoute({
  operationId: "updateScore",
  method: "post",
  path: "/leaderboard/update",
  summary: "Record a score; answered when it is durable",
  tags,
  security,
  parameters: keyHeader(KEY_MAX, "Used where the body has no `idempotencyKey`"),
  request: { body: jsonBody(ScoreUpdate) },
  responses: {
    200: answer("The score after the event, and the rank of the moment", ScoreUpdated),
    ...failures(...SCORE_REFUSALS),
  },
});

const batchRoute = createRoute({
  operationId: "updateScores",
  method: "post",
  path: "/leaderboard/update/batch",
  summary: "Record up to 1000 scores, each with its own answer",
  tags,
  security,
  parameters: keyHeader(BATCH_KEY_MAX, "With `:` and its place, the key of an update without one"),
  request: { body: jsonBody(ScoreBatch) },
  responses: {
    200: answer("One result for each update, in their order", ScoreBatchResult),
    ...failures(...SCORE_REFUSALS, "PAYLOAD_TOO_LARGE"),
  },
});

/** The routes that write scores. */
export function leaderboardUpdateRoutes(
  leaderboard: ScoreRecorder,
  known: Pick<KnownAddresses, "remember">,
) {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  app.openAPIRegistry.registerPath(updateRoute);
  app.openAPIRegistry.registerPath(batchRoute);
  return app
    .openapi(unvalidated(updateRoute), async (c) => {
      known.remember(c.req.url, { kind: "update" });
      const begun = c.env?.begun?.sent as Promise<ScoreUpdated> | undefined;
      const sent = begun ??
        recordScore(leaderboard, c.get("actor"), await inputOf(c), c.req.header(KEY_HEADER));
      return ok(c, await sent, 200);
    })
    .openapi(unvalidated(batchRoute), async (c) => {
      known.remember(c.req.url, { kind: "batch" });
      const begun = c.env?.begun?.sent as Promise<ScoreBatchResult> | undefined;
      const sent = begun ??
        recordScores(leaderboard, c.get("actor"), await inputOf(c), c.req.header(KEY_HEADER));
      return ok(c, await sent, 200);
    });
}

/** Who records what was validated. */
type ScoreRecorder = Pick<LeaderboardService, "update" | "updateBatch">;

/** Validates an update and has it recorded. Throws `VALIDATION_ERROR` before anything is begun. */
export function recordScore(
  leaderboard: ScoreRecorder,
  actor: Actor,
  body: unknown,
  key: string | undefined,
): Promise<ScoreUpdated> {
  checkKey(key, KEY_MAX);
  return leaderboard.update(actor, withKey(parsed(ScoreUpdate, body), key));
}

/** The same for a batch, whose updates get its key with their place. */
export function recordScores(
  leaderboard: ScoreRecorder,
  actor: Actor,
  body: unknown,
  key: string | undefined,
): Promise<ScoreBatchResult> {
  checkKey(key, BATCH_KEY_MAX);
  const { updates, atomic } = parsed(ScoreBatch, body);
  const keyed = key === undefined
    ? updates
    : updates.map((update, index) => withKey(update, `${key}:${index}`));
  return leaderboard.updateBatch(actor, { updates: keyed, atomic });
}

/** The route as typed clients see it, without what makes the framework validate or document it. */
function unvalidated<R extends object>(route: R): R {
  return { ...route, request: {}, hide: true };
}

/** The parsed body, which `jsonGuard` read. */
async function inputOf(c: AppContext): Promise<unknown> {
  return c.req.header("content-type") === undefined ? {} : await c.req.json();
}

function parsed<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (!result.success) throw validationError(result.error);
  return result.data;
}

function checkKey(key: string | undefined, lengthMax: number): void {
  if (key === undefined || (key.length > 0 && key.length <= lengthMax)) return;
  const message = `Must have from 1 to ${lengthMax} characters`;
  throw invalid(KEY_HEADER, key.length === 0 ? "too_small" : "too_big", message);
}

function withKey(update: ScoreUpdate, key: string | undefined): ScoreUpdate {
  if (key === undefined || update.idempotencyKey !== undefined) return update;
  return { ...update, idempotencyKey: key };
}
