import { assertEquals } from "@std/assert";
import {
  ageOn,
  type Entrant,
  type EntryConditions,
  hasConditions,
  judgeEntry,
} from "./entry_condition.ts";

const MIRA: Entrant = {
  birthDate: "2008-05-02",
  country: "FI",
  email: "mira@Lynx.example",
  accept: {},
  domainEntries: 2,
};
const NOW = { at: Date.UTC(2026, 4, 1, 22), timeZone: "UTC" };

function codes(conditions: EntryConditions, entrant: Partial<Entrant> = {}, now = NOW) {
  return judgeEntry(conditions, { ...MIRA, ...entrant }, now).map(({ code }) => code);
}

Deno.test("judgeEntry() asks only what is set", () => {
  assertEquals(judgeEntry({}, MIRA, NOW), []);
  assertEquals([hasConditions(null), hasConditions({}), hasConditions({ acceptRules: false })], [
    false,
    false,
    false,
  ]);
  assertEquals(hasConditions({ minimumAge: 16 }), true);
});

Deno.test("judgeEntry() counts the years on the local day of the join", () => {
  assertEquals(codes({ minimumAge: 18 }), ["too_young"]);
  assertEquals(codes({ minimumAge: 18 }, {}, { ...NOW, timeZone: "Europe/Helsinki" }), [
    "accepted",
  ]);
  assertEquals(codes({ minimumAge: 10, maximumAge: 16 }), ["too_old"]);
  assertEquals(codes({ minimumAge: 10 }, { birthDate: null }), ["birth_date_missing"]);
});

Deno.test("ageOn() has the birthday of 29 February on 1 March", () => {
  assertEquals(
    ["2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29"].map((day) => {
      return ageOn("2008-02-29", day);
    }),
    [18, 19, 19, 20],
  );
});

Deno.test("judgeEntry() compares domains whole and without case", () => {
  assertEquals(codes({ emailDomains: ["lynx.example"] }), ["accepted"]);
  assertEquals(codes({ emailDomains: ["LYNX.example"] }), ["accepted"]);
  assertEquals(codes({ emailDomains: ["ynx.example", "example"] }), ["other_domain"]);
  assertEquals(codes({ emailDomains: ["lynx.example"] }, { email: "a@b.lynx.example" }), [
    "other_domain",
  ]);
});

Deno.test("judgeEntry() answers each condition, with its reason, in one order", () => {
  const all: EntryConditions = {
    minimumAge: 16,
    countries: ["SE", "NO"],
    emailDomains: ["lynx.example"],
    perDomainMax: 2,
    acceptRules: true,
    healthConsent: true,
  };
  const verdicts = judgeEntry(all, { ...MIRA, accept: { rules: true } }, NOW);

  assertEquals(verdicts.map(({ condition, code }) => [condition, code]), [
    ["age", "accepted"],
    ["country", "other_country"],
    ["emailDomain", "accepted"],
    ["domainPlaces", "domain_full"],
    ["rules", "accepted"],
    ["healthData", "not_accepted"],
  ]);
  assertEquals(verdicts[1]?.message, "From Sweden or Norway");
});
