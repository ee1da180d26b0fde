/**
 * Watches the statements and transactions of a pool: how many run, how long they took, and their
 * faults translated. postgres.js tells neither its connections nor its queries, but its rule is
 * known: a statement takes an idle connection, else opens one, else shares a busy one. So what is
 * in flight here and the connections it tells of closing give the pool's state.
 *
 * @module
 */

import type postgres from "postgres";
import { DomainError } from "@/domain/error.ts";
import type { Breaker } from "@/platform/breaker.ts";
import { DATABASE_RETRY, waitMs } from "@/platform/retry.ts";
import { isConnectionFault, noAnswerInTime, translateDatabaseError } from "./database_error.ts";

/** What the pool is doing. */
export interface PoolStats {
  max: number;
  active: number;
  idle: number;
}

/** Hears of each finished statement (named by its verb) or transaction. */
export type QueryListener = (name: string, durationMs: number, error?: unknown) => void;

/** Verbs that get a name of their own: the names are label values and must be few. */
const VERBS: readonly string[] = ["select", "insert", "update", "delete", "with"];

/**
 * postgres.js loses a statement that is sent between a socket's error and its close: it never
 * settles. So the news of a broken connection waits until the close has been seen, …
 */
const CLOSE_SEEN_MS = 10;

/** … and what was lost all the same is given up this long after the server would have. */
const LOST_AFTER_MS = 500;

/**
 * Who asks a server that has long been silent waits no longer than this, so that a request that asks
 * again after a failure still ends in time.
 */
const SILENT_LEFT_MS = 1_000;

/**
 * The pause before what never left is given to the pool again; undefined when it had its tries. The
 * first is short: a connection whose server went away hands that old news to the first statement
 * after it came back. The next give a server that restarts its time.
 */
export function resubmitMs(resubmits: number): number | undefined {
  if (resubmits === 0) return CLOSE_SEEN_MS;
  if (resubmits >= DATABASE_RETRY.triesMax) return undefined;
  return waitMs(resubmits, DATABASE_RETRY);
}

/** The parts of a postgres.js query that are needed to watch it. */
interface WatchedQuery extends Promise<unknown> {
  strings: readonly string[];
  /** The server process it was sent to; null while it has not left. */
  state: unknown;
  handler(query: WatchedQuery): void;
  cursorRows?: number;
  args: readonly unknown[];
  /** The arguments as they were sent. */
  parameters: readonly unknown[];
  handle(): Promise<unknown>;
  reject(error: unknown): void;
}

/** What a query does where nobody watches. */
type OwnMethods = Pick<WatchedQuery, "handle" | "reject">;

/** What a watch must know of its pool. */
export interface QueryWatchOptions {
  max: number;
  /** When the server ends a statement. */
  statementTimeoutMs: number;
  onQuery: QueryListener | undefined;
  /** Hears of each end, and refuses to begin while the database is away. */
  breaker?: Breaker | undefined;
}

/** Counts and times what a pool runs. */
export class QueryWatch {
  #inFlight = 0;
  #open = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Since when something waits for an answer. */
  #busySince = 0;
  #heardAt = 0;
  readonly #max: number;
  readonly #onQuery: QueryListener | undefined;
  readonly #deadlineMs: number;
  readonly #breaker: Breaker | undefined;

  constructor({ max, statementTimeoutMs, onQuery, breaker }: QueryWatchOptions) {
    this.#breaker = breaker;
    this.#max = max;
    this.#onQuery = onQuery;
    this.#deadlineMs = statementTimeoutMs + LOST_AFTER_MS;
  }

