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
import { type Breaker, createBreaker } from "@/platform/breaker.ts";
import { withDeadline } from "@/platform/deadline.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { columnTypes } from "./column_types.ts";
import {
  type ConstraintFaults,
  endsSession,
  isAwayFault,
  isConnectionFault,
  mayRetryTransaction,
  noAnswerInTime,
  translateDatabaseError,
} from "./database_error.ts";
import { type QueryBuilder, queryBuilder, type Schema } from "./query_builder.ts";
import {
  limitQuery,
  type PoolStats,
  type QueryLimit,
  type QueryListener,
  QueryWatch,
  resubmitMs,
  watchQueries,
} from "./query_watch.ts";

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
  /** After so long without a word from its process a transaction is given up; 8 s when absent. */
  idleInTransactionTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Hears of each finished transaction or statement, for metrics. */
  onQuery?: QueryListener;
  /** With them a breaker refuses at once what a database that is away would keep waiting. */
  metrics?: Pick<Metrics, "breakerState" | "breakerFailures">;
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
  /** The longest wait for a connection and for each answer; 10 s when absent. */
  timeoutMs?: number;
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

/** Longer than any good statement, shorter than a client's patience; ours ends half a second later. */
const STATEMENT_TIMEOUT_MS = 9_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A transaction whose process stands still or is cut off must not hold its locks; whoever waits for
 * them, for as long as a statement may take, still gets them.
 */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 8_000;

/** A database that starts together with the app is up by then. */
const START_BACKOFF_MS: readonly number[] = [500, 1_000, 2_000, 5_000];

/** Deadlocks are rare; who loses three times had better say so. */
const TRANSACTION_ATTEMPTS_MAX = 3;

/** Before a transaction tries again: the winner of a deadlock takes its locks. Grows with each attempt. */
const RETRY_PAUSE_MS = 20;

/** So many failures in a row and the database is away. */
const BREAKER_FAILURES = 5;

/** A database that restarts is back within seconds, and one question a second is no burden. */
const BREAKER_RESET_MS = 1_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Between attempts to reconnect; short, since requests wait for it. */
const RECONNECT_BACKOFF_SECONDS = 0.25;

/** Statements end by their own timeout; what is left then is cut off. */
const CLOSE_DEADLINE_MS = 10_000;

/** For connections without work to close; postgres.js waits for ever for one that broke under work. */
const GOODBYE_SECONDS = 0.5;

/** Connects, trying again while the database comes up. Fails with SERVICE_UNAVAILABLE after that. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const pool: postgres.Sql = postgres(options.url, poolOptions(options, () => watch.closed()));
  const breaker = options.metrics && createDatabaseBreaker(pool, options.metrics);
  const watch: QueryWatch = new QueryWatch({
    max: options.poolMax ?? POOL_MAX,
    statementTimeoutMs: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    onQuery: options.onQuery,
    breaker,
  });
  try {
    await connect(pool, options);
  } catch (error) {
    breaker?.[Symbol.dispose]();
    await pool.end({ timeout: 0 });
    throw translateDatabaseError(error);
  }
  const sql = watchQueries(pool, watch);
  const close = async () => {
    await watch.drain(CLOSE_DEADLINE_MS);
    breaker?.[Symbol.dispose]();
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

function createDatabaseBreaker(
  pool: postgres.Sql,
  metrics: NonNullable<DatabaseOptions["metrics"]>,
): Breaker {
  const limit = { timeoutMs: PROBE_TIMEOUT_MS, action: "reach the database" };
  // Whatever it is that went wrong, the database is not back.
  const probe = () =>
    withDeadline(() => pool`select 1`.execute(), limit).catch(() => {
      throw noAnswerInTime();
    });
  return createBreaker({
    name: "database",
    rule: { kind: "in_a_row", failures: BREAKER_FAILURES },
    resetMs: BREAKER_RESET_MS,
    isFailure: isAwayFault,
    probe,
    metrics,
  });
}

function poolOptions(options: DatabaseOptions, onClosed: () => void) {
  return {
    max: options.poolMax ?? POOL_MAX,
    connect_timeout: (options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS) / 1000,
    backoff: () => RECONNECT_BACKOFF_SECONDS,
    types: columnTypes,
    onnotice: () => {},
    onclose: onClosed,
    connection: {
      application_name: options.applicationName ?? "paceboard",
      statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ??
        IDLE_IN_TRANSACTION_TIMEOUT_MS,
      TimeZone: "UTC",
    },
  };
}

async function connect(pool: postgres.Sql, options: DatabaseOptions): Promise<void> {
  const pauses = options.startBackoffMs ?? START_BACKOFF_MS;
  for (let attempt = 1;; attempt++) {
    try {
      await pool`select 1`;
      // All connections share what the first one learnt of array types. Each would ask again, and
      // would leave a rejection to nobody where it breaks meanwhile.
      Object.assign(pool.options, { "fetch_types": false });
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
  { name = "transaction", constraints, timeoutMs }: TransactionOptions,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    const end = watch.begin(name);
    let isRunning = false;
    const noteAndRun = (tx: Tx) => (isRunning = true, run(tx));
    const patience: Patience = {
      startDeadline: (giveUp) => watch.startDeadline(giveUp, timeoutMs),
      heard: () => watch.heard(),
    };
    try {
      const value = await begin(pool, patience, noteAndRun);
      end();
      return value;
    } catch (error) {
      end(error);
      const pauseMs = retryMs(error, isRunning, attempt);
      if (pauseMs === undefined) throw translateDatabaseError(error, constraints);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** The pause before the next attempt. What has not begun may begin again on another connection. */
