/**
 * From e-mail and password to somebody who may start a session. Unknown user and wrong password
 * take the same time and give the same answer; that an account is suspended is told only to
 * whoever knows its password.
 *
 * @module
 */

import type { Account, Login } from "@/contracts/auth.ts";
import type { UserStatus } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Passwords } from "@/platform/password.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import type { SignInOrigin } from "./accounts.ts";
import { accountKey, type LoginLimits, takeAttempt } from "./login_throttle.ts";

export interface SignInDeps {
  database: Database;
  clock: Clock;
  passwords: Passwords;
  limiter: RateLimiter;
  limits: LoginLimits;
}

/** Somebody whose password was right. */
export interface VerifiedUser {
  user: Account;
  /** The hash it was right for: what still stands when the session starts. */
  passwordHash: string;
  /** The same password at the present cost, where the stored hash is older. */
  newPasswordHash: string | null;
}

/** An address where somebody signed in this lately is theirs. */
const KNOWN_ADDRESS_MS = 30 * DAY_MS;

interface UserRow extends Account {
  status: UserStatus;
  passwordHash: string | null;
  isKnownAddress: boolean;
}

/** Fails with `INVALID_CREDENTIALS`, `ACCOUNT_SUSPENDED`, `RATE_LIMIT_EXCEEDED`. */
export async function verifyLogin(
  deps: SignInDeps,
  login: Login,
  origin: SignInOrigin,
): Promise<VerifiedUser> {
  const { limiter, limits, passwords } = deps;
  const byAddress = await takeAttempt(limiter, limits.address, addressKey(origin));
  const row = await findByEmail(deps, login.email, origin.address);
  const place = { address: origin.address, isKnown: row?.isKnownAddress ?? false };
  const byAccount = await takeAttempt(limiter, limits.account, accountKey(login.email, place));
  const check = await passwords.verify(login.password, row?.passwordHash ?? null);
  if (!row || !check.isMatch) throw invalidCredentials();
  await Promise.all([byAddress.succeeded(), byAccount.succeeded()]);
  if (row.status !== "active") throw suspended();
  const { id, email, name, role } = row;
  return {
    user: { id, email, name, role },
    passwordHash: row.passwordHash!,
    newPasswordHash: check.needsRehash ? await passwords.hash(login.password) : null,
  };
}

/** Whose failures count together. */
export function addressKey(origin: SignInOrigin): string {
  return origin.address ?? "unknown";
}

async function findByEmail(
  { database, clock }: SignInDeps,
  email: string,
  address: string | null,
): Promise<UserRow | undefined> {
  const since: EpochMs = clock.now() - KNOWN_ADDRESS_MS;
  const [row] = await database.sql<UserRow[]>`
    select id, email, name, role, status, password_hash as "passwordHash",
      exists (select from sessions s where s.user_id = users.id and s.address = ${address}
        and s.created_at > ${since}) as "isKnownAddress"
    from users where email = ${email} and status <> 'deleted'`;
  return row;
}

/**
 * Holds the user's row until the transaction ends, so that no session starts by a password that
 * was changed, or for somebody who was suspended, while it was being checked.
 */
export async function admit(tx: Tx, verified: VerifiedUser): Promise<void> {
  const { user, passwordHash, newPasswordHash } = verified;
  const [row] = await tx.sql<{ status: UserStatus; passwordHash: string | null }[]>`
    select status, password_hash as "passwordHash" from users
    where id = ${user.id} for no key update`;
  if (row?.status === "suspended") throw suspended();
  if (row?.status !== "active" || row.passwordHash !== passwordHash) throw invalidCredentials();
  if (newPasswordHash === null) return;
  await tx.sql`update users set password_hash = ${newPasswordHash} where id = ${user.id}`;
}

/** The one answer for an unknown user and a wrong password. */
export function invalidCredentials(): DomainError {
  return new DomainError("INVALID_CREDENTIALS", "Cannot sign in: e-mail or password is wrong");
}

/** The answer to somebody who is locked out by staff. */
export function suspended(): DomainError {
  return new DomainError("ACCOUNT_SUSPENDED", "Cannot sign in: the account is suspended");
}
