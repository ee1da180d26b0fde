import { requestBytes } from "../row.ts";
import type { LoadRow } from "../row.ts";
import { nextUpdate } from "../updates.ts";

const BATCH = 1_000;

/** Durable updates, a thousand a request. */
export const batchUpdate: LoadRow = {
  name: "batch of 1000, by update",
  connections: 2,
  perRequest: BATCH,
  async prepare(stage) {
    const board = await stage.board(1_000);
    const headers = {
      authorization: `Bearer ${board.token}`,
      "content-type": "application/json",
    };
    const update = nextUpdate(board);
    const path = "POST /api/v1/leaderboard/update/batch";
    return {
      subject: board,
      next() {
        const updates = Array.from({ length: BATCH }, update);
        return requestBytes(path, headers, JSON.stringify({ updates }));
      },
    };
  },
};
