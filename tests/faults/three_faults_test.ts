/**
 * Three faults at once on two nodes, chosen by a seed: `FAULT_SEEDS` asks for more, `FAULT_SEED`
 * repeats one.
 */

import { assert } from "@std/assert";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";
import { createRandom, type NetworkFaults } from "@/tests/support/tcp_proxy.ts";
import { type Cluster, type Fault, openCluster, say, suffer } from "./cluster.ts";
import { killPostgres, untilPostgresIsBack } from "./cluster.ts";

const SEEDS_DEFAULT = 3;
const FAULTS_AT_ONCE = 3;

/** A PostgreSQL that falls more often within a minute is left down, as one that is broken. */
const SEEDS_PER_CLUSTER = 4;

/** How long all of them last together: longer than a breaker waits and a pool tries. */
const LASTS_MS = 3_000;

/** Faults of one node, or of what both use. */
type FaultMaker = (index: number, random: () => number) => Fault;

function networkFault(kind: "database" | "redis", faults: Partial<NetworkFaults>): FaultMaker {
  return (index) => {
    const of = ({ nodes }: Cluster) => nodes[index]![kind];
    return fault(`${kind} of node ${index}: ${Object.keys(faults)}`, {
      inject(cluster) {
        of(cluster).set(faults);
        if (faults.isRefusing) of(cluster).reset();
      },
      heal: (cluster) => of(cluster).heal(),
    });
  };
}

function fault(name: string, what: Pick<Fault, "inject" | "heal" | "isHealedLast">): Fault {
  return { name, ...what, isFelt: (_load, since) => performance.now() - since > LASTS_MS };
}

const nothing = () => {};

/** Of each kind at most one strikes at a time. */
const KINDS: Readonly<Record<string, readonly FaultMaker[]>> = {
  "a node's way to PostgreSQL": [
    networkFault("database", { isBlackhole: true }),
    networkFault("database", { isRefusing: true }),
    networkFault("database", { delayMs: 20, sliceBytes: 300 }),
  ],
  "a node's way to Redis": [
    networkFault("redis", { isBlackhole: true }),
    networkFault("redis", { isRefusing: true }),
    networkFault("redis", { delayMs: 50, sliceBytes: 50 }),
  ],
  Redis: [
    () =>
      fault("Redis killed", {
        inject: ({ redis }) => redis.kill(),
        heal: ({ redis }) => redis.restart(),
      }),
    () =>
      fault("Redis emptied", {
        inject: async ({ redis }) => void await redis.command("FLUSHALL"),
        heal: nothing,
      }),
  ],
  PostgreSQL: [
    () =>
      fault("PostgreSQL killed", {
        inject: (cluster) => killPostgres(cluster),
        heal: untilPostgresIsBack,
      }),
  ],
  "a node": [(index) =>
    fault(`node ${index} killed`, {
      async inject({ nodes }) {
        const { product } = nodes[index]!;
        product.kill("SIGKILL");
        await product.ended;
      },
      heal: ({ nodes }) => nodes[index]!.restart(),
      isHealedLast: true,
    })],
};

function chooseFaults(random: () => number): Fault[] {
  const kinds = Object.values(KINDS);
  const chosen: Fault[] = [];
  while (chosen.length < FAULTS_AT_ONCE) {
    const [makers] = kinds.splice(Math.floor(random() * kinds.length), 1);
    const make = makers![Math.floor(random() * makers!.length)]!;
    chosen.push(make(Math.floor(random() * 2), random));
  }
  return chosen;
}

Deno.test({
  ...needs("redis-server", hasRedisServer, "three faults at once on two nodes lose nothing"),
  async fn(t) {
    const only = Deno.env.get("FAULT_SEED");
    const count = only === undefined ? Number(Deno.env.get("FAULT_SEEDS") ?? SEEDS_DEFAULT) : 1;
    const first = only === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(only);
    for (let seed = first; seed < first + count;) {
      await using cluster = await openCluster({ random: createRandom(seed) });
      let isSound = true;
      // What a failed one leaves behind is none of the next one's business.
      for (let n = 0; isSound && n < SEEDS_PER_CLUSTER && seed < first + count; n++, seed++) {
        const random = createRandom(seed);
        const faults = chooseFaults(random);
        const name = `FAULT_SEED=${seed}: ${faults.map(({ name }) => name).join(", ")}`;
        isSound = await t.step(name, () => check(cluster, faults, { random, seed }));
      }
    }
  },
});

async function check(
  cluster: Cluster,
  faults: readonly Fault[],
  { random, seed }: { random: () => number; seed: number },
): Promise<void> {
  const { load, convergedMs } = await suffer(cluster, faults, { random, name: `seed ${seed}` });

  assert(load.acknowledged > 0);
  say(`${load.acknowledged} kept, equal ${Math.round(convergedMs)} ms after the heal`);
}
