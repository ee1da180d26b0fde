/**
 * An order of contenders that is changed, counted and read in logarithmic time: blocks of typed
 * arrays, each sorted and at most 512 long, under a Fenwick tree of their counts.
 *
 * A member's place is never stored. It follows from the members in the blocks before (the tree) and
 * the place in its own block (halving), so that a changed score moves at most a block's tail. Blocks
 * hold the first key of the order next to the slot, so that nearly all comparisons stay in one
 * array; only equal keys are looked up in the table. 16 bytes a member where blocks are three
 * quarters full.
 *
 * Ties share the rank, so a rank follows from the ends of the member's tie, found by halving too.
 * Only `dense` needs the number of ties before: a second tree counts, in each block, the members
 * that begin one.
 *
 * @module
 */

import { type ContenderTable, type OrderKey, UNRANKED_KEY } from "./contender_table.ts";
import { FenwickTree } from "./fenwick_tree.ts";
import {
  append,
  type Block,
  BLOCK_MAX,
  countStarts,
  insertAt,
  newBlock,
  removeAt,
  splitOff,
} from "./rank_block.ts";
import { lowerBound, sortSlots } from "./rank_sort.ts";
import type { RankMethod } from "./rules.ts";

/** A load leaves room, so that the first changes split nothing. */
const BLOCK_LOADED = 384;
/** Smaller blocks are put together with their neighbour. */
const BLOCK_MIN = 96;
const MERGED_MAX = 384;

/** Which end of a tie is looked for. */
type Edge = "own" | "first" | "behind";

interface Position {
  block: number;
  place: number;
}

export class RankOrder {
  readonly #table: ContenderTable;
  readonly #method: RankMethod;
  readonly #isDense: boolean;
  #blocks: Block[];
  readonly #counts = new FenwickTree();
  readonly #starts = new FenwickTree();
  #size = 0;
  #ranked = 0;

  constructor(table: ContenderTable, method: RankMethod) {
    this.#table = table;
    this.#method = method;
    this.#isDense = method === "dense";
    this.#blocks = [newBlock(this.#isDense)];
    this.#rebuildTrees();
  }

  get size(): number {
    return this.#size;
  }

  /** Members with a rank; they stand before all others. */
  get ranked(): number {
    return this.#ranked;
  }

