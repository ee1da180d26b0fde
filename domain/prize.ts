/**
 * Splits a prize pool: pure, exact to the last minor unit. Payouts and rest always make the pool;
 * with a plan that does not rise, nobody gets more than somebody ranked higher in the same pot.
 *
 * First the pool is divided into pots, one for all and one a division. In each pot every place gets
 * its amount; those who tie share the sum of the places they occupy. Whatever does not divide goes
 * by largest remainder, of equal ones to the better place, then in the order of the board.
 *
 * @module
 */

import { apportion, BASIS_POINTS, partOf } from "./money.ts";
import { type PrizePlan, type PrizeTier, worthOf } from "./prize_plan.ts";

/** Somebody with a rank, in the order of the board; neighbours with the same `tie` share places. */
export interface Finisher {
  participantId: string;
  division: string | null;
  rank: number;
  tie: number;
}

/** What one finisher gets from one pot. Places are counted within the pot, from 1. */
export interface Payout {
  participantId: string;
  /** Null for the prizes over all divisions. */
  division: string | null;
  rank: number;
  firstPlace: number;
  lastPlace: number;
  amountMinor: bigint;
}

/** One pot: its part of the pool, what each place is worth, and what nobody got. */
export interface PrizePot {
  division: string | null;
  potMinor: bigint;
  /** Worth of the places, the best first. */
  placesMinor: readonly bigint[];
  finishers: number;
  restMinor: bigint;
}

export interface PrizeSplit {
  poolMinor: bigint;
  pots: PrizePot[];
  /** Only amounts above zero, in the order of the board. */
  payouts: Payout[];
  restMinor: bigint;
}

/** Splits the pool among the finishers by the plan.
 * @example Two who tie for the first place share the first and the second prize
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitPool } from "@/domain/prize.ts";
 *
 * const plan = {
 *   tiers: [{ places: 1, shareBps: 6_000 }, { places: 2, shareBps: 2_000 }],
 *   divisions: [],
 *   rest: "organiser" as const,
 * };
 * const finishers = [["ada", 1, 0], ["bob", 1, 0], ["cleo", 3, 1]] as const;
 * const split = splitPool(plan, 1001n, finishers.map(([participantId, rank, tie]) => (
 *   { participantId, division: null, rank, tie }
 * )));
 * assertEquals(split.payouts.map((payout) => payout.amountMinor), [401n, 400n, 200n]);
 * assertEquals(split.restMinor, 0n);
 * ```
 */
export function splitPool(
  plan: Pick<PrizePlan, "tiers" | "divisions" | "rest">,
  poolMinor: bigint,
  finishers: readonly Finisher[],
): PrizeSplit {
  const shares = plan.divisions.map(({ poolShareBps }) => BigInt(poolShareBps));
  const overall = BigInt(BASIS_POINTS) - shares.reduce((sum, share) => sum + share, 0n);
  const [overallMinor, ...divisionsMinor] = apportion(poolMinor, [overall, ...shares]);
  const parts = [
    splitPot({ ...plan, division: null, potMinor: overallMinor! }, finishers),
    ...plan.divisions.map(({ division, tiers }, index) =>
      splitPot(
        { tiers, division, potMinor: divisionsMinor[index]!, rest: plan.rest },
        finishers.filter((finisher) => finisher.division === division),
      )
    ),
  ];
  return {
    poolMinor,
    pots: parts.map(({ pot }) => pot),
    payouts: parts.flatMap(({ payouts }) => payouts),
    restMinor: parts.reduce((sum, { pot }) => sum + pot.restMinor, 0n),
  };
}

interface Pot extends Pick<PrizePlan, "tiers" | "rest"> {
  division: string | null;
  potMinor: bigint;
}

function splitPot(
  pot: Pot,
  finishers: readonly Finisher[],
): { pot: PrizePot; payouts: Payout[] } {
  const { division, potMinor } = pot;
  const placesMinor = worthOfPlaces(pot, finishers.length);
  const payouts: Payout[] = [];
  for (let start = 0; start < finishers.length && start < placesMinor.length;) {
    const end = endOfTie(finishers, start);
    payouts.push(...shareTie(placesMinor, finishers.slice(start, end), { start, division }));
    start = end;
  }
  const paid = payouts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const restMinor = potMinor - paid;
  return {
    pot: { division, potMinor, placesMinor, finishers: finishers.length, restMinor },
    payouts: payouts.filter(({ amountMinor }) => amountMinor > 0n),
  };
}

/** What each place of the pot is worth; never more than the pot together. */
function worthOfPlaces({ tiers, rest, potMinor }: Pot, finishers: number): bigint[] {
  const weights = weightsOf(tiers);
  if (rest === "winners") return spread(potMinor, weights.slice(0, finishers));
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (tiers.some((tier) => "shareBps" in tier)) {
    return spread(partOf(potMinor, Number(total)), weights);
  }
  return total <= potMinor ? weights : spread(potMinor, weights);
}

function weightsOf(tiers: readonly PrizeTier[]): bigint[] {
  return tiers.flatMap((tier) => Array<bigint>(tier.places).fill(worthOf(tier)));
}

function spread(totalMinor: bigint, weights: readonly bigint[]): bigint[] {
  return weights.some((weight) => weight > 0n)
    ? apportion(totalMinor, weights)
    : weights.map(() => 0n);
}

function endOfTie(finishers: readonly Finisher[], start: number): number {
  let end = start + 1;
  while (finishers[end]?.tie === finishers[start]!.tie) end++;
  return end;
}

function shareTie(
  placesMinor: readonly bigint[],
  tied: readonly Finisher[],
  { start, division }: { start: number; division: string | null },
): Payout[] {
  const places = placesMinor.slice(start, start + tied.length);
  const parts = apportion(places.reduce((sum, place) => sum + place, 0n), tied.map(() => 1n));
  return tied.map(({ participantId, rank }, index) => ({
    participantId,
    division,
    rank,
    firstPlace: start + 1,
    lastPlace: start + tied.length,
    amountMinor: parts[index]!,
  }));
}
