import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { createMetrics } from "@/platform/metrics.ts";
import { systemTimers } from "@/platform/timers.ts";
import type { Topic } from "@/services/boards/broker.ts";
import { needs } from "@/tests/support/needs.ts";
import { hasRedisServer, startRedis } from "@/tests/support/redis_server.ts";
import { until } from "@/tests/support/waiting.ts";
import { createRedisBroker } from "./broker.ts";
import { openRedisLater } from "./redis_later.ts";

const NUMBERS: Topic<number> = { name: "numbers", schema: z.int() };

/** A node with its own connection; what it heard under the key. */
function openNode(url: string, nodeId: string) {
  const stack = new DisposableStack();
  const metrics = createMetrics();
  const connection = openRedisLater({ url, timers: systemTimers, timeoutMs: 500 });
  stack.defer(() => connection.close());
  const broker = stack.use(
    createRedisBroker({ connection, timers: systemTimers, nodeId, metrics }),
  );
  const heard: number[] = [];
  const state = { missed: 0 };
  const stop = broker.subscribe(NUMBERS, "k", {
    heard: (number) => heard.push(number),
    missed: () => state.missed += 1,
  });
  const countOf = async (outcome: string) => {
    const { values } = await metrics.brokerMessages.get();
    return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
  };
  return {
    broker,
    connection,
    heard,
    state,
    stop,
    countOf,
    [Symbol.dispose]: () => stack.dispose(),
  };
}

Deno.test({
  ...needs("redis-server", hasRedisServer, "createRedisBroker() carries messages to other nodes"),
  async fn() {
    await using redis = await startRedis();
    using a = openNode(redis.url, "a");
    using b = openNode(redis.url, "b");
    await until(() => a.state.missed > 0 && b.state.missed > 0, "both listen");

    for (let n = 1; n <= 100; n++) a.broker.publish(NUMBERS, "k", n);
    a.broker.publish(NUMBERS, "another", 7);
    await a.connection.publish("paceboard:{k}:numbers", '{"node":"c","message":"text"}');
    await a.connection.publish("paceboard:{k}:numbers", "no JSON");
    await until(() => b.heard.length === 100, "all arrived");
    await b.connection.publish("paceboard:{k}:numbers", '{"node":"c","message":101}');
    await until(() => b.heard.length === 101 && a.heard.length === 1, "the last arrived");

    assertEquals(b.heard, Array.from({ length: 101 }, (_, n) => n + 1));
    assertEquals(a.heard, [101]);
    assertEquals([await a.countOf("sent"), await b.countOf("bad")], [101, 2]);
    b.stop();
    a.broker.publish(NUMBERS, "k", 102);
    await a.connection.publish("paceboard:{k}:numbers", "{}");
    assertEquals(b.heard.length, 101);
  },
});

Deno.test({
  ...needs("redis-server", hasRedisServer, "createRedisBroker() outlives Redis, and is bounded"),
  async fn() {
    await using redis = await startRedis();
    await redis.kill();
    using a = openNode(redis.url, "a");
    using b = openNode(redis.url, "b");

    for (let n = 0; n < 1_000; n++) a.broker.publish(NUMBERS, "k", n);
    const dropped = await a.countOf("dropped");
    await redis.restart();
    await until(() => a.state.missed > 0 && b.state.missed > 0, "both listen");
    await redis.kill();
    await redis.restart();
    const missed = b.state.missed;
    await until(() => b.state.missed > missed, "it is told of the gap");
    let number = 2_000;
    await until(() => {
      a.broker.publish(NUMBERS, "k", number++);
      return b.heard.length > 0;
    }, "messages pass again");

    assert(dropped >= 700, `${dropped} were dropped at once`);
    assert(b.heard[0]! >= 2_000);
  },
});
