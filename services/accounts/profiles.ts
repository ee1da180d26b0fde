/** Profiles: how people want to be shown and spoken to. */

import type { Profile, ProfileChange } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import { invalid } from "@/domain/error.ts";
import { DAY_MS, type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { type Cached, type CachedDeps, createCached } from "../cached.ts";
import { notFound } from "./user_rows.ts";

/** Shown on every page; a node that misses the news of a change shows the old one this long. */
const MEMORY_MS = 5 * SECOND_MS;
/** Half a kilobyte each. */
const ENTRIES_MAX = 10_000;

/** Profiles through the cache; whoever changes one, or the name of its user, forgets it. */
export function createProfileCache(deps: CachedDeps & { database: Database }): Cached<Profile> {
  return createCached<Profile>(deps, {
    name: "profiles.2",
    memoryMs: MEMORY_MS,
    entriesMax: ENTRIES_MAX,
    async load(userIds) {
      const rows = await readProfiles(deps.database.sql, userIds);
      return new Map(rows.map((row) => [row.userId, row]));
    },
  });
}

/** Fails with `NOT_FOUND`, also for deleted users. */
export async function getProfile(
  sql: Database["sql"] | Tx["sql"],
  userId: string,
): Promise<Profile> {
  const [profile] = await readProfiles(sql, [userId]);
  if (!profile) throw notFound(userId);
  return profile;
}

async function readProfiles(
  sql: Database["sql"] | Tx["sql"],
  userIds: readonly string[],
): Promise<Profile[]> {
  const rows = await sql<Profile[]>`
    select u.id as "userId", u.name, p.alias, coalesce(p.bio, '') as bio, p.country,
      p.birth_date::text as "birthDate", coalesce(p.time_zone, 'UTC') as "timeZone", coalesce(p.units, 'metric') as units,
      coalesce(p.locale, 'en') as locale, p.avatar_url as "avatarUrl"
    from users u left join profiles p on p.user_id = u.id
    where u.id = any(${[...userIds]}::uuid[]) and u.status <> 'deleted'`;
  return rows.map((row) => ({ ...row }));
}

/** Fails with `VALIDATION_ERROR` for somebody who is not born yet, in whichever zone. */
function checkBorn({ birthDate }: ProfileChange, at: EpochMs): void {
  if (!birthDate || Date.parse(birthDate) <= at + DAY_MS) return;
  throw invalid("birthDate", "future", "Date of birth must not lie ahead");
}

/** Stores what changed of a profile whose user is held, and returns the whole. */
export async function updateProfile(
  tx: Tx,
  { before, change, at }: { before: Profile; change: ProfileChange; at: EpochMs },
): Promise<Profile> {
  checkBorn(change, at);
  const after = applyChange(before, change);
  await tx.sql`
    update users set name = ${after.name}, updated_at = ${at} where id = ${after.userId}`;
  await tx.sql`
    insert into profiles (user_id, alias, bio, country, birth_date, time_zone, units, locale,
      updated_at)
    values (${after.userId}, ${after.alias}, ${after.bio}, ${after.country},
      ${after.birthDate}::text::date, ${after.timeZone}, ${after.units}, ${after.locale}, ${at})
    on conflict (user_id) do update set alias = excluded.alias, bio = excluded.bio,
      country = excluded.country, birth_date = excluded.birth_date,
      time_zone = excluded.time_zone, units = excluded.units,
      locale = excluded.locale, updated_at = excluded.updated_at`;
  return after;
}

/** What is absent stays; null takes alias, country or date of birth away. */
function applyChange(before: Profile, change: ProfileChange): Profile {
  const { alias = before.alias, country = before.country } = change;
  const { birthDate = before.birthDate } = change;
  return {
    ...before,
    name: change.name ?? before.name,
    alias,
    bio: change.bio ?? before.bio,
    country,
    birthDate,
    timeZone: change.timeZone ?? before.timeZone,
    units: change.units ?? before.units,
    locale: change.locale ?? before.locale,
  };
}
