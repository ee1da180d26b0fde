import { assertEquals } from "@std/assert";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { LiveBoardData } from "./live_client.ts";
import { type LiveBoardState, withBoard } from "./use_live_board.ts";

function row(participantId: string, rank: number, score: number): BoardRow {
  const rest = { name: participantId, avatarUrl: null, reachedAt: null } as const;
  const status = "active" as const;
  return { participantId, userId: participantId, rank, score, provisional: true, status, ...rest };
}

function board(offset: number, rows: BoardRow[]): LiveBoardData {
  return { epoch: "e", offset, phase: "active", frozen: false, total: rows.length, rows };
}

const before: LiveBoardState = {
  board: board(4, [row("a", 1, 10), row("b", 2, 9)]),
  news: new Map(),
  moves: new Map(),
  link: "live",
};

Deno.test("withBoard() tells who moved, who scored and who is new", () => {
  const next = withBoard(before, board(5, [row("b", 1, 12), row("a", 2, 10), row("c", 3, 1)]), 0);

  assertEquals(Object.fromEntries(next.news), {
    a: { places: -1, isNew: false, scored: false },
    b: { places: 1, isNew: false, scored: true },
    c: { places: 0, isNew: true, scored: false },
  });
  assertEquals([...next.moves.keys()].sort(), ["a", "b", "c"]);
  assertEquals(next.board.offset, 5);
});

Deno.test("withBoard() keeps arrows over updates that move nobody, and drops them in time", () => {
  const rows = [row("b", 1, 12), row("a", 2, 10)];
  const moved = withBoard(before, board(5, rows), 0);

  const soon = withBoard(moved, board(6, rows), 1000);
  const late = withBoard(moved, board(6, rows), 9000);

  assertEquals(soon.news.size, 0);
  assertEquals(soon.moves.get("b")?.places, 1);
  assertEquals(late.moves.size, 0);
});
