/**
 * Does the same for each of many, one after the other. What fails keeps no other waiting; once all
 * had their turn it is told. Gives what the others came to. Fails with `AggregateError`.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { inTurn } from "@/services/jobs/in_turn.ts";
 *
 * const seen: number[] = [];
 * const work = (n: number) => n === 2 ? Promise.reject(new Error("two")) : Promise.resolve(seen.push(n));
 * await assertRejects(() => inTurn([1, 2, 3], work), AggregateError);
 * assertEquals(seen, [1, 3]);
 * ```
 */
export async function inTurn<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      results.push(await work(item));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return results;
  const first = errors[0] instanceof Error ? errors[0].message : String(errors[0]);
  const message = `${errors.length} of ${items.length} cannot go on, the first: ${first}`;
  throw new AggregateError(errors, message);
}
