/**
 * Texts that come again and again in a stream of bytes (names, units, devices): each is decoded
 * once and found again by its bytes.
 *
 * @module
 */

/** A text, with room for what somebody made of it. */
export interface Word {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** For whoever looks words up to note what they found … */
  note: number | undefined;
  /** … and what they made of the text. */
  made: string | null | undefined;
}

/** What `make` says of the word, asked once. A word is either of an app or of a device. */
export function madeOf(
  word: Word,
  make: (text: string) => string | undefined,
): string | undefined {
  if (word.made === undefined) word.made = make(word.text) ?? null;
  return word.made ?? undefined;
}

/** Slots for words; a stream that fills half of them starts with none again. */
const SLOTS = 1 << 14;
const WORDS_MAX = SLOTS / 2;
const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;

export class ByteWords {
  #slots = new Array<Word | undefined>(SLOTS);
  #count = 0;
  readonly #read: (bytes: Uint8Array) => string;

  /** `read` makes the text of a new word. */
  constructor(read: (bytes: Uint8Array) => string) {
    this.#read = read;
  }

  /**
   * The word of the bytes from `start` to `end`: the same object for the same bytes, mostly. A good
   * guess saves looking it up.
   */
  find(bytes: Uint8Array, start: number, end: number, guess?: Word): Word {
    if (guess && isSame(guess.bytes, bytes, start, end)) return guess;
    let hash = FNV_BASIS;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (;;) {
      const known = this.#slots[slot];
      if (known === undefined) return this.#add(slot, bytes.slice(start, end), hash);
      if (known.hash === hash && isSame(known.bytes, bytes, start, end)) return known;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #add(slot: number, bytes: Uint8Array, hash: number): Word {
    const word: Word = { text: this.#read(bytes), bytes, hash, note: undefined, made: undefined };
    if (this.#count >= WORDS_MAX) {
      this.#slots = new Array<Word | undefined>(SLOTS);
      this.#count = 0;
    }
    this.#count++;
    this.#slots[slot] = word;
    return word;
  }
}

/** Whether the bytes from `start` to `end` are those. */
export function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
