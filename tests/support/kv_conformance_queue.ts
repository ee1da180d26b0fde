/// <reference lib="deno.unstable" />
/** Messages: delivered at least once, late when asked to be, again after a failure. */

import { assert, assertEquals } from "@std/assert";
import type { KvStore } from "@/cache/kv.ts";
import type { KvCases } from "./kv_conformance.ts";

/** Listens until so many messages came, then closes the store. */
async function receive(
  kv: KvStore,
  count: number,
  send: () => Promise<unknown>,
): Promise<unknown[]> {
  const received: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const listening = kv.listenQueue((message) => {
    received.push(message);
    if (received.length === count) all.resolve();
  });
  await send();
  await all.promise;
  kv.close();
  await listening;
  return received;
}

export const QUEUE_CASES: KvCases = {
  async "a message is delivered as it was sent"(kv) {
    const messages = ["x", 1n, undefined, null, new Date(0), { a: [new Uint8Array([1])] }];

    const received = await receive(kv, messages.length, async () => {
      for (const message of messages) {
        const { ok, versionstamp } = await kv.enqueue(message);
        assert(ok && versionstamp.length === 20);
      }
    });

    // Which of several due messages comes first, nobody promises.
    assertEquals(new Set(received.map((it) => Deno.inspect(it))).size, messages.length);
    for (const message of messages) {
      assert(received.some((it) => Deno.inspect(it) === Deno.inspect(message)));
    }
  },

  async "a message of a commit comes with it"(kv) {
    const received = await receive(kv, 1, async () => {
      await kv.set(["t"], 1);
      const current = await kv.get(["t"]);
      await kv.atomic().check({ key: ["t"], versionstamp: null }).enqueue("lost").commit();
      await kv.atomic().check(current).set(["t"], 2).enqueue("sent").commit();
    });

    assertEquals(received, ["sent"]);
  },

  async "messages sent before are delivered to who listens later"(kv) {
    await kv.enqueue("early");

    assertEquals(await receive(kv, 1, () => Promise.resolve()), ["early"]);
  },

  async "a delayed message comes after those that are due"(kv) {
    const start = performance.now();
    let isInTime = false;

    const received = await receive(kv, 2, async () => {
      await kv.enqueue("late", { delay: 200 });
      await kv.enqueue("soon");
      isInTime = performance.now() - start < 200;
    });

    // On a slow machine the delay may be over before the other message is there.
    assertEquals(isInTime ? received : received.toSorted().reverse(), ["soon", "late"]);
    assert(performance.now() - start >= 199);
  },

  async "listeners take turns and each message is handled once"(kv) {
    const received: number[] = [];
    const all = Promise.withResolvers<void>();
    const listening = Array.from({ length: 3 }, () =>
      kv.listenQueue((message) => {
        received.push(message);
        if (received.length === 30) all.resolve();
      }));

    await Promise.all(Array.from({ length: 30 }, (_, n) => kv.enqueue(n)));
    await all.promise;
    kv.close();
    await Promise.all(listening);

    assertEquals(received.toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, n) => n));
  },

  async "messages are handled side by side"(kv) {
    const both = Promise.withResolvers<void>();
    let running = 0;
    const listening = kv.listenQueue(async () => {
      running++;
      if (running === 2) both.resolve();
      await both.promise;
    });

    await kv.enqueue(1);
    await kv.enqueue(2);

    await both.promise;
    kv.close();
    await listening;
  },

  async "closing ends the listeners"(kv) {
    const listening = [kv.listenQueue(() => {}), kv.listenQueue(() => {})];

    kv.close();

    assertEquals(await Promise.all(listening), [undefined, undefined]);
  },

  async "options may be null where the types want none"(kv) {
    const none = null as unknown as undefined;

    assert((await kv.enqueue("m", none)).ok);
    assert((await kv.atomic().enqueue("m", none).commit()).ok);
    assert((await kv.set(["a"], 1, none)).ok);
    assertEquals((await kv.get(["a"], none)).value, 1);
  },
};
