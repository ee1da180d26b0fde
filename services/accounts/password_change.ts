/** A new password for somebody who knows the present one. */

import type { PasswordChange } from "@/contracts/auth.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkPasswordStrength } from "@/platform/password_strength.ts";
import type { AccountsDeps } from "./accounts.ts";
import { takeAttempt } from "./login_throttle.ts";
import { endSessions } from "./sessions.ts";

interface PasswordRow {
  email: string;
  name: string;
  passwordHash: string | null;
}

/**
 * Stores the new password and ends every other session. Fails with `INVALID_CREDENTIALS`,
 * `VALIDATION_ERROR` about `newPassword`, `RATE_LIMIT_EXCEEDED`.
 */
export async function changePassword(
  deps: AccountsDeps,
  actor: UserActor,
  change: PasswordChange,
): Promise<void> {
  // A stolen token must not become a way to guess the password.
  const attempt = await takeAttempt(deps.limiter, deps.limits.account, `password ${actor.userId}`);
  const [row] = await deps.database.sql<PasswordRow[]>`
    select email, name, password_hash as "passwordHash" from users
    where id = ${actor.userId} and status = 'active'`;
  const check = await deps.passwords.verify(change.currentPassword, row?.passwordHash ?? null);
  if (!row || !check.isMatch) throw wrongPassword();
  await attempt.succeeded();
  await checkPasswordStrength(change.newPassword, {
    userInputs: [row.email, row.name],
    field: "newPassword",
  });
  const newHash = await deps.passwords.hash(change.newPassword);
  await storePassword(deps, actor, { oldHash: row.passwordHash!, newHash });
  deps.access.forgetUser(actor.userId);
}

async function storePassword(
  { database, clock }: AccountsDeps,
  actor: UserActor,
  hashes: { oldHash: string; newHash: string },
): Promise<void> {
  const at = clock.now();
  const { userId, sessionId } = actor;
  await database.transaction(async (tx) => {
    // Of two changes at the same time the second no longer knows the present password.
    const updated = await tx.sql`
      update users set password_hash = ${hashes.newHash}, updated_at = ${at},
        access_changed_at = greatest(${at}, access_changed_at + interval '1 millisecond')
      where id = ${userId} and password_hash = ${hashes.oldHash} and status = 'active'`;
    if (updated.count === 0) throw wrongPassword();
    await endSessions(tx, userId, { at, reason: "password_changed", exceptSessionId: sessionId });
  }, { name: "change_password" });
}

function wrongPassword(): DomainError {
  const message = "This is not the current password";
  return new DomainError(
    "INVALID_CREDENTIALS",
    "Cannot change the password: the current one is wrong",
    {
      details: [{ field: "currentPassword", code: "mismatch", message }],
    },
  );
}
