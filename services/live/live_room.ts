/**
 * Who is connected to this node's hub, and whether there is room for more. A viewer that was told
 * to go keeps its place until its transport is gone: one that reads nothing may hold on to it.
 *
 * @module
 */

import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { LiveLimits } from "./live.ts";
import type { LiveViewer } from "./live_viewer.ts";

/** The connected viewers, those that are leaving included. */
export class LiveRoom {
  readonly #limits: Pick<LiveLimits, "viewersMax" | "viewersPerUserMax">;
  readonly #connected = new Set<LiveViewer>();
  readonly #countByUser = new Map<string, number>();
  readonly #emptied = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(limits: Pick<LiveLimits, "viewersMax" | "viewersPerUserMax">) {
    this.#limits = limits;
  }

  /** Fails with `SERVICE_UNAVAILABLE` when closed and `RATE_LIMIT_EXCEEDED` when full. */
  check(actor: Actor): void {
    if (this.#isClosed) {
      throw new DomainError("SERVICE_UNAVAILABLE", "Cannot open a live board: this node stops");
    }
    const { viewersMax, viewersPerUserMax } = this.#limits;
    const own = actor.kind === "user" ? this.#countByUser.get(actor.userId) ?? 0 : 0;
    if (this.#connected.size < viewersMax && own < viewersPerUserMax) return;
    throw new DomainError("RATE_LIMIT_EXCEEDED", "Cannot open a live board: too many are open");
  }

  enter(viewer: LiveViewer): void {
    this.#connected.add(viewer);
    this.#countUser(viewer.actor, 1);
  }

  /** The transport is gone. */
  leave(viewer: LiveViewer): void {
    if (!this.#connected.delete(viewer)) return;
    this.#countUser(viewer.actor, -1);
    if (this.#isClosed) this.#noteIfEmpty();
  }

  /** Lets nobody in any more; resolves when all transports are gone. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#noteIfEmpty();
    return this.#emptied.promise;
  }

  #noteIfEmpty(): void {
    if (this.#connected.size === 0) this.#emptied.resolve();
  }

  #countUser(actor: Actor, by: 1 | -1): void {
    if (actor.kind !== "user") return;
    const count = (this.#countByUser.get(actor.userId) ?? 0) + by;
    if (count > 0) this.#countByUser.set(actor.userId, count);
    else this.#countByUser.delete(actor.userId);
  }
}
