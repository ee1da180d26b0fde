/** A thousand viewers of two nodes, who come and go while Redis is emptied. */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "@/platform/clock.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { keyActor } from "../support/board_fixture.ts";
import { needs } from "../support/needs.ts";
import { seedBoard, type SeededBoard } from "../support/node_boards.ts";
import { openNodes, type TestNodes } from "../support/nodes.ts";
import { reportLine } from "../support/report_line.ts";
import { hasRedisServer, startRedis, type TestRedis } from "../support/redis_server.ts";
import { StormClient } from "../support/storm_client.ts";
import { until } from "../support/waiting.ts";

const KEY = keyActor("scores:write");
const CLIENTS = 1_000;
const MEMBERS = 60;
const DISCONNECTS_PER_SECOND = 100;
const STORM_MS = 15_000;
const TICK_MS = 50;
/** Sockets that are opened at once; the kernel's backlog is not what is tested. */
const OPENING_MAX = 50;

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "1 000 viewers, 100 disconnects a second, FLUSHALL twice",
  ),
  async fn() {
    await using redis = await startRedis();
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url });
    const board = await seedBoard(cluster.database, MEMBERS);
    const clients = Array.from({ length: CLIENTS }, () => new StormClient());
    const urls = cluster.nodes.map(({ url }) => `${url}/ws/leaderboard/${board.id}`);
    await openAll(clients, urls);

    const [updates] = await Promise.all([
      storm(cluster, board),
      shake(clients, urls),
      emptyTwice(redis),
    ]);

    const rows = await truth(cluster, board);
    await until(() => clients.every((each) => each.isOpen), "everybody is connected");
    await until(
      () => clients.every((each) => JSON.stringify(each.board.rows) === rows),
      "all agree",
    );
    tell(clients, updates);
    assertEquals(clients.flatMap(({ faults }) => faults), []);
    assert(clients.some(({ resumed }) => resumed > 0), "nobody resumed");
    await Promise.all(clients.map((client) => client.disconnect()));
    await until(
      () => cluster.nodes.every((node) => node.services.live.viewerCount === 0),
      "all left",
    );
  },
});

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)]!;
}

async function openAll(clients: readonly StormClient[], urls: readonly string[]): Promise<void> {
  for (let n = 0; n < clients.length; n += OPENING_MAX) {
    const some = clients.slice(n, n + OPENING_MAX);
    await Promise.all(some.map((client) => client.connect(pick(urls))));
  }
}

/** Random scores for random members through random nodes; gives how many were stored. */
async function storm({ nodes }: TestNodes, { id, members }: SeededBoard): Promise<number> {
  const endsAt = performance.now() + STORM_MS;
  let updates = 0;
  const write = async () => {
    while (performance.now() < endsAt) {
      const { userId } = pick(members);
      const score = Math.floor(Math.random() * 1_000);
      await pick(nodes).services.leaderboard.update(KEY, { competitionId: id, userId, score });
      updates += 1;
    }
  };
  await Promise.all([write(), write(), write()]);
  return updates;
}

async function shake(clients: readonly StormClient[], urls: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const total = DISCONNECTS_PER_SECOND * STORM_MS / 1000;
  const busy = new Set<StormClient>();
  const flips: Promise<void>[] = [];
  const flip = async (client: StormClient) => {
    busy.add(client);
    await client.disconnect();
    await client.connect(pick(urls));
    busy.delete(client);
  };
  while (flips.length < total) {
    await pause(TICK_MS);
    const due = (performance.now() - startedAt) * DISCONNECTS_PER_SECOND / 1000;
    while (flips.length < Math.min(due, total)) {
      const client = pick(clients);
      if (!busy.has(client)) flips.push(flip(client));
    }
  }
  await Promise.all(flips);
}

async function emptyTwice(redis: TestRedis): Promise<void> {
  for (let times = 0; times < 2; times++) {
    await pause(STORM_MS / 3);
    await redis.command("FLUSHALL");
  }
}

async function truth({ database }: TestNodes, { id }: SeededBoard): Promise<string> {
  const clock = systemClock;
  const view = await createBoardsService({ database, clock, timers: systemTimers }).view(id);
  return JSON.stringify(view.rows(0, view.total));
}

function tell(clients: readonly StormClient[], updates: number): void {
  const sum = (of: (client: StormClient) => number) =>
    clients.reduce((total, client) => total + of(client), 0);
  reportLine(
    `${updates} updates, ${sum((each) => each.frames)} frames, ` +
      `${sum((each) => each.connections)} connections, ${sum((each) => each.resumed)} resumed`,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
