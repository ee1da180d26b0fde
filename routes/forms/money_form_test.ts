import { assertEquals } from "@std/assert";
import { type MoneyFormValues, NO_MONEY_FORM } from "@/components/competition/money_form.ts";
import {
  type Competition,
  CompetitionChange,
  type CompetitionInput,
} from "@/contracts/competitions.ts";
import { faultsOfSchema } from "./fields.ts";
import { moneyFaults, moneyFormFrom, moneyFormOf, moneyOf } from "./money_form.ts";

const filled: MoneyFormValues = {
  ...NO_MONEY_FORM,
  currency: "EUR",
  fee: "15,00",
  platform: "2.5",
  organiser: "5",
  tiers: [{ places: "", worth: "50 %" }, { places: "2", worth: "10%" }],
};

Deno.test("moneyOf() reads amounts, percentages and places", () => {
  const { entryFee, prizes } = moneyOf(filled);

  assertEquals(entryFee, {
    currency: "EUR",
    amount: "15.00",
    platformBps: 250,
    organiserBps: 500,
  });
  assertEquals(prizes?.tiers, [{ places: 1, shareBps: 5000 }, { places: 2, shareBps: 1000 }]);
  assertEquals(moneyOf(NO_MONEY_FORM), { entryFee: null, prizes: null });
});

Deno.test("moneyFaults() names the field of the form", () => {
  const wrong = {
    ...filled,
    currency: "",
    fee: "much",
    organiser: "101",
    tiers: [{ places: "x", worth: "half" }],
  };
  const { error } = CompetitionChange.safeParse(moneyOf(wrong) as Partial<CompetitionInput>);

  const faults = moneyFaults(faultsOfSchema(error!), wrong);

  assertEquals(faults, {
    "money.currency": "Give the currency of fee and prizes, like EUR",
    "money.fee": "Give an amount like 15.00",
    "money.organiser": "Give a percentage from 0 to 100, two decimals at most",
    "money.tiers.0.places": "Give a whole number from 1",
    "money.tiers.0.worth": "Give 50 % or 25.00",
  });
});

Deno.test("moneyFormFrom() gives back every field of stored fee and prizes", () => {
  const stored = {
    entryFee: {
      ...{ currency: "KWD", amountMinor: "1500", amount: "1.500" },
      ...{ poolBps: 9250, platformBps: 250, organiserBps: 500 },
    },
    prizes: {
      ...{ currency: "KWD", sponsoredMinor: "7", rest: "winners", clawBack: "manual" },
      approvals: 2,
      tiers: [{ places: 2, amountMinor: "1000" }],
      divisions: [{
        division: "veterans",
        poolShareBps: 100,
        tiers: [{ places: 1, shareBps: 6000 }, { places: 2, shareBps: 2000 }],
      }],
    },
  } as unknown as Competition;

  const form = moneyFormFrom(stored);
  const posted = new FormData();
  for (const [name, value] of Object.entries(form)) {
    if (typeof value === "string") posted.set(`money.${name}`, value);
  }
  form.divisions.forEach((row, at) => {
    for (const [name, value] of Object.entries(row)) {
      posted.set(`money.divisions.${at}.${name}`, value);
    }
  });
  posted.set("money.tiers.0.places", "");
  posted.set("money.tiers.0.worth", "");
  posted.set("money.tiers.1.places", "2");
  posted.set("money.tiers.1.worth", "1.000");

  assertEquals(moneyFormOf(posted), form);
  assertEquals(form.sponsored, "0.007");
  assertEquals<unknown>(moneyOf(form).prizes?.divisions, stored.prizes!.divisions);
});
