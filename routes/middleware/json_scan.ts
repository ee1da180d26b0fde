/**
 * What `JSON.parse` lets through and this product must not: deep nesting (which blocks the thread),
 * duplicate keys (of which readers take different ones), numbers that are not kept as written, and
 * text that PostgreSQL cannot store. One linear pass over the text finds them before parsing; it
 * does not judge the grammar, which `JSON.parse` does afterwards.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";

/** Our deepest body has 6 levels; recursion beyond this only costs. */
export const JSON_DEPTH_MAX = 32;
/** Integers of so many digits are exact in a double, whatever they are. */
const EXACT_DIGITS = 15;
/** A literal longer than the largest double's 309 digits is zeros or out of range. */
const INTEGER_LITERAL_MAX = 310;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LOWER_U = 0x75;

/** Parses JSON text. Fails with `BAD_REQUEST` (grammar, depth) or `VALIDATION_ERROR` (a value, with its path).
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseStrictJson } from "@/routes/middleware/json_scan.ts";
 *
 * assertEquals(parseStrictJson('{"score": 5}'), { score: 5 });
 * assertThrows(() => parseStrictJson('{"score": 5, "score": 6}'));
 * ```
 */
export function parseStrictJson(text: string): unknown {
  if (!text.isWellFormed()) throw valueFault("body", "lone_surrogate", "half a character");
  new JsonScan(text).run();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError("BAD_REQUEST", "Cannot read the body: it is not valid JSON", { cause });
  }
}

function valueFault(field: string, code: string, what: string): DomainError {
  const message = `The value holds ${what}`;
  const details = [{ field, code, message }];
  return new DomainError("VALIDATION_ERROR", `${field}: ${message}`, { details });
}

/** One pass over a text; depth 0 is outside of everything. */
class JsonScan {
  readonly #text: string;
  /** Without a backslash in the text, every quote ends or begins a string. */
  readonly #hasEscapes: boolean;
  #depth = 0;
  /** By depth: the keys seen of an object; undefined in an array. */
  readonly #keys: (Set<string> | undefined)[] = [undefined];
  /** By depth: the key or index at which the scan is. */
  readonly #steps: (string | number)[] = ["body"];
  #isKeyNext = false;

  constructor(text: string) {
    this.#text = text;
    this.#hasEscapes = text.includes("\\");
  }

  run(): void {
    const text = this.#text;
    for (let at = 0; at < text.length;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) at = this.#string(at);
      else if (code === MINUS || (code >= ZERO && code <= NINE)) at = this.#number(at);
      else {
        this.#structure(code);
        at += 1;
      }
    }
  }

  #structure(code: number): void {
    if (code === OPEN_OBJECT) this.#open(new Set(), "");
    else if (code === OPEN_ARRAY) this.#open(undefined, 0);
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) this.#close();
    else if (code === COLON) this.#isKeyNext = false;
    else if (code === COMMA) this.#next();
  }

  #open(keys: Set<string> | undefined, step: string | number): void {
    this.#depth += 1;
    if (this.#depth > JSON_DEPTH_MAX) {
      const path = this.#path(JSON_DEPTH_MAX);
      throw new DomainError(
        "BAD_REQUEST",
        `Cannot read the body: "${path}" is nested deeper than ${JSON_DEPTH_MAX} levels`,
      );
    }
    this.#keys[this.#depth] = keys;
    this.#steps[this.#depth] = step;
    this.#isKeyNext = keys !== undefined;
  }

  #close(): void {
    // More brackets closed than opened is a fault of grammar, which the parser tells.
    if (this.#depth > 0) this.#depth -= 1;
    this.#isKeyNext = false;
  }

  #next(): void {
    const step = this.#steps[this.#depth];
    if (typeof step === "number") this.#steps[this.#depth] = step + 1;
    this.#isKeyNext = this.#keys[this.#depth] !== undefined && this.#depth > 0;
  }

  /** Gives the place after the closing quote. */
  #string(start: number): number {
    const end = this.#hasEscapes
      ? this.#escapedEnd(start)
      : closingQuote(this.#text.indexOf('"', start + 1), this.#text);
    if (this.#isKeyNext) this.#key(this.#text.slice(start, end));
    return end;
  }

  #escapedEnd(start: number): number {
    const text = this.#text;
    let at = start + 1;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code !== BACKSLASH) at += 1;
      else if (text.charCodeAt(at + 1) === LOWER_U) at = this.#unicodeEscape(at);
      else at += 2;
    }
    return text.length;
  }

  #unicodeEscape(at: number): number {
    const unit = escapedUnit(this.#text, at);
    if (unit === 0) throw this.#fault("nul_character", "the character NUL");
    if ((unit & 0xf800) !== 0xd800) return at + 6;
    const second = unit < 0xdc00 ? escapedUnit(this.#text, at + 6) : NaN;
    if ((second & 0xfc00) === 0xdc00) return at + 12;
    throw this.#fault("lone_surrogate", "half a character");
  }

  #key(quoted: string): void {
    this.#isKeyNext = false;
    const key = this.#hasEscapes ? unescapeKey(quoted) : quoted.slice(1, -1);
    this.#steps[this.#depth] = key;
    const keys = this.#keys[this.#depth]!;
    if (keys.has(key)) throw this.#fault("duplicate_key", "this key twice");
    keys.add(key);
  }

  /** Gives the place after the number. */
  #number(start: number): number {
    const text = this.#text;
    let at = start + 1;
    let isInteger = true;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= ZERO && code <= NINE) continue;
      if (!isNumberPart(code)) break;
      isInteger = false;
    }
    if (!isInteger || at - start > EXACT_DIGITS) {
      this.#checkNumber(text.slice(start, at), isInteger);
    }
    return at;
  }

  #checkNumber(literal: string, isInteger: boolean): void {
    const value = Number(literal);
    // NaN is a fault of grammar.
    if (value === Infinity || value === -Infinity) {
      throw this.#fault("number_out_of_range", "a number out of range");
    }
    if (!isInteger || Number.isNaN(value) || literal.length > INTEGER_LITERAL_MAX) return;
    // What prints as it was written is kept as written, even where the double is a neighbour.
    if (String(value) !== literal && BigInt(literal) !== BigInt(value)) {
      throw this.#fault("number_not_exact", "an integer beyond 2^53 that would be rounded");
    }
  }

  #fault(code: string, what: string): DomainError {
    return valueFault(this.#path(this.#depth), code, what);
  }

  #path(depth: number): string {
    const steps = this.#steps.slice(1, depth + 1).filter((step) => step !== "");
    return steps.join(".").slice(0, PATH_MAX) || "body";
  }
}

/** Characters of a path that an answer echoes. */
const PATH_MAX = 200;

function closingQuote(quoteAt: number, text: string): number {
  return quoteAt === -1 ? text.length : quoteAt + 1;
}

/** The UTF-16 unit of the `\uXXXX` at a place; NaN when there is none. */
function escapedUnit(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH || text.charCodeAt(at + 1) !== LOWER_U) return NaN;
  const hex = text.slice(at + 2, at + 6);
  return /^[0-9a-f]{4}$/i.test(hex) ? parseInt(hex, 16) : NaN;
}

/** `.`, `e`, `E`, `+` or `-` within a number. */
function isNumberPart(code: number): boolean {
  return code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === MINUS;
}

/** Keys are the same when they mean the same, however they are written. */
function unescapeKey(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
