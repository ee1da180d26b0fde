/** Reading the review queue. */

import type { Page } from "@/contracts/envelope.ts";
import type { Review, ReviewQuery } from "@/contracts/reviews.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkSignedIn, hasRole } from "../accounts/access.ts";

/** A review as it is stored, with whom and what it is about. */
export interface StoredReview {
  id: string;
  competitionId: string;
  competitionName: string;
  ownerId: string;
  participantId: string;
  userId: string;
  name: string;
  activityId: string | null;
  day: string | null;
  cause: Review["cause"];
  status: Review["status"];
  createdAt: EpochMs;
  decidedAt: EpochMs | null;
  decidedBy: string | null;
  reason: string | null;
  appeal: string | null;
}

type Sql = Database["sql"] | Tx["sql"];

function columns(sql: Sql) {
  return sql`
    r.id, r.competition_id as "competitionId", c.name as "competitionName",
    c.owner_id as "ownerId", r.participant_id as "participantId", r.user_id as "userId",
    coalesce(f.alias, u.name) as name, r.activity_id as "activityId", r.day::text as day, r.cause,
    r.status, r.created_at as "createdAt", r.decided_at as "decidedAt",
    r.decided_by as "decidedBy", r.reason, r.appeal
    from reviews r join competitions c on c.id = r.competition_id
    join users u on u.id = r.user_id left join profiles f on f.user_id = r.user_id
    left join activities a on a.id = r.activity_id`;
}

/** Reads one that is in force. Fails with `NOT_FOUND`. */
export async function readReview({ sql }: { sql: Sql }, reviewId: string): Promise<StoredReview> {
  const [row] = await sql<StoredReview[]>`
    select ${columns(sql)}
    where r.id = ${reviewId} and r.status <> 'cleared' and a.deleted_at is null`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find review "${reviewId}": there is none`);
}

/** Pages through what the actor may see, the oldest first. */
export async function listReviews(
  { sql }: Database,
  actor: Actor,
  query: ReviewQuery,
): Promise<Page<Review>> {
  const { userId } = checkSignedIn(actor);
  const { page, page_size: pageSize, status } = query;
  const statuses = status === "waiting" ? ["open", "appealed"] : [status];
  const isEverywhere = hasRole(actor, "admin", "referee");
  const where = sql`
    where r.status = any(${statuses}::text[]) and a.deleted_at is null
      ${isEverywhere ? sql`` : sql`and (r.user_id = ${userId} or c.owner_id = ${userId})`}
      ${query.competitionId ? sql`and r.competition_id = ${query.competitionId}` : sql``}
      ${query.userId ? sql`and r.user_id = ${query.userId}` : sql``}`;
  const [counted] = await sql<{ total: number }[]>`
    select count(*)::integer as total from (select ${columns(sql)} ${where}) as found`;
  const rows = await sql<StoredReview[]>`
    select ${columns(sql)} ${where}
    order by r.created_at, r.id limit ${pageSize} offset ${(page - 1) * pageSize}`;
  return { items: rows.map(toReview), page, pageSize, total: counted!.total };
}

/** As the API gives it. */
export function toReview({ ownerId: _, createdAt, decidedAt, ...row }: StoredReview): Review {
  return {
    ...row,
    createdAt: new Date(createdAt).toISOString(),
    decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString(),
  };
}
