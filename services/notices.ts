/**
 * What users are told: written in the transaction of what it tells of, so that nobody hears of
 * something that did not happen. Whoever sends mail reads what has not been sent.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type { Notice, NOTICE_KINDS, NoticeQuery, NoticesRead } from "@/contracts/notices.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkSelfOrAdmin } from "./accounts/access.ts";
import type { JobsService } from "./jobs/jobs.ts";
import { createNoticeRounds } from "./notice_rounds.ts";

/** Something to tell. */
export interface NewNotice {
  userId: string;
  kind: (typeof NOTICE_KINDS)[number];
  /** What the message is made of: JSON, amounts as text. */
  payload: Record<string, unknown>;
}

export interface NoticesService {
  /** Writes notices in the caller's transaction. */
  tell(tx: Tx, notices: readonly NewNotice[]): Promise<void>;
  /** Tells everybody who takes part in a competition the same; of many people most by a job afterwards. */
  tellParticipants(
    tx: Tx,
    competitionId: string,
    notice: Omit<NewNotice, "userId">,
  ): Promise<void>;
  /** Newest first; oneself or an admin. */
  list(actor: Actor, userId: string, query: NoticeQuery): Promise<Page<Notice>>;
  /** Marks as read; oneself or an admin. */
  markRead(actor: Actor, userId: string, read: NoticesRead): Promise<{ marked: number }>;
}

export interface NoticesDeps {
  database: Database;
  clock: Clock;
  /** Absent where no jobs run. */
  jobs?: Pick<JobsService, "enqueue" | "handle"> | undefined;
}

export function createNoticesService(deps: NoticesDeps): NoticesService {
  const { database, clock } = deps;
  const rounds = createNoticeRounds(database, deps.jobs);
  return {
    tell: (tx, notices) => tell(tx, notices, clock.now()),
    tellParticipants: (tx, competitionId, { kind, payload }) =>
      rounds.begin(tx, { competitionId, kind, payload, at: clock.now() }),
    async list(actor, userId, query) {
      checkSelfOrAdmin(actor, userId);
      return await list(database, userId, query);
    },
    async markRead(actor, userId, { upTo }) {
      checkSelfOrAdmin(actor, userId);
      const { count } = await database.sql`
        update notices set read_at = ${clock.now()}
        where user_id = ${userId} and id <= ${upTo} and read_at is null`;
      return { marked: count };
    },
  };
}

async function tell(tx: Tx, notices: readonly NewNotice[], at: EpochMs): Promise<void> {
  if (notices.length === 0) return;
  await tx.sql`
    insert into notices (user_id, kind, payload, created_at)
    select "userId", kind, payload, ${at}
    from jsonb_to_recordset(${JSON.stringify(notices)}::text::jsonb)
      as r("userId" uuid, kind text, payload jsonb)`;
}

type StoredNotice = Omit<Notice, "createdAt" | "readAt"> & {
  createdAt: EpochMs;
  readAt: EpochMs | null;
};

async function list(
  { sql }: Database,
  userId: string,
  query: NoticeQuery,
): Promise<Page<Notice>> {
  const { page, page_size: pageSize, unread } = query;
  const matches = sql`user_id = ${userId} and (${unread !== "true"} or read_at is null)`;
  const [rows, [count]] = await Promise.all([
    sql<StoredNotice[]>`
      select id, user_id as "userId", kind, payload, created_at as "createdAt",
        read_at as "readAt"
      from notices where ${matches} order by id desc
      limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`select count(*) as total from notices where ${matches}`,
  ]);
  const items = rows.map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt).toISOString(),
    readAt: row.readAt === null ? null : new Date(row.readAt).toISOString(),
  }));
  return { items, page, pageSize, total: count?.total ?? 0 };
}
