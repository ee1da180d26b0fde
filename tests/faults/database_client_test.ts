/** The way to the database when the network or the server fails: nobody waits for ever. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, type DatabaseOptions, openDatabase, type Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { waitUntil } from "@/tests/support/product.ts";
import { startTcpProxy } from "@/tests/support/tcp_proxy.ts";

/** So that a test waits for a fraction of a second where a client would wait for ten. */
const STATEMENT_TIMEOUT_MS = 300;

/** The deadline that follows from it, with what a busy machine adds. */
const PATIENCE_MS = 9_000;

/** A database behind a network that can fail. */
async function openProxied(limits: Pick<DatabaseOptions, "idleInTransactionTimeoutMs"> = {}) {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestDatabase({ empty: true }));
  const proxy = stack.use(startTcpProxy({ port: Number(new URL(test.url).port) }));
  const url = new URL(test.url);
  url.port = String(proxy.port);
  const metrics = createMetrics();
  const options = { url: url.href, poolMax: 3, statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const database = await openDatabase({ ...options, ...limits, metrics });
  await test.database.sql`create table notes (text text)`;
  const close = async () => {
    proxy.heal();
    await database.close();
    await stack.disposeAsync();
  };
  return { test, proxy, database, metrics, [Symbol.asyncDispose]: close };
}

/** Longer than anything here takes on a busy machine. */
const CEILING_MS = 60_000;

function until(claim: () => boolean, about: string): Promise<boolean> {
  return waitUntil(claim, () => about, CEILING_MS);
}

type Proxied = Awaited<ReturnType<typeof openProxied>>;

const select = ({ sql }: Database | Tx) => sql`select 1`.execute();

async function stateOf({ metrics }: Proxied): Promise<number | undefined> {
  return (await metrics.breakerState.get()).values[0]?.value;
}

async function untilState(proxied: Proxied, wanted: number): Promise<void> {
  let state: number | undefined;
  const read = () => void stateOf(proxied).then((value) => state = value);
  await until(() => (read(), state === wanted), `the breaker's state is ${wanted}`);
}

/** What the work fails with, in time. */
async function failureOf(work: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now();
  const error = await assertRejects(work, DomainError);
  const tookMs = performance.now() - startedAt;
  assert(tookMs < PATIENCE_MS, `${tookMs} ms`);
  assert(error.retryAfterSeconds! >= 1);
  return error.code;
}

Deno.test("a database that hangs is given up in time, then left alone, then found again", async (t) => {
  await using proxied = await openProxied();
  const { database, proxy } = proxied;
  await Promise.all([select(database), select(database), select(database)]);
  proxy.set({ isBlackhole: true });

  await t.step("statements and transactions fail in time", async () => {
    const works = [
      () => select(database),
      () => database.transaction(select),
      () => database.transaction((tx) => select(tx).catch(() => {})),
    ];
    assertEquals(await Promise.all(works.map(failureOf)), Array(3).fill("SERVICE_UNAVAILABLE"));
  });
  await t.step("after five failures in a row nobody waits any more", async () => {
    await Promise.all([select(database), select(database)].map((work) => work.catch(() => {})));
    await untilState(proxied, 2);

    const code = await failureOf(() => select(database));

    assertEquals(code, "CIRCUIT_OPEN");
    assertEquals((await proxied.metrics.breakerFailures.get()).values[0]!.value >= 5, true);
  });
  await t.step("it stays alone while it does not answer the breaker's own question", async () => {
    const failures = async () => (await proxied.metrics.breakerFailures.get()).values[0]!.value;
    const before = await failures();
    let seen = { failures: before, state: 2 };
    const read = async () => {
      seen = { failures: await failures(), state: await stateOf(proxied) ?? NaN };
    };
    await until(() => {
      assert(seen.state > 0, "it closed");
      read();
      return seen.failures >= before + 2;
    }, "it asked twice in vain");
  });
  await t.step("it is found again without anybody asking", async () => {
    proxy.heal();
    await untilState(proxied, 0);

    assertEquals((await database.sql`select 2 as n`)[0]?.n, 2);
  });
});

