/** Two nodes over a Redis Cluster: the shard of a board carries its commits, also after it was away. */

import { assert } from "@std/assert";
import { keyActor } from "../support/board_fixture.ts";
import { needs } from "../support/needs.ts";
import { seedBoard } from "../support/node_boards.ts";
import { openNodes, type TestNode } from "../support/nodes.ts";
import { startRedisCluster } from "../support/redis_cluster.ts";
import { hasRedisServer } from "../support/redis_server.ts";
import { openSocket } from "../support/socket_client.ts";
import { until } from "../support/waiting.ts";

const KEY = keyActor("scores:write");
/** Enough that every shard has one. */
const BOARDS = 8;

Deno.test({
  ...needs("redis-server", hasRedisServer, "nodes hear each other over a Cluster, shard by shard"),
  async fn() {
    await using redis = await startRedisCluster();
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url });
    const [a, b] = cluster.nodes as [TestNode, TestNode];
    await using stack = new AsyncDisposableStack();
    const boards = await Promise.all(
      Array.from({ length: BOARDS }, () => seedBoard(cluster.database, 2)),
    );
    const watched = await Promise.all(boards.map(async ({ id, members }) => {
      const viewer = stack.use(await openSocket(`${b.url}/ws/leaderboard/${id}`));
      return { id, viewer, userId: members[0]!.userId };
    }));
    let score = 0;
    const writeAll = async () => {
      score += 1;
      for (const { id, userId } of watched) {
        await a.services.leaderboard.update(KEY, { competitionId: id, userId, score });
      }
      await until(
        () => watched.every(({ viewer }) => viewer.rows[0]?.score === score),
        "all see it",
      );
    };

    await writeAll();
    assert(await heardAfter(b, writeAll) >= BOARDS, "every shard carries messages");

    for (const master of redis.masters) {
      await master.kill();
      await writeAll();
      await master.restart();
    }
    for (let tries = 0; await heardAfter(b, writeAll) < BOARDS; tries++) {
      assert(tries < 60, "a shard stays silent after it came back");
    }
  },
});

async function heardAfter(node: TestNode, work: () => Promise<void>): Promise<number> {
  const before = await heardBy(node);
  await work();
  return await heardBy(node) - before;
}

async function heardBy({ metrics }: TestNode): Promise<number> {
  const { values } = await metrics.brokerMessages.get();
  return values.find(({ labels }) => labels.topic === "board" && labels.outcome === "heard")
    ?.value ?? 0;
}
