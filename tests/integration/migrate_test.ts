import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type Database, openDatabase } from "@/db/client.ts";
import { migrateDown, migrateUp, MigrationError, migrationStatus } from "@/db/migrate.ts";
import { users } from "@/db/schema.ts";
import { openTestDatabase } from "@/tests/support/database.ts";

const FRUIT = {
  "0001_apples.up.sql": "create table apples (id int primary key);",
  "0001_apples.down.sql": "drop table apples;",
  "0002_pears.up.sql": "create table pears (id int); insert into pears select 1;",
  "0002_pears.down.sql": "drop table pears;",
};

/** A folder of migration files that goes away with its test. */
async function makeMigrations(files: Record<string, string>) {
  const directory = await Deno.makeTempDir({ prefix: "paceboard-migrations-" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(directory, name), text);
  }
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Tables and functions. */
async function objectsOf({ sql }: Database): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name <> 'schema_migrations'
    union all
    select routine_name || '()' from information_schema.routines where routine_schema = 'public'
    order by 1`;
  return rows.map(({ name }) => name);
}

Deno.test("the project's migrations go up, down and up on a database with data", async () => {
  await using test = await openTestDatabase({ empty: true });
  const { database } = test;
  const applied = await migrateUp(database);
  const before = await objectsOf(database);
  const at = Date.UTC(2026, 0, 1);
  await database.db.insert(users).values({
    id: crypto.randomUUID(),
    email: "ada@example.org",
    name: "Ada",
    accessChangedAt: at,
    createdAt: at,
    updatedAt: at,
  });

  const takenBack = await migrateDown(database, { to: 0 });
  const between = await objectsOf(database);
  const again = await migrateUp(database);

  assert(before.includes("users") && before.includes("competitions"));
  assertEquals(takenBack, applied.toReversed());
  assertEquals(between, []);
  assertEquals(again, applied);
  assertEquals(await objectsOf(database), before);
  assertEquals(await migrateUp(database), []);
});

Deno.test("migrateUp() and migrateDown() stop at the number they are given", async () => {
  await using test = await openTestDatabase({ empty: true });
  await using files = await makeMigrations(FRUIT);
  const { directory } = files;

  assertEquals(await migrateUp(test.database, { directory, to: 1 }), [1]);
  assertEquals(await objectsOf(test.database), ["apples"]);
  assertEquals(await migrateUp(test.database, { directory }), [2]);
  assertEquals(await migrateDown(test.database, { directory, to: 1 }), [2]);

  const status = await migrationStatus(test.database, { directory });
  assertEquals(status.map(({ name, appliedAt }) => [name, typeof appliedAt]), [
    ["apples", "number"],
    ["pears", "undefined"],
  ]);
  await assertRejects(() => migrateUp(test.database, { directory, to: 3 }), MigrationError);
});

Deno.test("migrateUp() refuses a file that was changed or is missing", async (t) => {
  await using test = await openTestDatabase({ empty: true });
  await using files = await makeMigrations(FRUIT);
  const { directory } = files;
  await migrateUp(test.database, { directory });
  const up = join(directory, "0002_pears.up.sql");

  await t.step("changed", async () => {
    await Deno.writeTextFile(up, "create table plums (id int);");

    await assertRejects(
      () => migrateUp(test.database, { directory }),
      MigrationError,
      '"0002_pears.up.sql" was changed after it was applied',
    );
  });
  await t.step("missing", async () => {
    await Deno.remove(up);
    await Deno.remove(join(directory, "0002_pears.down.sql"));

    await assertRejects(
      () => migrateUp(test.database, { directory }),
      MigrationError,
      '"0002_pears" is applied but its file is missing',
    );
  });
});

Deno.test("migrateUp() applies a file whole or not at all", async () => {
  await using test = await openTestDatabase({ empty: true });
  await using files = await makeMigrations({
    ...FRUIT,
    "0002_pears.up.sql": "create table pears (id int); select 1 / 0;",
  });
  const { directory } = files;

  await assertRejects(() => migrateUp(test.database, { directory }));

  assertEquals(await objectsOf(test.database), ["apples"]);
  await Deno.writeTextFile(join(directory, "0002_pears.up.sql"), FRUIT["0002_pears.up.sql"]);
  assertEquals(await migrateUp(test.database, { directory }), [2]);
});

Deno.test("migrateUp() by several nodes at once applies each file once", async () => {
  await using test = await openTestDatabase({ empty: true });
  await using files = await makeMigrations(FRUIT);
  const { directory } = files;
  await using stack = new AsyncDisposableStack();
  const nodes = await Promise.all(
    [1, 2, 3, 4].map(async () => stack.use(await openDatabase({ url: test.url, poolMax: 1 }))),
  );

  const applied = await Promise.all(nodes.map((node) => migrateUp(node, { directory })));

  assertEquals(applied.flat(), [1, 2]);
  assertEquals(await objectsOf(test.database), ["apples", "pears"]);
});

Deno.test("migrateUp() refuses gaps, doubles, half pairs and strangers", async (t) => {
  await using test = await openTestDatabase({ empty: true });
  const { "0002_pears.up.sql": up, "0002_pears.down.sql": down, ...apples } = FRUIT;
  const cases: [string, Record<string, string>, string][] = [
    ["gap", { ...apples, "0003_a.up.sql": up, "0003_a.down.sql": down }, "expected number 0002"],
    ["double", { ...FRUIT, "0002_a.up.sql": up, "0002_a.down.sql": down }, "expected number 0003"],
    ["half pair", { ...apples, "0002_a.up.sql": up }, "its pair is not complete"],
    ["stranger", { ...apples, "pears.sql": up }, "not named NNNN_what.up.sql"],
  ];
  for (const [name, contents, message] of cases) {
    await t.step(name, async () => {
      await using files = await makeMigrations(contents);

      await assertRejects(() => migrateUp(test.database, files), MigrationError, message);
    });
  }
});
