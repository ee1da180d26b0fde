import { assert, assertEquals, assertRejects } from "@std/assert";
import { sql as drizzleSql } from "drizzle-orm";
import { openDatabase, type Tx } from "@/db/client.ts";
import { users } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import { openTestDatabase } from "@/tests/support/database.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function newUser(email: string) {
  const id = crypto.randomUUID();
  return { id, email, name: "A", accessChangedAt: NOW, createdAt: NOW, updatedAt: NOW };
}

Deno.test("openDatabase() gives the same values to raw statements and to Drizzle", async () => {
  await using test = await openTestDatabase();
  const { sql, db } = test.database;
  const user = newUser("a@example.org");
  await db.insert(users).values(user);

  const [raw] = await sql`select created_at, count(*) over () as count from users
    where created_at = ${NOW}`;
  const [built] = await db.select().from(users);

  assertEquals(raw?.created_at, NOW);
  assertEquals(raw?.count, 1);
  assertEquals(built?.createdAt, NOW);
  assertEquals(built?.isDemo, false);
});

Deno.test("openDatabase() carries bytes, JSON, days and arrays", async () => {
  await using test = await openTestDatabase({ empty: true });
  const { sql } = test.database;
  const bytes = new Uint8Array([0, 255, 7]);

  const [row] = await sql`select ${bytes}::bytea as bytes, ${sql.json({ a: [1] })}::jsonb as json,
    date '2026-01-02' as day, ${[1, 2]}::int[] as ints, ${["a", "b"]}::text[] as texts`;

  assertEquals({ ...row }, {
    bytes,
    json: { a: [1] },
    day: "2026-01-02",
    ints: [1, 2],
    texts: ["a", "b"],
  });
});

Deno.test("openDatabase() fails rather than round a bigint, and goes on", async () => {
  await using test = await openTestDatabase({ empty: true, poolMax: 1 });
  const { sql } = test.database;

  await assertRejects(() => sql`select 9007199254740993 as big`.execute(), RangeError);

  assertEquals((await sql`select 9007199254740991 as big`)[0]?.big, 9007199254740991);
});

Deno.test("transaction() commits what resolves and rolls back what rejects", async () => {
  await using test = await openTestDatabase();
  const { database } = test;

  const count = await database.transaction(async (tx) => {
    await tx.db.insert(users).values(newUser("a@example.org"));
    const [row] = await tx.sql`select count(*) from users`;
    return row?.count;
  });
  await assertRejects(() =>
    database.transaction(async (tx) => {
      await tx.db.insert(users).values(newUser("b@example.org"));
      throw new DomainError("CONFLICT", "Cannot go on");
    }), DomainError);

  assertEquals(count, 1);
  assertEquals(await database.db.$count(users), 1);
});

Deno.test("transaction() translates a broken constraint by its name", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  const register = () =>
    database.transaction((tx) => tx.db.insert(users).values(newUser("a@example.org")), {
      constraints: { users_email_key: { code: "EMAIL_TAKEN", message: "Cannot register: taken" } },
    });
  await register();

  const error = await assertRejects(register, DomainError, "Cannot register: taken");

  assertEquals(error.code, "EMAIL_TAKEN");
  assert(!error.message.includes("users_email_key"));
});

Deno.test("transaction() runs again after a deadlock", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  await database.sql`create table counters (id int primary key, n int not null)`;
  await database.sql`insert into counters values (1, 0), (2, 0)`;
  let attempts = 0;
  const met = Promise.withResolvers<void>();
  const won = Promise.withResolvers<void>();
  const add = async (first: number, second: number) => {
    await database.transaction(async ({ sql }) => {
      attempts++;
      // The loser comes again when nobody is left to meet.
      if (attempts > 2) await won.promise;
      await sql`update counters set n = n + 1 where id = ${first}`;
      if (attempts === 2) met.resolve();
      await met.promise;
      await sql`update counters set n = n + 1 where id = ${second}`;
    });
    won.resolve();
  };

  await Promise.all([add(1, 2), add(2, 1)]);

  const rows = await database.sql`select n from counters order by id`;
  assertEquals(rows.map(({ n }) => n), [2, 2]);
  assertEquals(attempts, 3);
});

Deno.test("sql answers BAD_REQUEST for values that no column can hold", async () => {
  await using test = await openTestDatabase();
  const { sql } = test.database;
  const search = () => sql`select * from users where id = ${"not-a-uuid"}`.execute();

  const error = await assertRejects(search, DomainError);

  assertEquals(error.code, "BAD_REQUEST");
  assert(!error.message.includes("not-a-uuid"));
});

Deno.test("sql answers SERVICE_UNAVAILABLE when a statement runs too long", async () => {
  await using test = await openTestDatabase({ empty: true, statementTimeoutMs: 50 });
  const { sql } = test.database;

  const error = await assertRejects(() => sql`select pg_sleep(5)`.execute(), DomainError);

  assertEquals([error.code, error.retryAfterSeconds], ["SERVICE_UNAVAILABLE", 5]);
});

