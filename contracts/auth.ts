/** Accounts, sessions and tokens. */

import { z } from "zod";
import { ROLES } from "@/domain/actor.ts";
import { Id, isPlainLine, PLAIN_LINE_FAULT } from "./envelope.ts";

export { ROLES };
export const Role = z.enum(ROLES).meta({
  id: "Role",
  description: "What a person may do, from the least to the most",
});
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
export const PersonName = z.string().trim().min(1).max(80).refine(isPlainLine, PLAIN_LINE_FAULT)
  .meta({
    description: "Name of the person",
    example: "Mira Koskela",
  });
const NewPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX).meta({
  description: "Easily guessed ones are refused, whatever characters they are made of",
  example: "tundra-lantern-42-orbit",
});
const PresentPassword = z.string().min(1).max(PASSWORD_MAX).meta({
  description: "The password of the account",
  example: "tundra-lantern-42-orbit",
});

export const Registration = z.object({
  email: Email,
  password: NewPassword,
  name: PersonName,
}).meta({ id: "Registration", description: "A new account" });
export type Registration = z.infer<typeof Registration>;

export const Login = z.object({
  email: Email,
  password: PresentPassword,
}).meta({ id: "Login", description: "Who signs in" });
export type Login = z.infer<typeof Login>;

export const RefreshRequest = z.object({
  refreshToken: z.string().min(20).max(200).meta({
    description: "The newest refresh token of the session",
    example: "Nf3kq0mC2bYw8VtZr5LxJ7pUd9sEaHgQ1iKoTn6uXcM",
  }),
}).meta({ id: "RefreshRequest", description: "The session to continue" });
export type RefreshRequest = z.infer<typeof RefreshRequest>;

export const PasswordChange = z.object({
  currentPassword: PresentPassword,
  newPassword: NewPassword.meta({ example: "glacier-violin-77-maple" }),
}).meta({ id: "PasswordChange", description: "The old password and the new one" });
export type PasswordChange = z.infer<typeof PasswordChange>;

/** The account of a person as its owner sees it. */
export const Account = z.object({
  id: Id.describe("The user's id"),
  email: z.string().meta({ description: "E-mail address", example: "mira@example.org" }),
  name: z.string().meta({ description: "Name of the person", example: "Mira Koskela" }),
  role: Role,
}).meta({ id: "Account", description: "The account of a person, as its owner sees it" });
export type Account = z.infer<typeof Account>;

/** What a login gives. `expiresIn` is the life of the access token in seconds. */
export const Tokens = z.object({
  user: Account,
  accessToken: z.string().meta({
    description: "JWT to send as `Authorization: Bearer …`",
    example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk5YTNjMiJ9.bW9kZWw",
  }),
  refreshToken: z.string().meta({
    description: "Good for one call of POST /auth/refresh",
    example: "Nf3kq0mC2bYw8VtZr5LxJ7pUd9sEaHgQ1iKoTn6uXcM",
  }),
  expiresIn: z.int().meta({ description: "Life of the access token, in seconds", example: 900 }),
}).meta({ id: "Tokens", description: "What a sign-in gives" });
export type Tokens = z.infer<typeof Tokens>;

export const CsrfToken = z.object({
  csrfToken: z.string().meta({
    description: "To send in X-CSRF-Token; good as long as the session",
    example: "q3Yh0sV4mJc1d7Kx9TnLr2bWfEoPz6uGiA8yRkNvUtM",
  }),
}).meta({ id: "CsrfToken", description: "Vouches for writes by cookie" });

export const LoggedOut = z.object({
  loggedOut: z.literal(true).describe("Always true"),
}).meta({ id: "LoggedOut", description: "The session has ended" });

export const PasswordChanged = z.object({
  changed: z.literal(true).describe("Always true"),
}).meta({ id: "PasswordChanged", description: "The new password holds from now on" });
