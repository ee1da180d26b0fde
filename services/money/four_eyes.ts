/** Nobody of finance decides alone about money that comes to themselves. */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { isSelf } from "../accounts/access.ts";

/**
 * Fails with `FORBIDDEN` for somebody whose own money it is, where another could do it: an
 * installation of one person has nobody else, and its audit log says who it was.
 */
export async function checkNotOwn(
  { sql }: Tx,
  actor: Actor,
  { userId, what }: { userId: string; what: string },
): Promise<void> {
  if (!isSelf(actor, userId)) return;
  const [other] = await sql`
    select 1 from users
    where id <> ${userId} and status = 'active' and role in ('finance', 'admin') limit 1`;
  if (!other) return;
  throw new DomainError("FORBIDDEN", `Cannot ${what}: it is your own, another of finance must`);
}
