/** How a split came to be, in lines that anybody can check with a pencil. */

import { decimalOf } from "./money.ts";
import type { PrizePot, PrizeSplit } from "./prize.ts";
import type { PrizePlan } from "./prize_plan.ts";

/** Places told one by one; what follows is told as a range. */
const PLACES_TOLD_MAX = 20;

/** Where the rest goes, in words. */
const REST_WORDS = {
  organiser: "to the organiser",
  sponsor: "back to the sponsors, beyond what they gave to the organiser",
  winners: "to the organiser, since no place takes it",
} as const;

/** Explains a split, line by line.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitPool } from "@/domain/prize.ts";
 * import { explainSplit } from "@/domain/prize_explanation.ts";
 *
 * const plan = {
 *   currency: "EUR",
 *   tiers: [{ places: 1, shareBps: 10_000 }],
 *   divisions: [],
 *   rest: "organiser" as const,
 * };
 * assertEquals(explainSplit(plan, splitPool(plan, 500n, [])), [
 *   "Pool: 5.00 EUR",
 *   "All divisions: 5.00 EUR for 1 place, 0 finishers",
 *   "  Place 1: 5.00 EUR",
 *   "Paid: 0.00 EUR",
 *   "Rest: 5.00 EUR, to the organiser",
 * ]);
 * ```
 */
export function explainSplit(
  plan: Pick<PrizePlan, "currency" | "rest">,
  split: PrizeSplit,
): string[] {
  const money = (amountMinor: bigint) =>
    `${decimalOf({ currency: plan.currency, amountMinor })} ${plan.currency}`;
  const ties = split.payouts.filter(({ firstPlace, lastPlace }) => lastPlace > firstPlace).length;
  return [
    `Pool: ${money(split.poolMinor)}`,
    ...split.pots.flatMap((pot) => explainPot(pot, money)),
    ...(ties === 0 ? [] : [`Ties: ${ties} share the sum of the places they occupy`]),
    `Paid: ${money(split.poolMinor - split.restMinor)}`,
    `Rest: ${money(split.restMinor)}${split.restMinor > 0n ? `, ${REST_WORDS[plan.rest]}` : ""}`,
  ];
}

function explainPot(pot: PrizePot, money: (amountMinor: bigint) => string): string[] {
  if (pot.potMinor === 0n) return [];
  const count = pot.placesMinor.length;
  const name = pot.division === null ? "All divisions" : `Division ${pot.division}`;
  const places = `${count} ${count === 1 ? "place" : "places"}`;
  const lines = [`${name}: ${money(pot.potMinor)} for ${places}, ${pot.finishers} finishers`];
  for (const [index, amount] of pot.placesMinor.slice(0, PLACES_TOLD_MAX).entries()) {
    lines.push(`  Place ${index + 1}: ${money(amount)}`);
  }
  if (count <= PLACES_TOLD_MAX) return lines;
  const later = pot.placesMinor.slice(PLACES_TOLD_MAX).reduce((sum, amount) => sum + amount, 0n);
  return [...lines, `  Places ${PLACES_TOLD_MAX + 1} to ${count}: ${money(later)} together`];
}
