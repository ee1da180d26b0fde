/**
 * The hash chain of a competition's log: each entry's hash is SHA-256(previous hash ‖ canonical
 * row), so that whoever knows the last hash can tell that nothing before it was edited, reordered,
 * added or dropped. A row names only what alters the board; actors, reasons and keys stay out.
 *
 * @module
 */

import { canonicalJson, type CanonicalValue } from "./canonical_json.ts";
import type { LogEntry, ScoreEntry } from "./log.ts";

/** SHA-256 of some bytes; handed in, because the domain has no cryptography of its own. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const HASH_LENGTH = 32;

const encoder = new TextEncoder();
// deno-lint-ignore no-control-regex -- all of ASCII, control characters too
const ASCII = /^[\x00-\x7f]*$/;

/** What the first entry of every log is chained to: 32 zero bytes. */
export function genesisHash(): Uint8Array {
  return new Uint8Array(HASH_LENGTH);
}

/** Writes the row of an entry that is hashed: sorted keys, known fields only, times in ms.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalRow } from "@/domain/log_hash.ts";
 *
 * assertEquals(
 *   canonicalRow({ seq: 1, arrivedAt: 10, kind: "join", participantId: "mira" }),
 *   '{"arrivedAt":10,"division":null,"kind":"join","participantId":"mira","seq":1}',
 * );
 * ```
 */
export function canonicalRow(entry: LogEntry): string {
  if (entry.kind === "score") return scoreRow(entry);
  const { seq, kind, arrivedAt } = entry;
  return canonicalJson({ seq, kind, arrivedAt, ...fieldsOf(entry) });
}

/** Texts that JSON writes as they are: UUIDs, and the words of closed sets. */
const PLAIN = /^[\w-]*$/;

/**
 * As the general way would write it; thousands of these a second are worth spelling out. A number
 * that is not finite becomes null in JSON, and no entry has one.
 */
function scoreRow(entry: ScoreEntry): string {
  const { seq, kind, arrivedAt, eventId, participantId, operator, value, occurredAt } = entry;
  const { source, rulesVersion } = entry;
  if (!PLAIN.test(eventId) || !PLAIN.test(participantId) || !PLAIN.test(operator + source)) {
    return canonicalJson({ seq, kind, arrivedAt, ...fieldsOf(entry) });
  }
  return `{"arrivedAt":${arrivedAt},"eventId":"${eventId}","kind":"${kind}","occurredAt":${occurredAt},` +
    `"operator":"${operator}","participantId":"${participantId}","rulesVersion":${rulesVersion},` +
    `"seq":${seq},"source":"${source}","value":${value}}`;
}

/** The bytes whose SHA-256 is the entry's hash, for those who hash asynchronously. */
export function chainInput(previous: Uint8Array, entry: LogEntry): Uint8Array {
  if (previous.length !== HASH_LENGTH) {
    throw new RangeError(`Cannot chain to a hash of ${previous.length} bytes: it must have 32`);
  }
  const row = canonicalRow(entry);
  // Nearly all rows are ASCII, so that characters are bytes; another one is measured first.
  const length = ASCII.test(row) ? row.length : encoder.encode(row).length;
  const input = new Uint8Array(HASH_LENGTH + length);
  input.set(previous);
  encoder.encodeInto(row, input.subarray(HASH_LENGTH));
  return input;
}

/** Computes the hash of the entry that follows `previous`. */
export function chainHash(previous: Uint8Array, entry: LogEntry, sha256: Sha256): Uint8Array {
  return sha256(chainInput(previous, entry));
}

/** SHA-256 of some bytes, in 64 hex digits. */
export type Sha256Hex = (bytes: Uint8Array) => string;

/** Room for the row of a score and more; longer rows take memory of their own. */
const CHAIN_BYTES = 1_024;

/**
 * Hashes entries that follow each other, as `chainHash` would, in one piece of memory: for batches,
 * where bytes for each entry would be most of the garbage.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chainHash, genesisHash, HashChain } from "@/domain/log_hash.ts";
 * import { sha256, sha256Hex } from "@/platform/sha256.ts";
 *
 * const entry = { seq: 1, arrivedAt: 10, kind: "join" as const, participantId: "mira" };
 * const chain = new HashChain(genesisHash(), sha256Hex);
 * assertEquals(chain.add(entry), chainHash(genesisHash(), entry, sha256).toHex());
 * ```
 */
