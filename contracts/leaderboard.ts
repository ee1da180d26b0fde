/** Boards, score updates, and the frames of the socket. */

import { z } from "zod";
import { GROUP_NAME_MAX } from "@/domain/team_rule.ts";
import { PhaseName, ScoreOperatorName } from "./competitions.ts";
import { ErrorDetail, Id, Instant, PAGE_SIZE_MAX, PageMeta } from "./envelope.ts";

/** The window of a board or socket unless asked otherwise, and its largest. */
export const WINDOW_DEFAULT = 100;
export const WINDOW_MAX = 1000;
/** A cursor has some 130 characters, and 20 more for each tie-break. */
const CURSOR_MAX = 500;
/** Updates in one batch. */
export const BATCH_MAX = 1000;

const metadata = z.record(
  z.string().max(64),
  z.union([z.string().max(500), z.number(), z.boolean()], {
    error: "Must be a text of at most 500 characters, a number, true or false",
  }),
)
  .refine((value) => Object.keys(value).length <= 20, { message: "At most 20 keys" }).meta({
    description: "Your own notes, kept with the event; at most 20 keys",
    example: { lap: 3 },
  });

const UPDATE_EXAMPLE = {
  competitionId: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  score: 42,
  idempotencyKey: "run-118",
};

/** A request to record one score event. */
export const ScoreUpdate = z.object({
  competitionId: Id.describe("The competition"),
  userId: Id.optional().describe("Whose score; absent: the caller's own"),
  score: z.number().meta({
    description: "The score, with at most the digits after the point that the rules allow",
    example: 42,
  }),
  operator: ScoreOperatorName.optional(),
  occurredAt: Instant.optional()
    .describe("The event's own time, which only staff and apps may give; absent: now"),
  idempotencyKey: z.string().min(1).max(255).optional().meta({
    description: "Made by you, unique in the competition: the same again changes nothing",
    example: "run-118",
  }),
  metadata: metadata.optional(),
}).meta({ id: "ScoreUpdate", description: "One score event to record", example: UPDATE_EXAMPLE });
export type ScoreUpdate = z.infer<typeof ScoreUpdate>;

/** What an update did. Ranks are of the moment and null where they cannot be told. */
export const ScoreUpdated = z.object({
  participantId: Id.describe("Whose score it is"),
  score: z.number().nullable().meta({ description: "Score after the update", example: 42 }),
  rank: z.int().nullable().meta({ description: "Rank after it", example: 3 }),
  previousRank: z.int().nullable().meta({ description: "Rank before it", example: 7 }),
  offset: z.int().nullable().meta({
    description: "Number of its log entry; the board at this offset or later holds it",
    example: 42,
  }),
}).meta({
  id: "ScoreUpdated",
  description: "What an update did; ranks are of the moment, null where they cannot be told",
});
export type ScoreUpdated = z.infer<typeof ScoreUpdated>;

export const ScoreBatch = z.object({
  updates: z.array(ScoreUpdate).min(1).max(BATCH_MAX).describe("The updates, in their order"),
  atomic: z.boolean().default(false).describe("One fault refuses the whole batch"),
}).meta({ id: "ScoreBatch", description: "Score events to record together" });
export type ScoreBatch = z.infer<typeof ScoreBatch>;

const BATCH_EXAMPLE = {
  accepted: 1,
  rejected: 1,
  results: [
    {
      index: 0,
      update: {
        participantId: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
        score: 42,
        rank: 3,
        previousRank: 7,
        offset: 42,
      },
    },
    {
      index: 1,
      error: { code: "NOT_A_PARTICIPANT", message: "Cannot score: the user has not joined" },
    },
  ],
};

/** One answer for each update, in their order. */
export const ScoreBatchResult = z.object({
  accepted: z.int().meta({ description: "Updates that are stored", example: 1 }),
  rejected: z.int().meta({ description: "Updates that are not", example: 1 }),
  results: z.array(z.object({
    index: z.int().meta({ description: "Place in the batch, from 0", example: 0 }),
    update: ScoreUpdated.optional().describe("What it did, when it is stored"),
    error: z.object({
      code: z.string().meta({ description: "An error code", example: "NOT_A_PARTICIPANT" }),
      message: z.string().meta({
        description: "The same for people",
        example: "Cannot score: the user has not joined",
      }),
      details: z.array(ErrorDetail).optional()
        .describe("The faulty fields of a VALIDATION_ERROR, by their names in the update"),
    }).optional().describe("Why it is not stored"),
  })).describe("One answer for each update, in their order"),
}).meta({ id: "ScoreBatchResult", description: "What became of a batch", example: BATCH_EXAMPLE });
export type ScoreBatchResult = z.infer<typeof ScoreBatchResult>;

