/**
 * The later life of a competition: its public board stops and moves again, and its result becomes
 * final once nothing stands in the way and somebody approves.
 *
 * @module
 */

import type { Competition } from "@/contracts/competitions.ts";
import type {
  FinaliseBlocker,
  FinaliseState,
  Finalized,
  FinalizeRequest,
  FreezeRequest,
} from "@/contracts/results.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import {
  canFinalise,
  canFreeze,
  checkAllowed,
  type CompetitionStatus,
  graceEndsAt,
} from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkManages } from "../accounts/access.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { type CompetitionRow, toCompetition } from "../competitions/competition_view.ts";
import type { NoticesService } from "../notices.ts";
import { readRevisions, type ResultsWriter } from "./results.ts";
import type { Settlement } from "../money/settlement.ts";
import { steer, type SteeringDeps } from "./steering.ts";
import type { Timetable } from "../competitions/timetable.ts";

/** The competition as those who look for blockers need it. */
export interface FinalisingCompetition {
  id: string;
  name: string;
  status: CompetitionStatus;
  startsAt: EpochMs;
  endsAt: EpochMs;
  graceMs: number;
}

/**
 * Finds what keeps a result from being final; services that leave work open (reviews, payments)
 * give one each. Asked again under the lock, so that nothing slips in before the result.
 */
export type FinaliseBlockers = (
  sql: Database["sql"] | Tx["sql"],
  competition: FinalisingCompetition,
  now: EpochMs,
) => Promise<FinaliseBlocker[]>;

export interface LifecycleService {
  /** Stops the public board; who manages the competition. One that is frozen stays so. Fails with `NOT_PUBLISHED`, `ALREADY_FINAL`, `COMPETITION_CANCELLED`. */
  freeze(actor: Actor, idOrSlug: string, request: FreezeRequest): Promise<Competition>;
  /** Lets the public board move again; a plan to freeze that is ahead stays. */
  unfreeze(actor: Actor, idOrSlug: string, request: FreezeRequest): Promise<Competition>;
  /** What keeps the result from being final, all of it; who manages the competition. */
  finaliseState(actor: Actor, idOrSlug: string): Promise<FinaliseState>;
  /** Makes the result final and signs it; who manages the competition. Fails with `RESULT_BLOCKED` (details name every blocker), `NOT_PUBLISHED`, `ALREADY_FINAL`, `COMPETITION_CANCELLED`. */
  finalise(actor: Actor, idOrSlug: string, request: FinalizeRequest): Promise<Finalized>;
  /** Enters the freezes that were planned for `now` or earlier; gives how many. For a job: boards stand still from the planned time on without it. */
  freezeDue(now: EpochMs): Promise<number>;
}

export interface LifecycleDeps extends SteeringDeps {
  results: ResultsWriter;
  blockers: readonly FinaliseBlockers[];
  /** A final result fills the prize pool. */
  settlement: Pick<Settlement, "fund">;
  notices: Pick<NoticesService, "tellParticipants">;
  timetable: Timetable;
}

export function createLifecycleService(deps: LifecycleDeps): LifecycleService {
  return {
    freeze: (actor, idOrSlug, request) => freeze(deps, actor, idOrSlug, request),
    unfreeze: (actor, idOrSlug, request) => unfreeze(deps, actor, idOrSlug, request),
    finaliseState: (actor, idOrSlug) => finaliseState(deps, actor, idOrSlug),
    finalise: (actor, idOrSlug, request) => finalise(deps, actor, idOrSlug, request),
    freezeDue: (now) => freezeDue(deps, now),
  };
}

async function getManaged(
  deps: LifecycleDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<CompetitionRow> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  return row;
}

async function freeze(
  deps: LifecycleDeps,
  actor: Actor,
  idOrSlug: string,
  { reason }: FreezeRequest,
): Promise<Competition> {
  const { id } = await getManaged(deps, actor, idOrSlug);
  await steer(deps, id, async (tx, locked) => {
    checkAllowed(canFreeze(locked));
    if (locked.frozenAt !== null) return;
    await deps.log.freeze(tx, locked, { actor, reason });
    await recordFreeze(deps, tx, locked, { actor, reason, isFrozen: true });
  });
  return await show(deps, id);
}

async function unfreeze(
  deps: LifecycleDeps,
  actor: Actor,
  idOrSlug: string,
  { reason }: FreezeRequest,
): Promise<Competition> {
  const { id } = await getManaged(deps, actor, idOrSlug);
  await steer(deps, id, async (tx, locked) => {
    if (locked.frozenAt === null) return checkAllowed(canFreeze(locked, "unfreeze"));
    await deps.log.append(tx, locked, [{ entry: { kind: "unfreeze" }, actor, reason }]);
    await clearFreeze(tx, locked);
    await recordFreeze(deps, tx, locked, { actor, reason, isFrozen: false });
  });
  return await show(deps, id);
}