export class HashChain {
  readonly #sha256Hex: Sha256Hex;
  readonly #bytes = new Uint8Array(CHAIN_BYTES);
  readonly #row = this.#bytes.subarray(HASH_LENGTH);
  /** The beginning of the bytes, by its length: rows of scores have few lengths. */
  readonly #inputs = new Map<number, Uint8Array>();

  constructor(previous: Uint8Array, sha256Hex: Sha256Hex) {
    this.#bytes.set(previous);
    this.#sha256Hex = sha256Hex;
  }

  /** The hash of the last entry, in bytes of its own. */
  get head(): Uint8Array {
    return this.#bytes.slice(0, HASH_LENGTH);
  }

  /** The hash of the next entry, in hex. */
  add(entry: LogEntry): string {
    const row = canonicalRow(entry);
    const { read, written } = encoder.encodeInto(row, this.#row);
    const isWhole = read === row.length;
    const input = isWhole ? this.#input(HASH_LENGTH + written) : chainInput(this.head, entry);
    const hash = this.#sha256Hex(input);
    this.#bytes.setFromHex(hash);
    return hash;
  }

  #input(length: number): Uint8Array {
    const known = this.#inputs.get(length);
    if (known) return known;
    const input = this.#bytes.subarray(0, length);
    this.#inputs.set(length, input);
    return input;
  }
}

/** An entry with the hash it was stored with. */
export interface ChainedEntry {
  entry: LogEntry;
  hash: Uint8Array;
}

/** The last number and hash of a log. */
export interface ChainHead {
  seq: number;
  hash: Uint8Array;
}

/** What checking a chain tells: its head, or the first number that is wrong. */
export type ChainVerdict =
  | { ok: true; head: ChainHead }
  | { ok: false; seq: number; fault: "gap" | "time" | "hash" | "head" };

/** Where a part of a log starts and where the whole is known to end. */
export interface ChainBounds {
  /** The entry before the first one; the start of the log when left out. */
  after?: ChainHead;
  /** The head published elsewhere, without which dropped last entries go unseen. */
  head?: ChainHead;
}

/** Checks that entries follow each other without a gap, in time and in hash. */
export function verifyChain(
  entries: Iterable<ChainedEntry>,
  sha256: Sha256,
  bounds: ChainBounds = {},
): ChainVerdict {
  let head: ChainHead = bounds.after ?? { seq: 0, hash: genesisHash() };
  let arrivedAt = -Infinity;
  for (const { entry, hash } of entries) {
    const { seq } = entry;
    if (seq !== head.seq + 1) return { ok: false, seq: head.seq + 1, fault: "gap" };
    if (entry.arrivedAt < arrivedAt) return { ok: false, seq, fault: "time" };
    if (!isSameHash(hash, chainHash(head.hash, entry, sha256))) {
      return { ok: false, seq, fault: "hash" };
    }
    head = { seq, hash };
    arrivedAt = entry.arrivedAt;
  }
  if (bounds.head && !isSameHead(head, bounds.head)) {
    return { ok: false, seq: head.seq, fault: "head" };
  }
  return { ok: true, head };
}

/** Only what is listed here is hashed, so that nothing personal can slip in with a row. */
function fieldsOf(entry: LogEntry): { readonly [key: string]: CanonicalValue | undefined } {
  switch (entry.kind) {
    case "score": {
      const { eventId, participantId, operator, value, occurredAt, source, rulesVersion } = entry;
      return { eventId, participantId, operator, value, occurredAt, source, rulesVersion };
    }
    case "void_event":
    case "reinstate_event":
      return { eventId: entry.eventId, participantId: entry.participantId };
    case "join":
    case "profile":
      return { participantId: entry.participantId, division: entry.division ?? null };
    case "leave":
    case "disqualify":
    case "reinstate":
      return { participantId: entry.participantId };
    case "team":
      return { participantId: entry.participantId, teamId: entry.teamId };
    case "team_removal":
      return { teamId: entry.teamId };
    case "course":
      return { participantId: entry.participantId, eventId: entry.eventId, steps: entry.steps };
    case "rules": {
      const { version, scoring, rankMethod, tieBreaks, teams } = entry.rules;
      // Rules without teams are hashed as they were before there were any.
      const own = teams && { ...teams };
      return { rules: { version, scoring: { ...scoring }, rankMethod, tieBreaks, teams: own } };
    }
    case "status":
      return { status: entry.status };
    case "freeze":
    case "unfreeze":
      return {};
  }
}

function isSameHead(a: ChainHead, b: ChainHead): boolean {
  return a.seq === b.seq && isSameHash(a.hash, b.hash);
}

function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
