/**
 * A database of its own for each call, with the project's schema and no rows, so that files run in
 * parallel and nobody cleans up rows.
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
import { empty, endConnections, fingerprintOf, takeFree, takeNew } from "./database_pool.ts";
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

/** What new databases are copies of. */
interface Template {
  name: string;
  /** Of its schema. */
  fingerprint: string;
}

/** Looked for once a process. */
let template: Promise<Template> | undefined;

/** Opens an empty database with the project's schema. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { empty: isBare = false, ...settings } = options;
  const server = await testServerUrl();
  // Stays open as long as the database is in use: see database_pool.ts.
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  const name = isBare ? await makeBare(admin) : await takeDatabase(admin, server);
  const url = withDatabase(server, name);
  const database = await openDatabase({ poolMax: POOL_MAX, ...settings, url });
  return {
    database,
    url,
    async [Symbol.asyncDispose]() {
      await database.close();
      if (isBare) await drop(admin, name);
      await admin.end();
    },
  };
}

async function makeBare(admin: postgres.Sql): Promise<string> {
  const name = newName("test_");
  await admin.unsafe(`create database "${name}" template template1`);
  return name;
}

async function takeDatabase(admin: postgres.Sql, server: string): Promise<string> {
  const { name: source, fingerprint } = await (template ??= ensureTemplate(admin, server));
  const prefix = `test_${source}_`;
  for (let free; (free = await takeFree(admin, prefix));) {
    await endConnections(admin, free);
    if (await withSql(withDatabase(server, free), (sql) => empty(sql, fingerprint))) return free;
    await drop(admin, free);
  }
  const name = newName(prefix);
  await takeNew(admin, name);
  await admin.unsafe(`create database "${name}" template "${source}"`);
  return name;
}

function newName(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "").slice(0, 24);
}

async function drop(admin: postgres.Sql, name: string): Promise<void> {
  await admin.unsafe(`drop database if exists "${name}" with (force)`);
}

async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Named by the hash of its files, so that a changed migration makes another template. */
async function ensureTemplate(admin: postgres.Sql, server: string): Promise<Template> {
  const migrations = await readMigrations(MIGRATIONS_DIRECTORY);
  const hash = await sha256(migrations.map(({ checksum }) => checksum).join());
  const name = `schema_${hash.slice(0, 16)}`;
  await admin`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  const fingerprint = await readFingerprint(admin, name) ?? await makeTemplate(admin, server, name);
  await admin`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  return { name, fingerprint };
}

/** Of a template that is whole. */
async function readFingerprint(admin: postgres.Sql, name: string): Promise<string | undefined> {
  const [row] = await admin<{ fingerprint: string }[]>`
    select shobj_description(oid, 'pg_database') as fingerprint
    from pg_database where datname = ${name}`;
  return row?.fingerprint;
}

/** Takes its name when it is whole. */
async function makeTemplate(admin: postgres.Sql, server: string, name: string): Promise<string> {
  const unfinished = `${name}_unfinished`;
  for (const old of [name, unfinished]) await drop(admin, old);
  await admin.unsafe(`create database "${unfinished}"`);
  const database = await openDatabase({ url: withDatabase(server, unfinished), poolMax: 1 });
  let fingerprint: string;
  try {
    await migrateUp(database);
    fingerprint = await fingerprintOf(database.sql);
  } finally {
    await database.close();
  }
  await admin.unsafe(`comment on database "${unfinished}" is '${fingerprint}'`);
  await admin.unsafe(`alter database "${unfinished}" rename to "${name}"`);
  return fingerprint;
}
