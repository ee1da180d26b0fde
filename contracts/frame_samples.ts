/** One sample of each frame of the socket, for its documents. */

import type { BoardRow, ClientFrame, ServerFrame } from "./leaderboard.ts";

const EPOCH = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";

const LYNX: BoardRow = {
  rank: 1,
  participantId: "0199a3c2-8a10-7d35-8e4b-5c6d7e8f9a0b",
  userId: "0199a3c2-1f20-7a11-b2c3-d4e5f6a7b8c9",
  name: "Lynx",
  avatarUrl: null,
  score: 13843,
  reachedAt: "2026-05-01T07:52:00.000Z",
  provisional: true,
  status: "active",
};

const HERON: BoardRow = {
  ...LYNX,
  rank: 2,
  participantId: "0199a3c2-8b77-7e02-9f1a-2b3c4d5e6f70",
  userId: "0199a3c2-2c33-7b44-8d5e-6f708192a3b4",
  name: "Heron",
  score: 12010,
  reachedAt: "2026-05-01T06:40:00.000Z",
};

/** The server's frames by type. */
export const SERVER_FRAME_SAMPLES: { [T in ServerFrame["type"]]: ServerFrame & { type: T } } = {
  snapshot: {
    type: "snapshot",
    epoch: EPOCH,
    offset: 42,
    phase: "active",
    frozen: false,
    total: 24,
    rows: [LYNX, HERON],
  },
  delta: {
    type: "delta",
    from: 42,
    offset: 44,
    rows: [{ ...HERON, rank: 1, score: 14120 }, { ...LYNX, rank: 2 }],
    removed: [],
    total: 24,
  },
  state: { type: "state", phase: "grace", frozen: false },
  announcement: {
    type: "announcement",
    text: "The finish line moved to the park",
    at: "2026-05-01T08:00:00.000Z",
  },
  error: {
    type: "error",
    code: "VALIDATION_ERROR",
    message: "Cannot read frame: it is not JSON",
  },
  pong: { type: "pong" },
};

/** The client's frames by type. */
export const CLIENT_FRAME_SAMPLES: { [T in ClientFrame["type"]]: ClientFrame & { type: T } } = {
  subscribe: { type: "subscribe", top: 50 },
  resume: { type: "resume", epoch: EPOCH, offset: 42 },
  ping: { type: "ping" },
};
