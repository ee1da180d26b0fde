/**
 * The one way to the database: postgres.js underneath, Drizzle for ordinary statements, tagged raw
 * SQL for hot paths, both on the same pool and in the same transaction.
 *
 * Values: `timestamptz` comes as epoch milliseconds and goes as a number or ISO text; `bigint` comes
 * as a JavaScript number where it is safe and fails loudly where it is not; `bytea` is bytes.
 *
 * @module
 */

import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema.ts";

export type Schema = typeof schema;
/** Drizzle's builder, on the pool or on a transaction. */
export type QueryBuilder = Omit<PostgresJsDatabase<Schema>, "transaction">;

/** A transaction in progress: `sql` for raw statements, `db` for Drizzle's. */
export interface Tx {
  readonly sql: postgres.TransactionSql;
  readonly db: QueryBuilder;
}

/** Where and how to connect. */
export interface DatabaseOptions {
  url: string;
  /** Connections of this process. */
  poolMax?: number;
  applicationName?: string;
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Hears of each finished transaction or named query, for metrics. */
  onQuery?: (name: string, durationMs: number, error?: unknown) => void;
}

/** What the pool is doing. */
export interface PoolStats {
  max: number;
  active: number;
  idle: number;
}

export interface Database {
  readonly sql: postgres.Sql;
  readonly db: QueryBuilder;
  /** Runs one transaction; it commits when the function resolves and rolls back when it rejects. */
  transaction<T>(run: (tx: Tx) => Promise<T>, options?: { name?: string }): Promise<T>;
  stats(): PoolStats;
  close(): Promise<void>;
}
