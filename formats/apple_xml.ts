/**
 * The XML of Apple's export, in one pass over its bytes. Such files are a million of nearly equal
 * tags; a general parser makes a text of every name and value, this one makes none of those that
 * nobody asks for. It takes what Apple writes: UTF-8, an internal DTD (which it skips, as the one of
 * several versions of iOS is not valid), no entities but XML's own.
 *
 * @module
 */

import type { EpochMs } from "@/domain/time.ts";
import { appleInstantAt, decimalAt } from "./byte_values.ts";
import { ByteWords, isSame, type Word } from "./byte_words.ts";
import { XML_DEPTH_MAX, XML_TOKEN_CHARS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

/** The attributes that are read, by their slots: numbers, as they are asked for a million times. */
export const ATTRIBUTE = {
  type: 0,
  unit: 1,
  value: 2,
  device: 3,
  startDate: 4,
  endDate: 5,
  creationDate: 6,
  sourceName: 7,
  key: 8,
  sum: 9,
  workoutActivityType: 10,
  duration: 11,
  durationUnit: 12,
  totalDistance: 13,
  totalDistanceUnit: 14,
  totalEnergyBurned: 15,
  totalEnergyBurnedUnit: 16,
} as const;
export type AppleAttribute = (typeof ATTRIBUTE)[keyof typeof ATTRIBUTE];

/** What the reader takes from the document. */
export interface AppleXmlHandler {
  /** An element begins; its attributes are to be had until this returns. `parent` is "" at the root. */
  open(name: string, parent: string, tag: AppleTag): void;
  close(name: string, parent: string): void;
}

/** The attributes of the tag at hand. */
export interface AppleTag {
  word(attribute: AppleAttribute): Word | undefined;
  instant(attribute: AppleAttribute): EpochMs | undefined;
  decimal(attribute: AppleAttribute): number | undefined;
  /** The word of a device without the address in memory that it begins with. */
  device(): Word | undefined;
}

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SPACE = 0x20;
const COMMA = 0x2c;
const BOM = [0xef, 0xbb, 0xbf] as const;

const SLOT_OF = new Map<string, number>(Object.entries(ATTRIBUTE));

export class AppleXml {
  /** Bytes from the last tag that was not whole on. */
  #rest = new Uint8Array(0);
  #bytes: Uint8Array = this.#rest;
  #isFirst = true;
  #isDone = false;
  readonly #names = new ByteWords((bytes) => decoder.decode(bytes));
  readonly #values = new ByteWords(valueText);
  readonly #open: string[] = [""];
  /** The words found last at the same place, which the next tag mostly repeats. */
  readonly #lastNames: (Word | undefined)[] = [];
  readonly #lastValues: (Word | undefined)[] = [];
  readonly #starts = new Int32Array(SLOT_OF.size);
  readonly #ends = new Int32Array(SLOT_OF.size);
  readonly #tag: AppleTag;
  #lastElement: Word | undefined;

  constructor(readonly handler: AppleXmlHandler) {
    this.#tag = {
      word: (slot) => this.#wordFrom(slot, 0),
      instant: (slot) => {
        const start = this.#starts[slot]!;
        return start < 0 ? undefined : appleInstantAt(this.#bytes, start, this.#ends[slot]!);
      },
      decimal: (slot) => {
        const start = this.#starts[slot]!;
        return start < 0 ? undefined : decimalAt(this.#bytes, start, this.#ends[slot]!);
      },
      device: () => this.#device(ATTRIBUTE.device),
    };
  }

  /** Reads on. Throws `FormatError` with `malformed`, `entity_refused` or `too_large`. */
  push(chunk: Uint8Array): void {
    this.#bytes = joined(this.#rest, chunk);
    if (this.#isFirst && !this.#dropBom()) return;
    let at = 0;
    for (;;) {
      const tagAt = this.#bytes.indexOf(LT, at);
      if (this.#open.length === 1) this.#checkBlank(at, tagAt < 0 ? this.#bytes.length : tagAt);
      if (tagAt < 0) {
        this.#rest = new Uint8Array(0);
        return;
      }
      const next = this.#markup(tagAt);
      if (next < 0) return this.#keep(tagAt);
      at = next;
    }
  }

  /** Ends the document. Throws `FormatError` with `truncated` when an element is open. */
  end(): void {
    if (this.#isDone && this.#rest.length === 0) return;
    throw new FormatError("truncated", "Cannot read XML: it ends before its last tag");
  }

  #keep(from: number): void {
    this.#rest = this.#bytes.slice(from);
    if (this.#rest.length <= XML_TOKEN_CHARS_MAX) return;
    throw new FormatError(
      "too_large",
      `Cannot read XML: a tag is over ${XML_TOKEN_CHARS_MAX} bytes`,
    );
  }

  /** Whether there was enough to look for one. */
  #dropBom(): boolean {
    if (this.#bytes.length < BOM.length) {
      this.#rest = this.#bytes.slice();
      return false;
    }
    this.#isFirst = false;
    if (BOM.every((byte, at) => this.#bytes[at] === byte)) {
      this.#bytes = this.#bytes.subarray(BOM.length);
    }
    return true;
  }

  /** Outside of the root there are only blanks. */
  #checkBlank(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (this.#bytes[at]! > SPACE) throw malformed("there is text outside of its root");
    }
  }

  /** Reads what begins with `<` and gives where it ends; -1 when it is not whole yet. */
  #markup(at: number): number {
    const second = this.#bytes[at + 1];
    if (second === undefined) return -1;
    if (second === SLASH) return this.#endTag(at + 2);
    if (second === QUESTION) return this.#after("?>", at);
    if (second === BANG) return this.#declaration(at);
    return this.#startTag(at + 1);
  }

  /** Past the next `mark`; -1 when there is none yet. */
  #after(mark: string, from: number): number {
    const [first, ...others] = encoder.encode(mark);
    for (let at = from;; at++) {
      at = this.#bytes.indexOf(first!, at);
      if (at < 0) return -1;
      if (others.every((byte, index) => this.#bytes[at + 1 + index] === byte)) {
        return at + mark.length;
      }
    }
  }

  /** A comment, CDATA or the DOCTYPE. */
  #declaration(at: number): number {
    const head = String.fromCharCode(...this.#bytes.subarray(at, at + 9));
    if (head.startsWith("<!--")) return this.#after("-->", at + 4);
    if (head === "<![CDATA[") return this.#after("]]>", at);
    if (head === "<!DOCTYPE") return this.#doctype(at);
    if (head.length < 9) return -1;
    throw malformed("it has a declaration that it must not have");
  }

  /** Skips the internal subset by its brackets alone, and refuses what would name other texts. */
  #doctype(at: number): number {
    const subsetAt = this.#bytes.indexOf(0x5b, at);
    const endAt = this.#bytes.indexOf(GT, at);
    if (endAt < 0) return -1;
    const hasSubset = subsetAt >= 0 && subsetAt < endAt;
    const end = hasSubset ? this.#after("]>", subsetAt) : endAt + 1;
    if (end < 0) return -1;
    const text = decoder.decode(this.#bytes.subarray(at, end));
    const isExternal = /^<!DOCTYPE\s+[\w:.-]+\s+(?:SYSTEM|PUBLIC)\b/.test(text);
    if (isExternal || text.includes("<!ENTITY")) {
      throw new FormatError("entity_refused", "Cannot read XML: its DOCTYPE names other texts");
    }
    return end;
  }

  #endTag(at: number): number {
    const end = this.#bytes.indexOf(GT, at);
    if (end < 0) return -1;
    let nameEnd = end;
    while (nameEnd > at && this.#bytes[nameEnd - 1]! <= SPACE) nameEnd--;
    this.#closeElement(this.#names.find(this.#bytes, at, nameEnd).text);
    return end + 1;
  }

  #startTag(nameAt: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = nameAt;
    while (at < length && bytes[at]! > SPACE && bytes[at] !== SLASH && bytes[at] !== GT) at++;
    const nameEnd = at;
    this.#starts.fill(-1);
    for (let index = 0;; index++) {
      while (at < length && bytes[at]! <= SPACE) at++;
      if (at >= length) return -1;
      const byte = bytes[at];
      if (byte === GT) return this.#openElement(nameAt, nameEnd, false), at + 1;
      if (byte === SLASH) {
        if (at + 1 >= length) return -1;
        if (bytes[at + 1] !== GT) throw malformed("a tag has a slash inside");
        return this.#openElement(nameAt, nameEnd, true), at + 2;
      }
      at = this.#attribute(at, index);
      if (at < 0) return -1;
    }
  }

  /** Notes where the value of an attribute lies, if anybody may ask for it. */
  #attribute(nameAt: number, index: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    const guess = this.#lastNames[index];
    let at = nameAt + (guess?.bytes.length ?? 0);
    const isGuessed = guess !== undefined && bytes[at] === EQUALS &&
      isSame(guess.bytes, bytes, nameAt, at);
    if (!isGuessed) at = this.#nameEnd(nameAt);
    const nameEnd = at;
    while (at < length && bytes[at]! <= SPACE) at++;
    if (at >= length) return -1;
    if (bytes[at] !== EQUALS || nameEnd === nameAt) throw malformed("an attribute has no value");
    at++;
    while (at < length && bytes[at]! <= SPACE) at++;
    if (at >= length) return -1;
    const quote = bytes[at]!;
    if (quote !== QUOTE && quote !== APOSTROPHE) throw malformed("a value has no quotes");
    const start = ++at;
    while (at < length && bytes[at] !== quote && bytes[at] !== LT) at++;
    if (at >= length) return -1;
    if (bytes[at] === LT) throw malformed("a tag begins inside a value");
    const name = isGuessed ? guess : this.#names.find(bytes, nameAt, nameEnd);
    this.#lastNames[index] = name;
    const slot = name.note ??= SLOT_OF.get(name.text) ?? -1;
    if (slot >= 0) {
      this.#starts[slot] = start;
      this.#ends[slot] = at;
    }
    return at + 1;
  }

  #nameEnd(nameAt: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = nameAt;
    while (at < length && bytes[at] !== EQUALS && bytes[at]! > SPACE && bytes[at] !== GT) at++;
    return at;
  }

  #openElement(nameAt: number, nameEnd: number, isEmpty: boolean): void {
    const word = this.#names.find(this.#bytes, nameAt, nameEnd, this.#lastElement);
    this.#lastElement = word;
    const name = word.text;
    // Looked at when it is new; attributes note other things in words of theirs.
    if (word.note === undefined && !NAME.test(name)) throw malformed("an element has no name");
    word.note ??= SLOT_OF.get(name) ?? -1;
    if (this.#isDone) throw malformed("it has more than one root");
    if (this.#open.length > XML_DEPTH_MAX) {
      throw new FormatError("too_large", `Cannot read XML: nested over ${XML_DEPTH_MAX} deep`);
    }
    this.handler.open(name, this.#open.at(-1)!, this.#tag);
    this.#open.push(name);
    if (isEmpty) this.#closeElement(name);
  }

  #closeElement(name: string): void {
    const open = this.#open.length > 1 ? this.#open.pop() : undefined;
    if (open !== name) throw malformed(`"${name.slice(0, 40)}" ends where it has not begun`);
    this.handler.close(name, this.#open.at(-1)!);
    this.#isDone = this.#open.length === 1;
  }

  #wordFrom(slot: number, skip: number): Word | undefined {
    const start = this.#starts[slot]!;
    if (start < 0) return undefined;
    const guess = this.#lastValues[slot];
    return this.#lastValues[slot] = this.#values.find(
      this.#bytes,
      start + skip,
      this.#ends[slot]!,
      guess,
    );
  }

  #device(slot: number): Word | undefined {
    const start = this.#starts[slot]!;
    if (start < 0) return undefined;
    const comma = this.#bytes.indexOf(COMMA, start);
    const hasAddress = comma >= 0 && comma < this.#ends[slot]! && this.#bytes[start] === 0x26;
    return this.#wordFrom(slot, hasAddress ? comma - start : 0);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NAME = /^[A-Za-z_:][\w:.-]*$/;

function joined(rest: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (rest.length === 0) return chunk;
  const bytes = new Uint8Array(rest.length + chunk.length);
  bytes.set(rest);
  bytes.set(chunk, rest.length);
  return bytes;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};
const CODE_POINT_MAX = 0x10ffff;

function valueText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!text.includes("&")) return text;
  return text.replace(/&(#x?[0-9a-fA-F]{1,6}|\w{1,32});|&/g, (_all, name?: string) => {
    if (name?.startsWith("#")) {
      const code = name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1));
      if (code > 0 && code <= CODE_POINT_MAX) return String.fromCodePoint(code);
    }
    const known = name !== undefined && Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known !== undefined) return known;
    throw new FormatError("entity_refused", "Cannot read XML: it uses an entity of its own");
  });
}

function malformed(state: string): FormatError {
  return new FormatError("malformed", `Cannot read XML: ${state}`);
}
