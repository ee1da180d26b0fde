/**
 * What tells one reading of an export of Health from another, and from the same sent again.
 *
 * @module
 */

import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { deviceFrom } from "./apple_device.ts";
import { madeOf, type Word } from "./byte_words.ts";

/**
 * Tells apart what is equal in all of that: apps write the same reading twice, and both are there.
 * They stand close together, so that a few need be remembered, not all of a lifetime.
 */
export class RecentIdentities {
  readonly #keys = new Float64Array(RECENT);
  readonly #counts = new Int32Array(RECENT);

  take({ start, first, second }: IdentityParts): string {
    // Of the second half as many bits as a number still holds exactly.
    const key = (first >>> 0) * (BITS_21 + 1) + (second & BITS_21);
    const place = first & (RECENT - 1);
    const isKnown = this.#keys[place] === key;
    const count = this.#counts[place] = isKnown ? this.#counts[place]! + 1 : 1;
    this.#keys[place] = key;
    const identity = letters(start | 0) + letters(first) + letters(second);
    return count === 1 ? identity : `${identity}.${count}`;
  }
}

/** Places for them; what comes to a taken one forgets the other. */
const RECENT = 1 << 14;

/** An amount in steps of about 1 %. */
const STEPS_PER_DOUBLING = 64;

/** What a reading is known by. */
export interface Identified {
  startedAt: EpochMs | undefined;
  endedAt: EpochMs | undefined;
  createdAt: EpochMs | undefined;
  device: Word | undefined;
  typeHash: number;
}

/** Start in seconds, which keeps an index in order, then 64 bits of everything. */
export interface IdentityParts {
  start: number;
  first: number;
  second: number;
}

/** What is the same of a reading in each export; the amount roughly, as its unit may change. */
export function identityOf(pending: Identified, amount: number): IdentityParts {
  const { startedAt = 0, endedAt = 0, createdAt = 0, typeHash, device } = pending;
  const hardware = device ? textHash(madeOf(device, deviceFrom) ?? "") : 0;
  const roughly = Math.round(Math.log2(amount + 1) * STEPS_PER_DOUBLING);
  const start = startedAt / SECOND_MS;
  let first = start | 0;
  let second = typeHash;
  for (const part of [typeHash, endedAt / SECOND_MS, createdAt / SECOND_MS, hardware, roughly]) {
    first = mixed(first, part, 0x85ebca6b);
    second = mixed(second, part, 0xc2b2ae35);
  }
  return { start, first, second: mixed(second, start, 0xc2b2ae35) };
}

/** A step of Murmur's finisher. */
function mixed(hash: number, part: number, factor: number): number {
  const product = Math.imul(hash ^ part, factor);
  return product ^ (product >>> 15);
}

const BITS_21 = 0x1fffff;
/** In the order of their codes, so that texts sort as their numbers do. */
const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));

/** 32 bits as six letters: making numbers into text by a radix costs more than reading the record. */
function letters(bits: number): string {
  return PAIRS[(bits >>> 24) & 0xfff]! + PAIRS[(bits >>> 12) & 0xfff]! + PAIRS[bits & 0xfff]!;
}

/** Types and devices of an export are some hundred. */
const TEXTS_MAX = 1_000;
const textHashes = new Map<string, number>();

function textHash(text: string): number {
  let hash = textHashes.get(text);
  if (hash === undefined) {
    hash = 0;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 31) + text.charCodeAt(at) | 0;
    if (textHashes.size < TEXTS_MAX) textHashes.set(text, hash);
  }
  return hash;
}
