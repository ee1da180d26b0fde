/** Soft delete: what identifies a person goes, what they did in competitions stays, nameless. */

import type { Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import { endSessions } from "./sessions.ts";

/** What boards show of somebody who left. */
export const DELETED_NAME = "Deleted athlete";

/** Erases e-mail, name, password and profile, and ends all sessions. */
export async function eraseUser(tx: Tx, userId: string, at: EpochMs): Promise<void> {
  await tx.sql`
    update users set email = ${`deleted-${userId}@invalid`}, name = ${DELETED_NAME},
      role = 'member', status = 'deleted', password_hash = null, deleted_at = ${at},
      access_changed_at = greatest(${at}, access_changed_at + interval '1 millisecond'),
      updated_at = ${at}
    where id = ${userId}`;
  await tx.sql`
    update profiles set alias = null, bio = default, country = null, birth_date = null, time_zone = default,
      units = default, locale = default, avatar_url = null, updated_at = ${at}
    where user_id = ${userId}`;
  // A job ends them at their providers too.
  await tx.sql`
    update connections set status = 'revoking', next_pull_at = ${at}, failures = 0
    where user_id = ${userId} and status = 'active'`;
  await tx.sql`delete from connections where user_id = ${userId} and status = 'needs_reconnect'`;
  await tx.sql`delete from connection_attempts where user_id = ${userId}`;
  await tx.sql`delete from other_records where user_id = ${userId}`;
  await endSessions(tx, userId, { at, reason: "removed" });
  await tx.sql`update sessions set user_agent = null, address = null where user_id = ${userId}`;
}
