/** The minimum of participants: looked at once, after the start; too few cancel the competition. */

import type { Database, Tx } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import type { EntryFees } from "../money/entry_fees.ts";
import { inTurn } from "../jobs/in_turn.ts";
import type { NoticesService } from "../notices.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";

export interface MinimumDeps {
  database: Database;
  log: CompetitionLogService;
  boards: BoardsService;
  audit: AuditService;
  entryFees: EntryFees;
  notices: Pick<NoticesService, "tellParticipants">;
  clock: Clock;
}

const REASON = "Fewer people had joined at the start than the minimum";

/** Cancels and refunds what started with too few people; gives the ids of those it cancelled. */
export async function cancelBelowMinimum(deps: MinimumDeps): Promise<string[]> {
  const rows = await deps.database.sql<{ id: string }[]>`
    select id from competitions
    where status = 'published' and minimum_participants is not null
      and minimum_checked_at is null and starts_at <= ${deps.clock.now()}
    order by starts_at`;
  const cancelled = await inTurn(
    rows,
    async ({ id }) => await checkAndRefund(deps, id) ? [id] : [],
  );
  return cancelled.flat();
}

/** The same for one competition, at its start; tells whether it was cancelled. */
export async function cancelIfBelowMinimum(deps: MinimumDeps, id: string): Promise<boolean> {
  const [due] = await deps.database.sql`
    select 1 from competitions
    where id = ${id} and status = 'published' and minimum_participants is not null
      and minimum_checked_at is null and starts_at <= ${deps.clock.now()}`;
  return due !== undefined && await checkAndRefund(deps, id);
}

async function checkAndRefund(deps: MinimumDeps, id: string): Promise<boolean> {
  const isCancelled = await deps.database.transaction(
    (tx) => checkMinimum(deps, tx, id),
    { name: "minimum" },
  );
  if (!isCancelled) return false;
  await deps.boards.committed(id);
  await deps.entryFees.refundCancelled(id);
  return true;
}

/** Under the row lock, so that whoever looked first has decided. */
async function checkMinimum(deps: MinimumDeps, tx: Tx, id: string): Promise<boolean> {
  const locked = (await deps.log.lock(tx, [id])).get(id)!;
  const [row] = await tx.sql<{ minimum: number | null; isDue: boolean; count: number }[]>`
    select c.minimum_participants as minimum, c.minimum_checked_at is null
        and c.status = 'published' and c.published_at < c.starts_at as "isDue",
      (select count(*) from participants p where p.competition_id = c.id
        and p.joined_at < c.starts_at and (p.left_at is null or p.left_at >= c.starts_at)) as count
    from competitions c where c.id = ${id}`;
  const at = deps.clock.now();
  await tx.sql`update competitions set minimum_checked_at = ${at} where id = ${id}`;
  // Published after its start, it was never going to be short of people at the start.
  if (!row!.isDue || row!.minimum === null || row!.count >= row!.minimum) return false;
  await tx.sql`
    update competitions set status = 'cancelled', cancelled_at = ${at}, cancel_reason = ${REASON},
      updated_at = ${at}
    where id = ${id}`;
  await deps.log.append(tx, locked, [{
    entry: { kind: "status", status: "cancelled" },
    actor: SYSTEM_MONEY,
    reason: REASON,
  }]);
  const { slug, name } = locked;
  await deps.notices.tellParticipants(tx, id, {
    kind: "competition.cancelled",
    payload: { competitionId: id, slug, name, reason: REASON },
  });
  await deps.audit.record(tx, SYSTEM_MONEY, {
    action: "competition.cancel",
    targetKind: "competition",
    targetId: id,
    before: { status: "published" },
    after: { status: "cancelled", participants: row!.count, minimum: row!.minimum },
    reason: REASON,
  });
  return true;
}
