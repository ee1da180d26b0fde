/**
 * Who may enter a competition: each condition answers accepted or refused with its reason, so that
 * somebody learns everything that is missing at once.
 *
 * @module
 */

import { Temporal } from "temporal";
import { localDay } from "./days.ts";
import type { EpochMs } from "./time.ts";

/** What an organiser asks of those who enter; absent parts ask nothing. */
export interface EntryConditions {
  /** Full years on the local day of the join. */
  minimumAge?: number;
  maximumAge?: number;
  /** ISO 3166-1 codes, of which the profile's country must be one. */
  countries?: readonly string[];
  /** Domains without `@`, of which the e-mail address must be in one; their subdomains are others. */
  emailDomains?: readonly string[];
  /** The most entries of people whose addresses share a domain. */
  perDomainMax?: number;
  /** The rules must be agreed to. */
  acceptRules?: boolean;
  /** Using one's health data for the competition must be agreed to. */
  healthConsent?: boolean;
}

/** The conditions in the order in which they are told. */
export const CONDITION_NAMES = [
  "age",
  "country",
  "emailDomain",
  "domainPlaces",
  "rules",
  "healthData",
] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

/** What somebody agrees to when joining. */
export interface Acceptance {
  rules?: boolean;
  healthData?: boolean;
}

/** What was agreed to at the join, and when. */
export interface Consents {
  rulesAt?: EpochMs;
  rulesVersion?: number;
  healthDataAt?: EpochMs;
}

/** What an order keeps of the join that follows the payment. */
export interface OrderedEntry {
  /** Whether a valid code or invite was shown. */
  isInvited: boolean;
  inviteId: string | null;
  /** The request to join, without its code. */
  request: Readonly<Record<string, unknown>>;
}

/** The one who wants to enter. */
export interface Entrant {
  /** `YYYY-MM-DD`; null where the profile has none. */
  birthDate: string | null;
  country: string | null;
  email: string;
  accept: Acceptance;
  /** Active entries of people with addresses of the same domain, without this one. */
  domainEntries: number;
}

/** Why a condition refuses; `accepted` when it does not. */
export type VerdictCode =
  | "accepted"
  | "birth_date_missing"
  | "too_young"
  | "too_old"
  | "country_missing"
  | "other_country"
  | "other_domain"
  | "domain_full"
  | "not_accepted";

/** What one condition says. */
export interface ConditionVerdict {
  condition: ConditionName;
  isAccepted: boolean;
  code: VerdictCode;
  message: string;
}

/** Oldest people known were younger; an age beyond it is a mistake. */
export const AGE_MAX = 120;

/** Answers every condition that was set, in a fixed order.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeEntry } from "@/domain/entry_condition.ts";
 *
 * const entrant = {
 *   birthDate: "2010-05-02",
 *   country: null,
 *   email: "mira@example.org",
 *   accept: {},
 *   domainEntries: 0,
 * };
 * const [verdict] = judgeEntry({ minimumAge: 16 }, entrant, {
 *   at: Date.UTC(2026, 4, 1),
 *   timeZone: "UTC",
 * });
 * assertEquals(verdict?.code, "too_young");
 * ```
 */
export function judgeEntry(
  conditions: EntryConditions,
  entrant: Entrant,
  now: { at: EpochMs; timeZone: string },
): ConditionVerdict[] {
  return [
    ageVerdict(conditions, entrant, localDay(now.at, now.timeZone)),
    countryVerdict(conditions, entrant),
    domainVerdict(conditions, entrant),
    placesVerdict(conditions, entrant),
    consentVerdict("rules", conditions.acceptRules, entrant.accept.rules),
    consentVerdict("healthData", conditions.healthConsent, entrant.accept.healthData),
  ].filter((verdict) => verdict !== null);
}

/** Full years of somebody on a day; who was born on 29 February has the birthday on 1 March in other years.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ageOn } from "@/domain/entry_condition.ts";
 *
 * assertEquals([ageOn("2008-02-29", "2026-02-28"), ageOn("2008-02-29", "2026-03-01")], [17, 18]);
 * ```
 */
