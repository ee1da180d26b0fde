import { assertEquals, assertRejects } from "@std/assert";
import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { openBoard } from "@/tests/support/loaded_board.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createBoardsService } from "./boards.ts";
import type { BoardReading } from "./board_store.ts";

Deno.test("BoardsService.view() answers within 10 s while a board is still being read, and shows it then", async () => {
  const time = createManualTime();
  const { head, members } = openBoard({ competitionId: crypto.randomUUID() });
  const reading = Promise.withResolvers<BoardReading>();
  const boards = createBoardsService({
    // Everything is read from the source.
    database: {} as Database,
    clock: time,
    timers: time,
    source: {
      head: () => Promise.resolve(head),
      board: () => reading.promise,
      boardAt: () => Promise.resolve(undefined),
    },
  });

  const early = assertRejects(() => boards.view(head.id), DomainError);
  await Promise.resolve();
  time.advance(10_000);
  const error = await early;
  reading.resolve({ head, members });
  const view = await boards.view(head.id);

  assertEquals([error.code, error.retryAfterSeconds], ["SERVICE_UNAVAILABLE", 5]);
  assertEquals([view.total, boards.holds(head.id), time.pending], [5, true, 0]);
});
