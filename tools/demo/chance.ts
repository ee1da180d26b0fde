/** Chance as an argument: the demo is the same at every first start, and tests can choose theirs. */

/** Gives a number in [0, 1). */
export type Chance = () => number;

/** Makes a repeatable source from a whole number (mulberry32: 32 bits of state, plenty for a demo).
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createChance } from "@/tools/demo/chance.ts";
 *
 * assertEquals(createChance(7)(), createChance(7)());
 * ```
 */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number in [from, to). */
export function between(chance: Chance, from: number, to: number): number {
  return from + chance() * (to - from);
}

/** A number around the mean, within ± spread, the middle likelier than the ends. */
export function around(chance: Chance, mean: number, spread: number): number {
  return mean + ((chance() + chance() + chance()) * 2 / 3 - 1) * spread;
}

/** Whether something of this probability happens. */
export function happens(chance: Chance, probability: number): boolean {
  return chance() < probability;
}

/** One of a list that is not empty. */
export function pick<T>(chance: Chance, list: readonly [T, ...T[]]): T;
export function pick<T>(chance: Chance, list: readonly T[]): T | undefined;
export function pick<T>(chance: Chance, list: readonly T[]): T | undefined {
  return list[Math.floor(chance() * list.length)];
}
