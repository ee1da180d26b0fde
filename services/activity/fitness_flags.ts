/** What of an import is doubtful: told at once, and left to the review queue. */

import type { RecordResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import { findImplausible, type Finding } from "@/domain/plausibility.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { Effect } from "./fitness_effects.ts";
import type { IncomingRecord } from "./fitness_record.ts";

/** Accounts that are told when a file turns up in another; more would be no mistake any more. */
const SHARERS_MAX = 10;

/** Other accounts that brought one of the files, told by the hashes of their content. */
export async function readSharers(
  tx: Tx,
  userId: string,
  contents: readonly string[],
): Promise<string[]> {
  if (contents.length === 0) return [];
  const rows = await tx.sql<{ userId: string }[]>`
    select distinct user_id as "userId" from activities
    where provider = 'file' and split_part(identity, '#', 1) = any(${[...contents]}::text[])
      and user_id <> ${userId} and deleted_at is null
    limit ${SHARERS_MAX}`;
  return rows.map(({ userId }) => userId).sort();
}

/** Sessions that files brought to an account. */
export interface SharedSessions {
  userId: string;
  activityIds: string[];
  /** Hashes of the files. */
  contents: string[];
  startsAt: EpochMs;
  endsAt: EpochMs;
}

/** The sessions of files in each of the accounts that have them. */
export async function readShared(
  tx: Tx,
  contents: readonly string[],
  userIds: readonly string[],
): Promise<SharedSessions[]> {
  if (contents.length === 0 || userIds.length === 0) return [];
  return await tx.sql<SharedSessions[]>`
    select user_id as "userId", array_agg(id) as "activityIds", min(started_at) as "startsAt",
      max(ended_at) as "endsAt", array_agg(distinct split_part(identity, '#', 1)) as contents
    from activities
    where provider = 'file' and split_part(identity, '#', 1) = any(${[...contents]}::text[])
      and user_id = any(${[...userIds]}::uuid[]) and deleted_at is null
    group by user_id order by user_id`;
}

/** Lets the sessions wait wherever they count; what was decided of one stays. */
export async function holdShared(
  tx: Tx,
  newId: IdGenerator,
  { userId, activityIds }: SharedSessions,
  at: EpochMs,
): Promise<void> {
  const entries = await tx.sql<{ competitionId: string; participantId: string }[]>`
    select p.competition_id as "competitionId", p.id as "participantId"
    from participants p join competitions c on c.id = p.competition_id
    where p.user_id = ${userId} and p.status = 'active' and c.status = 'published'
      and c.rules -> 'scoring' ->> 'kind' = 'activity'`;
  const rows = entries.flatMap((entry) =>
    activityIds.map((activityId) => ({ id: newId(), activityId, ...entry }))
  );
  await tx.sql`
    insert into reviews (id, competition_id, participant_id, user_id, activity_id, cause, status,
      created_at)
    select r.id, r."competitionId", r."participantId", ${userId}, r."activityId", 'shared_file',
      'open', ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid,
      "activityId" uuid, "competitionId" uuid, "participantId" uuid)
    join activities a on a.id = r."activityId"
    join competitions c on c.id = r."competitionId"
    where a.started_at >= c.starts_at and a.ended_at <= c.ends_at
    on conflict (participant_id, activity_id, day) do nothing`;
}

/** What is doubtful of a session whose file another account brought too. */
export const SHARED: Finding = { rule: "shared_file", verdict: "flag", observed: 2, limit: 1 };

/** Records that a competition holds back. */
export function heldIndexes(effects: readonly Effect[]): Set<number> {
  return new Set(
    effects.flatMap(({ excluded }) =>
      excluded.filter(({ reason }) => reason === "in_review" || reason === "implausible")
        .map(({ recordIndex }) => recordIndex)
    ),
  );
}

/**
 * Answers `flagged` for new sessions that are doubtful as such, or that a competition holds back;
 * `sharedIds` are those whose file another account brought too.
 */
export function markFlagged(
  results: readonly RecordResult[],
  incoming: readonly IncomingRecord[],
  { effects, sharedIds }: { effects: readonly Effect[]; sharedIds: ReadonlySet<string> },
): RecordResult[] {
  const held = heldIndexes(effects);
  const records = new Map(incoming.map(({ index, record }) => [index, record]));
  return results.map((result) => {
    const record = records.get(result.index);
    const isNew = result.outcome === "imported" || result.outcome === "merged";
    if (!isNew || record?.kind !== "activity") return result;
    const isShared = sharedIds.has(result.activityId ?? "");
    const findings = [...findImplausible(record), ...(isShared ? [SHARED] : [])];
    if (findings.length === 0 && !held.has(result.index)) return result;
    return { ...result, outcome: "flagged", findings };
  });
}
