/**
 * The members of a board: their order in a rank index, and of each person what rows show, in columns
 * beside it. Some 100 bytes a member; nothing here is an object of its own before somebody looks.
 *
 * @module
 */

import { type ContenderColumns, RankIndex } from "@/domain/rank_index.ts";
import type { Rules } from "@/domain/rules.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import { TextColumn } from "@/domain/text_column.ts";
import { UuidColumn } from "@/domain/uuid_column.ts";
import type { BoardEntry } from "./board_store.ts";

/** What a row shows of a person. */
export interface ShownPerson {
  userId: string;
  name: string;
  avatarUrl: string | null;
}

/** Members and people as they come from the database. */
export interface MemberColumns extends ContenderColumns {
  /** 16 bytes each. */
  userIds: Uint8Array;
  /** UTF-8, each ended by `TEXT_END`. */
  names: Uint8Array;
  /** As `names`, the empty ones of those without; null when nobody has one. */
  avatarUrls: Uint8Array | null;
}

/** Ends a text of a column: a character that no name has. */
export const TEXT_END = 31;

export class BoardMembers {
  readonly index: RankIndex;
  /** Goes up with each change of a row. */
  revision = 0;
  readonly #users: UuidColumn;
  readonly #names: TextColumn;
  readonly #avatarUrls = new TextColumn();

  constructor(rules: Rules, entries: Iterable<BoardEntry> = [], room = 0) {
    this.index = new RankIndex(rules, [], room);
    this.#users = new UuidColumn(room);
    this.#names = new TextColumn(room);
    for (const entry of entries) this.set(entry);
  }

  /** Members that the board lists. */
  get size(): number {
    return this.index.size;
  }

  /** The slot of a participant, listed or withdrawn; -1 for nobody. */
  slotOf(participantId: string): number {
    return this.index.slotOf(participantId);
  }

  /** The slot of a user's entry, listed or withdrawn; -1 for nobody. */
  slotOfUser(userId: string): number {
    return this.#users.find(userId);
  }

  person(slot: number): ShownPerson {
    return {
      userId: this.#users.at(slot),
      name: this.#names.at(slot),
      avatarUrl: this.#avatarUrls.at(slot) || null,
    };
  }

  /** Puts a member where it belongs; a user has one entry for ever. */
  set(entry: BoardEntry): void {
    const slot = this.index.set(entry);
    if (slot === this.#users.size) this.#users.add(entry.userId);
    this.#show(slot, entry);
    this.revision += 1;
  }

  setScore(slot: number, folded: FoldedScore): void {
    this.index.setScore(slot, folded);
    this.revision += 1;
  }

  /** Shows a person by other words; tells whether anything changed. */
  rename(slot: number, { name, avatarUrl }: Omit<ShownPerson, "userId">): boolean {
    const before = this.person(slot);
    if (before.name === name && before.avatarUrl === avatarUrl) return false;
    this.#show(slot, { name, avatarUrl });
    this.revision += 1;
    return true;
  }

  /** Adds members that are not there yet; `sort()` lists them. */
  append(columns: MemberColumns): void {
    const first = this.index.append(columns);
    this.#users.addMany(columns.userIds);
    this.#names.setMany(first, columns.names, TEXT_END);
    if (columns.avatarUrls) this.#avatarUrls.setMany(first, columns.avatarUrls, TEXT_END);
  }

  sort(): void {
    this.index.sort();
    this.revision += 1;
  }

  #show(slot: number, { name, avatarUrl }: Omit<ShownPerson, "userId">): void {
    this.#names.set(slot, name);
    this.#avatarUrls.set(slot, avatarUrl ?? "");
  }
}