  /** Starts anew with these slots, those without a key left out. */
  load(slots: Uint32Array): void {
    const { keys, sorted } = sortSlots(this.#table, slots);
    this.#blocks = [];
    for (let from = 0; from < sorted.length; from += BLOCK_LOADED) {
      const count = Math.min(BLOCK_LOADED, sorted.length - from);
      const block = newBlock(this.#isDense);
      block.keys.set(keys.subarray(from, from + count));
      block.slots.set(sorted.subarray(from, from + count));
      block.count = count;
      this.#blocks.push(block);
    }
    if (this.#blocks.length === 0) this.#blocks.push(newBlock(this.#isDense));
    this.#size = sorted.length;
    this.#ranked = lowerBound(keys, UNRANKED_KEY);
    if (this.#isDense) this.#findStarts();
    this.#rebuildTrees();
  }

  /** Puts a slot that is not in the order where the table's key says; no key, no place. */
  insert(slot: number): void {
    const key = this.#table.key(slot);
    if (Number.isNaN(key)) return;
    let at = this.#seek(slot, key, "own");
    if (this.#blocks[at.block]!.count === BLOCK_MAX) {
      this.#split(at.block);
      at = this.#seek(slot, key, "own");
    }
    const block = this.#blocks[at.block]!;
    insertAt(block, at.place, { key, slot });
    this.#counts.add(at.block, 1);
    this.#size += 1;
    if (key < UNRANKED_KEY) this.#ranked += 1;
    if (this.#isDense) this.#noteArrival(at);
  }

  /** Takes a slot out; to be called before its key in the table changes. */
  remove(slot: number): void {
    const key = this.#table.key(slot);
    if (Number.isNaN(key)) return;
    const at = this.#seek(slot, key, "own");
    const block = this.#blocks[at.block]!;
    if (this.#isDense) this.#noteLeaving(at);
    removeAt(block, at.place);
    this.#counts.add(at.block, -1);
    this.#size -= 1;
    if (key < UNRANKED_KEY) this.#ranked -= 1;
    if (block.count < BLOCK_MIN) this.#merge(at.block);
  }

  /** The place of a slot from 0; -1 for those that are not listed. */
  placeOf(slot: number): number {
    const key = this.#table.key(slot);
    return Number.isNaN(key) ? -1 : this.#placeAt(this.#seek(slot, key, "own"));
  }

  /** The slot at a place; throws `RangeError` outside of the order. */
  at(place: number): number {
    const { block, place: inside } = this.#positionOf(place);
    return this.#blocks[block]!.slots[inside]!;
  }

  /** The rank at a place; null for the unranked, the disqualified and places that are not there. */
  rankAt(place: number): number | null {
    if (place < 0 || place >= this.#ranked) return null;
    if (this.#method === "ordinal") return place + 1;
    return this.rankOf(this.at(place));
  }

  /** The rank of a slot; null for those without one. */
  rankOf(slot: number): number | null {
    const key = this.#table.key(slot);
    // The withdrawn have no key, which no comparison holds for.
    if (!(key < UNRANKED_KEY)) return null;
    switch (this.#method) {
      case "ordinal":
        return this.#placeAt(this.#seek(slot, key, "own")) + 1;
      case "standard":
        return this.#placeAt(this.#seek(slot, key, "first")) + 1;
      case "modified":
        return this.#placeAt(this.#seek(slot, key, "behind"));
      case "dense":
        return this.#startsUpTo(this.#seek(slot, key, "own"));
    }
  }

  /** The slots from a place on with their ranks. */
  window(from: number, limit: number): { slots: number[]; ranks: (number | null)[] } {
    const slots: number[] = [];
    const ranks: (number | null)[] = [];
    const start = Math.max(0, from);
    const end = Math.min(this.#size, from + limit);
    if (start >= end) return { slots, ranks };
    const at = this.#positionOf(start);
    for (let place = start; place < end; place++) {
      const block = this.#blocks[at.block]!;
      const slot = block.slots[at.place]!;
      const isTied = slots.length > 0 && this.#isTied(slots.at(-1)!, slot);
      ranks.push(this.#nextRank(place, isTied ? ranks.at(-1) : undefined));
      slots.push(slot);
      at.place += 1;
      if (at.place === block.count) {
        at.block += 1;
        at.place = 0;
      }
    }
    return { slots, ranks };
  }

  /** The first place behind a key, whether or not anybody has it. */
  placeAfter(key: OrderKey): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#table.compareToKey(this.at(middle), key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nextRank(place: number, sharedRank: number | null | undefined): number | null {
    if (place >= this.#ranked) return null;
    const isShared = sharedRank !== undefined && this.#method !== "ordinal";
    return isShared ? sharedRank : this.rankAt(place);
  }

  #placeAt({ block, place }: Position): number {
    return this.#counts.before(block) + place;
  }

  #positionOf(place: number): Position {
    if (place < 0 || place >= this.#size) {
      throw new RangeError(`Cannot give place ${place}: the order has ${this.#size}`);
    }
    const { index, rest } = this.#counts.find(place);
    return { block: index, place: rest };
  }

  /** Where a slot stands or belongs, or where its tie begins or ends. */
  #seek(slot: number, key: number, edge: Edge): Position {
    const blocks = this.#blocks;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = blocks[middle]!;
      if (this.#isBefore(block, block.count - 1, slot, key, edge)) low = middle + 1;
      else high = middle;
    }
    const block = blocks[low]!;
    let first = 0;
    let end = block.count;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (this.#isBefore(block, middle, slot, key, edge)) first = middle + 1;
      else end = middle;
    }
    return { block: low, place: first };
  }

  #isBefore(block: Block, place: number, slot: number, key: number, edge: Edge): boolean {
    const other = block.keys[place]!;
    if (other !== key) return other < key;
    const otherSlot = block.slots[place]!;
    const order = this.#table.compareTie(otherSlot, slot);
    if (order !== 0) return order < 0;
    if (edge === "own") return this.#table.compareIds(otherSlot, slot) < 0;
    return edge === "behind";
  }

  #isTied(a: number, b: number): boolean {
    return this.#table.key(a) === this.#table.key(b) && this.#table.compareTie(a, b) === 0;
  }

  #split(index: number): void {
    this.#blocks.splice(index + 1, 0, splitOff(this.#blocks[index]!));
    this.#rebuildTrees();
  }

  /** Puts a small block together with a neighbour that has room; an empty one always goes. */
  #merge(index: number): void {
    const block = this.#blocks[index]!;
    const room = block.count === 0 ? BLOCK_MAX : MERGED_MAX;
    const other = [index - 1, index + 1].find((near) =>
      this.#blocks[near] && this.#blocks[near].count + block.count <= room
    );
    if (other === undefined) return;
    const [first, second] = [Math.min(index, other), Math.max(index, other)];
    append(this.#blocks[first]!, this.#blocks[second]!);
    this.#blocks.splice(second, 1);
    this.#rebuildTrees();
  }

  #rebuildTrees(): void {
    this.#counts.build(this.#blocks.map((block) => block.count));
    if (this.#isDense) {
      this.#starts.build(this.#blocks.map((block) => countStarts(block, block.count)));
    }
  }

  /** The ties begun up to a position, its own included. */
  #startsUpTo({ block, place }: Position): number {
    return this.#starts.before(block) + countStarts(this.#blocks[block]!, place + 1);
  }

  #findStarts(): void {
    for (const [block, { count, starts }] of this.#blocks.entries()) {
      for (let place = 0; place < count; place++) {
        starts![place] = this.#isStart(this.#before({ block, place }), { block, place }) ? 1 : 0;
      }
    }
  }

  #isStart(before: Position | undefined, at: Position): boolean {
    return !before || !this.#isTied(this.#slotAt(before), this.#slotAt(at));
  }

