import { requestBytes } from "../row.ts";
import type { LoadRow } from "../row.ts";
import { nextUpdate } from "../updates.ts";

/** Durable updates one by one, each with a key of its own, for a thousand athletes in turn. */
export const singleUpdate: LoadRow = {
  name: "durable single update",
  connections: 256,
  async prepare(stage) {
    const board = await stage.board(1_000);
    const headers = {
      authorization: `Bearer ${board.token}`,
      "content-type": "application/json",
    };
    const update = nextUpdate(board);
    const path = "POST /api/v1/leaderboard/update";
    return { subject: board, next: () => requestBytes(path, headers, JSON.stringify(update())) };
  },
};
