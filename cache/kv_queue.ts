/// <reference lib="deno.unstable" />
/**
 * Delivers messages at least once. A message that was taken has a deadline, put off while its
 * handler runs; when its reader dies or loses the connection for longer, another reader gets it. Due
 * messages are looked for when one is enqueued, when the next falls due, when the connection stands
 * again, and every few seconds in case that news was lost.
 *
 * @module
 */

import { systemTimers } from "@/platform/timers.ts";
import type { Keyspace, TakenMessage } from "./kv_keyspace.ts";
import { deserialize } from "./kv_value.ts";

/** Handles a message; a failure sends it back for its next try. */
export type QueueHandler = (value: unknown) => Promise<void> | void;

/** Messages handled at once by a store, as in Deno. */
const HANDLED_MAX = 100;
/** As in Deno: after that a reader counts as dead. */
const DEADLINE_MS = 5_000;
/** Often enough to miss a deadline only after two failures in a row. */
const EXTEND_MS = 2_000;
/** How late a message may come whose news was lost. */
const POLL_MS = 5_000;
/** After Redis could not be asked. */
const RETRY_MS = 500;

/** The reader of a store's queue; its listeners take turns. */
export class KvQueue {
  readonly #keyspace: Keyspace;
  readonly #onHandlerError: (error: unknown) => void;
  readonly #handlers: QueueHandler[] = [];
  readonly #handled = new Set<string>();
  readonly #settling = new Set<Promise<void>>();
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;
  #turn = 0;
  #subscription: Promise<() => void> | undefined;
  #pumping: Promise<void> | undefined;
  #isNewsWaiting = false;
  #stopPumpTimer: (() => void) | undefined;
  #stopExtendTimer: (() => void) | undefined;

  constructor(keyspace: Keyspace, onHandlerError: (error: unknown) => void) {
    this.#keyspace = keyspace;
    this.#onHandlerError = onHandlerError;
  }

  /** Gives messages to the handler until the queue is closed. */
  async listen(handler: QueueHandler): Promise<void> {
    if (this.#isClosed) return;
    this.#handlers.push(handler);
    this.pump();
    await this.#closed.promise;
    await this.#pumping;
    await Promise.all(this.#settling);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopPumpTimer?.();
    this.#stopExtendTimer?.();
    this.#subscription?.then((unsubscribe) => unsubscribe(), () => {});
    this.#closed.resolve();
  }

  /** Looks for due messages, now or after the look that is under way. */
  pump(): void {
    if (this.#handlers.length === 0 || this.#isClosed) return;
    this.#isNewsWaiting = true;
    this.#pumping ??= this.#pumpAll().finally(() => this.#pumping = undefined);
  }

  async #pumpAll(): Promise<void> {
    let nextInMs = POLL_MS;
    while (this.#isNewsWaiting && !this.#isClosed && this.#handled.size < HANDLED_MAX) {
      this.#isNewsWaiting = false;
      nextInMs = await this.#takeDue();
    }
    if (this.#isClosed) return;
    this.#stopPumpTimer?.();
    this.#stopPumpTimer = systemTimers.after(Math.min(nextInMs, POLL_MS), () => this.pump());
  }

  /** Milliseconds until the next look. */
  async #takeDue(): Promise<number> {
    try {
      await this.#subscribe();
      await this.#keyspace.settleOverdue();
      const countMax = HANDLED_MAX - this.#handled.size;
      const { messages, nextInMs } = await this.#keyspace.dequeue(countMax, DEADLINE_MS);
      if (this.#isClosed) return POLL_MS;
      for (const message of messages) this.#handle(message);
      return nextInMs ?? POLL_MS;
    } catch {
      return RETRY_MS;
    }
  }

  #subscribe(): Promise<unknown> {
    this.#subscription ??= this.#keyspace.onMessage(() => this.pump()).catch((error) => {
      this.#subscription = undefined;
      throw error;
    });
    return this.#subscription;
  }

  async #handle({ id, payload }: TakenMessage): Promise<void> {
    this.#handled.add(id);
    this.#extendLater();
    const handler = this.#handlers[this.#turn++ % this.#handlers.length]!;
    let outcome: "done" | "failed" = "failed";
    try {
      await handler(deserialize(payload));
      outcome = "done";
    } catch (error) {
      this.#onHandlerError(error);
    }
    const settling = this.#settle(outcome, id);
    this.#settling.add(settling);
    await settling;
    this.#settling.delete(settling);
  }

  /** A message that cannot be settled comes again after its deadline. */
  async #settle(outcome: "done" | "failed", id: string): Promise<void> {
    const wasFull = this.#handled.size >= HANDLED_MAX;
    this.#handled.delete(id);
    await this.#keyspace.settle(outcome, id).catch(() => {});
    if (wasFull) this.pump();
  }

  #extendLater(): void {
    if (this.#stopExtendTimer || this.#isClosed) return;
    this.#stopExtendTimer = systemTimers.after(EXTEND_MS, async () => {
      this.#stopExtendTimer = undefined;
      if (this.#handled.size === 0) return;
      this.#extendLater();
      await this.#keyspace.extend([...this.#handled], DEADLINE_MS).catch(() => {});
    });
  }
}
