/**
 * Accounts: register, sign in, tokens, sessions.
 *
 * @module
 */

import type { Account, Login, PasswordChange, Registration, Tokens } from "@/contracts/auth.ts";
import type { Actor, CallOrigin, UserActor } from "@/domain/actor.ts";

/** What a browser session starts with; the cookie's value is shown once and stored as a hash. */
export interface BrowserSession {
  cookie: string;
  expiresAt: number;
  user: Account;
}

/** Where a sign-in comes from. */
export interface SignInOrigin extends CallOrigin {
  userAgent?: string | undefined;
}

export interface AccountsService {
  /** Creates a member and signs it in. Fails with `EMAIL_TAKEN`, `VALIDATION_ERROR` (weak password). */
  register(registration: Registration, origin: SignInOrigin): Promise<Tokens>;
  /** Fails with `INVALID_CREDENTIALS` (same answer and time for unknown user and wrong password), `ACCOUNT_SUSPENDED`, `RATE_LIMIT_EXCEEDED`. */
  login(login: Login, origin: SignInOrigin): Promise<Tokens>;
  /** Rotates the refresh token; one used twice ends its session. Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`. */
  refresh(refreshToken: string, origin: SignInOrigin): Promise<Tokens>;
  /** Ends the actor's session; effective on every node within 5 s. */
  logout(actor: Actor): Promise<void>;
  /** Ends all other sessions. Fails with `INVALID_CREDENTIALS`, `VALIDATION_ERROR`. */
  changePassword(actor: Actor, change: PasswordChange): Promise<void>;
  /** Fails with `UNAUTHORIZED`. */
  me(actor: Actor): Promise<Account>;
  /** The person behind `Authorization: Bearer`. Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED`. */
  authenticateToken(token: string): Promise<UserActor>;
  /** The person behind a session cookie; undefined when it is unknown, ended or suspended. */
  authenticateCookie(cookie: string): Promise<UserActor | undefined>;
  /** As `login`, for a browser. */
  loginBrowser(login: Login, origin: SignInOrigin): Promise<BrowserSession>;
  /** As `register`, for a browser. */
  registerBrowser(registration: Registration, origin: SignInOrigin): Promise<BrowserSession>;
  /** Makes a one-time link secret for a user; valid for 30 minutes. */
  createSignInLink(actor: Actor, userId: string): Promise<{ token: string; expiresAt: number }>;
  /** Signs in by a one-time link. Fails with `INVALID_TOKEN` when unknown, used or expired. */
  redeemSignInLink(token: string, origin: SignInOrigin): Promise<BrowserSession>;
  /** Creates the first admin when there is none; tells whether it did. */
  ensureFirstAdmin(credentials: { email: string; password: string }): Promise<boolean>;
}
