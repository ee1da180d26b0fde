/** Profiles: how people want to be shown and spoken to. */

import type { Profile, ProfileChange } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import { notFound } from "./user_rows.ts";

/** Fails with `NOT_FOUND`, also for deleted users. */
export async function getProfile(
  sql: Database["sql"] | Tx["sql"],
  userId: string,
): Promise<Profile> {
  const [row] = await sql<Profile[]>`
    select u.id as "userId", u.name, p.alias, coalesce(p.bio, '') as bio, p.country,
      coalesce(p.time_zone, 'UTC') as "timeZone", coalesce(p.units, 'metric') as units,
      coalesce(p.locale, 'en') as locale, p.avatar_url as "avatarUrl"
    from users u left join profiles p on p.user_id = u.id
    where u.id = ${userId} and u.status <> 'deleted'`;
  if (!row) throw notFound(userId);
  return { ...row };
}

/** Stores what changed of a profile whose user is held, and returns the whole. */
export async function updateProfile(
  tx: Tx,
  { before, change, at }: { before: Profile; change: ProfileChange; at: EpochMs },
): Promise<Profile> {
  const after = applyChange(before, change);
  await tx.sql`
    update users set name = ${after.name}, updated_at = ${at} where id = ${after.userId}`;
  await tx.sql`
    insert into profiles (user_id, alias, bio, country, time_zone, units, locale, updated_at)
    values (${after.userId}, ${after.alias}, ${after.bio}, ${after.country}, ${after.timeZone},
      ${after.units}, ${after.locale}, ${at})
    on conflict (user_id) do update set alias = excluded.alias, bio = excluded.bio,
      country = excluded.country, time_zone = excluded.time_zone, units = excluded.units,
      locale = excluded.locale, updated_at = excluded.updated_at`;
  return after;
}

/** What is absent stays; null takes alias or country away. */
function applyChange(before: Profile, change: ProfileChange): Profile {
  const { alias = before.alias, country = before.country } = change;
  return {
    ...before,
    name: change.name ?? before.name,
    alias,
    bio: change.bio ?? before.bio,
    country,
    timeZone: change.timeZone ?? before.timeZone,
    units: change.units ?? before.units,
    locale: change.locale ?? before.locale,
  };
}
