/**
 * Databases that tests use in turn: one that nobody has is emptied and given again, because to make
 * and to remove one (a thousand files) costs twenty times as much as to delete a test's rows. Who
 * has one holds a lock on its name, which ends with the connection, so that a killed run keeps none.
 *
 * @module
 */

import type postgres from "postgres";

/** Beyond that to make a new one costs less than to delete so many rows. */
const REUSED_BYTES_MAX = 32 * 1024 * 1024;

/** What is not emptied: the schema's own rows, which no test changes. */
const KEPT_TABLES = "('schema_migrations', 'migrations')";

/** Everything of a schema that a test might have changed, as one text. */
const FINGERPRINT = `
  select md5(string_agg(part, ',' order by part)) as fingerprint from (
    select concat_ws(' ', 'column', c.oid::regclass, a.attname, a.atttypid, a.attnotnull, a.atthasdef)
      as part
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attnum > 0 and relkind in ('r', 'i', 'v', 'm', 'p') and relnamespace in (select oid from own)
    union all
    select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger
    where not tgisinternal
    union all
    select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace in (select oid from own)
    union all
    select concat_ws(' ', 'function', oid::regprocedure, md5(prosrc)) from pg_proc
    where pronamespace in (select oid from own)
    union all
    select concat_ws(' ', 'setting', setconfig::text) from pg_db_role_setting
    where setdatabase = (select oid from pg_database where datname = current_database())
    union all
    select concat_ws(' ', 'right', oid::regclass, relacl::text) from pg_class
    where relacl is not null and relnamespace in (select oid from own)
  ) as parts`;
const OWN_SCHEMAS = `
  with own as (
    select oid from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema')`;

/** Rows go without their triggers (some refuse it) and count anew from 1. */
const EMPTY_ALL = `
  do $$
  declare
    name text;
  begin
    set local session_replication_role = replica;
    for name in
      select format('%I.%I', schemaname, tablename) from pg_tables
      where schemaname !~ '^pg_' and schemaname <> 'information_schema'
        and tablename not in ${KEPT_TABLES}
        and pg_relation_size(format('%I.%I', schemaname, tablename)) > 0
    loop
      execute 'delete from ' || name;
    end loop;
    for name in
      select format('%I.%I', schemaname, sequencename) from pg_sequences
      where last_value is not null
    loop
      perform setval(name, 1, false);
    end loop;
  end $$`;

/** What a whole schema looks like. */
export async function fingerprintOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql.unsafe<{ fingerprint: string }[]>(OWN_SCHEMAS + FINGERPRINT);
  return row!.fingerprint;
}

/** Takes a name that begins so and that nobody has; `sql` has it until it ends. */
export async function takeFree(sql: postgres.Sql, prefix: string): Promise<string | undefined> {
  const [row] = await sql<{ name: string }[]>`
    select name from (
      select datname as name from pg_database where starts_with(datname, ${prefix})
      order by datname offset 0
    ) as pool
    where pg_try_advisory_lock(hashtextextended(name, 0)) limit 1`;
  return row?.name;
}

/** Takes a name for a database that is not there yet. */
export async function takeNew(sql: postgres.Sql, name: string): Promise<void> {
  await sql`select pg_advisory_lock(hashtextextended(${name}, 0))`;
}

/** Ends whatever a test left running in its database. */
export async function endConnections(sql: postgres.Sql, name: string): Promise<void> {
  await sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = ${name}`;
}

/** Empties the database `sql` is connected to; false when it is too large or its schema is another. */
export async function empty(sql: postgres.Sql, fingerprint: string): Promise<boolean> {
  const [row] = await sql<{ bytes: string }[]>`
    select pg_database_size(current_database()) as bytes`;
  if (Number(row!.bytes) > REUSED_BYTES_MAX) return false;
  if (await fingerprintOf(sql) !== fingerprint) return false;
  await sql.unsafe(EMPTY_ALL);
  return true;
}
