/**
 * Results that the schedule approves: once nothing stands in the way. Until then staff are told
 * what does, each time that it becomes something else, and the job comes back.
 *
 * @module
 */

import type { FinaliseBlocker } from "@/contracts/results.ts";
import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { CompetitionRow } from "../competitions/competition_view.ts";
import type { LifecycleService } from "./lifecycle.ts";
import type { NoticesService } from "../notices.ts";
import { SYSTEM_SCHEDULE } from "../system_actor.ts";
import { FINALISE_RETRY_MS, type Timetable } from "../competitions/timetable.ts";

export interface AutomaticResultDeps {
  database: Database;
  lifecycle: Pick<LifecycleService, "finalise">;
  notices: Pick<NoticesService, "tell">;
  timetable: Pick<Timetable, "finaliseSoon">;
  clock: Clock;
}

const REASON = "Approved by the schedule: the grace is over and nothing stands in the way";

/** Nothing is left to approve: somebody did, it was cancelled, or it is gone. */
const OVER = new Set(["ALREADY_FINAL", "COMPETITION_CANCELLED", "NOT_PUBLISHED", "NOT_FOUND"]);

/** Approves a result where its competition wants that; else tells why not, and tries again later. */
export async function finaliseByItself(deps: AutomaticResultDeps, id: string): Promise<void> {
  const row = await findRow(deps, id);
  if (!row || row.finalization !== "automatic" || row.status !== "published") return;
  try {
    await deps.lifecycle.finalise(SYSTEM_SCHEDULE, id, { reason: REASON });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (OVER.has(error.code)) return;
    if (error.code !== "RESULT_BLOCKED") throw error;
    await wait(deps, row, blockersOf(error));
  }
}

async function findRow({ database }: AutomaticResultDeps, id: string) {
  return await getRow(database.db, id).catch((error) => {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return undefined;
    throw error;
  });
}

function blockersOf({ details = [] }: DomainError): FinaliseBlocker[] {
  return details.map(({ code, message }) => ({ code: code as FinaliseBlocker["code"], message }));
}

async function wait(
  deps: AutomaticResultDeps,
  row: CompetitionRow,
  blockers: readonly FinaliseBlocker[],
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const kind = "competition.finalise_blocked";
    const codes = blockers.map(({ code }) => code).sort().join();
    if (await lastToldCodes(tx, row, kind) !== codes) {
      const { id, slug, name, ownerId } = row;
      const reason = blockers.map(({ message }) => message).join("; ");
      const payload = { competitionId: id, slug, name, codes, reason };
      const staff = await readStaff(tx, ownerId, codes.includes("reviews_waiting"));
      await deps.notices.tell(tx, staff.map((userId) => ({ userId, kind, payload })));
    }
    await deps.timetable.finaliseSoon(tx, row, deps.clock.now() + FINALISE_RETRY_MS);
  }, { name: "finalise_wait" });
}

async function lastToldCodes(
  tx: Tx,
  { id, ownerId }: CompetitionRow,
  kind: string,
): Promise<string | undefined> {
  const [row] = await tx.sql<{ codes: string }[]>`
    select payload->>'codes' as codes from notices
    where user_id = ${ownerId} and kind = ${kind} and payload->>'competitionId' = ${id}
    order by id desc limit 1`;
  return row?.codes;
}

/** The organiser, and those who decide reviews where some wait. */
async function readStaff(tx: Tx, ownerId: string, hasReviews: boolean): Promise<string[]> {
  if (!hasReviews) return [ownerId];
  const rows = await tx.sql<{ id: string }[]>`
    select id from users where role = 'referee' and status = 'active' and id <> ${ownerId}
    order by id`;
  return [ownerId, ...rows.map(({ id }) => id)];
}
