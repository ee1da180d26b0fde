/** Drizzle's builder on our pool: its own column types and error wrapper left out. */

import {
  createTableRelationsHelpers,
  DrizzleQueryError,
  extractTablesRelationalConfig,
} from "drizzle-orm";
import { PgDatabase, PgDialect } from "drizzle-orm/pg-core";
import { type PostgresJsDatabase, PostgresJsSession } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import * as schema from "./schema.ts";

export type Schema = typeof schema;
/** Drizzle's builder, on the pool or on a transaction. */
export type QueryBuilder = Omit<PostgresJsDatabase<Schema>, "transaction">;

const DIALECT = new PgDialect({ casing: "snake_case" });
const TABLES = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
const RELATIONS = {
  fullSchema: schema,
  schema: TABLES.tables,
  tableNamesMap: TABLES.tableNamesMap,
};

/** By hand instead of `drizzle()`, which puts its own column types over those of the pool. */
export function queryBuilder(sql: postgres.Sql | postgres.TransactionSql): QueryBuilder {
  const session = new PlainErrorSession(sql as postgres.Sql, DIALECT, RELATIONS, {});
  return new PgDatabase(DIALECT, session, RELATIONS) as unknown as QueryBuilder;
}

/**
 * Lets faults out as the pool gave them. Drizzle wraps them in an error that shows the statement
 * and its values, which are personal data, and hides that the fault was translated already.
 */
class PlainErrorSession extends PostgresJsSession<postgres.Sql, Schema, typeof TABLES.tables> {
  override prepareQuery: PostgresJsSession<postgres.Sql, Schema, typeof TABLES.tables>[
    "prepareQuery"
  ] = (...args) => {
    const prepared = super.prepareQuery(...args);
    const { execute } = prepared;
    prepared.execute = (values) => execute.call(prepared, values).catch(rethrowCause);
    return prepared;
  };
}

function rethrowCause(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error;
}
