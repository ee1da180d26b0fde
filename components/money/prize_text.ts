/** Fee, prize plan and prizes in words. */

import type { EntryFee, PrizePlan } from "@/contracts/money.ts";
import type { PrizePayout } from "@/contracts/prizes.ts";
import { decimalOf } from "@/domain/money.ts";
import type { ClawBackRule, RestRule } from "@/domain/prize_plan.ts";
import type { Tone } from "../Badge.tsx";
import type { Fact } from "../Facts.tsx";
import { moneyText, percentText, placesText } from "./money_text.ts";

export const REST_TEXT: Record<RestRule, string> = {
  organiser: "To the organiser",
  sponsor: "Back to the sponsors",
  winners: "To the winners, in proportion",
};

export const CLAW_BACK_TEXT: Record<ClawBackRule, string> = {
  reverse: "The prize is taken back at once",
  manual: "Finance decides",
};

/** What one place of a tier gets. */
export function worthText(tier: PrizePlan["tiers"][number], currency: string): string {
  if (tier.shareBps !== undefined) return percentText(tier.shareBps);
  const amount = decimalOf({ currency, amountMinor: BigInt(tier.amountMinor ?? 0) });
  return moneyText(amount, currency);
}

/** The plan's places with what each gets, the best first. */
export function tierLines(
  tiers: PrizePlan["tiers"],
  currency: string,
): { places: string; worth: string }[] {
  let first = 1;
  return tiers.map((tier) => {
    const last = first + tier.places - 1;
    const line = { places: placesText(first, last), worth: worthText(tier, currency) };
    first = last + 1;
    return line;
  });
}

/** What entering costs and who gets how much of it. */
export function feeFacts(fee: EntryFee | null): Fact[] {
  if (fee === null) return [{ term: "Entry fee", value: "None" }];
  const { poolBps, organiserBps, platformBps } = fee;
  const shares = [
    `${percentText(poolBps)} to the prizes`,
    ...(organiserBps > 0 ? [`${percentText(organiserBps)} to the organiser`] : []),
    ...(platformBps > 0 ? [`${percentText(platformBps)} to the platform`] : []),
  ];
  return [
    { term: "Entry fee", value: moneyText(fee.amount, fee.currency) },
    { term: "Of all fees", value: shares.join(", ") },
  ];
}

/** Which place gets what, in terms and values. */
export function planFacts(plan: PrizePlan | null): Fact[] {
  if (plan === null) return [{ term: "Prizes", value: "None" }];
  const { currency, sponsoredMinor, tiers, divisions } = plan;
  const lines = (part: PrizePlan["tiers"]) =>
    tierLines(part, currency).map(({ places, worth }) => `${places}: ${worth}`).join(" · ");
  const sponsored = decimalOf({ currency, amountMinor: BigInt(sponsoredMinor) });
  return [
    ...(tiers.length > 0 ? [{ term: "Places", value: lines(tiers) }] : []),
    ...divisions.map(({ division, poolShareBps, tiers }) => ({
      term: `Division ${division}`,
      value: `${percentText(poolShareBps)} of the pool; ${lines(tiers)}`,
    })),
    ...(BigInt(sponsoredMinor) > 0n
      ? [{ term: "From sponsors", value: moneyText(sponsored, currency) }]
      : []),
    { term: "What no place takes", value: REST_TEXT[plan.rest] },
    { term: "Disqualified after the prizes", value: CLAW_BACK_TEXT[plan.clawBack] },
    { term: "Approved by", value: plan.approvals === 2 ? "Two different people" : "One person" },
  ];
}

/** What became of a prize. */
export const PAYOUT_STATUS: Record<PrizePayout["status"], { text: string; tone: Tone }> = {
  planned: { text: "Planned", tone: "plain" },
  pending: { text: "Being paid", tone: "info" },
  paid: { text: "Paid", tone: "good" },
  "taken_back": { text: "Taken back", tone: "bad" },
};
