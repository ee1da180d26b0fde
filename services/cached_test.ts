import { assertEquals, assertRejects } from "@std/assert";
import { createMetrics } from "@/platform/metrics.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createCached } from "./cached.ts";
import { createLocalBrokers } from "./boards/local_broker.ts";

const MEMORY_MS = 5_000;

/** Two nodes over one table; `loads` has what each query asked for. */
function openNodes() {
  const time = createManualTime();
  const metrics = createMetrics();
  const brokers = createLocalBrokers();
  const table = new Map([["a", 1], ["b", 2]]);
  const loads: string[] = [];
  const fault: { error?: Error } = {};
  const open = () =>
    createCached<number>({ clock: time, broker: brokers.join(), metrics }, {
      name: "numbers",
      memoryMs: MEMORY_MS,
      entriesMax: 2,
      load(ids) {
        loads.push(ids.join());
        if (fault.error) return Promise.reject(fault.error);
        const found = ids.filter((id) => table.has(id));
        return Promise.resolve(new Map(found.map((id) => [id, table.get(id)!])));
      },
    });
  return { time, metrics, table, loads, fault, here: open(), there: open() };
}

Deno.test("createCached() reads once for everybody who asks meanwhile, and then from memory", async () => {
  const { here, loads } = openNodes();

  const first = await Promise.all([here.get("a"), here.get("a"), here.getMany(["a", "b"])]);
  const again = await here.getMany(["b", "a", "b"]);

  assertEquals(first.slice(0, 2), [1, 1]);
  assertEquals([...first[2]].sort(), [["a", 1], ["b", 2]]);
  assertEquals([...again].sort(), [["a", 1], ["b", 2]]);
  assertEquals(loads, ["a", "b"]);
});

Deno.test("createCached() keeps values for their time, absence for a second, and as many as it may", async () => {
  const { here, loads, time, table } = openNodes();

  await here.get("a");
  assertEquals(await here.get("none"), undefined);
  assertEquals(await here.get("none"), undefined);
  table.set("none", 3);
  time.advance(1_000);
  assertEquals(await here.get("none"), 3);
  time.advance(MEMORY_MS - 1_001);
  await here.get("a");
  time.advance(1);
  await here.get("a");
  assertEquals(loads, ["a", "none", "none", "a"]);
  await here.get("b");
  await here.get("none");
  assertEquals(loads, ["a", "none", "none", "a", "b", "none"]);
});

Deno.test("createCached() passes a fault on to all who wait, and keeps nothing of it", async () => {
  const { here, fault, loads } = openNodes();
  fault.error = new Error("The database is away");

  const asked = [here.get("a"), here.getMany(["a", "b"])];
  await Promise.all(asked.map((one) => assertRejects(() => one, Error, "away")));
  delete fault.error;

  assertEquals(await here.get("a"), 1);
  assertEquals(loads, ["a", "b", "a"]);
});

Deno.test("createCached() forgets at once here, and there when the news comes", async () => {
  const { here, there, table } = openNodes();
  await Promise.all([here.get("a"), there.get("a")]);

  table.set("a", 10);
  await here.forget("a");

  assertEquals(await here.get("a"), 10);
  assertEquals(await there.get("a"), 10);
});

Deno.test("createCached() counts what memory had and had not", async () => {
  const { here, metrics } = openNodes();

  await here.get("a");
  await here.get("a");
  await here.getMany(["a", "b"]);

  const labels = { cache: "numbers", layer: "memory" };
  const valueOf = async (counter: "cacheHits" | "cacheMisses") =>
    (await metrics[counter].get()).values.find((one) => one.labels.layer === "memory");
  assertEquals(await valueOf("cacheHits"), { labels, value: 2 });
  assertEquals(await valueOf("cacheMisses"), { labels, value: 2 });
});
