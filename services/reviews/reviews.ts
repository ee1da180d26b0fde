/**
 * The review queue. Staff decide with a reason, which the athlete reads beside the same evidence;
 * a decision can be undone, and a rejection appealed. Each scores the athlete anew at once, and a
 * result cannot be final while anything waits.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type { Review, ReviewEvidence, ReviewQuery } from "@/contracts/reviews.ts";
import type { Database, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { canCorrect, checkAllowed, graceEndsAt } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkSignedIn, isSelf, isStaff } from "../accounts/access.ts";
import { type ActivityScores, lockAthlete } from "../activity/activity_scores.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import type { FinaliseBlockers } from "../steering/lifecycle.ts";
import { readEvidence } from "./review_evidence.ts";
import { listReviews, readReview, type StoredReview, toReview } from "./review_list.ts";
import type { Timetable } from "../competitions/timetable.ts";

export interface ReviewsService {
  /** Staff: of their competitions (referees and admins: all); everybody: their own. Oldest first. */
  list(actor: Actor, query: ReviewQuery): Promise<Page<Review>>;
  /** With its evidence; staff and the athlete. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  get(actor: Actor, reviewId: string): Promise<ReviewEvidence>;
  /** Lets it count; staff. Fails with `CONFLICT` when it is decided, `ALREADY_FINAL`. */
  accept(actor: Actor, reviewId: string, reason: string): Promise<Review>;
  /** Lets it not count; staff. Fails as `accept`. */
  reject(actor: Actor, reviewId: string, reason: string): Promise<Review>;
  /** Takes a decision back, so that it waits again; staff. Fails with `CONFLICT` when none was made. */
  undo(actor: Actor, reviewId: string, reason: string): Promise<Review>;
  /** Asks for another look at a rejection, once; the athlete. Fails with `CONFLICT`, `ALREADY_FINAL`. */
  appeal(actor: Actor, reviewId: string, text: string): Promise<Review>;
}

export interface ReviewsDeps {
  database: Database;
  log: CompetitionLogService;
  activityScores: ActivityScores;
  boards: BoardsService;
  audit: AuditService;
  timetable: Pick<Timetable, "finaliseSoon">;
  clock: Clock;
}

export function createReviewsService(deps: ReviewsDeps): ReviewsService {
  const WAITING = ["open", "appealed"] as const;
  return {
    list: (actor, query) => listReviews(deps.database, actor, query),
    get: (actor, reviewId) => readEvidence(deps, actor, reviewId),
    accept: (actor, reviewId, reason) =>
      decide(deps, actor, reviewId, { from: WAITING, to: "accepted", reason }),
    reject: (actor, reviewId, reason) =>
      decide(deps, actor, reviewId, { from: WAITING, to: "rejected", reason }),
    undo: (actor, reviewId, reason) =>
      decide(deps, actor, reviewId, { from: ["accepted", "rejected"], to: "open", reason }),
    appeal: (actor, reviewId, text) => appeal(deps, actor, reviewId, text),
  };
}

/** What keeps a result from being final: sessions and days that wait for somebody to look. */
export const reviewBlockers: FinaliseBlockers = async (sql, { id }) => {
  const [row] = await sql<{ waiting: number }[]>`
    select count(*)::integer as waiting from reviews r
    join participants p on p.id = r.participant_id and p.status = 'active'
    left join activities a on a.id = r.activity_id
    where r.competition_id = ${id} and r.status in ('open', 'appealed')
      and a.deleted_at is null`;
  if (row!.waiting === 0) return [];
  const message = row!.waiting === 1
    ? "One session waits in the review queue"
    : `${row!.waiting} sessions wait in the review queue`;
  return [{ code: "reviews_waiting", message }];
};

interface Decision {
  from: readonly StoredReview["status"][];
  to: "accepted" | "rejected" | "open";
  reason: string;
}

async function decide(
  deps: ReviewsDeps,
  actor: Actor,
  reviewId: string,
  { from, to, reason }: Decision,
): Promise<Review> {
  return await change(deps, actor, reviewId, async (tx, review) => {
    checkMayDecide(actor, review);
    if (!from.includes(review.status)) throw decided(review);
    const isDecided = to !== "open";
    await tx.sql`
      update reviews set status = ${to}, reason = ${reason},
        decided_at = ${isDecided ? deps.clock.now() : null},
        decided_by = ${isDecided ? actorIdOf(actor) : null}
      where id = ${review.id}`;
    return { action: `review.${to === "open" ? "undo" : to}`, reason };
  });
}

async function appeal(
  deps: ReviewsDeps,
  actor: Actor,
  reviewId: string,
  text: string,
): Promise<Review> {
  return await change(deps, actor, reviewId, async (tx, review) => {
    if (!isSelf(actor, review.userId)) {
      checkSignedIn(actor);
      throw new DomainError("FORBIDDEN", "Cannot appeal: the session is another athlete's");
    }
    if (review.status !== "rejected" || review.appeal !== null) throw decided(review);
    await tx.sql`
      update reviews set status = 'appealed', appeal = ${text},
        appealed_at = ${deps.clock.now()} where id = ${review.id}`;
    return { action: "review.appeal", reason: text };
  });
}

/** Changes a review under the locks of its athlete and competition, and scores the athlete anew. */
async function change(
  deps: ReviewsDeps,
  actor: Actor,
  reviewId: string,
  write: (tx: Tx, review: StoredReview) => Promise<{ action: string; reason: string }>,
): Promise<Review> {
  const { review, competitionId } = await deps.database.transaction(async (tx) => {
    const { userId, competitionId, participantId } = await readReview(tx, reviewId);
    await lockAthlete(tx, userId);
    const locked = (await deps.log.lock(tx, [competitionId])).get(competitionId)!;
    const before = await readReview(tx, reviewId);
    checkAllowed(canCorrect(locked));
    const { action, reason } = await write(tx, before);
    const after = await readReview(tx, reviewId);
    await deps.audit.record(tx, actor, {
      action,
      targetKind: "review",
      targetId: reviewId,
      before: { status: before.status },
      after: { status: after.status, competitionId, userId },
      reason,
    });
    const participant = { id: participantId, userId };
    await deps.activityScores.rescore(tx, locked, participant, { actor, reason: "review" });
    await wakeApproval(deps, tx, competitionId);
    return { review: after, competitionId };
  }, { name: "review" });
  await deps.boards.committed(competitionId);
  return toReview(review);
}

/** The last decision lets a result become final that waited for it. */
async function wakeApproval(deps: ReviewsDeps, tx: Tx, competitionId: string): Promise<void> {
  const row = await getRow(tx.db, competitionId);
  const now = deps.clock.now();
  if (row.finalization === "manual" || graceEndsAt(row) > now) return;
  const waiting = await reviewBlockers(tx.sql, row, now);
  if (waiting.length === 0) await deps.timetable.finaliseSoon(tx, row);
}

function checkMayDecide(actor: Actor, review: StoredReview): void {
  if (!isStaff(actor, review)) {
    checkSignedIn(actor);
    throw new DomainError("FORBIDDEN", "Cannot decide a review: it takes the competition's staff");
  }
  if (isSelf(actor, review.userId)) {
    throw new DomainError("FORBIDDEN", "Cannot decide a review of one's own activity");
  }
}

function decided({ status }: StoredReview): DomainError {
  return new DomainError("CONFLICT", `Cannot do that to a review: it is ${status}`);
}
