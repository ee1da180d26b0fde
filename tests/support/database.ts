/**
 * A database of its own for each test file or call, copied from a migrated template in under 100 ms,
 * so that files run in parallel and nobody cleans up rows.
 *
 * One integration test by hand, with all permissions listed and no server to start first:
 *
 *     deno task test:file tests/integration/migrate_test.ts
 *
 * which is
 *
 *     deno test --sanitize-ops --sanitize-resources \
 *       $(deno run --allow-read --allow-env --allow-sys=uid tools/permissions.ts test) \
 *       tests/integration/migrate_test.ts
 *
 * In a test:
 *
 *     await using test = await openTestDatabase();
 *     await test.database.sql`select 1`;
 *
 * @module
 */

import postgres from "postgres";
import { type Database, type DatabaseOptions, openDatabase } from "@/db/client.ts";
import { migrateUp, MIGRATIONS_DIRECTORY } from "@/db/migrate.ts";
import { readMigrations, sha256 } from "@/db/migration_files.ts";
import { testServerUrl, withDatabase } from "./test_server.ts";

/** A database that goes away with its test. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
  /** For a process or pool of one's own. */
  readonly url: string;
}

/** What may be had otherwise. */
export interface TestDatabaseOptions extends Omit<DatabaseOptions, "url"> {
  /** Leaves out the migrations. */
  empty?: boolean;
}

/** Connections a test needs at once; races need more than two. */
const POOL_MAX = 5;

/** One process makes the template, the others wait. */
const TEMPLATE_LOCK = 7_001;

/** Looked for once a process. */
let template: Promise<string> | undefined;

/** Opens a new database with the project's schema. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { empty = false, ...settings } = options;
  const server = await testServerUrl();
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await withAdmin(server, async (sql) => {
    const source = empty ? "template1" : await (template ??= ensureTemplate(sql, server));
    await sql.unsafe(`create database "${name}" template "${source}"`);
  });
  const url = withDatabase(server, name);
  const database = await openDatabase({ poolMax: POOL_MAX, ...settings, url });
  return {
    database,
    url,
    async [Symbol.asyncDispose]() {
      await database.close();
      await withAdmin(server, (sql) => sql.unsafe(`drop database "${name}" with (force)`));
    },
  };
}

async function withAdmin(
  server: string,
  work: (sql: postgres.Sql) => PromiseLike<unknown>,
): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

/** Named by the hash of its files, so that a changed migration makes another template. */
async function ensureTemplate(sql: postgres.Sql, server: string): Promise<string> {
  const migrations = await readMigrations(MIGRATIONS_DIRECTORY);
  const hash = await sha256(migrations.map(({ checksum }) => checksum).join());
  const name = `schema_${hash.slice(0, 16)}`;
  if (await exists(sql, name)) return name;
  await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  if (!await exists(sql, name)) await makeTemplate(sql, server, name);
  await sql`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  return name;
}

/** Takes its name when it is whole. */
async function makeTemplate(sql: postgres.Sql, server: string, name: string): Promise<void> {
  const unfinished = `${name}_unfinished`;
  await sql.unsafe(`drop database if exists "${unfinished}" with (force)`);
  await sql.unsafe(`create database "${unfinished}"`);
  const database = await openDatabase({ url: withDatabase(server, unfinished), poolMax: 1 });
  try {
    await migrateUp(database);
  } finally {
    await database.close();
  }
  await sql.unsafe(`alter database "${unfinished}" rename to "${name}"`);
}

async function exists(sql: postgres.Sql, name: string): Promise<boolean> {
  return (await sql`select 1 from pg_database where datname = ${name}`).length > 0;
}
