/** Redis away, back, empty, hung, slow, cut off, full, or filled with what does not belong there. */

import { assert, assertEquals } from "@std/assert";
import { needs } from "@/tests/support/needs.ts";
import { waitUntil } from "@/tests/support/product.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";
import { createRandom } from "@/tests/support/tcp_proxy.ts";
import { ask, dataOf } from "@/tests/support/product_api.ts";
import { type Cluster, type Fault, type Felt, openCluster, say, suffer } from "./cluster.ts";
import { targetOf } from "./cluster.ts";

/** Of the fault, where updates alone would not make it long. */
const LASTS_MS = 2_500;

const lasts: Felt = (_load, injectedAt) => performance.now() - injectedAt > LASTS_MS;

/** What all nodes see of their network to Redis. */
function network(
  name: string,
  faults: Parameters<Cluster["nodes"][0]["redis"]["set"]>[0],
  which: readonly number[] = [0, 1],
): Fault {
  const each = ({ nodes }: Cluster) => which.map((index) => nodes[index]!.redis);
  return {
    name,
    isFelt: lasts,
    inject(cluster) {
      for (const redis of each(cluster)) {
        redis.set(faults);
        if (faults.isRefusing) redis.reset();
      }
    },
    heal: (cluster) => each(cluster).forEach((redis) => redis.heal()),
  };
}

/** Everything that stands in Redis becomes a list; tells how much stood there. */
const SPOIL = `local keys = redis.call('KEYS', '*')
  for _, key in ipairs(keys) do redis.call('DEL', key) redis.call('RPUSH', key, 'wrong') end
  return #keys`;

/** Any one key goes away. */
const EVICT = `local key = redis.call('RANDOMKEY') if key then redis.call('DEL', key) end`;
const EVICTIONS = 60;
const EVICTION_PAUSE_MS = 30;

const FAULTS: readonly Fault[] = [
  {
    name: "killed and restarted",
    isFelt: lasts,
    inject: ({ redis }) => redis.kill(),
    heal: ({ redis }) => redis.restart(),
  },
  {
    name: "emptied",
    inject: async ({ redis }) => void await redis.command("FLUSHALL"),
    heal: async ({ redis }) => void await redis.command("FLUSHALL"),
  },
  {
    name: "filled with keys of the wrong type",
    isFelt: lasts,
    async inject({ redis }) {
      const answer = await redis.command("EVAL", SPOIL, "0");
      say(`${answer.trim().slice(1)} keys`);
      assert(/^:[1-9]/.test(answer), answer);
    },
    heal: async ({ redis }) => void await redis.command("FLUSHALL"),
  },
  {
    name: "filled with keys of the wrong type that nobody clears away",
    isFelt: lasts,
    inject: async ({ redis }) => void await redis.command("EVAL", SPOIL, "0"),
    heal: () => {},
  },
  {
    name: "losing single keys, as a server does that evicts them",
    isFelt: lasts,
    async inject({ redis }) {
      for (let round = 0; round < EVICTIONS; round++) {
        await redis.command("EVAL", EVICT, "0");
        await new Promise((resolve) => setTimeout(resolve, EVICTION_PAUSE_MS));
      }
    },
    heal: () => {},
  },
  {
    name: "every connection broken, again and again, those of news too",
    isFelt: lasts,
    async inject({ nodes, redis }) {
      for (let round = 0; round < 10; round++) {
        for (const node of nodes) node.redis.reset();
        await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await new Promise((resolve) => setTimeout(resolve, EVICTION_PAUSE_MS));
      }
    },
    heal: () => {},
  },
  {
    name: "out of memory",
    isFelt: lasts,
    inject: async ({ redis }) => {
      await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await redis.command("CONFIG", "SET", "maxmemory", "1");
    },
    heal: async ({ redis }) => void await redis.command("CONFIG", "SET", "maxmemory", "0"),
  },
  network("hung", { isBlackhole: true }),
  network("slow and in slices", { delayMs: 30, sliceBytes: 40 }),
  network("cut off from one node", { isRefusing: true }, [0]),
];

