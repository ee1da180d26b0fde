import { assert, assertEquals } from "@std/assert";
import { createRedisRanking } from "@/cache/ranking_redis.ts";
import { openRedis, type RedisConnection } from "@/cache/redis.ts";
import type { Contender } from "@/domain/standing.ts";
import { needs } from "@/tests/support/needs.ts";
import { idOf, testRankingConformance } from "@/tests/support/ranking_conformance.ts";
import { startRedisCluster, type TestCluster } from "@/tests/support/redis_cluster.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";

let cluster: TestCluster | undefined;
let connection: RedisConnection | undefined;

Deno.test.beforeAll(async () => {
  if (!hasRedisServer) return;
  cluster = await startRedisCluster();
  connection = await openRedis({ url: cluster.url });
});

Deno.test.afterAll(async () => {
  connection?.close();
  await cluster?.[Symbol.asyncDispose]();
});

function open() {
  return createRedisRanking({ connection: connection!, newId: () => crypto.randomUUID() });
}

testRankingConformance({
  name: "createRedisRanking() on a Cluster",
  needs: "redis-server",
  isThere: hasRedisServer,
  open,
});

Deno.test({
  ...needs("redis-server", hasRedisServer, "rankings of a Cluster spread over its masters"),
  async fn() {
    const ranking = open();
    const member: Contender = {
      ...{ participantId: idOf(1), division: null, status: "active", joinedAt: 0 },
      ...{ score: 5, reachedAt: 1_700_000_000_000, eventCount: 1, bestEvent: null },
    };
    for (let n = 0; n < 24; n++) {
      const state = {
        ...{ competitionId: crypto.randomUUID(), epoch: "e", offset: 1 },
        rules: {
          ...{ version: 1, rankMethod: "standard" as const, tieBreaks: [] },
          scoring: { direction: "higher" as const },
        },
      };
      await ranking.rebuild(state, {
        members: [[member]],
        settle: () => ({ offset: 1, members: [] }),
      });
      assertEquals((await ranking.ranks(state.competitionId, [idOf(1)]))?.get(idOf(1)), 1);
    }

    const sizes = await Promise.all(
      cluster!.masters.map(async (master) => Number((await master.command("DBSIZE")).slice(1))),
    );
    assert(sizes.every((size) => size > 0), `one master has nothing: ${sizes}`);
  },
});
