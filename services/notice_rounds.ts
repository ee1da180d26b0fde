/**
 * The same words to everybody in a competition. The first are told in the transaction of what it is
 * about, the others by a job, some thousands at a time, so that a large competition holds no lock
 * while a million rows are written. A batch that was told is told once, also when its job runs again.
 *
 * @module
 */

import { z } from "zod";
import type { Notice } from "@/contracts/notices.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import { jobKind } from "./jobs/job_kinds.ts";
import type { JobsService } from "./jobs/jobs.ts";

/** Some 100 ms of writing. */
export const TOLD_AT_ONCE = 5_000;

const round = z.object({
  competitionId: z.uuid(),
  kind: z.string(),
  payload: z.record(z.string(), z.unknown()),
  /** When the first were told; with kind and payload it marks the round. */
  at: z.int(),
  /** The participant who was told last. */
  after: z.uuid(),
});
const tellJob = jobKind({ name: "notices.tell", payload: round });

interface Round extends Pick<Notice, "kind" | "payload"> {
  competitionId: string;
  at: EpochMs;
}

export interface NoticeRounds {
  /** Begins a round in the caller's transaction. */
  begin(tx: Tx, round: Round): Promise<void>;
}

/** Without jobs, as where the demo's past is written, everybody is told in the one transaction. */
export function createNoticeRounds(
  database: Database,
  jobs: Pick<JobsService, "enqueue" | "handle"> | undefined,
): NoticeRounds {
  const goOn = async (tx: Tx, given: Round, first: string): Promise<void> => {
    let after: string | null = first;
    do {
      after = await tellBatch(tx, given, after);
      if (after !== null && jobs) {
        await jobs.enqueue(tx, tellJob, { ...given, after });
        return;
      }
    } while (after !== null);
  };
  jobs?.handle(tellJob, async ({ after, ...given }) => {
    await database.transaction((tx) => goOn(tx, given, after), { name: "notices" });
  });
  return { begin: (tx, given) => goOn(tx, given, NOBODY) };
}

/** Before every participant. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Tells the next ones; gives the last of them where others follow. */
async function tellBatch(
  tx: Tx,
  { competitionId, kind, payload, at }: Round,
  after: string,
): Promise<string | null> {
  const text = JSON.stringify(payload);
  const [row] = await tx.sql<{ count: number; last: string | null }[]>`
    with batch as materialized (
      select id, user_id from participants
      where competition_id = ${competitionId} and status = 'active' and id > ${after}
      order by id limit ${TOLD_AT_ONCE}
    ), told as (
      insert into notices (user_id, kind, payload, created_at)
      select b.user_id, ${kind}, ${text}::text::jsonb, ${at} from batch b
      where ${after} = ${NOBODY} or not exists (
        select from notices n where n.user_id = b.user_id and n.kind = ${kind}
          and n.created_at = ${at} and n.payload = ${text}::text::jsonb)
      order by b.id
    )
    select count(*) as count, (select id from batch order by id desc limit 1) as last from batch`;
  return row!.count < TOLD_AT_ONCE ? null : row!.last;
}
