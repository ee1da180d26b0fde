/** Who may enter a competition: conditions, what somebody agrees to, and the answer to each. */

import { z } from "zod";
import { AGE_MAX } from "@/domain/entry_condition.ts";
import { Id } from "./envelope.ts";

/** More countries than there are. */
const COUNTRIES_MAX = 250;
const DOMAINS_MAX = 50;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))+$/;

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
    z.string().trim().toLowerCase().regex(DOMAIN, "Domain must be like example.org"),
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

export const EntryVerdict = z.object({
  condition: z.string().meta({
    description:
      "Which condition: `registration`, `places`, `invitation`, `standing`, `age`, `country`, " +
      "`emailDomain`, `domainPlaces`, `rules` or `healthData`",
    example: "age",
  }),
  isAccepted: z.boolean().meta({ description: "Whether it is met", example: false }),
  code: z.string().meta({
    description: "The reason; `accepted` where it is met",
    example: "too_young",
  }),
  message: z.string().meta({
    description: "The same for people",
    example: "At least 16 years old",
  }),
}).meta({ id: "EntryVerdict", description: "What one condition says of somebody" });
export type EntryVerdict = z.infer<typeof EntryVerdict>;

export const EntryCheck = z.object({
  competitionId: Id.describe("The competition"),
  isIn: z.boolean().meta({ description: "Whether the caller takes part already", example: false }),
  canJoin: z.boolean().meta({ description: "Whether everything is met", example: false }),
  verdicts: z.array(EntryVerdict).describe("Every condition, met or not"),
}).meta({ id: "EntryCheck", description: "Whether somebody may enter, and why not" });
export type EntryCheck = z.infer<typeof EntryCheck>;

export const EntryQuery = z.object({
  inviteCode: z.string().trim().max(64).optional().meta({
    description: "As `join` would be given it",
    example: "lynx-7421",
  }),
  acceptRules: z.enum(["true", "false"]).optional().describe("As if the rules were agreed to"),
  acceptHealthData: z.enum(["true", "false"]).optional().describe(
    "As if the use of health data were agreed to",
  ),
});
export type EntryQuery = z.infer<typeof EntryQuery>;
