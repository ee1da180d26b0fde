/**
 * The contenders of one board kept in its order, so that a changed score moves one member instead
 * of sorting all. Order and ranks are those of `rankContenders`, which a property test compares.
 *
 * Ranks are not stored: a member's rank follows from its place and the ends of its tie, found by
 * halving. Only `dense` needs the number of ties before it, counted once after each change.
 *
 * @module
 */

import { assignRanks, compareContenders, isRanked, type OrderRules } from "./ranking.ts";
import type { Rules } from "./rules.ts";
import type { Contender } from "./standing.ts";

/** A board's members in order; `T` may carry more than the order needs. */
export interface OrderedContenders<T extends Contender> {
  /** Members that the board lists: all but the withdrawn. */
  readonly size: number;
  /** Puts a member where it belongs, in place of the one with its id. */
  set(contender: T): void;
  /** The member with an id, listed or withdrawn. */
  get(participantId: string): T | undefined;
  /** The place of a listed member, from 0; -1 for others. */
  indexOf(participantId: string): number;
  /** The member at a place; throws `RangeError` outside of the list. */
  at(index: number): T;
  /** The rank at a place; null for the unranked and the disqualified. */
  rankAt(index: number): number | null;
  /** All members, listed or withdrawn, in no order. */
  values(): Iterable<T>;
}

/** The part of the rules that places and ranks members. */
export type PlaceRules = OrderRules & Pick<Rules, "rankMethod">;

/** Orders contenders; later ones with the same id replace earlier ones.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createOrderedContenders } from "@/domain/ordered_contenders.ts";
 *
 * const base = {
 *   division: null,
 *   status: "active" as const,
 *   joinedAt: 0,
 *   reachedAt: 1,
 *   eventCount: 1,
 *   bestEvent: null,
 * };
 * const board = createOrderedContenders([
 *   { ...base, participantId: "mira", score: 5 },
 *   { ...base, participantId: "odd", score: 9 },
 * ], { rankMethod: "standard", tieBreaks: [], scoring: { direction: "higher" } });
 * assertEquals(board.indexOf("mira"), 1);
 * board.set({ ...base, participantId: "mira", score: 9 });
 * assertEquals([board.rankAt(0), board.rankAt(1)], [1, 1]);
 * ```
 */
export function createOrderedContenders<T extends Contender>(
  contenders: Iterable<T>,
  rules: PlaceRules,
): OrderedContenders<T> {
  const byId = new Map<string, T>();
  for (const contender of contenders) byId.set(contender.participantId, contender);
  const compare = (a: T, b: T) => compareMembers(a, b, rules);
  const listed = [...byId.values()].filter(isListed).sort(compare);
  const places = { listed, ranked: placeOf(listed, (member) => !isRanked(member)) };
  const rankAt = createRankAt(places, rules);

  function remove(member: T): void {
    if (!isListed(member)) return;
    listed.splice(indexOfMember(member), 1);
    if (isRanked(member)) places.ranked -= 1;
  }
  function indexOfMember(member: T): number {
    return placeOf(listed, (other) => compare(other, member) >= 0);
  }
  return {
    get size() {
      return listed.length;
    },
    set(contender) {
      const before = byId.get(contender.participantId);
      if (before) remove(before);
      byId.set(contender.participantId, contender);
      if (isListed(contender)) {
        listed.splice(indexOfMember(contender), 0, contender);
        if (isRanked(contender)) places.ranked += 1;
      }
      rankAt.changed();
    },
    get: (participantId) => byId.get(participantId),
    indexOf(participantId) {
      const member = byId.get(participantId);
      return member && isListed(member) ? indexOfMember(member) : -1;
    },
    at(index) {
      const member = listed[index];
      if (member) return member;
      throw new RangeError(`Cannot give place ${index}: the board has ${listed.length}`);
    },
    rankAt: rankAt.rank,
    values: () => byId.values(),
  };
}

/** Listed members, and how many at the front take a rank. */
interface Places<T> {
  listed: readonly T[];
  ranked: number;
}

function createRankAt<T extends Contender>(places: Places<T>, rules: PlaceRules) {
  let denseRanks: number[] | undefined;
  const isTied = (a: T, b: T) => compareContenders(a, b, rules) === 0;
  function rank(index: number): number | null {
    const { listed, ranked } = places;
    if (index < 0 || index >= ranked) return null;
    const member = listed[index]!;
    switch (rules.rankMethod) {
      case "ordinal":
        return index + 1;
      case "standard":
        return placeOf(listed, (other) => compareContenders(other, member, rules) >= 0, ranked) + 1;
      case "modified":
        return placeOf(listed, (other) => compareContenders(other, member, rules) > 0, ranked);
      case "dense":
        denseRanks ??= assignRanks(listed.slice(0, ranked), "dense", isTied);
        return denseRanks[index]!;
    }
  }
  return {
    rank,
    changed() {
      denseRanks = undefined;
    },
  };
}

/** The first place, of the first `end`, from which on the claim holds. */
function placeOf<T>(sorted: readonly T[], holds: (member: T) => boolean, end = sorted.length) {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The order of the whole list: the ranked, those without a score, the disqualified; ties by id. */
function compareMembers(a: Contender, b: Contender, rules: OrderRules): number {
  const byGroup = groupOf(a) - groupOf(b);
  if (byGroup !== 0) return byGroup;
  const byPlace = groupOf(a) === 0 ? compareContenders(a, b, rules) : 0;
  if (byPlace !== 0) return byPlace;
  return a.participantId < b.participantId ? -1 : a.participantId > b.participantId ? 1 : 0;
}

function groupOf(contender: Contender): number {
  if (isRanked(contender)) return 0;
  return contender.status === "disqualified" ? 2 : 1;
}

function isListed(contender: Contender): boolean {
  return contender.status !== "withdrawn";
}
