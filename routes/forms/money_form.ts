/** Fee and prizes of the competition form, and the way between them and the contract. */

import {
  type DivisionPrizeFormValues,
  type MoneyFormValues,
  NO_MONEY_FORM,
  type TierFormValues,
} from "@/components/competition/money_form.ts";
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
    divisions: divisionFormOf(form),
  };
}

function divisionFormOf(form: FormData): DivisionPrizeFormValues[] {
  const rows: DivisionPrizeFormValues[] = [];
  for (let at = 0; at < ROWS_MAX && form.has(`money.divisions.${at}.division`); at++) {
    const text = (name: string) => textOf(form, `money.divisions.${at}.${name}`);
    const row = { division: text("division"), share: text("share"), tiers: text("tiers") };
    if (Object.values(row).some((value) => value !== "")) rows.push(row);
  }
  return rows;
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
  const worth = ({ shareBps, amountMinor = "0" }: PrizePlan["tiers"][number]) =>
    shareBps === undefined ? amount(amountMinor) : `${shareBps / BASIS_POINTS_PER_PERCENT} %`;
  return {
    currency,
    sponsored: sponsoredMinor === "0" ? "" : amount(sponsoredMinor),
    tiers: plan.tiers.map((tier) => ({ places: String(tier.places), worth: worth(tier) })),
    rest,
    clawBack,
    approvals: String(approvals),
    divisions: divisions.map(({ division, poolShareBps, tiers }) => ({
      division,
      share: String(poolShareBps / BASIS_POINTS_PER_PERCENT),
      tiers: tiers.map((tier) => `${tier.places === 1 ? "" : `${tier.places} x `}${worth(tier)}`)
        .join("; "),
    })),
  };
}

/** What the contract checks; null where there is no fee, or nothing to win. */
export function moneyOf(values: MoneyFormValues) {
  const { currency, fee, sponsored, tiers, divisions } = values;
  const hasPrizes = sponsored !== "" || tiers.length > 0 || divisions.length > 0;
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
      divisions: divisions.map(({ division, share, tiers }) => ({
        division,
        poolShareBps: basisPoints(share.replace(/%$/, "")),
        tiers: tiersOf(tiers),
      })),
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

/** `60 %; 2 x 20 %` as tiers. */
function tiersOf(text: string) {
  return text.split(";").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const many = /^(\d{1,6})\s*[x×]\s*(.+)$/.exec(part);
    return tierOf({ places: many?.[1] ?? "", worth: many?.[2] ?? part });
  });
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
  if (path === "prizes.tiers") return ["money.tiers", inPercent(text)];
  const row = /^prizes\.divisions\.(\d+)\.(division|poolShareBps|tiers)/.exec(path);
  if (row) return divisionPlace(row, path, text);
  if (path.startsWith("prizes.divisions")) return ["money.divisions", inPercent(text)];
  const rule = /^prizes\.(rest|clawBack|approvals)$/.exec(path);
  return [rule ? `money.${rule[1]}` : path, text];
}

function divisionPlace(
  [, at, field]: RegExpExecArray,
  path: string,
  text: string,
): [string, string] {
  const name = `money.divisions.${at}`;
  if (field === "poolShareBps") return [`${name}.share`, PERCENT_FAULT];
  if (field === "division") return [`${name}.division`, text];
  const isList = path.endsWith(".tiers");
  return [`${name}.tiers`, isList ? inPercent(text) : "Give places like 60 %; 2 x 20 %"];
}

function inPercent(text: string): string {
  return text.replace("10000 basis points", "100 %");
}
