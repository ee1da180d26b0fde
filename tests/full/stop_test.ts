/** Stops that cannot be polite: a request that never ends, a second signal, a viewer that is gone. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { makeDataDir, type Product, startProduct, waitUntil } from "../support/product.ts";
import { connectRaw, type RawConnection } from "../support/product_api.ts";

const SLOW_REQUEST = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\n" +
  "Content-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";

/** A request that waits for a body that never comes. */
async function openStuckRequest({ port }: Product): Promise<RawConnection> {
  const connection = await connectRaw(port);
  await connection.send(SLOW_REQUEST);
  assertMatch(await connection.receive(), /^HTTP\/1.1 100 /);
  return connection;
}

Deno.test("a stuck request delays the stop by DRAIN_TIMEOUT and no more", async () => {
  await using test = await openTestDatabase();
  const env = { DATABASE_URL: test.url, DRAIN_TIMEOUT: "1s" };
  await using product = await startProduct(env);
  using _stuck = await openStuckRequest(product);
  const signalledAt = performance.now();

  product.kill("SIGTERM");
  const { code } = await product.ended;

  const tookMs = performance.now() - signalledAt;
  assertEquals(code, 0);
  assert(tookMs >= 1_000 && tookMs < 10_000, `${tookMs} ms`);
  assertMatch(product.output(), /Some requests did not end in time/);
});

Deno.test("a viewer who does not answer the close delays no stop", async () => {
  await using test = await openTestDatabase();
  await using product = await startProduct({ DATABASE_URL: test.url });
  using viewer = await connectRaw(product.port);
  await viewer.send(
    "GET /ws/leaderboard/nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  assertMatch(await viewer.receive(), /^HTTP\/1.1 101 /);

  const { code } = await product.stop();

  assertEquals(code, 0);
  assert(!product.output().includes("did not end in time"), product.output());
});

Deno.test("a second signal ends the process at once, and the next start adopts its database", async () => {
  await using folder = await makeDataDir();
  const options = { dataDir: folder.path };
  const product = await startProduct({ DEMO: "off" }, options);
  {
    using _stuck = await openStuckRequest(product);
    product.kill("SIGTERM");
    const { output, ended } = product;
    await waitUntil(() => output().includes("Stopping after SIGTERM"), output);
    // One that follows at once is the same Ctrl-C, heard twice.
    let end: { code: number } | undefined;
    ended.then((status) => end = status);
    await waitUntil(() => end ?? (product.kill("SIGTERM"), undefined), output);

    assertEquals(end, { code: 1 });
  }

  await using later = await startProduct({ DEMO: "off" }, options);

  assertMatch(later.output(), /PostgreSQL was still running as process \d+ and is used again/);
});
