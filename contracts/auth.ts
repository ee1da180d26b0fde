/** Accounts, sessions and tokens. */

import { z } from "zod";
import { ROLES } from "@/domain/actor.ts";
import { Id, Instant } from "./envelope.ts";

export { ROLES };
export const Role = z.enum(ROLES).meta({ id: "Role" });
export type Role = z.infer<typeof Role>;

/** Longest password: longer ones only cost hashing time. */
export const PASSWORD_MAX = 200;
/** Shortest password; its strength is estimated besides. */
export const PASSWORD_MIN = 10;

/** Trimmed and lower-cased; at most 254 characters (RFC 5321). */
export const Email = z.string().trim().toLowerCase().max(254).pipe(z.email()).meta({
  description: "E-mail address, compared in lower case",
  example: "mira@example.org",
});
export const PersonName = z.string().trim().min(1).max(80).meta({ example: "Mira Koskela" });
const NewPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX);

export const Registration = z.object({
  email: Email,
  password: NewPassword,
  name: PersonName,
}).meta({ id: "Registration" });
export type Registration = z.infer<typeof Registration>;

export const Login = z.object({
  email: Email,
  password: z.string().min(1).max(PASSWORD_MAX),
}).meta({ id: "Login" });
export type Login = z.infer<typeof Login>;

export const RefreshRequest = z.object({
  refreshToken: z.string().min(20).max(200),
}).meta({ id: "RefreshRequest" });
export type RefreshRequest = z.infer<typeof RefreshRequest>;

export const PasswordChange = z.object({
  currentPassword: z.string().min(1).max(PASSWORD_MAX),
  newPassword: NewPassword,
}).meta({ id: "PasswordChange" });
export type PasswordChange = z.infer<typeof PasswordChange>;

/** The account of a person as its owner sees it. */
export const Account = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  role: Role,
}).meta({ id: "Account" });
export type Account = z.infer<typeof Account>;

/** What a login gives. `expiresIn` is the life of the access token in seconds. */
export const Tokens = z.object({
  user: Account,
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int(),
}).meta({ id: "Tokens" });
export type Tokens = z.infer<typeof Tokens>;

export const CsrfToken = z.object({ csrfToken: z.string() }).meta({ id: "CsrfToken" });

export const SessionView = z.object({
  id: Id,
  kind: z.enum(["api", "browser"]),
  createdAt: Instant,
  expiresAt: Instant,
}).meta({ id: "Session" });
