/**
 * The few parts of node-postgres's pool that the job queue asks for, over our own driver, so that
 * one pool, one way to connect and one set of timeouts serve everything.
 *
 * @module
 */

import type postgres from "postgres";

/** node-postgres's query, in the two forms that occur. */
export interface PgQuery {
  text: string;
  values?: unknown[];
}

/** Rows, with the values as node-postgres gives them. */
export interface PgResult {
  rows: Record<string, unknown>[];
  rowCount: number;
}

/** Told of notifications; `error` never happens, the driver listens again by itself. */
type PgListener = (message: { channel: string; payload: string }) => void;

/** A client on loan from the pool. */
export interface PgClient {
  query(query: string | PgQuery, values?: unknown[]): Promise<PgResult>;
  on(event: string, listener: PgListener): PgClient;
  removeListener(event: string, listener: PgListener): PgClient;
  release(): void;
}

/** The pool. `connect` also takes a callback, as the queue's listener does. */
export interface PgPool {
  readonly options: { readonly max: number };
  connect(callback?: ConnectCallback): Promise<PgClient>;
  /** One statement on any connection, as the queue's cron sends them. */
  query(query: string | PgQuery, values?: unknown[]): Promise<PgResult>;
  listeners(event: string): unknown[];
  on(): PgPool;
  removeListener(): PgPool;
  /** Resolves when no statement runs. */
  idle(): Promise<void>;
}

type ConnectCallback = (error: Error | undefined, client?: PgClient, release?: () => void) => void;

export interface PgPoolOptions {
  /** What `now()` means in the statements, as epoch milliseconds; the server's clock when absent. */
  now?: () => number;
  /** What the queue believes the pool holds, so that it does not warn. */
  max?: number;
}

/** More than the queue ever has jobs at once. */
const CLIENTS_MAX = 100;

/**
 * Makes a pool over the driver's, where every statement takes any connection; over a reserved
 * connection, where transactions are possible, its clients share that one.
 */
export function pgPoolOn(sql: postgres.Sql, options: PgPoolOptions = {}): PgPool {
  const running = new Set<Promise<unknown>>();
  const connect = () => Promise.resolve<PgClient>(new Client(sql, options, running));
  const anyone = new Client(sql, options, running);
  const pool: PgPool = {
    options: { max: options.max ?? CLIENTS_MAX },
    connect(callback) {
      const client = connect();
      if (!callback) return client;
      client.then((given) => callback(undefined, given, () => given.release()), callback);
      return client;
    },
    query: (query, values) => anyone.query(query, values),
    // The queue asks whether errors are heard, to complain where they are not.
    listeners: () => [pool],
    on: () => pool,
    removeListener: () => pool,
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
  return pool;
}

/** `LISTEN "a"; LISTEN "b"`, and the same of UNLISTEN. */
const LISTENING = /^(?:(?:UN)?LISTEN "[^"]+"(?:;\s*)?)+$/;
const LISTENED = /(UN)?LISTEN "([^"]+)"/g;

class Client implements PgClient {
  readonly #listeners = new Set<PgListener>();
  readonly #channels = new Map<string, postgres.ListenMeta>();

  constructor(
    readonly sql: postgres.Sql,
    readonly options: PgPoolOptions,
    readonly running: Set<Promise<unknown>>,
  ) {}

  query(query: string | PgQuery, values?: unknown[]): Promise<PgResult> {
    const given = typeof query === "string" ? { text: query, values: values ?? [] } : query;
    const result = this.#run(given);
    this.running.add(result);
    const forget = () => void this.running.delete(result);
    result.then(forget, forget);
    return result;
  }

  on(event: string, listener: PgListener): PgClient {
    if (event === "notification") this.#listeners.add(listener);
    return this;
  }

  removeListener(_event: string, listener: PgListener): PgClient {
    this.#listeners.delete(listener);
    return this;
  }

  release(): void {
    this.#listeners.clear();
    for (const channel of this.#channels.keys()) this.#unlisten(channel).catch(() => {});
  }

  async #run({ text, values = [] }: PgQuery): Promise<PgResult> {
    if (LISTENING.test(text)) return await this.#changeListening(text);
    const statement = withClock(withTextJson(text), this.options.now);
    const rows = await this.sql.unsafe(statement, values as postgres.ParameterOrJSON<never>[]);
    // Of several statements at once nobody wants the rows.
    if (!rows.columns) return { rows: [], rowCount: 0 };
    return { rows: rows.map((row) => asPgRow(row, rows.columns)), rowCount: rows.count };
  }

  async #changeListening(text: string): Promise<PgResult> {
    for (const [, isEnd, channel] of text.matchAll(LISTENED)) {
      if (isEnd) await this.#unlisten(channel!);
      else await this.#listen(channel!);
    }
    return { rows: [], rowCount: 0 };
  }

  async #listen(channel: string): Promise<void> {
    const tell = (payload: string) => {
      for (const listener of this.#listeners) listener({ channel, payload });
    };
    this.#channels.set(channel, await this.sql.listen(channel, tell));
  }

  async #unlisten(channel: string): Promise<void> {
    const listening = this.#channels.get(channel);
    this.#channels.delete(channel);
    await listening?.unlisten();
  }
}

/** The queue gives JSON as text, which the driver would quote once more. */
function withTextJson(text: string): string {
  return text.replace(/(\$\d+)::json\b/g, "$1::text::json");
}

function withClock(text: string, now: (() => number) | undefined): string {
  if (!now) return text;
  return text.replace(/\bnow\(\)/gi, `'${new Date(now()).toISOString()}'::timestamptz`);
}

const INT8 = 20;
const TIMESTAMPTZ = 1184;

type Columns = readonly { name: string; type: number }[];

/** Our driver reads instants and `bigint` as numbers, node-postgres as `Date` and text. */
function asPgRow(row: Record<string, unknown>, columns: Columns): Record<string, unknown> {
  const converted = { ...row };
  for (const { name, type } of columns) {
    const value = row[name];
    if (typeof value !== "number") continue;
    if (type === INT8) converted[name] = String(value);
    if (type === TIMESTAMPTZ) converted[name] = new Date(value);
  }
  return converted;
}
