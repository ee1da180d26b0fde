/** There is always somebody who may do everything: the last active admin stays one. */

import { DomainError } from "@/domain/error.ts";
import type { Tx } from "@/db/client.ts";

/** Lets one transaction at a time count the admins, until it ends. */
export async function lockAdmins(tx: Tx): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended('paceboard.admins', 0))`;
}

/** Tells whether an active admin exists besides the user. */
export async function hasActiveAdmin(tx: Tx, besides: string | null = null): Promise<boolean> {
  const [row] = await tx.sql<{ found: boolean }[]>`
    select exists (
      select from users where role = 'admin' and status = 'active'
        and id is distinct from ${besides}::uuid) as found`;
  return row?.found ?? false;
}

/** Tells whether an active admin can sign in without a link; that of a demo cannot. */
export async function hasAdminWithPassword(tx: Tx): Promise<boolean> {
  const [row] = await tx.sql<{ found: boolean }[]>`
    select exists (
      select from users where role = 'admin' and status = 'active'
        and password_hash is not null) as found`;
  return row?.found ?? false;
}

/** Fails with `LAST_ADMIN` when no other active admin is left; whoever asks second waits. */
export async function checkNotLastAdmin(tx: Tx, userId: string): Promise<void> {
  await lockAdmins(tx);
  if (await hasActiveAdmin(tx, userId)) return;
  throw new DomainError(
    "LAST_ADMIN",
    "Cannot take the last admin away: make somebody else an admin first",
  );
}
