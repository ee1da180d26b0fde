import { assert, assertEquals } from "@std/assert";
import { startTcpProxy } from "./tcp_proxy.ts";

/** A server that says everything back. */
function startEcho() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      connection.readable.pipeTo(connection.writable).catch(() => {});
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function say(connection: Deno.Conn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

/** What comes back, so many characters or until the end. */
async function hear(connection: Deno.Conn, length: number): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(1024);
  while (text.length < length) {
    const read = await connection.read(buffer).catch(() => null);
    if (read === null) return `${text}|`;
    text += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return text;
}

Deno.test("startTcpProxy() carries bytes whole, delayed and in slices too", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy({ port: echo.port, seed: 3 });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });

  await say(connection, "sound");
  assertEquals(await hear(connection, 5), "sound");
  proxy.set({ delayMs: 1, sliceBytes: 3 });
  await say(connection, "slow and sliced");

  assertEquals(await hear(connection, 15), "slow and sliced");
  assertEquals(proxy.connections, 1);
});

Deno.test("startTcpProxy() keeps in a blackhole what arrives when it ends", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy({ port: echo.port });
  using before = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  await say(before, "a");
  assertEquals(await hear(before, 1), "a");
  proxy.set({ isBlackhole: true });
  using within = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  let isHeard = false;

  await say(before, "b");
  await say(within, "c");
  const heard = Promise.all([hear(before, 1), hear(within, 1)]).finally(() => isHeard = true);
  // Time enough for bytes that nothing holds back.
  using other = await Deno.connect({ hostname: "127.0.0.1", port: echo.port });
  await say(other, "d");
  assertEquals(await hear(other, 1), "d");

  assert(!isHeard);
  proxy.heal();
  assertEquals(await heard, ["b", "c"]);
});

Deno.test("startTcpProxy() breaks and refuses connections", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy({ port: echo.port });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  await say(connection, "a");
  await hear(connection, 1);

  proxy.reset();
  assertEquals(await hear(connection, 1), "|");
  proxy.set({ isRefusing: true });
  using refused = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  assertEquals(await hear(refused, 1), "|");
  proxy.heal();

  using healed = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  await say(healed, "b");
  assertEquals(await hear(healed, 1), "b");
});