async function recordFreeze(
  deps: LifecycleDeps,
  tx: Tx,
  locked: LockedCompetition,
  { actor, reason, isFrozen }: { actor: Actor; reason: string | undefined; isFrozen: boolean },
): Promise<void> {
  await deps.audit.record(tx, actor, {
    action: isFrozen ? "competition.freeze" : "competition.unfreeze",
    targetKind: "competition",
    targetId: locked.id,
    before: { frozen: !isFrozen },
    after: { frozen: isFrozen, seq: locked.lastSeq },
    reason,
  });
}

async function clearFreeze(tx: Tx, locked: LockedCompetition): Promise<void> {
  Object.assign(locked, { frozenAt: null, frozenSeq: null });
  await tx.sql`
    update competitions set frozen_at = null, frozen_seq = null, frozen_count = null
    where id = ${locked.id}`;
}

async function finaliseState(
  deps: LifecycleDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<FinaliseState> {
  const row = await getManaged(deps, actor, idOrSlug);
  checkAllowed(canFinalise(row));
  const blockers = await findBlockers(deps, deps.database.sql, row);
  return { competitionId: row.id, ready: blockers.length === 0, blockers };
}

async function findBlockers(
  deps: LifecycleDeps,
  sql: Database["sql"] | Tx["sql"],
  competition: FinalisingCompetition,
): Promise<FinaliseBlocker[]> {
  const now = deps.clock.now();
  const found = await Promise.all(deps.blockers.map((find) => find(sql, competition, now)));
  return [...graceBlocker(competition, now), ...found.flat()];
}

function graceBlocker(competition: FinalisingCompetition, now: EpochMs): FinaliseBlocker[] {
  const until = graceEndsAt(competition);
  if (now >= until) return [];
  const message = `Late data still counts until ${new Date(until).toISOString()}`;
  return [{ code: "grace_not_over", message }];
}

async function finalise(
  deps: LifecycleDeps,
  actor: Actor,
  idOrSlug: string,
  { reason }: FinalizeRequest,
): Promise<Finalized> {
  const { id } = await getManaged(deps, actor, idOrSlug);
  await steer(deps, id, async (tx, locked) => {
    checkAllowed(canFinalise(locked));
    checkNothingBlocks(locked, await findBlockers(deps, tx.sql, locked));
    await tx.sql`
      update competitions set status = 'final', freeze_at = null, updated_at = ${deps.clock.now()}
      where id = ${id}`;
    Object.assign(locked, { status: "final", freezeAt: null });
    if (locked.frozenAt !== null) await clearFreeze(tx, locked);
    await deps.log.append(tx, locked, [{
      entry: { kind: "status", status: "final" },
      actor,
      reason,
    }]);
    const revision = await deps.results.revise(tx, locked, { actor, cause: "finalise", reason });
    await deps.settlement.fund(tx, locked, actor);
    await deps.timetable.plan(tx, await getRow(tx.db, id));
    const { slug, name } = locked;
    await deps.notices.tellParticipants(tx, id, {
      kind: "competition.final",
      payload: { competitionId: id, slug, name, revision },
    });
    await deps.audit.record(tx, actor, {
      action: "competition.finalise",
      targetKind: "competition",
      targetId: id,
      before: { status: "published" },
      after: { status: "final", seq: locked.lastSeq, revision },
      reason,
    });
  });
  const [result] = await readRevisions(deps.database, id);
  return { competition: await show(deps, id), result: result! };
}

function checkNothingBlocks(
  { name }: FinalisingCompetition,
  blockers: readonly FinaliseBlocker[],
): void {
  const [first] = blockers;
  if (!first) return;
  const message = `Cannot finalise competition "${name}": ${first.message}`;
  throw new DomainError("RESULT_BLOCKED", message, {
    details: blockers.map(({ code, message }) => ({ field: "competition", code, message })),
  });
}

async function show(deps: LifecycleDeps, id: string): Promise<Competition> {
  const row = await getRow(deps.database.db, id);
  return toCompetition(row, { at: deps.clock.now(), isStaff: true });
}

async function freezeDue(deps: LifecycleDeps, now: EpochMs): Promise<number> {
  const due = await deps.database.sql<{ id: string }[]>`
    select id from competitions
    where status = 'published' and frozen_at is null and freeze_at <= ${now} order by id`;
  let entered = 0;
  for (const { id } of due) {
    // Locking enters what is due.
    const isFrozen = await steer(deps, id, (_tx, locked) => {
      return Promise.resolve(locked.frozenAt !== null);
    });
    if (isFrozen) entered += 1;
  }
  return entered;
}
