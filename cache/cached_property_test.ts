/// <reference lib="deno.unstable" />
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { createMetrics } from "@/platform/metrics.ts";
import type { Broker } from "@/services/boards/broker.ts";
import { type Cached, createCached } from "@/services/cached.ts";
import { createLocalBrokers } from "@/services/boards/local_broker.ts";
import { createManualTime, type ManualTime } from "@/tests/support/manual_time.ts";
import type { KvStore } from "./kv.ts";
import { createSharedCache, type KvSharedCache } from "./shared_cache.ts";

const MEMORY_MS = 5_000;
const IDS = ["a", "b"];

/** Runs a step when the scheduler chooses to. */
type Schedule = <T>(run: () => T) => Promise<T>;

/** As much of a store as the cache needs; each call happens at one moment that the scheduler chooses. */
function createScheduledKv(schedule: Schedule, isAway: () => boolean): KvStore {
  const entries = new Map<string, { value: unknown; versionstamp: string }>();
  let version = 0;
  const read = (key: Deno.KvKey) => ({
    key,
    ...entries.get(JSON.stringify(key)) ?? { value: null, versionstamp: null },
  });
  const at = <T>(run: () => T) =>
    schedule(() => {
      if (isAway()) throw new Error("The store is away");
      return run();
    });
  const atomic = () => {
    const checks: Deno.AtomicCheck[] = [];
    const sets: [Deno.KvKey, unknown][] = [];
    const operation = {
      check: (check: Deno.AtomicCheck) => (checks.push(check), operation),
      set: (key: Deno.KvKey, value: unknown) => (sets.push([key, value]), operation),
      commit: () =>
        at(() => {
          const isOk = checks.every(({ key, versionstamp }) =>
            read(key).versionstamp === versionstamp
          );
          if (!isOk) return { ok: false };
          const versionstamp = String(++version);
          for (const [key, value] of sets) {
            entries.set(JSON.stringify(key), { value, versionstamp });
          }
          return { ok: true, versionstamp };
        }),
    };
    return operation;
  };
  const getMany = (keys: Deno.KvKey[]) => at(() => keys.map(read));
  return { getMany, atomic } as unknown as KvStore;
}

interface Node {
  cached: Cached<number>;
  shared: KvSharedCache;
  broker: Broker;
}

/** Nodes on one database and one store, with every wait in the scheduler's hand. */
function openCluster(schedule: Schedule, time: ManualTime, isAway: () => boolean) {
  const database = new Map<string, number>();
  const kv = createScheduledKv(schedule, isAway);
  const brokers = createLocalBrokers({ carry: (deliver) => void schedule(deliver) });
  const metrics = createMetrics();
  const open = (): Node => {
    const broker = brokers.join();
    const shared = createSharedCache({
      kv,
      installation: "test",
      clock: time,
      timers: time,
      metrics,
    });
    const cached = createCached<number>({ clock: time, broker, shared, metrics }, {
      name: "numbers",
      memoryMs: MEMORY_MS,
      entriesMax: 10,
      async load(ids) {
        const read = await schedule(() => ids.map((id) => [id, database.get(id)] as const));
        // The answer of the database takes its time too.
        await schedule(() => {});
        return new Map(read.flatMap(([id, value]) => value === undefined ? [] : [[id, value]]));
      },
    });
    return { cached, shared, broker };
  };
  return { database, nodes: [open(), open()] as const };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), node: fc.nat(1), id: fc.constantFrom(...IDS) }),
  fc.record({ kind: fc.constant("write" as const), node: fc.nat(1), id: fc.constantFrom(...IDS) }),
  fc.record({ kind: fc.constant("outage" as const), isAway: fc.boolean() }),
);

Deno.test("createCached() never gives what a write of its node replaced, and in the end nothing old on any node, whatever overtakes what", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 14 }), async (s, steps) => {
      const time = createManualTime();
      const schedule: Schedule = async (run) => {
        await s.schedule(Promise.resolve());
        return run();
      };
      let isAway = false;
      const { database, nodes } = openCluster(schedule, time, () => isAway);
      /** The last write of each node that was forgotten for good, by id. */
      const acknowledged = nodes.map(() => new Map<string, number>());
      let last = 0;
      const perform = async (one: (typeof steps)[number]) => {
        if (one.kind === "outage") {
          await schedule(() => isAway = one.isAway);
          return;
        }
        const { cached } = nodes[one.node]!;
        if (one.kind === "read") {
          const floor = acknowledged[one.node]!.get(one.id) ?? 0;
          const value = await cached.get(one.id) ?? 0;
          assert(value >= floor, `${one.id} is ${value}, but ${floor} was written before`);
          return;
        }
        const value = await schedule(() => {
          database.set(one.id, ++last);
          return last;
        });
        await cached.forget(one.id);
        const own = acknowledged[one.node]!;
        own.set(one.id, Math.max(own.get(one.id) ?? 0, value));
      };

      // Readings of one call in the order of the steps, so that some come after a write's end.
      const half = Math.ceil(steps.length / 2);
      const lanes = [steps.slice(0, half), steps.slice(half)].map(async (lane) => {
        for (const one of lane) await perform(one);
      });
      await s.waitFor(Promise.all(lanes));
      isAway = false;
      await s.waitFor(Promise.all(nodes.map(({ shared }) => shared.catchUp())));
      await s.waitIdle();
      time.advance(MEMORY_MS);
      for (const { cached, shared, broker } of nodes) {
        const values = await s.waitFor(cached.getMany(IDS));
        assertEquals(IDS.map((id) => values.get(id)), IDS.map((id) => database.get(id)));
        await s.waitIdle();
        shared[Symbol.dispose]();
        broker[Symbol.dispose]();
      }
    }),
    { numRuns: 400 },
  );
});
