/** What operators are told of a database that forgets. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openDatabase } from "@/db/client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded.ts";
import { makeDataDir, type Product, startProduct, waitUntil } from "@/tests/support/product.ts";
import { testNativeDir } from "@/tests/support/test_server.ts";

const SETTINGS = ["fsync", "full_page_writes", "synchronous_commit"] as const;

async function startDatabase(dataDir: string, settings: Record<string, string> = {}) {
  return await startEmbeddedPostgres({ dataDir, settings, nativeDir: await testNativeDir() });
}

/** The whole's status, and what the database's part says. */
async function healthOf({ url }: Product): Promise<{ status: string; message: string }> {
  const [whole, detailed] = await Promise.all(["/health", "/health/detailed"].map(async (path) => {
    const res = await fetch(url + path);
    assertEquals(res.status, 200, path);
    return await res.json();
  }));
  assertEquals(detailed.components.database.status, detailed.status);
  const { message } = detailed.components.database;
  return { status: whole.status === detailed.status ? whole.status : "changing", message };
}

/** Changes a setting while the server runs. */
async function change({ url }: EmbeddedPostgres, name: string, value: "on" | "off"): Promise<void> {
  await using database = await openDatabase({ url, poolMax: 1 });
  await database.sql.unsafe(`alter system set ${name} = ${value}`);
  await database.sql`select pg_reload_conf()`;
}

Deno.test("/health says degraded while the database may lose what it acknowledged", async (t) => {
  await using folder = await makeDataDir();
  await using database = await startDatabase(folder.path);
  await using product = await startProduct({ DATABASE_URL: database.url, DEMO: "off" });
  const reaches = (wanted: string) =>
    waitUntil(async () => {
      const health = await healthOf(product);
      return health.status === wanted ? health : undefined;
    }, product.output);

  assertEquals(await reaches("healthy"), { status: "healthy", message: "answers" });
  assert(!/may be lost/.test(product.output()));
  for (const name of SETTINGS) {
    await t.step(name, async () => {
      await change(database, name, "off");
      const { message } = await reaches("degraded");
      await change(database, name, "on");

      assertEquals(message, `Acknowledged updates may be lost in a crash: ${name} is off`);
      await reaches("healthy");
    });
  }
});

Deno.test("a start says that its database may lose what it acknowledges", async () => {
  await using folder = await makeDataDir();
  await using database = await startDatabase(folder.path, {
    fsync: "off",
    "synchronous_commit": "off",
  });

  await using product = await startProduct({ DATABASE_URL: database.url, DEMO: "off" });

  assertMatch(
    product.output(),
    /warn.*may be lost in a crash: fsync, synchronous_commit are off/,
  );
  assertEquals((await healthOf(product)).status, "degraded");
});
