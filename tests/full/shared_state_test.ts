/** Two nodes over one PostgreSQL and one Redis: the cache and the rate limits they share. */

import { assert, assertEquals } from "@std/assert";
import { needs } from "../support/needs.ts";
import { openNodes, type TestNode } from "../support/nodes.ts";
import { ask } from "../support/product_api.ts";
import { startRedisCluster } from "../support/redis_cluster.ts";
import { hasRedisServer, startRedis } from "../support/redis_server.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { msUntil, until } from "../support/waiting.ts";

const PASSWORD = "tundra-lantern-42-orbit";
/** Far above what a call to Redis may take before the breaker opens, on a machine that is busy. */
const ANSWER_MS = 15_000;
/** Shorter than memory keeps a value. */
const TOLD_MS = 4_000;
/** As long as memory keeps a value at most, and what a busy machine adds. */
const STALE_MS = 20_000;

async function register(node: TestNode, name: string) {
  const body = { email: `${crypto.randomUUID()}@example.org`, password: PASSWORD, name };
  const { body: { data } } = await ask(node.url, "/auth/register", { body });
  return { token: data.accessToken as string, userId: data.user.id as string };
}

/** Until the nodes are connected, and none pauses between two attempts any more. */
async function untilConnected(...nodes: TestNode[]): Promise<void> {
  for (const node of nodes) await until(() => node.isConnected(), "the node is connected");
}

function allowedOf(statuses: readonly number[]): number {
  assert(statuses.every((status) => status === 200 || status === 429), `${statuses}`);
  return statuses.filter((status) => status === 200).length;
}

/** Requests that a limit of 30 a minute has given back since. */
function refilledSince(startedAt: number): number {
  return Math.ceil((performance.now() - startedAt) / 2_000);
}

function assertBetween(value: number, least: number, most: number): void {
  assert(value >= least && value <= most, `${value}, not within ${least} to ${most}`);
}

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "what one node writes the other's cache forgets, whatever becomes of Redis",
  ),
  async fn(t) {
    await using redis = await startRedis();
    await using proxy = startTcpProxy({ port: redis.port });
    const redisUrl = `redis://127.0.0.1:${proxy.port}`;
    await using cluster = await openNodes({ count: 2, redisUrl });
    const [a, b] = cluster.nodes as [TestNode, TestNode];
    const { token, userId } = await register(a, "Mira Koskela");
    let longestMs = 0;
    const call = async (node: TestNode, method: string, body?: unknown) => {
      const since = performance.now();
      const path = `/users/${userId}/profile`;
      const answer = await ask(node.url, path, { method, token, ...(body ? { body } : {}) });
      longestMs = Math.max(longestMs, performance.now() - since);
      assertEquals(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.data.alias as string | null;
    };
    /** Changes it on one node, and tells how long the other shows the old one. */
    const change = async (alias: string) => {
      await Promise.all([call(a, "GET"), call(b, "GET")]);
      await call(a, "PUT", { alias });
      assertEquals(await call(a, "GET"), alias);
      return await msUntil(async () => await call(b, "GET") === alias, `${alias} is shown`);
    };

    await t.step("in order: at once", async () => {
      await untilConnected(a, b);
      await change("Warm");
      const tookMs = await change("Lynx");
      assert(tookMs < TOLD_MS, `${tookMs} ms`);
    });
    await t.step("hung: nobody waits for it, nothing fails", async () => {
      proxy.set({ isBlackhole: true });
      longestMs = 0;
      const tookMs = await change("Otter");
      assert(tookMs < STALE_MS && longestMs < ANSWER_MS, `${tookMs} ms, ${longestMs} ms`);
      proxy.heal();
    });
    await t.step("killed, and back empty", async () => {
      await redis.kill();
      proxy.reset();
      longestMs = 0;
      assert(await change("Heron") < STALE_MS);
      await redis.restart();
      await untilConnected(a, b);
      assert(await change("Wren") < STALE_MS);
      assert(longestMs < ANSWER_MS, `${longestMs} ms`);
      const text = await b.metrics.registry.metrics();
      assert(/cache_hits_total\{cache="profiles\.\d+",layer="memory"\} [1-9]/.test(text), text);
      assert(/cache_hits_total\{cache="profiles\.\d+",layer="shared"\} [1-9]/.test(text), text);
    });
  },
});

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "a limit of rate holds over two nodes, and each counts alone without Redis",
  ),
  async fn() {
    await using redis = await startRedis();
    const env = { "RATE_LIMIT_DEFAULT": "1/m:30" };
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url, env });
    await untilConnected(...cluster.nodes);
    const { token } = await register(cluster.nodes[0]!, "Eve");
    const startedAt = performance.now();
    const statuses = async (requests: number) => {
      const all: number[] = [];
      for (let n = 0; n < requests; n++) {
        const { url } = cluster.nodes[n % 2]!;
        all.push((await ask(url, "/auth/me", { token })).status);
      }
      return all;
    };

    const together = await statuses(40);
    const refilled = refilledSince(startedAt);
    await redis.kill();
    // What was refused is refused for a moment without asking.
    await until(async () => (await statuses(1))[0] === 200, "each counts alone");
    const aloneSince = performance.now();
    const alone = await statuses(40);
    // The client cannot be told to end its pause, which would outlive the nodes and this test.
    await redis.restart();
    await untilConnected(...cluster.nodes);

    assertBetween(allowedOf(together), 30, 30 + refilled);
    // Each had let half of them through, and lets through the other half.
    assertBetween(allowedOf(alone), 29, 29 + 2 * refilledSince(aloneSince));
  },
});

Deno.test({
  ...needs("redis-server", hasRedisServer, "cache and limits of rate work on a Cluster"),
  async fn() {
    await using redis = await startRedisCluster();
    const env = { "RATE_LIMIT_DEFAULT": "1/m:30" };
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url, env });
    const [a, b] = cluster.nodes as [TestNode, TestNode];
    await untilConnected(a, b);
    const startedAt = performance.now();
    const { token, userId } = await register(a, "Mira Koskela");
    const path = `/users/${userId}/profile`;
    let asked = 3;

    await Promise.all([a, b].map(({ url }) => ask(url, path, { token })));
    await ask(a.url, path, { method: "PUT", token, body: { alias: "Lynx" } });
    const tookMs = await msUntil(async () => {
      asked += 1;
      return (await ask(b.url, path, { token })).body.data?.alias === "Lynx";
    }, "Lynx is shown");
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) {
      statuses.push((await ask((n % 2 ? a : b).url, "/auth/me", { token })).status);
    }

    assert(tookMs < TOLD_MS, `${tookMs} ms`);
    // The nodes agree a moment later on what each has let through.
    assertBetween(allowedOf(statuses) + asked, 24, 30 + refilledSince(startedAt));
    assert(statuses.includes(429), `${statuses}`);
  },
});