function retryMs(error: unknown, isRunning: boolean, attempt: number): number | undefined {
  if (!isRunning) return isConnectionFault(error) ? resubmitMs(attempt - 1) : undefined;
  const isLast = attempt === TRANSACTION_ATTEMPTS_MAX;
  return isLast || !mayRetryTransaction(error) ? undefined : RETRY_PAUSE_MS * attempt;
}

type Patience = Pick<QueryLimit, "startDeadline" | "heard">;

/**
 * Waits no longer than a statement may take for a connection, for each answer and for the commit,
 * and does nothing when the connection came late.
 */
async function begin<T>(
  pool: postgres.Sql,
  patience: Patience,
  run: (tx: Tx) => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  let gaveUp: DomainError | undefined;
  const giveUp = (error: DomainError) => late.reject(gaveUp = error);
  let deadline = patience.startDeadline(giveUp);
  let isOver = false;
  const pending: QueryLimit["pending"] = new Set();
  // A statement on a closed socket would end the process.
  const failed = (error: unknown) => void (isOver ||= endsSession(error));
  const work = releasable(async (sql: postgres.TransactionSql) => {
    clearTimeout(deadline);
    patience.heard();
    if (gaveUp) throw gaveUp;
    const limits = { ...patience, giveUp, failed, pending, isOver: () => isOver || !!gaveUp };
    const limited = limitStatements(sql, limits);
    try {
      const settled = await settle(run(new OpenTransaction(limited)), () => isOver);
      if (gaveUp) throw gaveUp;
      return settled;
    } finally {
      // For the commit or rollback that the driver sends next.
      if (!gaveUp) deadline = patience.startDeadline(giveUp);
    }
  });
  const begun = pool.begin(work.run).finally(() => {
    isOver = true;
    work.release();
  });
  // Heard of already when the wait was given up.
  begun.catch(() => {});
  try {
    return (await Promise.race([begun, late.promise])).value;
  } finally {
    clearTimeout(deadline);
    for (const fail of pending) fail(gaveUp ?? transactionEnded());
  }
}

/**
 * What a transaction does, as long as it is not over. The driver keeps the function that it is given
 * where V8 keeps its old objects (see `watchQuery`), and with it all that one sees.
 */
function releasable<T>(work: (sql: postgres.TransactionSql) => Promise<T>) {
  let held: typeof work | undefined = work;
  return {
    run: (sql: postgres.TransactionSql) => held!(sql),
    release: () => void (held = undefined),
  };
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

interface StatementLimits extends QueryLimit {
  isOver(): boolean;
}

/** Refuses statements of a transaction that has ended, which would go the same way; limits the others. */
function limitStatements(
  sql: postgres.TransactionSql,
  limits: StatementLimits,
): postgres.TransactionSql {
  function check(): void {
    if (limits.isOver()) throw transactionEnded();
  }
  return new Proxy(sql, {
    apply(target, self, args) {
      check();
      return limitQuery(Reflect.apply(target, self, args), limits);
    },
    get(target, key) {
      check();
      const member: unknown = Reflect.get(target, key);
      if (key !== "unsafe" || typeof member !== "function") return member;
      return (...args: unknown[]) => limitQuery(Reflect.apply(member, target, args), limits);
    },
  });
}

function transactionEnded(): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", "Cannot query: the transaction has ended", {
    retryAfterSeconds: 1,
  });
}

/**
 * Drizzle's part is made when asked for: hot paths are raw. A class, because an object written with a
 * getter has a shape of its own each time, which lives, with all that the getter sees, until the next
 * full collection.
 */
class OpenTransaction implements Tx {
  readonly sql: postgres.TransactionSql;
  #db: QueryBuilder | undefined;

  constructor(sql: postgres.TransactionSql) {
    this.sql = sql;
  }

  get db(): QueryBuilder {
    return this.#db ??= queryBuilder(this.sql);
  }
}
