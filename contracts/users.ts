/** People and their profiles. */

import { z } from "zod";
import { PersonName, Role } from "./auth.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";

export const UserStatus = z.enum(["active", "suspended", "deleted"]).meta({ id: "UserStatus" });
export type UserStatus = z.infer<typeof UserStatus>;

/** A user as admins see it. */
export const User = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  role: Role,
  status: UserStatus,
  isDemo: z.boolean(),
  createdAt: Instant,
}).meta({ id: "User" });
export type User = z.infer<typeof User>;

export const USER_SORTS = ["name", "email", "role", "createdAt"] as const;

/** Filters of the list of users; `q` finds parts of name or e-mail. */
export const UserQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional(),
  role: Role.optional(),
  status: UserStatus.optional(),
  sort: z.enum(USER_SORTS).default("name"),
  order: z.enum(["asc", "desc"]).default("asc"),
});
export type UserQuery = z.infer<typeof UserQuery>;

/** What an admin changes of a user. */
export const UserChange = z.object({
  role: Role.optional(),
  status: z.enum(["active", "suspended"]).optional(),
  name: PersonName.optional(),
  reason: z.string().trim().max(500).optional(),
}).meta({ id: "UserChange" });
export type UserChange = z.infer<typeof UserChange>;

/** How a person wants to be shown and spoken to. `alias` replaces the name on boards. */
export const Profile = z.object({
  userId: Id,
  name: z.string(),
  alias: z.string().nullable(),
  bio: z.string(),
  country: z.string().nullable(),
  timeZone: z.string(),
  units: z.enum(["metric", "imperial"]),
  locale: z.string(),
  avatarUrl: z.string().nullable(),
}).meta({ id: "Profile" });
export type Profile = z.infer<typeof Profile>;

/** An IANA zone name, e.g. `Europe/Helsinki`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, {
  message: "Time zone must be an IANA name",
}).meta({ example: "Europe/Helsinki" });

export const ProfileChange = z.object({
  name: PersonName.optional(),
  alias: z.string().trim().min(1).max(80).nullable().optional(),
  bio: z.string().trim().max(500).optional(),
  country: z.string().regex(/^[A-Z]{2}$/, "Country must be two capital letters (ISO 3166-1)")
    .nullable().optional(),
  timeZone: TimeZone.optional(),
  units: z.enum(["metric", "imperial"]).optional(),
  locale: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/).max(35).optional(),
}).meta({ id: "ProfileChange" });
export type ProfileChange = z.infer<typeof ProfileChange>;

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
