/**
 * Two nodes of the real product over one PostgreSQL and one Redis, each behind networks of its own
 * that a test can break, under load and watched by viewers.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Database, openDatabase } from "@/db/client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded.ts";
import { makeDataDir, type Product, startProduct, waitUntil } from "@/tests/support/product.ts";
import { ask, dataOf, logIn } from "@/tests/support/product_api.ts";
import { startRedis, type TestRedis } from "@/tests/support/redis_server.ts";
import { openSocket, type SocketClient } from "@/tests/support/socket_client.ts";
import { startTcpProxy, type TcpProxy } from "@/tests/support/tcp_proxy.ts";
import { testNativeDir, testServerUrl } from "@/tests/support/test_server.ts";
import { type Field, makeField, ScoreLoad, type Target } from "./score_load.ts";

export const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };

/** Never reached, but counted, as the nodes count together in Redis. */
const AMPLE = "1000000/s:1000000";

const ENV = {
  DEMO: "off",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  JWT_SECRETS: "R7fdM2kqZ0sXy8PbL4wNvT1cJ6hGaE9uQ3iO5rYt",
  RATE_LIMIT_DEFAULT: AMPLE,
  RATE_LIMIT_SCORE: AMPLE,
  RATE_LIMIT_AUTH: AMPLE,
  RATE_LIMIT_AUTH_ADDRESS: AMPLE,
  // So that small boards, too, are kept in Redis.
  RANKING_MEMBERS_MIN: "0",
};

/** The product promises 5 s after the heal; a machine that others use may add to them. */
const CONVERGED_AT_WORST_MS = 20_000;

/** One node, which a test may kill and start again. */
export interface ClusterNode {
  product: Product;
  token: string;
  /** Its networks. */
  database: TcpProxy;
  redis: TcpProxy;
  restart(): Promise<void>;
}

export interface Cluster extends AsyncDisposable {
  nodes: [ClusterNode, ClusterNode];
  postgres: EmbeddedPostgres;
  redis: TestRedis;
  field: Field;
  /** The test's own way to the database, which nothing disturbs but the death of the server. */
  database: Database;
}

export interface ClusterOptions {
  random: () => number;
}

