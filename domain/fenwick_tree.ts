/** Counts in a row whose running sums are found and changed in logarithmic time (Fenwick, 1994). */

/** Counts by index from 0.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FenwickTree } from "@/domain/fenwick_tree.ts";
 *
 * const counts = new FenwickTree();
 * counts.build([3, 0, 4]);
 * counts.add(1, 2);
 * assertEquals(counts.before(2), 5);
 * assertEquals(counts.find(6), { index: 2, rest: 1 });
 * ```
 */
export class FenwickTree {
  #sums = new Int32Array(1);
  #length = 0;
  #highestStep = 1;

  /** Starts anew with these counts. */
  build(counts: readonly number[]): void {
    const length = this.#length = counts.length;
    if (this.#sums.length <= length) this.#sums = new Int32Array(length * 2 + 1);
    const sums = this.#sums.fill(0);
    for (let node = 1; node <= length; node++) {
      sums[node]! += counts[node - 1]!;
      const parent = node + (node & -node);
      if (parent <= length) sums[parent]! += sums[node]!;
    }
    this.#highestStep = 1;
    while (this.#highestStep * 2 <= length) this.#highestStep *= 2;
  }

  add(index: number, difference: number): void {
    for (let node = index + 1; node <= this.#length; node += node & -node) {
      this.#sums[node]! += difference;
    }
  }

  /** The sum of all counts before an index. */
  before(index: number): number {
    let sum = 0;
    for (let node = index; node > 0; node -= node & -node) sum += this.#sums[node]!;
    return sum;
  }

  /** The index whose count holds the n-th unit, from 0, and its place in there. */
  find(unit: number): { index: number; rest: number } {
    let index = 0;
    let rest = unit;
    for (let step = this.#highestStep; step > 0; step >>>= 1) {
      const node = index + step;
      if (node <= this.#length && this.#sums[node]! <= rest) {
        index = node;
        rest -= this.#sums[node]!;
      }
    }
    return { index, rest };
  }
}
