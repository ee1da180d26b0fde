/**
 * The members of one board in its exact order, a million of them in some 60 MB: a changed score
 * moves one member, and ranks and windows are found without looking at the rest. Order and ranks are
 * those of `rankContenders`, which a property test compares.
 *
 * Divisions are boards of their own over the same columns, with ranks of their own; each is put in
 * order when it is first asked for and kept so from then on.
 *
 * @module
 */

import {
  type ContenderColumns,
  type ContenderRow,
  ContenderTable,
  type OrderKey,
} from "./contender_table.ts";
import { RankOrder } from "./rank_order.ts";
import type { OrderRules } from "./ranking.ts";
import type { Rules } from "./rules.ts";
import type { Contender, FoldedScore, Standing } from "./standing.ts";

export type { ContenderColumns, ContenderRow, OrderKey };

/** The part of the rules that places and ranks members. */
export type PlaceRules = OrderRules & Pick<Rules, "rankMethod">;

/** A row of the canonical standings. */
export type RankedRow = ContenderRow & Pick<Standing, "rank">;

/** Members in order; places count from 0. */
export interface RankedMembers {
  /** Members that the board lists: all but the withdrawn. */
  readonly size: number;
  /** The place of a slot; -1 for those that are not listed. */
  placeOf(slot: number): number;
  /** The slot at a place; throws `RangeError` outside of the list. */
  at(place: number): number;
  /** The rank at a place; null for the unranked and the disqualified. */
  rankAt(place: number): number | null;
  /** The rank of a slot; null for those without one. */
  rankOf(slot: number): number | null;
  /** The slots from a place on, with their ranks. */
  window(from: number, limit: number): { slots: number[]; ranks: (number | null)[] };
  /** The first place behind a key, whether or not anybody has it. */
  placeAfter(key: OrderKey): number;
}

/** Members are known by their slots, which they keep. */
export class RankIndex implements RankedMembers {
  readonly rules: PlaceRules;
  readonly #table: ContenderTable;
  readonly #all: RankOrder;
  readonly #divisions = new Map<number, RankOrder>();

  /**
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { RankIndex } from "@/domain/rank_index.ts";
   *
   * const index = new RankIndex({
   *   rankMethod: "standard",
   *   tieBreaks: [],
   *   scoring: { direction: "higher" },
   * });
   * const base = {
   *   division: null,
   *   status: "active" as const,
   *   joinedAt: 0,
   *   reachedAt: 1,
   *   eventCount: 1,
   *   bestEvent: null,
   * };
   * const mira = "0199a3c2-7b54-7c1e-9d0a-000000000001";
   * const odd = "0199a3c2-7b54-7c1e-9d0a-000000000002";
   * index.set({ ...base, participantId: mira, score: 5 });
   * index.set({ ...base, participantId: odd, score: 9 });
   * assertEquals(index.placeOf(index.slotOf(mira)), 1);
   * index.set({ ...base, participantId: mira, score: 9 });
   * assertEquals([index.rankAt(0), index.rankAt(1)], [1, 1]);
   * ```
   */
  constructor(rules: PlaceRules, contenders: Iterable<Contender> = [], room = 0) {
    this.rules = rules;
    this.#table = new ContenderTable(rules, room);
    this.#all = new RankOrder(this.#table, rules.rankMethod);
    for (const contender of contenders) this.#table.put(contender);
    this.sort();
  }

  /** Adds members that are not there yet, known but not listed before `sort()`; gives the first slot. */
  append(columns: ContenderColumns): number {
    return this.#table.append(columns);
  }

  /** Puts everybody in order at once. */
  sort(): void {
    this.#divisions.clear();
    this.#all.load(allSlots(this.#table.size));
  }

  get size(): number {
    return this.#all.size;
  }

  /** All members, listed or withdrawn; slots are 0 to here. */
  get known(): number {
    return this.#table.size;
  }

  /** The slot of a member, listed or withdrawn; -1 for nobody. */
  slotOf(participantId: string): number {
    return this.#table.find(participantId);
  }

  /** Puts a member where it belongs, in place of the one with its id; gives its slot. */
  set(contender: Contender): number {
    const known = this.#table.find(contender.participantId);
    if (known >= 0) this.#take(known);
    const slot = this.#table.put(contender);
    this.#give(slot);
    return slot;
  }

  /** Changes what a member's events fold to; the rest stays. */
  setScore(slot: number, folded: FoldedScore): void {
    this.#take(slot);
    this.#table.putScore(slot, folded);
    this.#give(slot);
  }

  /** What the index holds of a member. */
  row(slot: number): ContenderRow {
    return this.#table.row(slot);
  }

  /** As the rules compare it: what no step of theirs looks at is not kept and stands at 0 or null. */
  contender(slot: number): Contender {
    return this.#table.contender(slot);
  }

  /** What a member is placed by, so that a walk can go on behind it later. */
  orderKey(slot: number): OrderKey {
    return this.#table.orderKey(slot);
  }

  /** The members of one division, in order; none where nobody ever was in it. */
  division(name: string): RankedMembers {
    const code = this.#table.findDivision(name);
    const known = this.#divisions.get(code);
    if (known) return known;
    const order = new RankOrder(this.#table, this.rules.rankMethod);
    // Any name may be asked for, so that those of nobody must not be kept.
    if (code < 0) return order;
    order.load(allSlots(this.#table.size).filter((slot) => this.#table.divisionOf(slot) === code));
    this.#divisions.set(code, order);
    return order;
  }

  placeOf(slot: number): number {
    return this.#all.placeOf(slot);
  }

  at(place: number): number {
    return this.#all.at(place);
  }

  rankAt(place: number): number | null {
    return this.#all.rankAt(place);
  }

  rankOf(slot: number): number | null {
    return this.#all.rankOf(slot);
  }

  window(from: number, limit: number): { slots: number[]; ranks: (number | null)[] } {
    return this.#all.window(from, limit);
  }

  placeAfter(key: OrderKey): number {
    return this.#all.placeAfter(key);
  }

  /** Rows with their ranks, as the canonical standings have them. */
  rows(from = 0, limit = this.size): RankedRow[] {
    const { slots, ranks } = this.#all.window(from, limit);
    return slots.map((slot, place) => ({ ...this.#table.row(slot), rank: ranks[place]! }));
  }

  #take(slot: number): void {
    this.#all.remove(slot);
    this.#divisions.get(this.#table.divisionOf(slot))?.remove(slot);
  }

  #give(slot: number): void {
    this.#all.insert(slot);
    this.#divisions.get(this.#table.divisionOf(slot))?.insert(slot);
  }
}

function allSlots(count: number): Uint32Array {
  const slots = new Uint32Array(count);
  for (let slot = 0; slot < count; slot++) slots[slot] = slot;
  return slots;
}