/** Starts everything, with two competitions and ten people in each. */
export async function openCluster({ random }: ClusterOptions): Promise<Cluster> {
  const stack = new AsyncDisposableStack();
  try {
    // A first use installs the programs of PostgreSQL that the cluster's own server runs.
    await testServerUrl();
    const folder = stack.use(await makeDataDir());
    const nativeDir = await testNativeDir();
    const postgres = stack.use(
      // As durable as the product's own: what a killed server had not written would be gone.
      await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }),
    );
    const redis = stack.use(await startRedis());
    const seed = () => Math.floor(random() * 2 ** 31);
    const open = () => openNode(stack, { postgres, redis, seed });
    // The first makes the schema, which the second would have to wait for.
    const nodes: Cluster["nodes"] = [await open(), await open()];
    const field = await makeField(targetOf(nodes[0]), { competitions: 2, people: 10 });
    const database = stack.use(await openDatabase({ url: postgres.url, poolMax: 2 }));
    const dispose = () => stack.disposeAsync();
    return { nodes, postgres, redis, field, database, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function openNode(
  stack: AsyncDisposableStack,
  { postgres, redis, seed }: { postgres: EmbeddedPostgres; redis: TestRedis; seed: () => number },
): Promise<ClusterNode> {
  const networks = {
    database: stack.use(startTcpProxy({ port: postgres.port, seed: seed() })),
    redis: stack.use(startTcpProxy({ port: redis.port, seed: seed() })),
  };
  const url = new URL(postgres.url);
  url.port = String(networks.database.port);
  const env = {
    ...ENV,
    DATABASE_URL: url.href,
    REDIS_URL: `redis://127.0.0.1:${networks.redis.port}`,
  };
  let running: Product | undefined;
  // At most once each: a product's folder goes away with it, also where the next start fails.
  const end = async () => {
    const product = running;
    running = undefined;
    await product?.[Symbol.asyncDispose]();
  };
  const start = async () => {
    const product = running = await startProduct(env);
    return { product, token: await logIn(product.url, ADMIN) };
  };
  stack.defer(async () => {
    for (const network of Object.values(networks)) network.heal();
    await end();
  });
  const node: ClusterNode = {
    ...networks,
    ...await start(),
    async restart() {
      await end();
      Object.assign(node, await start());
    },
  };
  return node;
}

/** Where and as whom to send to a node. */
export function targetOf({ product, token }: ClusterNode): Target {
  return { url: product.url, token };
}

/** What a fault under load looked like from outside. */
export interface Outcome {
  load: ScoreLoad;
  /** Requests of readers that were answered 5xx, as status and path. */
  failedReads: string[];
  /** From the heal to every viewer of both nodes showing what the log says. */
  convergedMs: number;
}

export interface Fault {
  name: string;
  inject(cluster: Cluster): Promise<void> | void;
  heal(cluster: Cluster): Promise<void> | void;
  /**
   * Heals after all others: a node that starts gives up where the way to its database stays broken,
   * as it must.
   */
  isHealedLast?: boolean | undefined;
  /** Tells whether the fault was felt for long enough; by default after some hundred updates. */
  isFelt?: Felt | undefined;
}

/** By what clients saw, and by when it began. */
export type Felt = (load: ScoreLoad, injectedAt: number) => boolean;

/** Tells a figure to whoever runs the tests. */
export function say(line: string): void {
  // deno-lint-ignore no-console -- seeds and figures of a run are nowhere else
  console.info(line);
}

/** Updates acknowledged before a fault, and while it lasts. */
const UPDATES_BEFORE = 200;
const UPDATES_WITHIN = 400;

/**
 * Faults under load, then the heal; everything that was promised must be true afterwards. However it
 * ends, nobody sends any more.
 */
export async function suffer(
  cluster: Cluster,
  faults: readonly Fault[],
  { random, name }: { random: () => number; name: string },
): Promise<Outcome> {
  const load = new ScoreLoad({ field: cluster.field, random, name });
  await using viewers = await openViewers(cluster);
  let isOver = false;
  const reader = startReader(cluster, () => isOver);
  const running = load.run(cluster.nodes.map(targetOf), () => isOver);
  let healedAt: number;
  try {
    await strike(cluster, faults, { load, name });
    healedAt = performance.now();
  } finally {
    isOver = true;
    await Promise.all([running, reader.ended]);
  }
  await load.settle(targetOf(cluster.nodes[1]));
  await viewers.converge();
  const convergedMs = performance.now() - healedAt;
  assertEquals(await load.differences(cluster.database), [], name);
  return { load, failedReads: reader.failed, convergedMs };
}

/** All faults at once, until each was felt; what has struck is healed, whatever happens. */
async function strike(
  cluster: Cluster,
  faults: readonly Fault[],
  { load, name }: { load: ScoreLoad; name: string },
): Promise<void> {
  const about = () => `${name}: ${load.acknowledged} acknowledged, ${load.refused} refused`;
  await waitUntil(() => load.acknowledged >= UPDATES_BEFORE, about, 60_000);
  await using healing = new AsyncDisposableStack();
  // What strikes first is healed last.
  const { last = [], others = [] } = Object.groupBy(
    faults,
    ({ isHealedLast }) => isHealedLast ? "last" : "others",
  );
  for (const fault of [...last, ...others]) {
    await fault.inject(cluster);
    healing.defer(async () => await fault.heal(cluster));
  }
  const injectedAt = performance.now();
  const before = load.acknowledged;
  const isFelt = (fault: Fault) =>
    fault.isFelt?.(load, injectedAt) ?? load.acknowledged - before >= UPDATES_WITHIN;
  await waitUntil(() => faults.every(isFelt), about, 60_000);
}

/** Somebody who reads boards and lists on both nodes all the time. */
function startReader({ nodes, field }: Cluster, isOver: () => boolean) {
  const failed: string[] = [];
  const paths = [`/leaderboard/${field.competitionIds[0]}`, "/competitions", "/auth/me"];
  const read = async (node: ClusterNode) => {
    while (!isOver()) {
      for (const path of paths) {
        const { url, token } = targetOf(node);
        const answer = await ask(url, path, { token }).catch(() => undefined);
        if (answer && answer.status >= 500) failed.push(`${answer.status} ${path}`);
        await new Promise((resolve) => setTimeout(resolve, READ_PAUSE_MS));
      }
    }
  };
  return { failed, ended: Promise.all(nodes.map(read)) };
}

/** Readers must not take the machine from those who write. */
const READ_PAUSE_MS = 20;

/** Viewers of each competition on each node, who come again as browsers do when they are closed. */
async function openViewers(cluster: Cluster) {
  const { field } = cluster;
  const seats = cluster.nodes.flatMap((node) => field.competitionIds.map((id) => ({ node, id })));
  const open = ({ node, id }: typeof seats[number]) =>
    openSocket(`${node.product.url}/ws/leaderboard/${id}`);
  const viewers: SocketClient[] = await Promise.all(seats.map(open));
  return {
    async converge() {
      const about = () => viewers.map(({ offset, closed }) => `${offset} ${closed?.code}`).join();
      await waitUntil(
        async () => {
          for (const [index, seat] of seats.entries()) {
            if (viewers[index]!.closed) {
              viewers[index] = await open(seat).catch(() => viewers[index]!);
            }
          }
          return await areTrue(cluster, seats.map(({ id }, index) => [id, viewers[index]!]));
        },
        about,
        CONVERGED_AT_WORST_MS,
      );
    },
    async [Symbol.asyncDispose]() {
      for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
    },
  };
}

/** Whether both nodes answer the same board, at the end of its log, and viewers show just that. */
async function areTrue(
  { nodes, field, database }: Cluster,
  seats: readonly (readonly [string, SocketClient])[],
): Promise<boolean> {
  for (const id of field.competitionIds) {
    const [row] = await database.sql`select last_seq as seq from competitions where id = ${id}`;
    const answers = await Promise.all(
      nodes.map((node) => ask(node.product.url, `/leaderboard/${id}`).catch(() => undefined)),
    );
    const boards = answers.map((answer) => answer?.status === 200 ? dataOf(answer) : undefined);
    if (boards.some((board) => board?.offset !== row?.seq)) return false;
    const texts = boards.map(({ rows }) => JSON.stringify(rows));
    const shown = seats.filter(([seatId]) => seatId === id)
      .map(([, viewer]) => JSON.stringify(viewer.rows));
    if (new Set([...texts, ...shown]).size > 1) return false;
  }
  return true;
}

/** Ends the server, at once or in order (`INT`); its keeper starts it again on the same port. */
export async function killPostgres(
  { postgres }: Cluster,
  signal: "KILL" | "INT" = "KILL",
): Promise<void> {
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'kill -s "$1" "$2"', "sh", signal, String(postgres.pid)],
  }).output();
  assert(success);
}

/** Waits until its keeper has started it again and it has recovered. */
export async function untilPostgresIsBack({ database }: Cluster): Promise<void> {
  const answers = () => database.sql`select 1`.then(() => true, () => false);
  await waitUntil(answers, () => "PostgreSQL stays away", 60_000);
}
