/**
 * The one way to the database: postgres.js underneath, Drizzle for ordinary statements, tagged raw
 * SQL for hot paths, both on the same pool and in the same transaction.
 *
 * Values: `timestamptz` comes as epoch milliseconds and goes as a number or ISO text; `bigint` comes
 * as a JavaScript number where it is safe and fails loudly where it is not (select money as text, or
 * through a Drizzle column); `bytea` is bytes; `date` is text; JSON given to raw statements must not
 * be a bare string.
 *
 * Faults come out as `DomainError` (see database_error.ts): of statements at once, of transactions
 * when they end, so that code inside still sees what the database said.
 *
 * @module
 */

import postgres from "postgres";
import { DomainError } from "@/domain/error.ts";
import { columnTypes } from "./column_types.ts";
import {
  type ConstraintFaults,
  endsSession,
  isConnectionFault,
  mayRetryTransaction,
  translateDatabaseError,
} from "./database_error.ts";
import { type QueryBuilder, queryBuilder, type Schema } from "./query_builder.ts";
import { type PoolStats, type QueryListener, QueryWatch, watchQueries } from "./query_watch.ts";

export type { ConstraintFaults, PoolStats, QueryBuilder, Schema };

/** A transaction in progress: `sql` for raw statements, `db` for Drizzle's. */
export interface Tx {
  readonly sql: postgres.TransactionSql;
  readonly db: QueryBuilder;
}

/** Where and how to connect. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`; `?sslmode=require`, `?prepare=false` (poolers). */
  url: string;
  /** Connections of this process. */
  poolMax?: number;
  applicationName?: string;
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Hears of each finished transaction or statement, for metrics. */
  onQuery?: QueryListener;
  /** Pauses between attempts at start-up; one attempt more than pauses. */
  startBackoffMs?: readonly number[];
  /** Hears of each failed attempt at start-up. */
  onRetry?: (attempt: number, error: unknown) => void;
}

/** How to run a transaction. */
export interface TransactionOptions {
  /** For metrics; "transaction" when absent. */
  name?: string;
  /** What the constraints it may break mean. */
  constraints?: ConstraintFaults;
}

