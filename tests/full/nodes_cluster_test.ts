/** Two nodes over a Redis Cluster: the shard of a board carries its commits, also after it was away. */

import { assert, assertMatch } from "@std/assert";
import { keyActor } from "../support/board_fixture.ts";
import { needs } from "../support/needs.ts";
import { seedBoard } from "../support/node_boards.ts";
import { openNodes, type TestNode } from "../support/nodes.ts";
import { startRedisCluster, type TestCluster } from "../support/redis_cluster.ts";
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
    await using stage = await openStage(redis);

    await stage.writeAll();
    assert(await heardAfter(stage) >= BOARDS, "every shard carries messages");

    for (const master of redis.masters) {
      await master.kill();
      await stage.writeAll();
      await master.restart();
    }
    await untilAllHeard(stage);
  },
});

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "a replica that takes over a shard carries its messages",
  ),
  // The driver's own wait for its next try at the dead master, 2 s at most, survives its end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using redis = await startRedisCluster({ hasReplicas: true });
    await using stage = await openStage(redis);
    await stage.writeAll();

    await redis.masters[0]!.kill();
    // Nobody waits for the failover: what is written is durable and seen all the while.
    await stage.writeAll();
    await untilAllHeard(stage);

    const role = await redis.replicas[0]!.command("ROLE");
    assertMatch(role, /master/);
    // The old master comes back as the replica of the new one.
    await redis.masters[0]!.restart();
    await untilAllHeard(stage);
  },
});

/** Two nodes, boards on every shard, and a viewer of each on the second node. */
async function openStage(redis: TestCluster) {
  const stack = new AsyncDisposableStack();
  const cluster = stack.use(await openNodes({ count: 2, redisUrl: redis.url }));
  const [a, b] = cluster.nodes as [TestNode, TestNode];
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
    const isSeen = () => watched.every(({ viewer }) => viewer.rows[0]?.score === score);
    await until(isSeen, "all see it");
  };
  return { b, writeAll, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type Stage = Awaited<ReturnType<typeof openStage>>;

async function untilAllHeard(stage: Stage): Promise<void> {
  for (let tries = 0; await heardAfter(stage) < BOARDS; tries++) {
    assert(tries < 60, "a shard stays silent after it came back");
  }
}

async function heardAfter({ b, writeAll }: Stage): Promise<number> {
  const before = await heardBy(b);
  await writeAll();
  return await heardBy(b) - before;
}

async function heardBy({ metrics }: TestNode): Promise<number> {
  const { values } = await metrics.brokerMessages.get();
  return values.find(({ labels }) => labels.topic === "board" && labels.outcome === "heard")
    ?.value ?? 0;
}
