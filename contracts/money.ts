/** Money on the wire: whole minor units as decimal digits, and the same as a decimal to read. */

import { z } from "zod";
import { invalid } from "@/domain/error.ts";
import type { EntryFee as DomainFee } from "@/domain/entry_fee.ts";
import { AMOUNT_MINOR_MAX, BASIS_POINTS, CURRENCIES, decimalOf, minorOf } from "@/domain/money.ts";
import {
  checkPrizePlan,
  CLAW_BACK_RULES,
  PLACES_MAX,
  type PrizePlan as DomainPlan,
  type PrizeTier as DomainTier,
  REST_RULES,
} from "@/domain/prize_plan.ts";

export const Currency = z.string().regex(/^[A-Z]{3}$/, "Currency must be an ISO 4217 code").refine(
  (code) => CURRENCIES.has(code),
  "This server knows no such currency",
).meta({ description: "ISO 4217 code", example: "EUR" });

/** Minor units as answers give them. */
export const MinorUnits = z.string().meta({
  description: "Whole minor units (cents), as decimal digits",
  example: "1250",
});

/** The same with the point where the currency has it. */
export const Decimal = z.string().meta({
  description: "The amount with the currency's decimals",
  example: "12.50",
});

const MinorInput = z.union([
  z.string().regex(/^\d{1,15}$/, "Minor units must be decimal digits"),
  z.int().min(0),
]).meta({ description: "Whole minor units (cents); digits or a whole number", example: "1250" });

const DecimalInput = z.string().regex(/^\d{1,15}(\.\d{1,3})?$/, "Amount must be like 12.50").meta({
  description: "Instead of minor units: the amount with a point",
  example: "12.50",
});

const share = (description: string, example: number) =>
  z.int().min(0).max(BASIS_POINTS).meta({ description, example });

const shares = {
  poolBps: share("Of all fees to the prizes, in 1/10000; what rounding leaves goes here too", 9000),
  platformBps: share("Of all fees to the platform, in 1/10000", 500),
  organiserBps: share("Of all fees to the organiser, in 1/10000", 500),
};

export const EntryFeeInput = z.object({
  currency: Currency,
  amountMinor: MinorInput.optional(),
  amount: DecimalInput.optional(),
  poolBps: shares.poolBps.optional(),
  platformBps: shares.platformBps.default(0),
  organiserBps: shares.organiserBps.default(0),
}).refine(
  (fee) => fee.amountMinor !== undefined || fee.amount !== undefined,
  "Give amountMinor or amount",
).meta({
  id: "EntryFeeInput",
  description: "What entering costs, and who gets how much of all fees; the shares make 10000",
  example: { currency: "EUR", amountMinor: "1500", platformBps: 500, organiserBps: 500 },
});
export type EntryFeeInput = z.infer<typeof EntryFeeInput>;

export const EntryFee = z.object({
  currency: Currency,
  amountMinor: MinorUnits,
  amount: Decimal,
  ...shares,
}).meta({ id: "EntryFee", description: "What entering costs, and who gets how much of all fees" });
export type EntryFee = z.infer<typeof EntryFee>;

const tier = {
  places: z.int().min(1).max(PLACES_MAX).meta({
    description: "So many places in a row",
    example: 1,
  }),
  shareBps: share("Of the pot to each of these places, in 1/10000", 5000),
};

const PrizeTierInput = z.object({
  places: tier.places.default(1),
  shareBps: tier.shareBps.optional(),
  amountMinor: MinorInput.optional(),
  amount: DecimalInput.optional(),
}).meta({ id: "PrizeTierInput", description: "Places in a row that are each worth the same" });

const PrizeTier = z.object({
  places: tier.places,
  shareBps: tier.shareBps.optional(),
  amountMinor: MinorUnits.optional(),
}).meta({ id: "PrizeTier", description: "Places in a row that are each worth the same" });

const TIERS = { description: "The places, the best first; none worth more than the one before" };
/** More tiers than anybody writes by hand. */
const TIERS_MAX = 1_000;
const DIVISIONS_MAX = 100;

const division = {
  division: z.string().trim().min(1).max(80).meta({
    description: "Name of the division",
    example: "veterans",
  }),
  poolShareBps: share("Of the pool to this division, in 1/10000", 2000),
};
const DivisionPrizesInput = z.object({
  ...division,
  tiers: z.array(PrizeTierInput).max(TIERS_MAX).meta(TIERS),
}).meta({ id: "DivisionPrizesInput", description: "Prizes of one division" });
const DivisionPrizes = z.object({
  ...division,
  tiers: z.array(PrizeTier).meta(TIERS),
}).meta({ id: "DivisionPrizes", description: "Prizes of one division" });

const DIVISIONS = { description: "Prizes by division, from shares of the pool", example: [] };
const RestRuleName = z.enum(REST_RULES).meta({
  description: "Who gets what no place takes; `winners` in proportion to their prizes",
});
const ClawBackRuleName = z.enum(CLAW_BACK_RULES).meta({
  description: "A prize of somebody disqualified later: taken back at once, or left to staff",
});
const Approvals = z.union([z.literal(1), z.literal(2)]).meta({
  description: "People who must agree to the distribution: one, or two different ones",
  example: 1,
});

