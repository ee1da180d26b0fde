/**
 * A column of short texts, packed as UTF-8: a million names take some 20 MB where strings take 50.
 * Replaced texts stay until half of the bytes are theirs.
 *
 * @module
 */

import { grown, roomFor } from "./column_room.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Texts by slot; the empty text where none was set.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TextColumn } from "@/domain/text_column.ts";
 *
 * const names = new TextColumn();
 * names.set(2, "Ñandú");
 * assertEquals([names.at(2), names.at(0)], ["Ñandú", ""]);
 * ```
 */
export class TextColumn {
  #bytes: Uint8Array;
  #starts: Uint32Array;
  #lengths: Uint16Array;
  #used = 0;
  #wasted = 0;

  constructor(room = 0) {
    this.#bytes = new Uint8Array(0);
    this.#starts = new Uint32Array(room);
    this.#lengths = new Uint16Array(room);
  }

  at(slot: number): string {
    const length = this.#lengths[slot];
    if (!length) return "";
    const start = this.#starts[slot]!;
    return DECODER.decode(this.#bytes.subarray(start, start + length));
  }

  set(slot: number, text: string): void {
    if (slot >= this.#lengths.length && text === "") return;
    const bytes = ENCODER.encode(text);
    this.#wasted += this.#lengths[slot] ?? 0;
    const start = this.#append(bytes);
    this.#place(slot, start, bytes.length);
    if (this.#wasted > this.#used >>> 1) this.#compact();
  }

  /** Sets texts that follow each other in UTF-8, each ended by the separator, from a slot on. */
  setMany(slot: number, bytes: Uint8Array, separator: number): void {
    const offset = this.#append(bytes);
    let start = 0;
    for (let at = slot; start < bytes.length; at++) {
      const end = bytes.indexOf(separator, start);
      this.#place(at, offset + start, end - start);
      start = end + 1;
    }
  }

  /** Appends bytes and tells where they begin. */
  #append(bytes: Uint8Array): number {
    const start = this.#used;
    if (start + bytes.length > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, roomFor(start + bytes.length));
    }
    this.#bytes.set(bytes, start);
    this.#used += bytes.length;
    return start;
  }

  #place(slot: number, start: number, length: number): void {
    if (slot >= this.#lengths.length) {
      this.#starts = grown(this.#starts, roomFor(slot + 1));
      this.#lengths = grown(this.#lengths, roomFor(slot + 1));
    }
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
  }

  #compact(): void {
    const old = this.#bytes;
    this.#bytes = new Uint8Array(roomFor(this.#used - this.#wasted));
    this.#used = 0;
    this.#wasted = 0;
    for (let slot = 0; slot < this.#lengths.length; slot++) {
      const start = this.#starts[slot]!;
      this.#starts[slot] = this.#append(old.subarray(start, start + this.#lengths[slot]!));
    }
  }
}
