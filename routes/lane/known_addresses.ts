/**
 * What addresses ask for, as the ordinary road found out when it answered them: most readers ask for
 * the same few boards, and every writer for the same two paths. So the lane neither takes an address
 * apart nor validates it, and takes none that was never in order.
 *
 * @module
 */

import type { BoardQuery } from "@/contracts/leaderboard.ts";

/** Where a request goes that was seen before. */
export type Destination =
  | { kind: "board"; competitionId: string; query: BoardQuery }
  | { kind: "update" }
  | { kind: "batch" };

export interface KnownAddress {
  destination: Destination;
  /** Whether it names the host that the server puts in where none came. */
  isLocal: boolean;
}

/** Addresses kept, some 500 bytes each; one more and they are learnt anew. */
const ADDRESSES_MAX = 2_000;
/** Longer ones hold cursors, which nobody sends twice. */
const LENGTH_MAX = 250;

export class KnownAddresses {
  readonly #byUrl = new Map<string, KnownAddress>();

  /** What is known of an address, by its whole text. */
  get(url: string): KnownAddress | undefined {
    return this.#byUrl.get(url);
  }

  /** Keeps what an address was found to ask for. */
  remember(url: string, destination: Destination): void {
    if (url.length > LENGTH_MAX || this.#byUrl.has(url)) return;
    if (this.#byUrl.size >= ADDRESSES_MAX) this.#byUrl.clear();
    this.#byUrl.set(url, { destination, isLocal: new URL(url).hostname === "localhost" });
  }
}
