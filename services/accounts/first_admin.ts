/** The first admin, from configuration: made once, whichever node starts first. */

import type { Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";

/** The one who starts, before anybody tells their name. */
const NAME = "Administrator";

/** What the first admin is made of. */
export interface FirstAdmin {
  id: string;
  email: string;
  passwordHash: string;
  at: EpochMs;
}

/**
 * Makes the user an admin and returns the id. An account that somebody registered under this
 * address before gets the configured password, so that whoever it was does not become admin.
 */
export async function upsertAdmin(tx: Tx, admin: FirstAdmin): Promise<string> {
  const { id, email, passwordHash, at } = admin;
  const [row] = await tx.sql<{ id: string }[]>`
    insert into users (id, email, name, role, password_hash, access_changed_at, created_at, updated_at)
    values (${id}, ${email}, ${NAME}, 'admin', ${passwordHash}, ${at}, ${at}, ${at})
    on conflict (email) where status <> 'deleted' do update set
      role = 'admin', status = 'active', password_hash = excluded.password_hash,
      access_changed_at = greatest(excluded.access_changed_at,
        users.access_changed_at + interval '1 millisecond'),
      updated_at = excluded.updated_at
    returning id`;
  await tx.sql`
    insert into profiles (user_id, updated_at) values (${row!.id}, ${at})
    on conflict (user_id) do nothing`;
  return row!.id;
}
