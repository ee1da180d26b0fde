/** Boards, score updates, and the frames of the socket. */

import { z } from "zod";
import { PhaseName, ScoreOperatorName } from "./competitions.ts";
import { Id, Instant, PAGE_SIZE_MAX, PageMeta } from "./envelope.ts";

/** The window of a board or socket unless asked otherwise, and its largest. */
export const WINDOW_DEFAULT = 100;
export const WINDOW_MAX = 1000;
/** Updates in one batch. */
export const BATCH_MAX = 1000;

const metadata = z.record(
  z.string().max(64),
  z.union([z.string().max(500), z.number(), z.boolean()]),
)
  .refine((value) => Object.keys(value).length <= 20, { message: "At most 20 keys" });

/** A request to record one score event. */
export const ScoreUpdate = z.object({
  competitionId: Id,
  userId: Id.optional(),
  score: z.number(),
  operator: ScoreOperatorName.optional(),
  occurredAt: Instant.optional(),
  idempotencyKey: z.string().min(1).max(255).optional(),
  metadata: metadata.optional(),
}).meta({ id: "ScoreUpdate" });
export type ScoreUpdate = z.infer<typeof ScoreUpdate>;

/** What an update did. Ranks are of the moment and null where they cannot be told. */
export const ScoreUpdated = z.object({
  participantId: Id,
  score: z.number().nullable(),
  rank: z.int().nullable(),
  previousRank: z.int().nullable(),
  offset: z.int().nullable(),
}).meta({ id: "ScoreUpdated" });
export type ScoreUpdated = z.infer<typeof ScoreUpdated>;

export const ScoreBatch = z.object({
  updates: z.array(ScoreUpdate).min(1).max(BATCH_MAX),
  atomic: z.boolean().default(false),
}).meta({ id: "ScoreBatch", description: "atomic: one fault refuses the whole batch" });
export type ScoreBatch = z.infer<typeof ScoreBatch>;

/** One answer for each update, in their order. */
export const ScoreBatchResult = z.object({
  accepted: z.int(),
  rejected: z.int(),
  results: z.array(z.object({
    index: z.int(),
    update: ScoreUpdated.optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })),
}).meta({ id: "ScoreBatchResult" });
export type ScoreBatchResult = z.infer<typeof ScoreBatchResult>;

export const BoardQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).optional(),
  page_size: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).optional(),
  top: z.coerce.number().int().min(1).max(WINDOW_MAX).optional(),
  around: z.literal("me").optional(),
}).refine((q) => [q.page, q.top, q.around].filter((v) => v !== undefined).length <= 1, {
  message: "Give one of page, top, around",
});
export type BoardQuery = z.infer<typeof BoardQuery>;

/** One row of a board. Unranked rows (no score, disqualified) have rank null and stand last. */
export const BoardRow = z.object({
  rank: z.int().nullable(),
  participantId: Id,
  userId: Id,
  name: z.string(),
  avatarUrl: z.string().nullable(),
  score: z.number().nullable(),
  reachedAt: Instant.nullable(),
  provisional: z.boolean(),
  status: z.enum(["active", "disqualified"]),
  isMe: z.boolean().optional(),
}).meta({ id: "BoardRow" });
export type BoardRow = z.infer<typeof BoardRow>;

/** A board; `epoch` and `offset` name its state, the same in the socket and the ETag. */
export const Board = z.object({
  competitionId: Id,
  epoch: Id,
  offset: z.int(),
  phase: PhaseName,
  frozen: z.boolean(),
  total: z.int(),
  rows: z.array(BoardRow),
  me: z.object({
    participantId: Id,
    rank: z.int().nullable(),
    score: z.number().nullable(),
  }).optional(),
}).meta({ id: "Board" });
export type Board = z.infer<typeof Board>;

/** Where the rows stand in the board, when a page was asked for, and whether they may be stale. */
export const BoardMeta = PageMeta.partial().meta({ id: "BoardMeta" });
export type BoardMeta = z.infer<typeof BoardMeta>;

/** Frames the server sends. `delta` applies only where `from` is the client's offset. */
export const ServerFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    epoch: Id,
    offset: z.int(),
    phase: PhaseName,
    frozen: z.boolean(),
    total: z.int(),
    rows: z.array(BoardRow),
  }),
  z.object({
    type: z.literal("delta"),
    from: z.int(),
    offset: z.int(),
    rows: z.array(BoardRow),
    removed: z.array(Id),
    total: z.int(),
  }),
  z.object({ type: z.literal("state"), phase: PhaseName, frozen: z.boolean() }),
  z.object({ type: z.literal("announcement"), text: z.string(), at: Instant }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string() }),
  z.object({ type: z.literal("pong") }),
]).meta({ id: "ServerFrame" });
export type ServerFrame = z.infer<typeof ServerFrame>;

/** Frames a client may send. */
export const ClientFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("subscribe"),
    top: z.int().min(1).max(WINDOW_MAX).optional(),
    around: z.literal("me").optional(),
  }),
  z.object({ type: z.literal("resume"), epoch: z.string().max(64), offset: z.int().min(0) }),
  z.object({ type: z.literal("ping") }),
]).meta({ id: "ClientFrame" });
export type ClientFrame = z.infer<typeof ClientFrame>;

/** Why a socket was closed. */
export const CLOSE_CODES = {
  UNSUPPORTED: 1003,
  TOO_LARGE: 1009,
  RESTART: 1012,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  NOT_FOUND: 4404,
  TOO_SLOW: 4408,
  TOKEN_EXPIRED: 4410,
  TOO_MANY: 4429,
} as const;
