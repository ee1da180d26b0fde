/** A new person: account, profile and first session in one transaction. */

import type { Account, Registration } from "@/contracts/auth.ts";
import type { Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkPasswordStrength } from "@/platform/password_strength.ts";
import type { AccountsDeps, SignInOrigin } from "./accounts.ts";
import { takeAttempt } from "./login_throttle.ts";
import { newSession, type StartedSession, type StartSession } from "./sessions.ts";
import { addressKey } from "./sign_in.ts";

/** Makes a member and starts a session. Fails with `SIGN_UP_CLOSED`, `EMAIL_TAKEN`, `VALIDATION_ERROR`, `RATE_LIMIT_EXCEEDED`. */
export async function register<T>(
  deps: AccountsDeps,
  { registration, origin }: { registration: Registration; origin: SignInOrigin },
  startSession: StartSession<T>,
): Promise<StartedSession<T>> {
  const { email, password, name } = registration;
  const { registrationOpen } = await deps.settings.current();
  if (!registrationOpen) {
    throw new DomainError("SIGN_UP_CLOSED", "Cannot register: an admin has to make the account");
  }
  await checkPasswordStrength(password, { userInputs: [email, name] });
  // An address taken counts as a failure: otherwise this would tell who has an account.
  const attempt = await takeAttempt(deps.limiter, deps.limits.address, addressKey(origin));
  const passwordHash = await deps.passwords.hash(password);
  const user: Account = { id: deps.newId(), email, name, role: "member" };
  const start = newSession(deps, user.id, origin);
  const secret = await deps.database.transaction(async (tx) => {
    await insertMember(tx, { ...user, passwordHash, at: start.at });
    return await startSession(tx, start);
  }, { name: "register" });
  await attempt.succeeded();
  deps.events.business("user_registered");
  return { user, sessionId: start.sessionId, secret };
}

/** The unique e-mail decides between registrations at the same time. */
async function insertMember(
  tx: Tx,
  member: Account & { passwordHash: string; at: EpochMs },
): Promise<void> {
  const { id, email, name, role, passwordHash, at } = member;
  const inserted = await tx.sql`
    insert into users (id, email, name, role, password_hash, access_changed_at, created_at, updated_at)
    values (${id}, ${email}, ${name}, ${role}, ${passwordHash}, ${at}, ${at}, ${at})
    on conflict (email) where status <> 'deleted' do nothing`;
  if (inserted.count === 0) {
    throw new DomainError("EMAIL_TAKEN", "Cannot register: the e-mail has an account already");
  }
  await tx.sql`insert into profiles (user_id, updated_at) values (${id}, ${at})`;
}