  /** Notes the begin of a statement or transaction; the function given notes its end. Fails with `CIRCUIT_OPEN`. */
  begin(name: string): (error?: unknown) => void {
    if (this.#drained) throw new DomainError("SERVICE_UNAVAILABLE", "Cannot query: shutting down");
    const settle = this.#breaker?.enter();
    const startedAt = performance.now();
    if (this.#inFlight === 0) this.#busySince = startedAt;
    this.#inFlight++;
    if (this.#inFlight > this.#open && this.#open < this.#max) this.#open++;
    return (error) => {
      this.#inFlight--;
      if (this.#inFlight === 0) this.#drained?.resolve();
      settle?.(error);
      this.#onQuery?.(name, performance.now() - startedAt, error);
    };
  }

  /** Notes that the server gave some answer. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Calls back when a statement, or the wait for a connection, has lasted longer than it can. */
  startDeadline(
    giveUp: (error: DomainError) => void,
    timeoutMs: number = this.#deadlineMs,
  ): ReturnType<typeof setTimeout> {
    const silentMs = performance.now() - Math.max(this.#busySince, this.#heardAt);
    const patienceMs = Math.max(timeoutMs, this.#deadlineMs);
    const leftMs = Math.max(SILENT_LEFT_MS, patienceMs - silentMs);
    return setTimeout(() => giveUp(noAnswerInTime()), Math.min(timeoutMs, leftMs));
  }

  /** Lets nothing begin any more and waits for what runs, until the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#drained ??= Promise.withResolvers<void>();
    if (this.#inFlight === 0) return;
    const deadline = setTimeout(this.#drained.resolve, deadlineMs);
    await this.#drained.promise;
    clearTimeout(deadline);
  }

  /** Notes that a connection closed. */
  closed(): void {
    if (this.#open > 0) this.#open--;
  }

  stats(): PoolStats {
    const active = Math.min(this.#inFlight, this.#max);
    return { max: this.#max, active, idle: Math.max(0, this.#open - active) };
  }
}

/** The same pool, with every statement outside transactions watched and its faults translated. */
export function watchQueries(sql: postgres.Sql, watch: QueryWatch): postgres.Sql {
  return new Proxy(sql, {
    apply: (target, self, args) => watchQuery(Reflect.apply(target, self, args), watch),
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (key !== "unsafe" || typeof member !== "function") return member;
      return (...args: unknown[]) => watchQuery(Reflect.apply(member, target, args), watch);
    },
  });
}

/**
 * A query runs when somebody first waits for it; as a fragment of another it never does.
 *
 * V8 puts a function that is written where it is assigned to a property among its old objects, and
 * what such a function sees stays until the next full collection. The driver's queries hold two, so
 * that what a query was given is taken away once it is answered; ours are made before they are
 * assigned.
 */
function watchQuery<T>(built: T, watch: QueryWatch): T {
  if (!isQuery(built)) return built;
  const { handle, reject } = built;
  let isBegun = false;
  let resubmits = 0;
  let isSettled = false;
  const rejectLast = (error: unknown) => {
    if (!isConnectionFault(error)) return reject.call(built, translateDatabaseError(error));
    const pauseMs = built.state === null ? resubmitMs(resubmits++) : undefined;
    setTimeout(() => {
      // Whoever was told that it failed must not see it done later.
      if (pauseMs !== undefined && !isSettled) built.handler(built);
      else reject.call(built, translateDatabaseError(error));
    }, pauseMs ?? CLOSE_SEEN_MS);
  };
  const handleWatched = () => {
    if (!isBegun && built.cursorRows === undefined) {
      isBegun = true;
      try {
        follow(built, watch, { own: { handle, reject }, onSettled: () => isSettled = true });
      } catch (closed) {
        reject.call(built, closed);
        return Promise.resolve();
      }
    }
    return handle.call(built);
  };
  built.handle = handleWatched;
  built.reject = rejectLast;
  return built;
}

function follow(
  query: WatchedQuery,
  watch: QueryWatch,
  { own, onSettled }: { own: OwnMethods; onSettled: () => void },
): void {
  const end = watch.begin(verbOf(query.strings));
  const deadline = watch.startDeadline((error) => own.reject.call(query, error));
  const settle = (error?: unknown) => {
    onSettled();
    clearTimeout(deadline);
    end(error);
  };
  const answered = () => {
    watch.heard();
    settle();
    letGo(query, own);
  };
  Promise.prototype.then.call(query, answered, settle);
}

/** How long a statement of a transaction may take, and who hears of it. */
export interface QueryLimit {
  startDeadline(giveUp: (error: DomainError) => void): ReturnType<typeof setTimeout>;
  giveUp(error: DomainError): void;
  /** Notes that the server gave an answer. */
  heard(): void;
  /** Notes that a statement failed. */
  failed(error: unknown): void;
  /** Fail the statements that wait for their answers: those sent on a broken connection get none. */
  pending: Set<(error: DomainError) => void>;
}

/** Calls back when a statement of a transaction has no answer in time, and fails the statement. */
export function limitQuery<T>(
  built: T,
  { startDeadline, giveUp, heard, failed, pending }: QueryLimit,
): T {
  if (!isQuery(built)) return built;
  const { handle, reject } = built;
  let isBegun = false;
  const handleLimited = () => {
    if (!isBegun && built.cursorRows === undefined) {
      isBegun = true;
      const fail = (error: DomainError) => reject.call(built, error);
      const deadline = startDeadline((error) => {
        giveUp(error);
        fail(error);
      });
      pending.add(fail);
      const settle = () => {
        clearTimeout(deadline);
        pending.delete(fail);
      };
      const answered = () => {
        heard();
        settle();
        letGo(built, { handle, reject });
      };
      // Heard of before whoever waits for the statement, who may send the next one at once.
      Promise.prototype.then.call(built, answered, (error: unknown) => {
        failed(error);
        settle();
      });
    }
    return handle.call(built);
  };
  built.handle = handleLimited;
  return built;
}

/**
 * Takes away from an answered query what only its run needed (see `watchQuery`). One that failed may
 * still stand in the driver's queue, and has to leave as it was written.
 */
function letGo(query: WatchedQuery, { handle, reject }: OwnMethods): void {
  query.handle = handle;
  query.reject = reject;
  query.args = NOTHING;
  query.parameters = NOTHING;
}

const NOTHING: readonly unknown[] = [];

function isQuery(value: unknown): value is WatchedQuery {
  return value instanceof Promise && "handle" in value && "strings" in value;
}

function verbOf(strings: readonly string[]): string {
  const verb = /^\s*(\w+)/.exec(strings[0] ?? "")?.[1]?.toLowerCase() ?? "";
  return VERBS.includes(verb) ? verb : "other";
}