Deno.test("who asks a silent server once more waits but a little longer", async () => {
  await using proxied = await openProxied();
  const { database, proxy } = proxied;
  await select(database);
  proxy.set({ isBlackhole: true });
  const statements: Promise<string>[] = [];
  const ask = () => failureOf(() => select(database));
  statements.push(ask());
  // Something is always waiting, so that the silence goes on.
  const startedAt = performance.now();
  while (performance.now() - startedAt < STATEMENT_TIMEOUT_MS) {
    await new Promise((resolve) => setTimeout(resolve, STATEMENT_TIMEOUT_MS / 4));
    statements.push(ask());
  }

  assertEquals(new Set(await Promise.all(statements)).size, 1);
  proxy.heal();
  await untilState(proxied, 0);
  assertEquals((await database.sql`select pg_sleep(0.2), 1 as n`)[0]?.n, 1);
});

Deno.test("a transaction that hangs between statements ends, and leaves nothing behind", async (t) => {
  for (const point of ["in a statement", "in the commit"]) {
    await t.step(point, async () => {
      await using proxied = await openProxied();
      const { database, proxy, test } = proxied;
      const work = async ({ sql }: Tx) => {
        await sql`insert into notes values (${point})`;
        proxy.set({ isBlackhole: true });
        // Caught, as by code that goes on without: the transaction must not commit all the same.
        if (point === "in a statement") await sql`select 1`.catch(() => {});
      };

      assertEquals(await failureOf(() => database.transaction(work)), "SERVICE_UNAVAILABLE");
      proxy.heal();

      // A commit that was on its way arrives after all; nobody was told that it did not.
      const kept = point === "in the commit" ? 1 : 0;
      await until(await countIs(test.database, kept), `${kept} notes`);
      assertEquals((await test.database.sql`select * from notes`).length, kept);
    });
  }
});

/** Polls in the background; the claim holds when no session works any more and the count is right. */
async function countIs(database: Database, wanted: number): Promise<() => boolean> {
  let isTrue = false;
  const read = async () => {
    const [row] = await database.sql`
      select (select count(*) from notes) as count, (select count(*) from pg_stat_activity
        where datname = current_database() and state like '%in transaction%') as open`;
    isTrue = row?.count === wanted && row?.open === 0;
  };
  await read();
  return () => {
    if (!isTrue) read().catch(() => {});
    return isTrue;
  };
}

Deno.test("statements that never left are sent again while connections break", async () => {
  await using proxied = await openProxied();
  const { database, proxy } = proxied;
  await select(database);
  proxy.set({ isRefusing: true });
  proxy.reset();
  // The news of the broken connection; whoever was on it may fail.
  await select(database).catch(() => {});

  const waiting = select(database);
  const begun = database.transaction(select);
  proxy.heal();

  await Promise.all([waiting, begun]);
});

Deno.test("failures apart from each other do not open the breaker", async () => {
  await using proxied = await openProxied();
  const { database } = proxied;
  const end = () => database.sql`select pg_terminate_backend(pg_backend_pid())`.execute();
  for (let round = 0; round < 7; round++) {
    assertEquals(await failureOf(end), "SERVICE_UNAVAILABLE");
    await select(database);
  }

  assertEquals((await proxied.metrics.breakerFailures.get()).values[0]?.value, 7);
  assertEquals(await stateOf(proxied), 0);
});

Deno.test("rows locked by a node that is cut off are free before who waits for them gives up", async () => {
  await using proxied = await openProxied({ idleInTransactionTimeoutMs: STATEMENT_TIMEOUT_MS });
  const { database, proxy, test } = proxied;
  await test.database.sql`insert into notes values ('old')`;
  const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
  const { promise: isHealed, resolve: healed } = Promise.withResolvers<void>();
  const cutOff = database.transaction(async ({ sql }) => {
    await sql`update notes set text = 'never'`;
    proxy.set({ isBlackhole: true });
    locked();
    await isHealed;
    await sql`update notes set text = 'later'`;
  });
  const failing = failureOf(() => cutOff);
  await isLocked;

  // By a connection of its own and with the patience of any statement.
  const { count } = await test.database.sql`update notes set text = 'new'`;
  proxy.heal();
  healed();

  assertEquals([count, await failing], [1, "SERVICE_UNAVAILABLE"]);
  const rows = await test.database.sql`select text from notes`;
  assertEquals(rows.map(({ text }) => text), ["new"]);
});
