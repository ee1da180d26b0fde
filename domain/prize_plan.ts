/**
 * What a competition pays for which place. Places are ordinal whatever the rank method; a plan
 * never pays a place more than the one before it.
 *
 * @module
 */

import { DomainError, type ErrorDetail } from "./error.ts";
import { AMOUNT_MINOR_MAX, BASIS_POINTS } from "./money.ts";

/** Consecutive places that are each worth the same: a share of the pool, or a fixed amount. */
export type PrizeTier =
  | { places: number; shareBps: number }
  | { places: number; amountMinor: bigint };

/** The prizes of one division, from a share of the pool. */
export interface DivisionPrizes {
  division: string;
  poolShareBps: number;
  tiers: readonly PrizeTier[];
}

/**
 * Who gets what no place takes: the `organiser`, the `sponsor` as far as it gave, or the `winners`
 * in proportion to what they get anyway.
 */
export const REST_RULES = ["organiser", "sponsor", "winners"] as const;
export type RestRule = (typeof REST_RULES)[number];

/** What becomes of the prize of somebody disqualified later: taken back at once, or left to staff. */
export const CLAW_BACK_RULES = ["reverse", "manual"] as const;
export type ClawBackRule = (typeof CLAW_BACK_RULES)[number];

export interface PrizePlan {
  /** Currency of the prizes; that of the entry fee where there is one. */
  currency: string;
  /** Given by sponsors on top of the fees. */
  sponsoredMinor: bigint;
  /** Prizes over all divisions, from what the divisions leave of the pool. */
  tiers: readonly PrizeTier[];
  divisions: readonly DivisionPrizes[];
  rest: RestRule;
  clawBack: ClawBackRule;
  /** People who must agree to the distribution: one, or two different ones. */
  approvals: 1 | 2;
}

/** A value with its amounts as decimal digits, as JSON holds it. */
type Stored<T> = T extends bigint ? string
  : T extends readonly (infer E)[] ? readonly Stored<E>[]
  : T extends object ? { [K in keyof T]: Stored<T[K]> }
  : T;

/** As a JSON column holds it. */
export type StoredPrizePlan = Stored<PrizePlan>;

/** More places than anybody pays, few enough to compute in a moment. */
export const PLACES_MAX = 100_000;

/** Reads the stored form. */
export function prizePlanOf(stored: StoredPrizePlan): PrizePlan {
  return {
    ...stored,
    sponsoredMinor: BigInt(stored.sponsoredMinor),
    tiers: stored.tiers.map(tierOf),
    divisions: stored.divisions.map((part) => ({ ...part, tiers: part.tiers.map(tierOf) })),
  };
}

function tierOf(tier: Stored<PrizeTier>): PrizeTier {
  return "amountMinor" in tier ? { ...tier, amountMinor: BigInt(tier.amountMinor) } : tier;
}

/** Throws VALIDATION_ERROR with every fault of a plan: tiers that rise, mix shares and amounts, or
 * give away more than there is; a division named twice.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkPrizePlan } from "@/domain/prize_plan.ts";
 *
 * assertThrows(() =>
 *   checkPrizePlan({
 *     currency: "EUR",
 *     sponsoredMinor: 0n,
 *     tiers: [{ places: 1, shareBps: 3_000 }, { places: 1, shareBps: 5_000 }],
 *     divisions: [],
 *     rest: "organiser",
 *     clawBack: "reverse",
 *     approvals: 1,
 *   })
 * );
 * ```
 */
export function checkPrizePlan(plan: PrizePlan): void {
  const details = [
    ...tierFaults(plan.tiers, "prizes.tiers"),
    ...plan.divisions.flatMap(({ tiers }, index) =>
      tierFaults(tiers, `prizes.divisions.${index}.tiers`)
    ),
    ...divisionFaults(plan),
  ];
  if (details.length === 0) return;
  throw new DomainError("VALIDATION_ERROR", details[0]!.message, { details });
}

function tierFaults(tiers: readonly PrizeTier[], field: string): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  const add = (code: string, message: string) => faults.push({ field, code, message });
  const places = tiers.reduce((sum, tier) => sum + tier.places, 0);
  if (places > PLACES_MAX) add("too_many", `At most ${PLACES_MAX} places can have a prize`);
  if (new Set(tiers.map((tier) => "shareBps" in tier)).size > 1) {
    add("mixed", "Prizes are shares or fixed amounts, not both");
    return faults;
  }
  if (tiers.some((tier, index) => index > 0 && worthOf(tier) > worthOf(tiers[index - 1]!))) {
    add("rises", "No place may be worth more than the one before it");
  }
  const total = tiers.reduce((sum, tier) => sum + worthOf(tier) * BigInt(tier.places), 0n);
  if (tiers.some((tier) => "shareBps" in tier) && total > BigInt(BASIS_POINTS)) {
    add("too_big", "The shares of all places must not exceed 10000 basis points");
  }
  if (total > AMOUNT_MINOR_MAX * BigInt(PLACES_MAX)) add("too_big", "The prizes are too large");
  return faults;
}

/** What one place of the tier is worth, in the tier's own measure. */
export function worthOf(tier: PrizeTier): bigint {
  return "shareBps" in tier ? BigInt(tier.shareBps) : tier.amountMinor;
}

function divisionFaults({ divisions }: PrizePlan): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  const field = "prizes.divisions";
  if (new Set(divisions.map(({ division }) => division)).size < divisions.length) {
    faults.push({ field, code: "twice", message: "A division has prizes only once" });
  }
  const total = divisions.reduce((sum, { poolShareBps }) => sum + poolShareBps, 0);
  if (total > BASIS_POINTS) {
    const message = "The divisions' shares of the pool must not exceed 10000 basis points";
    faults.push({ field, code: "too_big", message });
  }
  return faults;
}