export const PrizePlanInput = z.object({
  currency: Currency.optional(),
  sponsoredMinor: MinorInput.optional(),
  sponsored: DecimalInput.optional(),
  tiers: z.array(PrizeTierInput).max(TIERS_MAX).default([]).meta(TIERS),
  divisions: z.array(DivisionPrizesInput).max(DIVISIONS_MAX).default([]).meta(DIVISIONS),
  rest: RestRuleName.default("organiser"),
  clawBack: ClawBackRuleName.default("reverse"),
  approvals: Approvals.default(1),
}).meta({
  id: "PrizePlanInput",
  description: "Which place gets what; the currency is that of the entry fee where there is one",
  example: { tiers: [{ places: 1, shareBps: 6000 }, { places: 2, shareBps: 2000 }] },
});
export type PrizePlanInput = z.infer<typeof PrizePlanInput>;

export const PrizePlan = z.object({
  currency: Currency,
  sponsoredMinor: MinorUnits.describe("Given by sponsors on top of the fees, in minor units"),
  tiers: z.array(PrizeTier).meta(TIERS),
  divisions: z.array(DivisionPrizes).meta(DIVISIONS),
  rest: RestRuleName,
  clawBack: ClawBackRuleName,
  approvals: Approvals,
}).meta({ id: "PrizePlan", description: "Which place gets what" });
export type PrizePlan = z.infer<typeof PrizePlan>;

/** An amount as input gives it: minor units, a decimal, or both as answers have them. */
export interface AmountInput {
  amountMinor?: string | number | undefined;
  amount?: string | undefined;
}

/** Reads an amount. Fails with `VALIDATION_ERROR` about the field.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAmount } from "@/contracts/money.ts";
 *
 * assertEquals(readAmount({ amount: "12.5" }, "EUR", "amount"), 1250n);
 * assertEquals(readAmount({ amountMinor: 1250 }, "EUR", "amount"), 1250n);
 * ```
 */
export function readAmount(input: AmountInput, currency: string, field: string): bigint {
  const { amountMinor, amount } = input;
  if (amountMinor === undefined && amount === undefined) {
    throw invalid(field, "required", "Give amountMinor or amount");
  }
  const value = amount === undefined ? BigInt(amountMinor!) : minorOf(amount, currency);
  if (value !== undefined && amountMinor !== undefined && BigInt(amountMinor) !== value) {
    throw invalid(field, "differs", "amountMinor and amount tell different amounts");
  }
  if (value === undefined) throw invalid(field, "too_fine", `${currency} has no such small unit`);
  if (value > AMOUNT_MINOR_MAX) {
    throw invalid(field, "too_big", `At most ${AMOUNT_MINOR_MAX} minor units`);
  }
  return value;
}

/** Reads an entry fee. Fails with `VALIDATION_ERROR`; a fee of zero is none. */
export function readEntryFee(input: EntryFeeInput): DomainFee {
  const { currency, platformBps, organiserBps } = input;
  const amountMinor = readAmount(input, currency, "entryFee.amountMinor");
  if (amountMinor === 0n) {
    throw invalid("entryFee.amountMinor", "too_small", "A fee of nothing is none: leave it out");
  }
  const poolBps = input.poolBps ?? BASIS_POINTS - platformBps - organiserBps;
  if (poolBps < 0 || poolBps + platformBps + organiserBps !== BASIS_POINTS) {
    throw invalid("entryFee.poolBps", "shares", "The three shares must make 10000 basis points");
  }
  return { currency, amountMinor, poolBps, platformBps, organiserBps };
}

/** Reads a prize plan beside the fee. Fails with `VALIDATION_ERROR` naming each fault. */
export function readPrizePlan(
  input: PrizePlanInput,
  fee: Pick<DomainFee, "currency"> | null,
): DomainPlan {
  const currency = input.currency ?? fee?.currency;
  if (currency === undefined) {
    throw invalid("prizes.currency", "required", "Prizes without an entry fee name a currency");
  }
  if (fee && fee.currency !== currency) {
    throw invalid("prizes.currency", "differs", "Prizes have the currency of the entry fee");
  }
  const { sponsoredMinor: amountMinor, sponsored: amount, ...rest } = input;
  const isSponsored = amountMinor !== undefined || amount !== undefined;
  const plan: DomainPlan = {
    ...rest,
    currency,
    sponsoredMinor: isSponsored
      ? readAmount({ amountMinor, amount }, currency, "prizes.sponsoredMinor")
      : 0n,
    tiers: input.tiers.map((one, index) => readTier(one, currency, `prizes.tiers.${index}`)),
    divisions: input.divisions.map((part, at) => ({
      ...part,
      tiers: part.tiers.map((one, index) =>
        readTier(one, currency, `prizes.divisions.${at}.tiers.${index}`)
      ),
    })),
  };
  checkPrizePlan(plan);
  return plan;
}

function readTier(
  tier: z.infer<typeof PrizeTierInput>,
  currency: string,
  field: string,
): DomainTier {
  const { places, shareBps, amountMinor, amount } = tier;
  const isFixed = amountMinor !== undefined || amount !== undefined;
  if ((shareBps === undefined) === !isFixed) {
    throw invalid(field, "one_of", "A place gets a share or a fixed amount, one of them");
  }
  if (shareBps !== undefined) return { places, shareBps };
  return { places, amountMinor: readAmount({ amountMinor, amount }, currency, field) };
}

/** Minor units and decimal of an amount. */
export function amountOf(
  currency: string,
  amountMinor: bigint,
): { amountMinor: string; amount: string } {
  return { amountMinor: `${amountMinor}`, amount: decimalOf({ currency, amountMinor }) };
}