export interface Database extends AsyncDisposable {
  readonly sql: postgres.Sql;
  readonly db: QueryBuilder;
  /**
   * Runs one transaction; it commits when the function resolves and rolls back when it rejects.
   * The function runs again after a deadlock or serialisation failure, so it may only do what
   * rolls back with it.
   */
  transaction<T>(run: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  stats(): PoolStats;
  /** Waits for what runs, but not for ever. */
  close(): Promise<void>;
}

/** Enough for two cores of application; embedded PostgreSQL takes 100 over all. */
const POOL_MAX = 10;

/** Longer than any good statement, shorter than a client's patience. */
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** A transaction whose process stands still must not hold its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

/** A database that starts together with the app is up by then. */
const START_BACKOFF_MS: readonly number[] = [500, 1_000, 2_000, 5_000];

/** Deadlocks are rare; who loses three times had better say so. */
const TRANSACTION_ATTEMPTS_MAX = 3;

/**
 * Before a transaction tries again: the winner of a deadlock takes its locks, the pool sees its
 * broken connection. Grows with each attempt.
 */
const RETRY_PAUSE_MS = 20;

/** Between attempts to reconnect; short, since requests wait for it. */
const RECONNECT_BACKOFF_SECONDS = 0.25;

/** Statements end by their own timeout; what is left then is cut off. */
const CLOSE_DEADLINE_MS = 10_000;

/** For connections without work to close; postgres.js waits for ever for one that broke under work. */
const GOODBYE_SECONDS = 0.5;

/** Connects, trying again while the database comes up. Fails with SERVICE_UNAVAILABLE after that. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const watch = new QueryWatch({
    max: options.poolMax ?? POOL_MAX,
    statementTimeoutMs: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    onQuery: options.onQuery,
  });
  const pool = postgres(options.url, poolOptions(options, watch));
  try {
    await connect(pool, options);
  } catch (error) {
    await pool.end({ timeout: 0 });
    throw translateDatabaseError(error);
  }
  const sql = watchQueries(pool, watch);
  const close = async () => {
    await watch.drain(CLOSE_DEADLINE_MS);
    await pool.end({ timeout: GOODBYE_SECONDS });
  };
  return {
    sql,
    db: queryBuilder(sql),
    transaction: (run, how = {}) => runTransaction(pool, watch, run, how),
    stats: () => watch.stats(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function poolOptions(options: DatabaseOptions, watch: QueryWatch) {
  return {
    max: options.poolMax ?? POOL_MAX,
    connect_timeout: (options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS) / 1000,
    backoff: () => RECONNECT_BACKOFF_SECONDS,
    types: columnTypes,
    onnotice: () => {},
    onclose: () => watch.closed(),
    connection: {
      application_name: options.applicationName ?? "paceboard",
      statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      TimeZone: "UTC",
    },
  };
}

async function connect(pool: postgres.Sql, options: DatabaseOptions): Promise<void> {
  const pauses = options.startBackoffMs ?? START_BACKOFF_MS;
  for (let attempt = 1;; attempt++) {
    try {
      await pool`select 1`;
      return;
    } catch (error) {
      if (attempt > pauses.length || !isConnectionFault(error)) throw error;
      options.onRetry?.(attempt, error);
      await new Promise((resolve) => setTimeout(resolve, pauses[attempt - 1]));
    }
  }
}

async function runTransaction<T>(
  pool: postgres.Sql,
  watch: QueryWatch,
  run: (tx: Tx) => Promise<T>,
  { name = "transaction", constraints }: TransactionOptions,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    const end = watch.begin(name);
    let isRunning = false;
    const noteAndRun = (tx: Tx) => (isRunning = true, run(tx));
    try {
      const value = await begin(pool, watch, noteAndRun);
      end();
      return value;
    } catch (error) {
      end(error);
      // What has not begun may begin again on another connection.
      const mayRetry = isRunning ? mayRetryTransaction(error) : isConnectionFault(error);
      if (!mayRetry || attempt === TRANSACTION_ATTEMPTS_MAX) {
        throw translateDatabaseError(error, constraints);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * attempt));
    }
  }
}

/** Waits for a connection no longer than a statement may take, and does nothing when it came late. */
async function begin<T>(
  pool: postgres.Sql,
  watch: QueryWatch,
  run: (tx: Tx) => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  let gaveUp: DomainError | undefined;
  const deadline = watch.startDeadline((error) => late.reject(gaveUp = error));
  let isOver = false;
  const begun = pool.begin(async (sql) => {
    clearTimeout(deadline);
    if (gaveUp) throw gaveUp;
    return await settle(run(transactionOn(untilOver(sql, () => isOver))), () => isOver);
  }).finally(() => isOver = true);
  try {
    return (await Promise.race([begun, late.promise])).value;
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * What the work came to, for postgres.js to commit or roll back; nothing where the connection broke,
 * for it would send that to a closed socket, which ends the process, or on the connection's next
 * life, where it ends the transaction of somebody else. (It rejects `begin` by itself.)
 */
async function settle<T>(work: Promise<T>, isOver: () => boolean): Promise<{ value: T }> {
  const [result] = await Promise.allSettled([work]);
  const isRejected = result.status === "rejected";
  if (isOver() || (isRejected && endsSession(result.reason))) await new Promise(() => {});
  if (isRejected) throw result.reason;
  // Wrapped, because `begin` waits for all members of an array that it is given.
  return { value: result.value };
}

/** Refuses statements of a transaction that has ended, which would go the same way. */
function untilOver(sql: postgres.TransactionSql, isOver: () => boolean): postgres.TransactionSql {
  function check(): void {
    if (!isOver()) return;
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot query: the transaction has ended", {
      retryAfterSeconds: 1,
    });
  }
  return new Proxy(sql, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      check();
      return Reflect.get(target, key);
    },
  });
}

/** Drizzle's part is made when asked for: hot paths are raw. */
function transactionOn(sql: postgres.TransactionSql): Tx {
  let db: QueryBuilder | undefined;
  return {
    sql,
    get db() {
      return db ??= queryBuilder(sql);
    },
  };
}
