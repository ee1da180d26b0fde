/** Which boards this node has in memory, by id and slug, and which of them go first. */

import { BoardSlot, type BoardSlotDeps } from "./board_slot.ts";

/** Boards kept besides those with listeners; more are loaded again when asked for. */
const BOARDS_MAX = 200;
/** Members kept over all boards without listeners, some 110 bytes each. */
const MEMBERS_MAX = 3_000_000;

/** The places of boards; one that is asked for goes to the end of the line. */
export class BoardSlots {
  readonly #deps: BoardSlotDeps;
  // A used slot is put back at the end, so that the map is ordered from the least recently used on.
  readonly #slots = new Map<string, BoardSlot>();
  readonly #ids = new Map<string, string>();
  /** The slot at the end; readers of one board come in rows. */
  #newest: BoardSlot | undefined;

  constructor(deps: BoardSlotDeps) {
    this.#deps = {
      ...deps,
      onLoaded: (slot) => {
        this.#ids.set(slot.board!.head.slug, slot.id);
        this.#evict();
        if (slot.board) deps.onLoaded(slot);
      },
    };
  }

  /** The slot of a competition, made where there was none. */
  slotOf(id: string): BoardSlot {
    const slot = this.#slots.get(id) ?? new BoardSlot(id, this.#deps);
    this.#moveToEnd(slot);
    return slot;
  }

  /** The slot of a competition, left where it is. */
  get(id: string): BoardSlot | undefined {
    return this.#slots.get(id);
  }

  /** The slot of a board that is in memory, put back at the end. */
  held(idOrSlug: string): BoardSlot | undefined {
    // Ids are the keys, and mostly come as they are written.
    const slot = this.#slots.get(idOrSlug) ?? this.#slots.get(this.idOf(idOrSlug) ?? "");
    if (!slot?.board) return undefined;
    if (slot !== this.#newest) this.#moveToEnd(slot);
    return slot;
  }

  /** The id itself, or that of a board in memory by its slug. */
  idOf(idOrSlug: string): string | undefined {
    if (isUuid(idOrSlug)) return idOrSlug.toLowerCase();
    const id = this.#ids.get(idOrSlug);
    // A slug may have gone over to another competition.
    const isStillIts = id !== undefined && this.#slots.get(id)?.board?.head.slug === idOrSlug;
    return isStillIts ? id : undefined;
  }

  /** Whether a board is in memory. */
  holds(idOrSlug: string): boolean {
    const id = isUuid(idOrSlug) ? idOrSlug.toLowerCase() : this.#ids.get(idOrSlug);
    return id !== undefined && this.#slots.get(id)?.board !== undefined;
  }

  /** Lets go of a slot that holds nothing. */
  dropIdle(slot: BoardSlot): void {
    if (slot.isIdle && this.#slots.get(slot.id) === slot) this.#slots.delete(slot.id);
  }

  /** Forgets all boards; slots with listeners stay. */
  clear(): void {
    this.#ids.clear();
    for (const slot of [...this.#slots.values()]) {
      slot.forget();
      this.dropIdle(slot);
    }
  }

  #moveToEnd(slot: BoardSlot): void {
    this.#slots.delete(slot.id);
    this.#slots.set(slot.id, slot);
    this.#newest = slot;
  }

  /** Drops the boards used longest ago above the limits; those with listeners stay. */
  #evict(): void {
    let boards = 0;
    let members = 0;
    for (const slot of [...this.#slots.values()].reverse()) {
      if (!slot.board || slot.isWatched) continue;
      boards += 1;
      members += slot.board.members.index.known;
      const isNewest = boards === 1;
      if (isNewest || (boards <= BOARDS_MAX && members <= MEMBERS_MAX)) continue;
      this.#ids.delete(slot.board.head.slug);
      slot.forget();
      this.dropIdle(slot);
    }
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
