/** A Redis Cluster of three masters, with a replica each where a test wants them to fail over. */

import { startRedis, type TestRedis } from "./redis_server.ts";

/** A cluster that ends with its test. */
export interface TestCluster extends AsyncDisposable {
  /** Addresses of all masters, as `REDIS_URL` takes them. */
  readonly url: string;
  readonly masters: readonly TestRedis[];
  /** Of the master of the same index; none unless asked for. */
  readonly replicas: readonly TestRedis[];
}

export interface TestClusterOptions {
  /** A replica for each master, which takes its place when it dies. */
  hasReplicas?: boolean;
}

const SLOTS = 16_384;
const MASTERS = 3;
const FORM_WAIT_MS = 50;
const FORM_TRIES_MAX = 400;

/** Starts the masters, gives each its part of the slots and waits until all agree. */
export async function startRedisCluster(
  { hasReplicas = false }: TestClusterOptions = {},
): Promise<TestCluster> {
  const folder = await Deno.makeTempDir({ prefix: "paceboard-redis-" });
  const masters: TestRedis[] = [];
  const replicas: TestRedis[] = [];
  const stop = async () => {
    for (const server of [...masters, ...replicas]) await server[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    for (let n = 0; n < MASTERS; n++) masters.push(await startMember(folder, n));
    await join(masters);
    for (let n = 0; n < MASTERS && hasReplicas; n++) {
      replicas.push(await startMember(folder, MASTERS + n));
    }
    await follow(replicas, masters);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: masters.map(({ url }) => url).join(","),
    masters,
    replicas,
    [Symbol.asyncDispose]: stop,
  };
}

/** Makes each the replica of the master of its index, and waits until it has copied it. */
async function follow(replicas: readonly TestRedis[], masters: readonly TestRedis[]) {
  for (const replica of replicas) {
    await masters[0]!.command("CLUSTER", "MEET", "127.0.0.1", String(replica.port));
  }
  const members = masters.length + replicas.length;
  for (const member of [...masters, ...replicas]) await untilFormed(member, members);
  for (const [index, replica] of replicas.entries()) {
    const id = textOf(await masters[index]!.command("CLUSTER", "MYID"));
    await replica.command("CLUSTER", "REPLICATE", id);
    await untilTrue(async () => /master_link_status:up/.test(await replica.command("INFO")));
  }
}

/** The words of a bulk string. */
function textOf(answer: string): string {
  return answer.split("\r\n")[1] ?? "";
}

async function join(masters: readonly TestRedis[]): Promise<void> {
  for (const [index, master] of masters.entries()) {
    const first = Math.ceil((SLOTS * index) / MASTERS);
    const last = Math.ceil((SLOTS * (index + 1)) / MASTERS) - 1;
    await master.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    await master.command("CLUSTER", "ADDSLOTSRANGE", String(first), String(last));
    await masters[0]!.command("CLUSTER", "MEET", "127.0.0.1", String(master.port));
  }
  for (const master of masters) await untilFormed(master, masters.length);
}

async function startMember(folder: string, index: number): Promise<TestRedis> {
  const dir = `${folder}/${index}`;
  await Deno.mkdir(dir);
  return await startRedis([
    ...["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
    ...["--cluster-node-timeout", "2000", "--dir", dir],
  ]);
}

async function untilFormed(member: TestRedis, members: number): Promise<void> {
  await untilTrue(async () => {
    const info = await member.command("CLUSTER", "INFO");
    const knowsAll = info.includes(`cluster_known_nodes:${members}`);
    return knowsAll && info.includes("cluster_state:ok");
  });
}

async function untilTrue(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < FORM_TRIES_MAX; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, FORM_WAIT_MS));
  }
  throw new Error("Cannot start a cluster: its members do not agree");
}