Deno.test({
  ...needs("redis-server", hasRedisServer, "whatever happens to Redis, nothing is lost or refused"),
  async fn(t) {
    const seed = Number(Deno.env.get("FAULT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
    say(`FAULT_SEED=${seed}`);
    const random = createRandom(seed);
    await using cluster = await openCluster({ random });
    for (const fault of FAULTS) {
      await t.step(fault.name, async () => {
        const outcome = await suffer(cluster, [fault], { random, name: fault.name });

        const { load, failedReads, convergedMs } = outcome;
        assertEquals([load.refused, load.unanswered], [0, 0], "some updates were refused");
        assertEquals(failedReads, []);
        assert(load.acknowledged > 0);
        say(`${fault.name}: equal ${Math.round(convergedMs)} ms after the heal`);
      });
    }
    await t.step(
      "a node that starts while Redis hangs becomes ready, serves, and finds it later",
      () => startBeside(cluster),
    );
    await t.step(
      "the same key, whatever happens in between, has one effect",
      () => repeat(cluster),
    );
  },
});

/** Ten times what a start takes, and less than any patience of Redis's client many times over. */
const START_AT_WORST_MS = 30_000;

/** Redis takes this node's connections and says nothing, from before its start on. */
async function startBeside({ nodes, field }: Cluster): Promise<void> {
  const [node, other] = nodes;
  const [competitionId, userId] = [field.competitionIds[0]!, field.userIds[0]];
  const update = ({ url, token }: ReturnType<typeof targetOf>, idempotencyKey: string) =>
    ask(url, "/leaderboard/update", {
      token,
      body: { competitionId, userId, score: 1, idempotencyKey },
    });
  const offsetOf = async ({ url, token }: ReturnType<typeof targetOf>) =>
    dataOf(await ask(url, `/leaderboard/${competitionId}`, { token })).offset;
  node.redis.set({ isBlackhole: true });
  node.redis.reset();

  await node.restart();
  const { startMs, url } = node.product;
  const own = dataOf(await update(targetOf(node), "beside-1"));
  const shown = await offsetOf(targetOf(node));
  const hung = await redisHealth(url);
  node.redis.heal();
  await waitUntil(async () => await redisHealth(url) === "healthy", node.product.output);
  const { offset } = dataOf(await update(targetOf(other), "beside-2"));
  await waitUntil(async () => await offsetOf(targetOf(node)) >= offset, node.product.output);

  say(`ready after ${Math.round(startMs)} ms beside a Redis that hangs`);
  assert(startMs < START_AT_WORST_MS, `${startMs} ms`);
  assertEquals([shown, hung], [own.offset, "degraded"]);
}

async function redisHealth(url: string): Promise<string | undefined> {
  const { components } = await (await fetch(`${url}/health/detailed`)).json();
  return components?.redis?.status;
}

const REPEATS = 100;

/** One update, sent by everybody to every node at once, before and after nodes and Redis forgot. */
async function repeat(cluster: Cluster): Promise<void> {
  const { nodes, redis, field, database } = cluster;
  const idempotencyKey = "once and for all";
  const [competitionId, userId] = [field.competitionIds[0], field.userIds[0]];
  const body = { competitionId, userId, score: 5, idempotencyKey };
  const sendAll = async () => {
    const answers = await Promise.all(Array.from({ length: REPEATS }, (_, n) => {
      const { url, token } = targetOf(nodes[n % nodes.length]!);
      return ask(url, "/leaderboard/update", { token, body });
    }));
    return answers.map((answer) => {
      const { participantId, score, offset } = dataOf(answer);
      return JSON.stringify({ participantId, score, offset });
    });
  };

  const answers = await sendAll();
  await redis.command("FLUSHALL");
  answers.push(...await sendAll());
  await nodes[0].restart();
  answers.push(...await sendAll());

  assertEquals(new Set(answers).size, 1);
  const [row] = await database.sql`
    select count(*) from competition_log where idempotency_key = ${idempotencyKey}`;
  assertEquals(row?.count, 1);
}