Deno.test("stats() follows what is in flight, onQuery hears of what ended", async () => {
  const heard: string[] = [];
  await using test = await openTestDatabase({
    empty: true,
    poolMax: 3,
    onQuery: (name, _durationMs, error) => heard.push(error ? `${name} failed` : name),
  });
  const { database } = test;

  await database.transaction(async ({ sql }) => {
    await sql`select 1`;
    assertEquals(database.stats(), { max: 3, active: 1, idle: 0 });
  }, { name: "settle" });
  await database.db.execute(drizzleSql`select 1`);
  await assertRejects(() => database.sql`select nothing`.execute());

  assertEquals(heard, ["settle", "select", "select failed"]);
  assertEquals(database.stats(), { max: 3, active: 0, idle: 1 });
});

Deno.test("a pool finds its database again after its sessions were ended", async (t) => {
  await using test = await openTestDatabase({ empty: true });
  await using other = await openDatabase({ url: test.url, poolMax: 2 });
  const endSessions = () =>
    test.database.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
  const ask = () => other.sql`select 2 as n`.execute();

  await t.step("sql", async () => {
    await Promise.all([ask(), ask()]);
    await endSessions();
    // Sent before the news came: these may fail.
    await Promise.allSettled([ask(), ask()]);

    const rows = await Promise.all([ask(), ask(), ask()]);

    assertEquals(rows.map(([row]) => row?.n), [2, 2, 2]);
  });
  await t.step("transaction", async () => {
    await endSessions();
    await Promise.allSettled([ask(), ask()]);

    const n = await other.transaction(async ({ sql }) => (await sql`select 3 as n`)[0]?.n);

    assertEquals(n, 3);
  });
});

Deno.test("openDatabase() tries five times while nobody listens, then says so", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const attempts: number[] = [];
  const open = () =>
    openDatabase({
      url: `postgres://nobody@127.0.0.1:${port}/none`,
      startBackoffMs: [1, 1, 1, 1],
      onRetry: (attempt) => attempts.push(attempt),
    });

  const error = await assertRejects(open, DomainError);

  assertEquals(error.code, "SERVICE_UNAVAILABLE");
  assertEquals(attempts, [1, 2, 3, 4]);
});

Deno.test("close() waits for what runs", async () => {
  await using test = await openTestDatabase({ empty: true });
  const database = await openDatabase({ url: test.url });
  const running = database.sql`select pg_sleep(0.1), 1 as done`.execute();
  await database.sql`select 1`;

  await database.close();

  assertEquals((await running)[0]?.done, 1);
  const late = await assertRejects(() => database.sql`select 1`.execute(), DomainError);
  assertEquals(late.code, "SERVICE_UNAVAILABLE");
});

Deno.test("a transaction whose session ended between two statements sends no more", async () => {
  await using test = await openTestDatabase({ empty: true });
  await using other = await openDatabase({ url: test.url, poolMax: 1 });
  await test.database.sql`create table notes (text text)`;
  const begun = Promise.withResolvers<number>();
  const goOn = Promise.withResolvers<void>();
  const late = Promise.withResolvers<unknown>();
  const write = async ({ sql }: Tx) => {
    begun.resolve((await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid);
    await goOn.promise;
    late.resolve(await sql`insert into notes values ('late')`.catch((error) => error));
  };

  const failed = assertRejects(
    () => other.transaction((tx) => write(tx).catch(late.resolve)),
    DomainError,
  );
  await test.database.sql`select pg_terminate_backend(${await begun.promise}::int)`;
  const error = await failed;
  // The connection is back, at the service of others.
  await other.sql`select 1`;
  goOn.resolve();

  assertEquals(error.code, "SERVICE_UNAVAILABLE");
  assertEquals((await late.promise as DomainError).code, "SERVICE_UNAVAILABLE");
  assertEquals((await test.database.sql`select * from notes`).length, 0);
});

Deno.test("transaction() sends nothing more on a connection that broke", async () => {
  await using test = await openTestDatabase();
  await using killer = await openDatabase({ url: test.url, poolMax: 1 });
  const codes: unknown[] = [];

  await assertRejects(() =>
    test.database.transaction(async (tx) => {
      const [row] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const next = async (error: unknown) => {
        codes.push(error instanceof Error && "code" in error ? error.code : error);
        // The driver has not yet told that the transaction is over.
        await tx.sql`select 1`.catch(() => {});
      };
      const asleep = tx.sql`select pg_sleep(60)`.catch(next).catch(next);
      await Promise.all([asleep, killer.sql`select pg_terminate_backend(${row!.pid})`]);
    })
  );

  // What the first is told depends on which of its two ends was seen.
  assertEquals([codes.length, codes.at(-1)], [2, "SERVICE_UNAVAILABLE"]);
});