export const BoardQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).optional()
    .describe("Page, counted from 1; not with top or around"),
  page_size: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).optional()
    .describe("Rows on a page; around somebody: so many in all, 11 when absent"),
  top: z.coerce.number().int().min(1).max(WINDOW_MAX).optional()
    .describe(`Rows from the first on; absent: ${WINDOW_DEFAULT}`),
  around: z.union([z.literal("me"), Id]).optional().meta({
    description: "Rows around the caller's own, or around a participant's, by its id",
    example: "me",
  }),
  cursor: z.string().min(1).max(CURSOR_MAX).optional()
    .describe("`meta.nextCursor` of the page before: goes on behind its last row, whatever moved"),
  division: z.string().min(1).max(80).optional()
    .describe("Only this division, as a board of its own: ranks and total are those in it"),
  asOf: Instant.optional().describe("The board as it was shown then, instead of now"),
}).refine((q) => isAtMostOne(q.page, q.top, q.around, q.cursor), {
  message: "Give one of page, top, around, cursor",
});

function isAtMostOne(...given: unknown[]): boolean {
  return given.filter((value) => value !== undefined).length <= 1;
}

export type BoardQuery = z.infer<typeof BoardQuery>;

/** One row of a board. Unranked rows (no score, disqualified) have rank null and stand last. */
export const BoardRow = z.object({
  rank: z.int().nullable().meta({
    description: "Rank; null without a score or when disqualified",
    example: 1,
  }),
  participantId: Id.describe("The row's own id, stable for the competition"),
  userId: Id.describe("The user"),
  name: z.string().meta({ description: "Alias, or name", example: "Lynx" }),
  avatarUrl: z.string().nullable().meta({
    description: "Address of the picture; null without one",
    example: null,
  }),
  score: z.number().nullable().meta({
    description: "Score; null before the first counted event",
    example: 13843,
  }),
  reachedAt: Instant.nullable().describe("When the score was reached; earlier wins a tie"),
  provisional: z.boolean().meta({
    description: "The row may still change",
    example: true,
  }),
  status: z.enum(["active", "disqualified"]).describe("Disqualified rows stand last"),
  division: z.string().optional().meta({
    description: "The division; absent: none",
    example: "Women 40+",
  }),
  isMe: z.boolean().optional().meta({
    description: "The caller's own row, with around=me only",
    example: true,
  }),
}).meta({ id: "BoardRow", description: "One row of a board" });
export type BoardRow = z.infer<typeof BoardRow>;

const Epoch = Id.describe("Changes only when offsets lose their meaning");
const Offset = z.int().meta({ description: "Number of the newest log entry in it", example: 42 });
const Frozen = z.boolean().meta({
  description: "The public board stands still until the result",
  example: false,
});
const Total = z.int().meta({ description: "Rows of the whole board", example: 24 });

/** A board; `epoch` and `offset` name its state, the same in the socket and the ETag. */
export const Board = z.object({
  competitionId: Id.describe("The competition"),
  epoch: Epoch,
  offset: Offset,
  phase: PhaseName,
  frozen: Frozen,
  live: z.literal(true).optional().meta({
    description: "The rows move although the public board is frozen: given to staff only",
    example: true,
  }),
  total: Total,
  rows: z.array(BoardRow).describe("The rows asked for, best first"),
  me: z.object({
    participantId: Id.describe("The caller's own entry"),
    rank: z.int().nullable().meta({ description: "Own rank", example: 3 }),
    score: z.number().nullable().meta({
      description: "Own score of now, also while the board is frozen",
      example: 13843,
    }),
  }).optional().describe("The caller's own standing, when the caller takes part"),
}).meta({
  id: "Board",
  description: "A board; epoch and offset name its state, in the socket and the ETag too",
});
export type Board = z.infer<typeof Board>;

