import type { ContenderTable } from "./contender_table.ts";

/** Slots in the order of the board, and the keys at their places. */
export interface SortedSlots {
  keys: Float64Array;
  sorted: Uint32Array;
}

/**
 * Sorts slots in the order of the board, those without a key left out. The keys are sorted natively
 * and the slots put to their keys by halving; only runs of equal keys need comparisons of our own. A
 * million take a third of the time of one sort with a comparator.
 */
export function sortSlots(table: ContenderTable, slots: Uint32Array): SortedSlots {
  const listed = slots.filter((slot) => !Number.isNaN(table.key(slot)));
  const keys = new Float64Array(listed.length);
  // Adding 0 makes 0 of -0, which a native sort tells apart.
  for (let place = 0; place < listed.length; place++) keys[place] = table.key(listed[place]!) + 0;
  keys.sort();
  const sorted = new Uint32Array(listed.length);
  const taken = new Uint32Array(listed.length);
  for (const slot of listed) {
    const first = lowerBound(keys, table.key(slot));
    sorted[first + taken[first]!++] = slot;
  }
  sortTies(table, sorted, taken);
  return { keys, sorted };
}

function sortTies(table: ContenderTable, sorted: Uint32Array, lengths: Uint32Array): void {
  const compare = (a: number, b: number) => table.compareTie(a, b) || table.compareIds(a, b);
  for (let first = 0; first < sorted.length;) {
    const end = first + lengths[first]!;
    if (end - first > 1) sorted.subarray(first, end).sort(compare);
    first = end;
  }
}

/** The first place whose key is not below. */
export function lowerBound(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
