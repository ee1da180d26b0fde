/** Somebody who may see and do everything, reached by a one-time link: no password to guess. */

import type { Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";

const EMAIL = "admin@paceboard.invalid";
const NAME = "Paceboard admin";

/**
 * The admin to sign in as: the one made here before, else the eldest there is, else a new one
 * without a password. It is no demo data, so that it stays when these go. Gives the user's id.
 */
export async function ensureDemoAdmin(
  tx: Pick<Tx, "sql">,
  deps: { now: EpochMs; newId: IdGenerator },
): Promise<string> {
  const [known] = await tx.sql<{ id: string }[]>`
    select id from users where role = 'admin' and status = 'active' and not is_demo
    order by email = ${EMAIL} desc, created_at, id limit 1`;
  if (known) return known.id;
  const [row] = await tx.sql<{ id: string }[]>`
    insert into users (id, email, name, role, access_changed_at, created_at, updated_at)
    values (${deps.newId()}, ${EMAIL}, ${NAME}, 'admin', ${deps.now}, ${deps.now}, ${deps.now})
    on conflict (email) where status <> 'deleted' do update set role = 'admin', status = 'active',
      access_changed_at = greatest(excluded.access_changed_at,
        users.access_changed_at + interval '1 millisecond')
    returning id`;
  await tx.sql`
    insert into profiles (user_id, updated_at) values (${row!.id}, ${deps.now})
    on conflict (user_id) do nothing`;
  return row!.id;
}
