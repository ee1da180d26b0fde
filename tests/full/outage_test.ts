/** The database goes and comes back. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded.ts";
import { makeDataDir, type Product, refusedStart } from "../support/product.ts";
import { startProduct, waitUntil } from "../support/product.ts";
import { ask, dataOf, logIn, makeCompetition } from "../support/product_api.ts";
import { makeParticipant, type ProductAnswer, statusOf } from "../support/product_api.ts";
import { TEST_SETTINGS, testNativeDir } from "../support/test_server.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const FIRST_ADMIN = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };

async function startDatabase(dataDir: string): Promise<EmbeddedPostgres> {
  const nativeDir = await testNativeDir();
  return await startEmbeddedPostgres({ dataDir, nativeDir, settings: TEST_SETTINGS });
}

Deno.test("without its database the product shows what it knows and promises nothing", async (t) => {
  await using folder = await makeDataDir();
  let database = await startDatabase(folder.path);
  await using _last = { [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
  await using product = await startProduct({ DATABASE_URL: database.url, ...FIRST_ADMIN });
  const { url, output } = product;
  const token = await logIn(url, ADMIN);
  const { id, slug } = await makeCompetition(url, token);
  const userId = await makeParticipant(url, id, "Ada Aalto");
  const score = (value: number) =>
    ask(url, "/leaderboard/update", {
      token,
      body: { competitionId: id, userId, score: value, idempotencyKey: `key-${value}` },
    });
  dataOf(await score(1));
  const before = dataOf(await ask(url, `/leaderboard/${slug}`));
  await database[Symbol.asyncDispose]();

  await t.step("not ready, but alive", async () => {
    assert(await waitUntil(async () => await statusOf(`${url}/health/ready`) === 503, output));
    assertEquals(await statusOf(`${url}/health/live`), 200);
    assertEquals(await statusOf(`${url}/health`), 503);
  });
  await t.step("updates and reads of others are refused with Retry-After", async () => {
    const refused = await score(2);
    checkUnavailable(refused);
    checkUnavailable(await ask(url, "/competitions"));
    checkUnavailable(await ask(url, "/auth/login", { body: ADMIN }));
    assertMatch(JSON.stringify(refused.body), /requestId/);
    assert(!/postgres|ECONN|select /i.test(JSON.stringify(refused.body)));
  });
  await t.step("a board that was seen is served stale", async () => {
    for (const name of [id, slug]) {
      const read = () => ask(url, `/leaderboard/${name}`);
      // It is asked for anew once a second.
      const isMarked = async () => (await read()).body.meta?.stale === true;
      assert(await waitUntil(isMarked, output));

      const { status, body } = await read();
      assertEquals(status, 200);
      assertEquals(body.data.rows, before.rows);
    }
  });
  await t.step("pages say so instead of failing", () => checkPages(product, slug));
  await t.step("it recovers by itself", async () => {
    database = await startDatabase(folder.path);
    assert(await waitUntil(async () => await statusOf(`${url}/health/ready`) === 200, output));

    const again = dataOf(await score(2));
    const board = await waitUntil(async () => {
      const { body } = await ask(url, `/leaderboard/${slug}`);
      return body.meta?.stale ? undefined : body.data;
    }, output);

    assertEquals(again.offset, before.offset + 1);
    assertEquals(board.rows[0].score, 2);
  });
});

function checkUnavailable({ status, headers, body }: ProductAnswer): void {
  // The second from the sixth failure in a row on.
  const codes = ["SERVICE_UNAVAILABLE", "CIRCUIT_OPEN"];
  assert(status === 503 && codes.includes(body.error?.code), JSON.stringify(body));
  assert(Number(headers.get("retry-after")) >= 1);
}

async function checkPages({ url }: Product, slug: string): Promise<void> {
  const list = await fetch(url);
  assertEquals([list.status, list.headers.get("retry-after") !== null], [503, true]);
  assertMatch(await list.text(), /<html/);
  assertEquals(await statusOf(`${url}/c/${slug}`), 503);
}

Deno.test("a start tries five times to reach its database, then says so", async () => {
  const DATABASE_URL = "postgres://app:s3cr3t-p4ss@127.0.0.1:1/app";

  const { code, output } = await refusedStart({ DATABASE_URL });

  assertEquals(code, 2);
  assertEquals(output.match(/Database is not there yet/g)?.length, 4);
  assertMatch(output, /Cannot start without the database: .*ECONNREFUSED.*see DATABASE_URL/);
  assert(!/s3cr3t/.test(output));
});

Deno.test("a start waits for a database that comes up after it", async () => {
  await using folder = await makeDataDir();
  const first = await startDatabase(folder.path);
  await first[Symbol.asyncDispose]();
  const starting = startProduct({ DATABASE_URL: first.url });

  await using _database = await startDatabase(folder.path);
  await using product = await starting;

  assertEquals(await statusOf(`${product.url}/health/ready`), 200);
});
