/** A Redis Cluster of three masters that a test starts for itself. */

import { startRedis, type TestRedis } from "./redis_server.ts";

/** A cluster that ends with its test. */
export interface TestCluster extends AsyncDisposable {
  /** Addresses of all masters, as `REDIS_URL` takes them. */
  readonly url: string;
  readonly masters: readonly TestRedis[];
}

const SLOTS = 16_384;
const MASTERS = 3;
const FORM_WAIT_MS = 50;
const FORM_TRIES_MAX = 400;

/** Starts the masters, gives each its part of the slots and waits until all agree. */
export async function startRedisCluster(): Promise<TestCluster> {
  const folder = await Deno.makeTempDir({ prefix: "paceboard-redis-" });
  const masters: TestRedis[] = [];
  const stop = async () => {
    for (const master of masters) await master[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    for (let n = 0; n < MASTERS; n++) masters.push(await startMaster(folder, n));
    await join(masters);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: masters.map(({ url }) => url).join(","),
    masters,
    [Symbol.asyncDispose]: stop,
  };
}

async function join(masters: readonly TestRedis[]): Promise<void> {
  for (const [index, master] of masters.entries()) {
    const first = Math.ceil((SLOTS * index) / MASTERS);
    const last = Math.ceil((SLOTS * (index + 1)) / MASTERS) - 1;
    await master.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    await master.command("CLUSTER", "ADDSLOTSRANGE", String(first), String(last));
    await masters[0]!.command("CLUSTER", "MEET", "127.0.0.1", String(master.port));
  }
  for (const master of masters) await untilFormed(master);
}

async function startMaster(folder: string, index: number): Promise<TestRedis> {
  const dir = `${folder}/${index}`;
  await Deno.mkdir(dir);
  return await startRedis([
    ...["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
    ...["--cluster-node-timeout", "2000", "--dir", dir],
  ]);
}

async function untilFormed(master: TestRedis): Promise<void> {
  for (let tries = 0; tries < FORM_TRIES_MAX; tries++) {
    const info = await master.command("CLUSTER", "INFO");
    const knowsAll = info.includes(`cluster_known_nodes:${MASTERS}`);
    if (knowsAll && info.includes("cluster_state:ok")) return;
    await new Promise((resolve) => setTimeout(resolve, FORM_WAIT_MS));
  }
  throw new Error("Cannot start a cluster: its masters do not agree");
}