export function ageOn(birthDate: string, day: string): number {
  const born = Temporal.PlainDate.from(birthDate);
  const on = Temporal.PlainDate.from(day);
  const hasHadBirthday = on.month > born.month || (on.month === born.month && on.day >= born.day);
  return on.year - born.year - (hasHadBirthday ? 0 : 1);
}

/** The domain of an e-mail address, in lower case. */
export function emailDomainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1).toLowerCase();
}

/** Whether anything is asked at all. */
export function hasConditions(conditions: EntryConditions | null): conditions is EntryConditions {
  return conditions !== null && Object.values(conditions).some((value) => {
    return value !== undefined && value !== false;
  });
}

type Verdict = ConditionVerdict | null;

function ageVerdict(
  { minimumAge, maximumAge }: EntryConditions,
  { birthDate }: Entrant,
  day: string,
): Verdict {
  if (minimumAge === undefined && maximumAge === undefined) return null;
  const wanted = ageText(minimumAge, maximumAge);
  if (birthDate === null) {
    return refused("age", "birth_date_missing", `${wanted}; your profile has no date of birth`);
  }
  const age = ageOn(birthDate, day);
  if (age < (minimumAge ?? 0)) return refused("age", "too_young", wanted);
  if (age > (maximumAge ?? AGE_MAX)) return refused("age", "too_old", wanted);
  return accepted("age", wanted);
}

function ageText(minimum: number | undefined, maximum: number | undefined): string {
  if (maximum === undefined) return `At least ${minimum} years old`;
  if (minimum === undefined) return `At most ${maximum} years old`;
  return `From ${minimum} to ${maximum} years old`;
}

function countryVerdict({ countries }: EntryConditions, { country }: Entrant): Verdict {
  if (countries === undefined || countries.length === 0) return null;
  const wanted = `From ${listText(countries.map(countryName))}`;
  if (country === null) {
    return refused("country", "country_missing", `${wanted}; your profile names no country`);
  }
  if (!countries.includes(country)) return refused("country", "other_country", wanted);
  return accepted("country", wanted);
}

/** The English name of a country; of a code that is none the code. */
export function countryName(code: string): string {
  return COUNTRIES.of(code) ?? code;
}

const COUNTRIES = new Intl.DisplayNames("en", { type: "region" });

function domainVerdict({ emailDomains }: EntryConditions, { email }: Entrant): Verdict {
  if (emailDomains === undefined || emailDomains.length === 0) return null;
  const wanted = `With an e-mail address at ${listText(emailDomains)}`;
  const isOne = emailDomains.some((domain) => domain.toLowerCase() === emailDomainOf(email));
  return isOne ? accepted("emailDomain", wanted) : refused("emailDomain", "other_domain", wanted);
}

function placesVerdict({ perDomainMax }: EntryConditions, entrant: Entrant): Verdict {
  if (perDomainMax === undefined) return null;
  const places = perDomainMax === 1 ? "person" : "people";
  const wanted = `At most ${perDomainMax} ${places} with addresses of one domain`;
  if (entrant.domainEntries < perDomainMax) return accepted("domainPlaces", wanted);
  return refused("domainPlaces", "domain_full", wanted);
}

const CONSENT_TEXT = {
  rules: "Agrees to the rules",
  healthData: "Agrees that activity and health data are used for this competition",
} as const;

function consentVerdict(
  condition: keyof typeof CONSENT_TEXT,
  isAsked: boolean | undefined,
  isGiven: boolean | undefined,
): Verdict {
  if (isAsked !== true) return null;
  const wanted = CONSENT_TEXT[condition];
  return isGiven === true
    ? accepted(condition, wanted)
    : refused(condition, "not_accepted", wanted);
}

function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}

function accepted(condition: ConditionName, message: string): ConditionVerdict {
  return { condition, isAccepted: true, code: "accepted", message };
}

function refused(
  condition: ConditionName,
  code: VerdictCode,
  message: string,
): ConditionVerdict {
  return { condition, isAccepted: false, code, message };
}
