import { assert, assertEquals } from "@std/assert";
import { createRedisRanking } from "@/cache/ranking_redis.ts";
import { openRedis } from "@/cache/redis.ts";
import { canonicalStandings } from "@/domain/standings.ts";
import { systemTimers } from "@/platform/timers.ts";
import type { LoadedBoard } from "@/services/boards/board_state.ts";
import type { Ranking } from "@/services/boards/ranking.ts";
import { createRankingFeed, type RankingFeed } from "@/services/boards/ranking_feed.ts";
import { openBoard, scoreMember } from "@/tests/support/loaded_board.ts";
import { needs } from "@/tests/support/needs.ts";
import { idOf } from "@/tests/support/ranking_conformance.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";

const MEMBERS = 3000;
const WAIT_MS = 20;
const TRIES_MAX = 6000;

function move(feed: RankingFeed, board: LoadedBoard, count: number): void {
  for (let n = 0; n < count; n++) {
    const member = (board.offset * 7919) % MEMBERS;
    feed.moved(board, scoreMember(board, member, board.offset % 50), [idOf(member)]);
  }
}

/** Waits until the ranking is the board, byte for byte and at its offset. */
async function untilEqual(ranking: Ranking, board: LoadedBoard): Promise<void> {
  const expected = canonicalStandings(board.members.index.rows());
  for (let tries = 0;; tries++) {
    const window = await ranking.window(board.head.id, { from: 0, limit: MEMBERS })
      .catch(() => undefined);
    if (window?.offset === board.offset) {
      assertEquals(canonicalStandings(window.rows), expected);
      return;
    }
    assert(tries < TRIES_MAX, "the ranking never caught up");
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "rankings are the board again after Redis was killed, emptied, hung and out of memory",
  ),
  async fn() {
    await using server = await startRedis();
    const connection = await openRedis({ url: server.url, timeoutMs: 500 });
    const ranking = createRedisRanking({ connection, newId: () => crypto.randomUUID() });
    const feed = createRankingFeed({ ranking, timers: systemTimers, membersMin: 0 });
    const board = openBoard({ competitionId: crypto.randomUUID(), members: MEMBERS });
    feed.loaded(board);
    await untilEqual(ranking, board);

    move(feed, board, 500);
    await untilEqual(ranking, board);

    await server.kill();
    move(feed, board, 500);
    await feed.settled();
    await server.restart();
    await untilEqual(ranking, board);

    await server.command("FLUSHALL");
    move(feed, board, 1);
    await untilEqual(ranking, board);

    await server.command("CLIENT", "PAUSE", "1200");
    move(feed, board, 100);
    await feed.settled();
    await untilEqual(ranking, board);

    await server.command("CONFIG", "SET", "maxmemory", "1");
    move(feed, board, 100);
    await feed.settled();
    await server.command("CONFIG", "SET", "maxmemory", "0");
    await untilEqual(ranking, board);

    feed[Symbol.dispose]();
    connection.close();
  },
});