  /** A member that just came may begin a tie, and the next one may no longer. */
  #noteArrival(at: Position): void {
    this.#blocks[at.block]!.starts![at.place] = 0;
    this.#markStart(at, this.#isStart(this.#before(at), at));
    const after = this.#after(at);
    if (after) this.#markStart(after, this.#isStart(at, after));
  }

  /** A member that is about to go leaves the beginning of its tie to the next one. */
  #noteLeaving(at: Position): void {
    this.#markStart(at, false);
    const after = this.#after(at);
    if (after) this.#markStart(after, this.#isStart(this.#before(at), after));
  }

  #markStart({ block, place }: Position, isStart: boolean): void {
    const starts = this.#blocks[block]!.starts!;
    const mark = isStart ? 1 : 0;
    const difference = mark - starts[place]!;
    if (difference === 0) return;
    starts[place] = mark;
    this.#starts.add(block, difference);
  }

  #slotAt({ block, place }: Position): number {
    return this.#blocks[block]!.slots[place]!;
  }

  #before({ block, place }: Position): Position | undefined {
    if (place > 0) return { block, place: place - 1 };
    for (let near = block - 1; near >= 0; near--) {
      const { count } = this.#blocks[near]!;
      if (count > 0) return { block: near, place: count - 1 };
    }
    return undefined;
  }

  #after({ block, place }: Position): Position | undefined {
    if (place + 1 < this.#blocks[block]!.count) return { block, place: place + 1 };
    for (let near = block + 1; near < this.#blocks.length; near++) {
      if (this.#blocks[near]!.count > 0) return { block: near, place: 0 };
    }
    return undefined;
  }
}
