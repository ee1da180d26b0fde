/**
 * A column of UUIDs in 16 bytes each, which finds the slot of any of them. A million take some
 * 24 MB where strings in a `Map` take 150.
 *
 * @module
 */

import { grown, roomFor } from "./column_room.ts";

const WORDS = 4;
/** Above this part of the table in use, looking up takes too many steps. */
const LOAD_MAX = 0.7;
const TABLE_MIN = 16;
/** Multipliers and shifts of MurmurHash3, which leave no pattern of ids together. */
const MULTIPLIERS = [0x85ebca6b, 0xc2b2ae35] as const;
const LENGTH = 36;
/** Where the hex digits of each word stand in the text. */
const DIGITS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [9, 10, 11, 12, 14, 15, 16, 17],
  [19, 20, 21, 22, 24, 25, 26, 27],
  [28, 29, 30, 31, 32, 33, 34, 35],
];
const DASHES: readonly number[] = [8, 13, 18, 23];
const BYTE_HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** UUIDs by slot, counted from 0 in the order they were added.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { UuidColumn } from "@/domain/uuid_column.ts";
 *
 * const ids = new UuidColumn();
 * const slot = ids.add("0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42");
 * assertEquals(ids.at(slot), "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42");
 * assertEquals(ids.find("0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42"), slot);
 * assertEquals(ids.find("nobody"), -1);
 * ```
 */
export class UuidColumn {
  #words: Uint32Array;
  /** Open addressing; a slot and 1, so that 0 is free. */
  #table = new Uint32Array(TABLE_MIN);
  /** Slots that the table has; those behind are put there when somebody looks for an id. */
  #listed = 0;
  #size = 0;
  readonly #key = new Uint32Array(WORDS);

  constructor(room = 0) {
    this.#words = new Uint32Array(room * WORDS);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an id that is not there yet. Throws `RangeError` for what is no UUID in lower case. */
  add(id: string): number {
    if (!parseUuid(id, this.#key)) throw new RangeError(`Cannot add "${id}": it is no UUID`);
    const slot = this.#size;
    this.#makeRoom(slot + 1);
    this.#words.set(this.#key, slot * WORDS);
    this.#size += 1;
    return slot;
  }

  /** Adds ids that are not there yet, 16 bytes each. */
  addMany(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = bytes.length / (WORDS * 4);
    this.#makeRoom(this.#size + count);
    const words = this.#words;
    const first = this.#size * WORDS;
    for (let word = 0; word < count * WORDS; word++) words[first + word] = view.getUint32(word * 4);
    this.#size += count;
  }

  /** The slot of an id; -1 when it is not there. */
  find(id: string): number {
    if (!parseUuid(id, this.#key)) return -1;
    if (this.#listed < this.#size) this.#list();
    return this.#table[this.#placeOfKey()]! - 1;
  }

  /** The id in a slot. */
  at(slot: number): string {
    const start = slot * WORDS;
    const words = this.#words;
    const [a, b] = [hexOf(words[start]!), hexOf(words[start + 1]!)];
    const [c, d] = [hexOf(words[start + 2]!), hexOf(words[start + 3]!)];
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  }

  /** Orders two slots as their ids compare, character by character. */
  compare(a: number, b: number): number {
    const words = this.#words;
    for (let word = 0; word < WORDS; word++) {
      const left = words[a * WORDS + word]!;
      const right = words[b * WORDS + word]!;
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  }

  #makeRoom(slots: number): void {
    if (slots * WORDS > this.#words.length) {
      this.#words = grown(this.#words, roomFor(slots) * WORDS);
    }
  }

  /** Puts the ids that came since into the table. */
  #list(): void {
    if (this.#size > this.#table.length * LOAD_MAX) {
      this.#table = new Uint32Array(tableSize(this.#words.length / WORDS));
      this.#listed = 0;
    }
    const table = this.#table;
    const mask = table.length - 1;
    const words = this.#words;
    for (let slot = this.#listed; slot < this.#size; slot++) {
      const start = slot * WORDS;
      let place = hashOf(words[start]!, words[start + 1]!, words[start + 2]!, words[start + 3]!) &
        mask;
      // They are all different, so that only a free place is looked for.
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = slot + 1;
    }
    this.#listed = this.#size;
  }

  /** Where the key stands in the table, or the free place where it belongs. */
  #placeOfKey(): number {
    const table = this.#table;
    const mask = table.length - 1;
    const words = this.#words;
    const key = this.#key;
    const [a, b, c, d] = [key[0]!, key[1]!, key[2]!, key[3]!];
    for (let place = hashOf(a, b, c, d) & mask;; place = (place + 1) & mask) {
      const slot = table[place]! - 1;
      if (slot < 0) return place;
      const start = slot * WORDS;
      if (
        words[start + 3] === d && words[start + 2] === c && words[start + 1] === b &&
        words[start] === a
      ) return place;
    }
  }
}

function hashOf(a: number, b: number, c: number, d: number): number {
  return mix(a, mix(b, mix(c, mix(d, 0))));
}

function mix(word: number, hash: number): number {
  const first = Math.imul((hash ^ word) ^ (hash ^ word) >>> 16, MULTIPLIERS[0]);
  const second = Math.imul(first ^ (first >>> 13), MULTIPLIERS[1]);
  return (second ^ (second >>> 16)) >>> 0;
}

function tableSize(count: number): number {
  let size = TABLE_MIN;
  while (count > size * LOAD_MAX) size *= 2;
  return size;
}

function hexOf(word: number): string {
  return BYTE_HEX[word >>> 24]! + BYTE_HEX[(word >>> 16) & 255]! + BYTE_HEX[(word >>> 8) & 255]! +
    BYTE_HEX[word & 255]!;
}

/** Reads a UUID in lower case into four words; tells whether it is one. */
function parseUuid(id: string, words: Uint32Array): boolean {
  if (id.length !== LENGTH) return false;
  for (const place of DASHES) if (id.charCodeAt(place) !== 45) return false;
  for (let word = 0; word < WORDS; word++) {
    let value = 0;
    for (const place of DIGITS[word]!) {
      const digit = digitOf(id.charCodeAt(place));
      if (digit < 0) return false;
      value = (value << 4) | digit;
    }
    words[word] = value;
  }
  return true;
}

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}
