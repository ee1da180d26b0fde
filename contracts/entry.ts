/** Who may enter a competition: conditions, what somebody agrees to, and the answer to each. */

import { z } from "zod";
import { AGE_MAX } from "@/domain/entry_condition.ts";

/** More countries than there are. */
const COUNTRIES_MAX = 250;
const DOMAINS_MAX = 50;
const DOMAIN_CHARS_MAX = 253;
const DOMAIN = /^[a-z0-9][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9-]{0,62})+$/;

const Age = z.int().min(0).max(AGE_MAX);

/** What an organiser asks of those who enter; absent parts ask nothing. */
export const EntryConditions = z.object({
  minimumAge: Age.optional().meta({
    description: "Full years on the day of the join, by the date of birth in the profile",
    example: 16,
  }),
  maximumAge: Age.optional().meta({ description: "The same as an upper bound", example: 99 }),
  countries: z.array(
    z.string().regex(/^[A-Z]{2}$/, "Country must be two capital letters (ISO 3166-1)"),
  ).min(1).max(COUNTRIES_MAX).optional().meta({
    description: "Countries, of which the profile's must be one",
    example: ["FI", "SE"],
  }),
  emailDomains: z.array(
    z.string().trim().toLowerCase().max(DOMAIN_CHARS_MAX).regex(
      DOMAIN,
      "Domain must be like example.org",
    ),
  ).min(1).max(DOMAINS_MAX).optional().meta({
    description: "Domains, of which the e-mail address must be in one",
    example: ["example.org"],
  }),
  perDomainMax: z.int().min(1).max(1_000_000).optional().meta({
    description: "The most entries of people whose e-mail addresses share a domain",
    example: 20,
  }),
  acceptRules: z.boolean().optional().meta({
    description: "Whether the rules must be agreed to",
    example: true,
  }),
  healthConsent: z.boolean().optional().meta({
    description: "Whether the use of health data must be agreed to",
    example: true,
  }),
}).refine(
  ({ minimumAge = 0, maximumAge = AGE_MAX }) => minimumAge <= maximumAge,
  { path: ["maximumAge"], message: "The maximum age must not be below the minimum" },
).meta({ id: "EntryConditions", description: "What is asked of those who enter" });
export type EntryConditions = z.infer<typeof EntryConditions>;

export const Acceptance = z.object({
  rules: z.boolean().optional().meta({ description: "Agrees to the rules", example: true }),
  healthData: z.boolean().optional().meta({
    description: "Agrees that activity and health data are used for this competition",
    example: true,
  }),
}).meta({ id: "Acceptance", description: "What somebody agrees to when joining" });
export type Acceptance = z.infer<typeof Acceptance>;
