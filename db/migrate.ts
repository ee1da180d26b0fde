/**
 * Brings a database to a schema, up or down. Every node may call it at its start: an advisory lock
 * lets one of them work while the others wait and then find nothing to do.
 *
 * @module
 */

import { join } from "node:path";
import type postgres from "postgres";
import type { Database } from "./client.ts";
import { installJobSchema } from "./job_schema.ts";
import { type Migration, MigrationError, readMigrations } from "./migration_files.ts";

export { MigrationError } from "./migration_files.ts";

/** Where from, and how far. */
export interface MigrateOptions {
  /** The project's own migrations when absent. */
  directory?: string;
  /** Number of the last migration that shall be there afterwards. */
  to?: number;
}

/** One migration and when it was applied, if it was. */
export interface MigrationStatus {
  number: number;
  name: string;
  /** Epoch milliseconds. */
  appliedAt: number | undefined;
}

interface Applied {
  number: number;
  name: string;
  checksum: string;
  appliedAt: number;
}

/** The project's own migrations. */
export const MIGRATIONS_DIRECTORY = join(import.meta.dirname!, "migrations");

/** Any number, the same for every node of this product: "pace" in ASCII. */
const ADVISORY_LOCK = 0x70616365;

/** A migration rewrites tables; the pool's timeout for statements is for requests. */
const NO_TIMEOUT = "set local statement_timeout = 0";

/**
 * Applies what is missing, each file in one transaction, then the job queue's own schema; gives the
 * numbers it applied.
 */
export async function migrateUp(
  database: Database,
  options: MigrateOptions = {},
): Promise<number[]> {
  return await withLock(database, options, async (sql, all, applied) => {
    const target = targetOf(options.to ?? all.length, all);
    const missing = all.slice(applied.length, target);
    for (const migration of missing) await applyUp(sql, migration);
    const isWhole = options.directory === undefined && target === all.length;
    if (isWhole) await installJobSchema(sql);
    return missing.map(({ number }) => number);
  });
}

/** Takes back the newest migrations down to `to` (0 empties the database); gives their numbers. */
export async function migrateDown(
  database: Database,
  options: MigrateOptions & { to: number },
): Promise<number[]> {
  return await withLock(database, options, async (sql, all, applied) => {
    const target = targetOf(options.to, all);
    const surplus = all.slice(target, applied.length).reverse();
    for (const migration of surplus) await applyDown(sql, migration);
    return surplus.map(({ number }) => number);
  });
}

/** What is applied and what is not, in order; fails as the others do when a file was changed. */
export async function migrationStatus(
  database: Database,
  options: MigrateOptions = {},
): Promise<MigrationStatus[]> {
  return await withLock(
    database,
    options,
    (_sql, all, applied) =>
      Promise.resolve(all.map(({ number, name }, index) => {
        return { number, name, appliedAt: applied[index]?.appliedAt };
      })),
  );
}

type Work<T> = (
  sql: postgres.ReservedSql,
  all: readonly Migration[],
  applied: readonly Applied[],
) => Promise<T>;

/** The lock belongs to a session, so that each file can have a transaction of its own under it. */
async function withLock<T>(
  database: Database,
  options: MigrateOptions,
  work: Work<T>,
): Promise<T> {
  const all = await readMigrations(options.directory ?? MIGRATIONS_DIRECTORY);
  const sql = await database.sql.reserve();
  try {
    await takeLock(sql);
    try {
      return await work(sql, all, checkApplied(all, await readApplied(sql)));
    } finally {
      await sql`select pg_advisory_unlock(${ADVISORY_LOCK})`;
    }
  } finally {
    sql.release();
  }
}

/** Waits as long as the other node works, which may be longer than a statement may run. */
async function takeLock(sql: postgres.ReservedSql): Promise<void> {
  await sql`begin`;
  await sql.unsafe(NO_TIMEOUT);
  await sql`select pg_advisory_lock(${ADVISORY_LOCK})`;
  await sql`commit`;
}

async function readApplied(sql: postgres.ReservedSql): Promise<Applied[]> {
  await sql.unsafe(`
    create table if not exists schema_migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz(3) not null default now()
    )`);
  return await sql<Applied[]>`
    select number, name, checksum, applied_at as "appliedAt" from schema_migrations order by number`;
}

function checkApplied(all: readonly Migration[], applied: readonly Applied[]): readonly Applied[] {
  for (const [index, { number, name, checksum }] of applied.entries()) {
    const file = all[index];
    const label = `${String(number).padStart(4, "0")}_${name}`;
    if (file?.number !== number || file.name !== name) {
      throw new MigrationError(
        `Cannot migrate: "${label}" is applied but its file is missing; this release is older than the database`,
      );
    }
    if (file.checksum !== checksum) {
      throw new MigrationError(
        `Cannot migrate: "${label}.up.sql" was changed after it was applied; restore it and write a new migration`,
      );
    }
  }
  return applied;
}

function targetOf(to: number, all: readonly Migration[]): number {
  if (Number.isInteger(to) && to >= 0 && to <= all.length) return to;
  throw new MigrationError(`Cannot migrate to "${to}": the newest migration is ${all.length}`);
}

async function applyUp(sql: postgres.ReservedSql, migration: Migration): Promise<void> {
  const { number, name, checksum } = migration;
  await inTransaction(sql, migration.up, () =>
    sql`
    insert into schema_migrations (number, name, checksum) values (${number}, ${name}, ${checksum})`);
}

async function applyDown(sql: postgres.ReservedSql, migration: Migration): Promise<void> {
  await inTransaction(sql, migration.down, () =>
    sql`
    delete from schema_migrations where number = ${migration.number}`);
}

/** A reserved connection has no `begin()` of its own. */
async function inTransaction(
  sql: postgres.ReservedSql,
  script: string,
  record: () => PromiseLike<unknown>,
): Promise<void> {
  await sql`begin`;
  try {
    await sql.unsafe(NO_TIMEOUT);
    await sql.unsafe(script);
    await record();
    await sql`commit`;
  } catch (error) {
    await sql`rollback`;
    throw error;
  }
}
