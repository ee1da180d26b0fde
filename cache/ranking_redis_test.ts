import { assertEquals } from "@std/assert";
import type { Contender } from "@/domain/standing.ts";
import { needs } from "@/tests/support/needs.ts";
import { idOf, testRankingConformance } from "@/tests/support/ranking_conformance.ts";
import { hasRedisServer, startRedis, type TestRedis } from "@/tests/support/redis_server.ts";
import { createRedisRanking } from "./ranking_redis.ts";
import { openRedis, type RedisConnection } from "./redis.ts";

let server: TestRedis | undefined;
let connection: RedisConnection | undefined;

Deno.test.beforeAll(async () => {
  if (!hasRedisServer) return;
  server = await startRedis();
  connection = await openRedis({ url: server.url });
});

Deno.test.afterAll(async () => {
  connection?.close();
  await server?.[Symbol.asyncDispose]();
});

function open() {
  return createRedisRanking({ connection: connection!, newId: () => crypto.randomUUID() });
}

testRankingConformance({
  name: "createRedisRanking()",
  needs: "redis-server",
  isThere: hasRedisServer,
  open,
  runs: 40,
});

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "createRedisRanking() tells a gap where Redis lost a part",
  ),
  async fn() {
    const ranking = open();
    const member: Contender = {
      ...{ participantId: idOf(1), division: null, status: "active", joinedAt: 0 },
      ...{ score: 5, reachedAt: 1_700_000_000_000, eventCount: 1, bestEvent: null },
    };
    const state = {
      competitionId: crypto.randomUUID(),
      epoch: "e",
      offset: 1,
      rules: {
        ...{ version: 1, rankMethod: "dense" as const, tieBreaks: [] },
        scoring: { direction: "higher" as const },
      },
    };
    const build = () =>
      ranking.rebuild(state, {
        members: [[member]],
        settle: () => ({ offset: 1, members: [] }),
      });

    const outcomes = [];
    for (const part of ["head", "board", "records", "ties"]) {
      for (const isReplaced of [false, true]) {
        await build();
        const key = `ranking:{${state.competitionId}}:${part}`;
        await server!.command("DEL", key);
        if (isReplaced) await server!.command("SET", key, "of somebody else");
        const { outcome } = await ranking.apply({
          ...state,
          from: 1,
          offset: 2,
          members: [member],
        });
        const window = await ranking.window(state.competitionId, { from: 0, limit: 1 });
        outcomes.push([outcome, window]);
      }
    }
    await build();

    assertEquals(outcomes, Array.from({ length: 8 }, () => ["gap", undefined]));
    assertEquals((await ranking.ranks(state.competitionId, [idOf(1)]))?.get(idOf(1)), 1);
  },
});