/** Where the rows stand in the board, when a page was asked for, and whether they may be stale. */
export const BoardMeta = PageMeta.partial().extend({
  nextCursor: z.string().nullable().optional().meta({
    description: "For `cursor`, to get the rows behind these; null when there are none",
    example: null,
  }),
}).meta({
  id: "BoardMeta",
  description: "Where the rows stand, when a page was asked for; and whether they may be stale",
});
export type BoardMeta = z.infer<typeof BoardMeta>;

/** Words of the organiser, on the board's stream. */
export const AnnouncementFrame = z.object({
  type: z.literal("announcement"),
  text: z.string().meta({ description: "The words", example: "Finish line moved to the park" }),
  at: Instant.describe("When it was made"),
}).describe("Words of the organiser");

/** Frames the server sends. `delta` applies only where `from` is the client's offset. */
export const ServerFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    epoch: Epoch,
    offset: Offset,
    phase: PhaseName,
    frozen: Frozen,
    total: Total,
    rows: z.array(BoardRow).describe("The whole window, best first"),
  }).describe("The whole window: the first frame, and whenever a gap cannot be replayed"),
  z.object({
    type: z.literal("delta"),
    from: z.int().meta({ description: "Applies only where this is your offset", example: 42 }),
    offset: z.int().meta({ description: "Your offset after it", example: 44 }),
    rows: z.array(BoardRow).describe("Changed and moved rows, each whole"),
    removed: z.array(Id).meta({
      description: "Participants that left the window",
      example: [],
    }),
    total: Total,
  }).describe("What changed in the window since `from`"),
  z.object({ type: z.literal("state"), phase: PhaseName, frozen: Frozen })
    .describe("Phase or freeze changed"),
  AnnouncementFrame,
  z.object({
    type: z.literal("error"),
    code: z.string().meta({ description: "An error code", example: "VALIDATION_ERROR" }),
    message: z.string().meta({
      description: "The same for people",
      example: "Cannot read the frame: its type is not known",
    }),
  }).describe("A frame you sent was not understood, or why the socket closes next"),
  z.object({ type: z.literal("pong") }).describe("The answer to `ping`"),
]).meta({ id: "ServerFrame", description: "A frame the server sends" });
export type ServerFrame = z.infer<typeof ServerFrame>;

/** Frames a client may send. */
export const ClientFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("subscribe"),
    top: z.int().min(1).max(WINDOW_MAX).optional().meta({
      description: "Rows from the first on",
      example: 50,
    }),
    around: z.literal("me").optional().describe("Rows around your own; not with top"),
    division: z.string().min(1).max(GROUP_NAME_MAX).optional().meta({
      description: "Only this division, as a board of its own",
      example: "Women 40+",
    }),
  }).describe("Asks for another window; a snapshot follows"),
  z.object({
    type: z.literal("resume"),
    epoch: z.string().max(64).meta({
      description: "Epoch of the last snapshot",
      example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
    }),
    offset: z.int().min(0).meta({ description: "The offset you have", example: 42 }),
  }).describe("Asks for what happened since; a delta or a snapshot follows"),
  z.object({ type: z.literal("ping") }).describe("Asks for a `pong`"),
]).meta({ id: "ClientFrame", description: "A frame a client may send" });
export type ClientFrame = z.infer<typeof ClientFrame>;

/** How a live board is opened; with epoch and offset only what came since is sent. */
export const StreamQuery = z.object({
  token: z.string().max(4096).optional().meta({
    description: "Access token, where no header can be set",
    example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk5YTNjMiJ9.bW9kZWw",
  }),
  top: z.coerce.number().int().min(1).max(WINDOW_MAX).optional()
    .describe(`Rows from the first on; absent: ${WINDOW_DEFAULT}`),
  division: z.string().min(1).max(GROUP_NAME_MAX).optional()
    .describe("Only this division, as a board of its own"),
  epoch: z.string().max(64).optional().meta({
    description: "Epoch of the last snapshot, to resume there",
    example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
  offset: z.coerce.number().int().min(0).optional().meta({
    description: "The offset you have, to resume there",
    example: 42,
  }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;

/** Why a socket was closed. */
export const CLOSE_CODES = {
  UNSUPPORTED: 1003,
  TOO_LARGE: 1009,
  FAILED: 1011,
  RESTART: 1012,
  BAD_REQUEST: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  NOT_FOUND: 4404,
  TOO_SLOW: 4408,
  TOKEN_EXPIRED: 4410,
  TOO_MANY: 4429,
} as const;
