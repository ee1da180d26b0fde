/** Entry conditions in the competition form, as text, the way a browser posts them. */

import type { Competition } from "@/contracts/competitions.ts";
import { textOf } from "../form_text.ts";
import { wholeOf } from "../whole_number.ts";

/** Empty texts ask nothing. */
export interface EntryFormValues {
  minimumAge: string;
  maximumAge: string;
  /** Codes, parted by commas or spaces. */
  countries: string;
  /** Domains, parted by commas or spaces. */
  emailDomains: string;
  perDomainMax: string;
  acceptRules: boolean;
  healthConsent: boolean;
}

/** Nothing is asked. */
export const NO_ENTRY_FORM: EntryFormValues = {
  minimumAge: "",
  maximumAge: "",
  countries: "",
  emailDomains: "",
  perDomainMax: "",
  acceptRules: false,
  healthConsent: false,
};

/** The posted fields as they were typed. */
export function entryFormOf(form: FormData): EntryFormValues {
  const text = (name: string) => textOf(form, `entryConditions.${name}`);
  return {
    minimumAge: text("minimumAge"),
    maximumAge: text("maximumAge"),
    countries: text("countries"),
    emailDomains: text("emailDomains"),
    perDomainMax: text("perDomainMax"),
    acceptRules: text("acceptRules") === "on",
    healthConsent: text("healthConsent") === "on",
  };
}

/** Stored conditions as the form shows them. */
export function entryFormFrom(
  { entryConditions }: Pick<Competition, "entryConditions">,
): EntryFormValues {
  if (!entryConditions) return NO_ENTRY_FORM;
  const { minimumAge, maximumAge, countries = [], emailDomains = [] } = entryConditions;
  return {
    minimumAge: minimumAge?.toString() ?? "",
    maximumAge: maximumAge?.toString() ?? "",
    countries: countries.join(", "),
    emailDomains: emailDomains.join(", "),
    perDomainMax: entryConditions.perDomainMax?.toString() ?? "",
    acceptRules: entryConditions.acceptRules === true,
    healthConsent: entryConditions.healthConsent === true,
  };
}

/** What the contract checks; null where nothing is asked.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entryConditionsOf, NO_ENTRY_FORM } from "@/components/competition/entry_form.ts";
 *
 * assertEquals(entryConditionsOf(NO_ENTRY_FORM), null);
 * assertEquals(entryConditionsOf({ ...NO_ENTRY_FORM, minimumAge: "16", countries: "fi, se" }), {
 *   minimumAge: 16,
 *   countries: ["FI", "SE"],
 * });
 * ```
 */
export function entryConditionsOf(values: EntryFormValues) {
  const { minimumAge, maximumAge, perDomainMax } = values;
  const countries = wordsOf(values.countries.toUpperCase());
  const emailDomains = wordsOf(values.emailDomains.toLowerCase().replaceAll("@", ""));
  const conditions = {
    ...(minimumAge === "" ? {} : { minimumAge: wholeOf(minimumAge) }),
    ...(maximumAge === "" ? {} : { maximumAge: wholeOf(maximumAge) }),
    ...(countries.length > 0 ? { countries } : {}),
    ...(emailDomains.length > 0 ? { emailDomains } : {}),
    ...(perDomainMax === "" ? {} : { perDomainMax: wholeOf(perDomainMax) }),
    ...(values.acceptRules ? { acceptRules: true } : {}),
    ...(values.healthConsent ? { healthConsent: true } : {}),
  };
  return Object.keys(conditions).length === 0 ? null : conditions;
}

function wordsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ""))];
}

/** Faults of single countries and domains beside the one field of them. */
export function entryFaults(faults: Record<string, string>): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [path, text] of Object.entries(faults)) {
    own[path.replace(/^(entryConditions\.(?:countries|emailDomains))\.\d+$/, "$1")] ??= text;
  }
  return own;
}
