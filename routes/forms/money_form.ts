/** Fee and prizes of the competition form, and the way between them and the contract. */

import {
  type MoneyFormValues,
  NO_MONEY_FORM,
  type TierFormValues,
} from "@/components/money_form.ts";
import type { Faults } from "@/components/Field.tsx";
import type { Competition } from "@/contracts/competitions.ts";
import type { PrizePlan } from "@/contracts/money.ts";
import { decimalOf } from "@/domain/money.ts";
import { textOf } from "./fields.ts";

/** More rows than a plan may have tiers. */
const ROWS_MAX = 1_000;
const BASIS_POINTS_PER_PERCENT = 100;

/** The posted fields as they were typed; rows that are empty are left out. */
export function moneyFormOf(form: FormData): MoneyFormValues {
  const text = (name: string) => textOf(form, `money.${name}`);
  const tiers: TierFormValues[] = [];
  for (let index = 0; index < ROWS_MAX && form.has(`money.tiers.${index}.worth`); index++) {
    const tier = { places: text(`tiers.${index}.places`), worth: text(`tiers.${index}.worth`) };
    if (tier.places !== "" || tier.worth !== "") tiers.push(tier);
  }
  return {
    currency: text("currency").toUpperCase(),
    fee: text("fee"),
    platform: text("platform"),
    organiser: text("organiser"),
    sponsored: text("sponsored"),
    tiers,
    rest: text("rest"),
    clawBack: text("clawBack"),
    approvals: text("approvals"),
    divisions: text("divisions"),
  };
}

/** Stored fee and prizes as the form shows them. */
export function moneyFormFrom(
  { entryFee, prizes }: Pick<Competition, "entryFee" | "prizes">,
): MoneyFormValues {
  const percent = (basisPoints: number) => String(basisPoints / BASIS_POINTS_PER_PERCENT);
  return {
    ...NO_MONEY_FORM,
    ...(entryFee
      ? {
        currency: entryFee.currency,
        fee: entryFee.amount,
        platform: percent(entryFee.platformBps),
        organiser: percent(entryFee.organiserBps),
      }
      : {}),
    ...(prizes ? planFormFrom(prizes) : {}),
  };
}

function planFormFrom(plan: PrizePlan): Partial<MoneyFormValues> {
  const { currency, sponsoredMinor, divisions, rest, clawBack, approvals } = plan;
  const amount = (minor: string) => decimalOf({ currency, amountMinor: BigInt(minor) });
  return {
    currency,
    sponsored: sponsoredMinor === "0" ? "" : amount(sponsoredMinor),
    tiers: plan.tiers.map(({ places, shareBps, amountMinor = "0" }) => ({
      places: String(places),
      worth: shareBps === undefined
        ? amount(amountMinor)
        : `${shareBps / BASIS_POINTS_PER_PERCENT} %`,
    })),
    rest,
    clawBack,
    approvals: String(approvals),
    divisions: divisions.length === 0 ? "" : JSON.stringify(divisions),
  };
}

/** What the contract checks; null where there is no fee, or nothing to win. */
export function moneyOf(values: MoneyFormValues) {
  const { currency, fee, sponsored, tiers, divisions } = values;
  const hasPrizes = sponsored !== "" || tiers.length > 0 || divisions !== "";
  return {
    entryFee: fee === "" ? null : {
      currency,
      amount: decimal(fee),
      platformBps: basisPoints(values.platform || "0"),
      organiserBps: basisPoints(values.organiser || "0"),
    },
    prizes: !hasPrizes ? null : {
      currency,
      ...(sponsored === "" ? {} : { sponsored: decimal(sponsored) }),
      tiers: tiers.map(tierOf),
      divisions: divisions === "" ? [] : parsedJson(divisions),
      rest: values.rest,
      clawBack: values.clawBack,
      approvals: Number(values.approvals),
    },
  };
}

function tierOf({ places, worth }: TierFormValues) {
  const count = places === "" ? 1 : Number(places);
  return worth.endsWith("%")
    ? { places: count, shareBps: basisPoints(worth.slice(0, -1)) }
    : { places: count, amount: decimal(worth) };
}

function decimal(text: string): string {
  return text.replaceAll(/[\s\u202f]/g, "").replace(",", ".");
}

/** Percent with two decimals at most: a basis point is the smallest part there is. */
function basisPoints(percent: string): number {
  const number = /^\s*\d{1,3}(?:[.,]\d{1,2})?\s*$/.test(percent)
    ? Number(percent.trim().replace(",", "."))
    : NaN;
  return Math.round(number * BASIS_POINTS_PER_PERCENT);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const AMOUNT_FAULT = "Give an amount like 15.00";
const PERCENT_FAULT = "Give a percentage from 0 to 100, two decimals at most";

/** Faults in the contract's names, beside the fields of the form. */
export function moneyFaults(faults: Faults, { currency }: MoneyFormValues): Faults {
  const own: Faults = {};
  for (const [path, text] of Object.entries(faults)) {
    const [name, said] = placeOf(path, text, currency);
    own[name] ??= said;
  }
  return own;
}

function placeOf(path: string, text: string, currency: string): [string, string] {
  if (path === "entryFee.currency" || path === "prizes.currency") {
    const missing = "Give the currency of fee and prizes, like EUR";
    return ["money.currency", currency === "" ? missing : text];
  }
  if (path === "entryFee.amountMinor" || path === "entryFee") return ["money.fee", text];
  if (path === "entryFee.amount") return ["money.fee", AMOUNT_FAULT];
  if (path === "entryFee.organiserBps") return ["money.organiser", PERCENT_FAULT];
  if (path === "entryFee.platformBps") return ["money.platform", PERCENT_FAULT];
  if (path === "entryFee.poolBps") return ["money.organiser", "The shares exceed 100 %"];
  if (path === "prizes.sponsored") return ["money.sponsored", AMOUNT_FAULT];
  if (path === "prizes.sponsoredMinor") return ["money.sponsored", text];
  const tier = /^prizes\.tiers\.(\d+)(?:\.(\w+))?$/.exec(path);
  if (tier?.[2] === "places") {
    return [`money.tiers.${tier[1]}.places`, "Give a whole number from 1"];
  }
  if (tier) return [`money.tiers.${tier[1]}.worth`, tier[2] ? "Give 50 % or 25.00" : text];
  if (path === "prizes.tiers") return ["money.tiers", text.replace("10000 basis points", "100 %")];
  if (path.startsWith("prizes.divisions")) return ["money.tiers", text];
  const rule = /^prizes\.(rest|clawBack|approvals)$/.exec(path);
  return [rule ? `money.${rule[1]}` : path, text];
}
