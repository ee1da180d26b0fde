/** People and their profiles. */

import { z } from "zod";
import { PersonName, Role } from "./auth.ts";
import { Id, Instant, isPlainLine, PageQuery, PLAIN_LINE_FAULT } from "./envelope.ts";

export const UserStatus = z.enum(["active", "suspended", "deleted"]).meta({
  id: "UserStatus",
  description: "Suspended people cannot sign in; of deleted ones nothing personal is left",
});
export type UserStatus = z.infer<typeof UserStatus>;

/** A user as admins see it. */
export const User = z.object({
  id: Id.describe("The user's id"),
  email: z.string().meta({ description: "E-mail address", example: "mira@example.org" }),
  name: z.string().meta({ description: "Name of the person", example: "Mira Koskela" }),
  role: Role,
  status: UserStatus,
  isDemo: z.boolean().meta({ description: "Made by the demo data", example: false }),
  createdAt: Instant.describe("When the account was made"),
}).meta({ id: "User", description: "A user as admins see it" });
export type User = z.infer<typeof User>;

export const USER_SORTS = ["name", "email", "role", "createdAt"] as const;

/** Filters of the list of users; `q` finds parts of name or e-mail. */
export const UserQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional().meta({
    description: "Part of the name or e-mail address",
    example: "mira",
  }),
  role: Role.optional().describe("Only people of this role"),
  status: UserStatus.optional().describe("Only people of this status"),
  sort: z.enum(USER_SORTS).default("name").describe("What to sort by"),
  order: z.enum(["asc", "desc"]).default("asc").describe("Direction of the sorting"),
});
export type UserQuery = z.infer<typeof UserQuery>;

/** Why a user is removed. */
export const UserRemoval = z.object({
  reason: z.string().trim().max(500).optional().meta({
    description: "Why; kept in the audit log",
    example: "Asked by mail",
  }),
});

/** What an admin changes of a user. */
export const UserChange = z.object({
  role: Role.optional(),
  status: z.enum(["active", "suspended"]).optional()
    .describe("Suspending ends the sessions within 5 seconds"),
  name: PersonName.optional(),
  reason: z.string().trim().max(500).optional().meta({
    description: "Why; kept in the audit log",
    example: "Volunteered as a referee",
  }),
}).meta({ id: "UserChange", description: "What an admin changes of a user; absent fields stay" });
export type UserChange = z.infer<typeof UserChange>;

const TIME_ZONE = { description: "IANA name of the time zone", example: "Europe/Helsinki" };
const COUNTRY = { description: "ISO 3166-1 code of two capital letters", example: "FI" };
const LOCALE = { description: "BCP 47 tag; dates and numbers follow it", example: "en-GB" };
const ALIAS = { description: "Shown on boards in place of the name", example: "Lynx" };
const BIO = { description: "A few words about oneself", example: "Runs before breakfast" };
const BIRTH_DATE = {
  description: "Date of birth, for competitions with ages; only oneself and admins see it",
  example: "1994-03-12",
};
const Units = z.enum(["metric", "imperial"]).meta({
  description: "How distances are shown to this person",
  example: "metric",
});

/** How a person wants to be shown and spoken to. `alias` replaces the name on boards. */
export const Profile = z.object({
  userId: Id.describe("Whose profile it is"),
  name: z.string().meta({ description: "Name of the person", example: "Mira Koskela" }),
  alias: z.string().nullable().meta(ALIAS),
  bio: z.string().meta(BIO),
  country: z.string().nullable().meta(COUNTRY),
  birthDate: z.string().nullable().meta(BIRTH_DATE),
  timeZone: z.string().meta(TIME_ZONE),
  units: Units,
  locale: z.string().meta(LOCALE),
  avatarUrl: z.string().nullable().meta({
    description: "Address of the picture; null without one",
    example: null,
  }),
}).meta({ id: "Profile", description: "How a person wants to be shown and spoken to" });
export type Profile = z.infer<typeof Profile>;

/** An IANA zone name, e.g. `Europe/Helsinki`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, {
  message: "Time zone must be an IANA name",
}).meta(TIME_ZONE);

export const ProfileChange = z.object({
  name: PersonName.optional(),
  alias: z.string().trim().min(1).max(80).refine(isPlainLine, PLAIN_LINE_FAULT).nullable()
    .optional().meta(ALIAS),
  bio: z.string().trim().max(500).optional().meta(BIO),
  country: z.string().regex(/^[A-Z]{2}$/, "Country must be two capital letters (ISO 3166-1)")
    .nullable().optional().meta(COUNTRY),
  birthDate: z.iso.date().refine(isBirthDate, "Date of birth must be after 1900 and not ahead")
    .nullable().optional().meta(BIRTH_DATE),
  timeZone: TimeZone.optional(),
  units: Units.optional(),
  locale: z.string().regex(
    /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
    "Language must be a BCP 47 tag, like en-GB",
  ).max(35).optional().meta(LOCALE),
}).meta({ id: "ProfileChange", description: "A change of the profile; absent fields stay" });
export type ProfileChange = z.infer<typeof ProfileChange>;

/** A day ahead of every zone's today is refused where the clock is known; the year 2100 is a typo. */
function isBirthDate(text: string): boolean {
  return text > "1900-01-01" && text < "2100-01-01";
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as "+02:00" are accepted by Intl but are not zones.
    if (!/^[A-Za-z]/.test(name)) return false;
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
