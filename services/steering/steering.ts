/** What everything that staff do to a running competition has in common. */

import type { ConstraintFaults, Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { CompetitionStatus } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { checkSignedIn, isStaff, type OwnedCompetition } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { CompetitionLogService, LockedCompetition } from "../leaderboard/competition_log.ts";

/** What steering needs. */
export interface SteeringDeps {
  database: Database;
  log: CompetitionLogService;
  boards: BoardsService;
  audit: AuditService;
  clock: Clock;
  newId: IdGenerator;
}

/** Does one thing under the competition's row lock, and tells the boards after the commit;
 * `constraints` name the codes of races that the database decides. */
export async function steer<T>(
  deps: Pick<SteeringDeps, "database" | "log" | "boards">,
  competitionId: string,
  run: (tx: Tx, locked: LockedCompetition) => Promise<T>,
  constraints: ConstraintFaults = {},
): Promise<T> {
  const done = await deps.database.transaction(async (tx) => {
    const locked = (await deps.log.lock(tx, [competitionId])).get(competitionId)!;
    return await run(tx, locked);
  }, { name: "steer", constraints });
  await deps.boards.committed(competitionId);
  return done;
}

/** Fails with `UNAUTHORIZED` or `FORBIDDEN` unless the actor is staff of the competition. */
export function checkStaff(actor: Actor, competition: OwnedCompetition): void {
  if (isStaff(actor, competition)) return;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot correct this competition: it takes its staff");
}

/** A participant as a correction finds it. */
export interface JudgedParticipant {
  id: string;
  userId: string;
  status: "active" | "withdrawn" | "disqualified";
  hasLeft: boolean;
}

/** Fails with `NOT_FOUND` for a participant that the competition does not have. */
export async function getParticipant(
  tx: Tx,
  competitionId: string,
  participantId: string,
): Promise<JudgedParticipant> {
  const [row] = await tx.sql<JudgedParticipant[]>`
    select id, user_id as "userId", status, left_at is not null as "hasLeft"
    from participants where competition_id = ${competitionId} and id = ${participantId}`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find participant "${participantId}": there is none`);
}

/** The live rank of a participant, for staff. */
export async function liveRank(
  boards: Pick<BoardsService, "view">,
  competitionId: string,
  participantId: string,
): Promise<{ rank: number | null; offset: number }> {
  const view = await boards.view(competitionId, "staff");
  return { rank: view.rankOf(participantId), offset: view.offset };
}

/** Whether a result stands that a change must revise. */
export function isDecided(status: CompetitionStatus): boolean {
  return status === "final" || status === "settled";
}
