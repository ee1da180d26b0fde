/** Boards of any size, written straight into the tables, for tests and figures of large boards. */

import type { Database } from "@/db/client.ts";

/** Members of one transaction, which must end within the time of a statement. */
const PART_MEMBERS = 20_000;

/** Adds active participants `from` (included) to `to` (excluded), with names and random-like scores. */
export async function addMembers(
  database: Database,
  competitionId: string,
  { from, to }: { from: number; to: number },
): Promise<void> {
  for (let part = from; part < to; part += PART_MEMBERS) {
    await addPart(database, competitionId, { from: part, to: Math.min(to, part + PART_MEMBERS) });
  }
}

async function addPart(
  database: Database,
  competitionId: string,
  { from, to }: { from: number; to: number },
): Promise<void> {
  await database.transaction(async (tx) => {
    // Millions of checks against rows of the same statement are not what is measured.
    await tx.sql`set local session_replication_role = replica`;
    await tx.sql`
      insert into users (id, email, name, access_changed_at, created_at, updated_at)
      select md5('u' || n)::uuid, 'member' || n || '@example.org', 'Member ' || n, now(), now(), now()
      from generate_series(${from}::int, ${to - 1}::int) n on conflict do nothing`;
    await tx.sql`
      insert into participants (id, competition_id, user_id, joined_at, time_zone)
      select md5(${competitionId}::text || n)::uuid, ${competitionId}, md5('u' || n)::uuid, now(), 'UTC'
      from generate_series(${from}::int, ${to - 1}::int) n`;
    await tx.sql`
      insert into standings (competition_id, participant_id, score, reached_at, event_count)
      select ${competitionId}, md5(${competitionId}::text || n)::uuid, n::bigint * 7919 % 1000003,
        now() - make_interval(secs => n % 86400), 1
      from generate_series(${from}::int, ${to - 1}::int) n`;
  }, { name: "add_members" });
}
