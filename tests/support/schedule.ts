/**
 * Runs calls at once and lets a seed decide who goes on at each statement: the calls meet in orders
 * that chance alone would hardly try. Who waits for a lock is passed over, so that nothing hangs.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Database, Tx } from "@/db/client.ts";

/** One scheduled call, with what became of it. */
export type Outcome<T> = PromiseSettledResult<T>;

export interface Scheduler {
  /** The database for the services whose calls are scheduled. */
  database: Database;
  /** Runs the calls, stepping them as the seed says. */
  run<T>(seed: number, calls: readonly (() => Promise<T>)[]): Promise<Outcome<T>[]>;
}

/** How long whoever was let go may take before it counts as waiting for a lock. */
const PATIENCE_MS = 2;

/** Makes a scheduler; `onCommit` looks at the database after every commit of a scheduled call. */
export function createScheduler(
  database: Database,
  onCommit: () => Promise<void> = () => Promise.resolve(),
): Scheduler {
  const scheduled = new AsyncLocalStorage<{ turns: Turns; call: number }>();
  const gate = () => {
    const store = scheduled.getStore();
    return store ? store.turns.wait(store.call) : Promise.resolve();
  };
  return {
    database: {
      ...database,
      sql: database.sql,
      db: database.db,
      async transaction(run, options) {
        await gate();
        const value = await database.transaction((tx) => run(gatedTx(tx, gate)), options);
        if (scheduled.getStore()) await onCommit();
        return value;
      },
    },
    async run(seed, calls) {
      const turns = new Turns(seed, calls.length);
      return await Promise.allSettled(
        calls.map((run, call) =>
          scheduled.run({ turns, call }, () => run().finally(() => turns.left()))
        ),
      );
    },
  };
}

class Turns {
  /** By call; what one call sends together goes in its order, as on one connection. */
  #waiting = new Map<number, (() => void)[]>();
  #live: number;
  #state: number;
  #isPicking = false;
  #arrived: () => void = () => {};

  constructor(seed: number, live: number) {
    this.#state = seed * 2654435761 >>> 0 || 1;
    this.#live = live;
  }

  wait(call: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const queue = this.#waiting.get(call) ?? [];
    this.#waiting.set(call, [...queue, resolve]);
    this.#arrived();
    this.#pick();
    return promise;
  }

  left(): void {
    this.#live -= 1;
    this.#arrived();
  }

  async #pick(): Promise<void> {
    if (this.#isPicking) return;
    this.#isPicking = true;
    while (this.#waiting.size > 0) {
      await this.#settle();
      const calls = [...this.#waiting.keys()].sort();
      this.#letGo(calls[this.#random(calls.length)]!);
    }
    this.#isPicking = false;
  }

  #letGo(call: number): void {
    const [next, ...later] = this.#waiting.get(call)!;
    if (later.length > 0) this.#waiting.set(call, later);
    else this.#waiting.delete(call);
    next!();
  }

  /** Until everybody waits or has left, or somebody takes so long that it must be blocked. */
  async #settle(): Promise<void> {
    while (this.#waiting.size < this.#live) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#arrived = () => resolve(true);
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      const isArrival = await promise;
      clearTimeout(timer);
      this.#arrived = () => {};
      if (!isArrival) return;
    }
  }

  /** xorshift32: the same seed, the same choices. */
  #random(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % below;
  }
}

/** Statements of the transaction wait for their turn; those that Drizzle makes do not. */
function gatedTx(tx: Tx, gate: () => Promise<void>): Tx {
  const sql = new Proxy(tx.sql, {
    apply(target, self, args) {
      const query = Reflect.apply(target, self, args);
      return Array.isArray(args[0]) && "raw" in args[0] ? gatedQuery(query, gate) : query;
    },
  });
  return { sql, db: tx.db };
}

/** A query runs when it is awaited; as a part of another one it is never. */
function gatedQuery<T extends object>(query: T, gate: () => Promise<void>): T {
  return new Proxy(query, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (key === "then") {
        return (...handlers: Parameters<Promise<unknown>["then"]>) =>
          gate().then(() => target).then(...handlers);
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
