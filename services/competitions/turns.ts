/**
 * What happens when a competition's clock moves on: too few people cancel it at the start, each
 * phase is entered in the log and told, and at the end of the grace the result waits for approval,
 * or is approved by the schedule. Every step is taken under the competition's lock and notes that
 * it was, so that of several nodes one takes it, and one that was cut short is taken again.
 *
 * @module
 */

import { z } from "zod";
import type { Database, Tx } from "@/db/client.ts";
import { graceEndsAt } from "@/domain/competition.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import { type ClockPhase, phasesEntered } from "@/domain/timetable.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { BoardsService } from "../boards/boards.ts";
import { getRow } from "./competition_access.ts";
import type { CompetitionLogService, LockedCompetition } from "../leaderboard/competition_log.ts";
import { type CompetitionRow, scheduleOf } from "./competition_view.ts";
import { finaliseByItself } from "../steering/automatic_result.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import type { LifecycleService } from "../steering/lifecycle.ts";
import { cancelIfBelowMinimum, type MinimumDeps } from "./minimum.ts";
import type { NoticesService } from "../notices.ts";
import { SYSTEM_SCHEDULE } from "../system_actor.ts";
import { finaliseJob, finaliseKey, type Timetable, turnJob } from "./timetable.ts";

export interface TurnsDeps extends MinimumDeps {
  database: Database;
  log: CompetitionLogService;
  boards: BoardsService;
  notices: NoticesService;
  lifecycle: Pick<LifecycleService, "finalise">;
  timetable: Timetable;
  clock: Clock;
  metrics: Pick<Metrics, "businessEvents">;
}

/** Finds competitions without the job that they should have. */
const lookJob = jobKind({ name: "competition.look", payload: z.object({}) });

/** Registers the jobs of the timetable. */
export function registerTurns(
  deps: TurnsDeps,
  jobs: Pick<JobsService, "handle" | "schedule">,
): void {
  jobs.handle(turnJob, ({ competitionId }) => takeTurn(deps, competitionId));
  jobs.handle(finaliseJob, ({ competitionId }) => finaliseByItself(deps, competitionId));
  jobs.handle(lookJob, () => takeMissed(deps));
  jobs.schedule({ name: lookJob.name, kind: lookJob, payload: {}, everyMs: MINUTE_MS });
}

async function takeTurn(deps: TurnsDeps, id: string): Promise<void> {
  await cancelIfBelowMinimum(deps, id);
  const entered = await deps.database.transaction(
    (tx) => enterPhases(deps, tx, id),
    { name: "turn" },
  );
  if (entered.length === 0) return;
  await deps.boards.committed(id);
  deps.metrics.businessEvents.inc({ event: "phase_entered" }, entered.length);
}

async function enterPhases(deps: TurnsDeps, tx: Tx, id: string): Promise<ClockPhase[]> {
  // Locking also enters a freeze that is due.
  const locked = (await deps.log.lockFound(tx, [id], { wait: true })).get(id);
  if (!locked) return [];
  const row = await getRow(tx.db, id);
  const schedule = scheduleOf(row);
  const entered = row.phaseNoted === null
    ? []
    : phasesEntered(row.phaseNoted, schedule, deps.clock.now());
  await deps.log.append(tx, locked, entered.map((phase) => logDraft(phase)));
  const phaseNoted = entered.at(-1) ?? row.phaseNoted;
  if (entered.length > 0) {
    await tx.sql`update competitions set phase_noted = ${phaseNoted} where id = ${id}`;
    await tellOfPhases(deps, tx, row, entered);
  }
  await deps.timetable.plan(tx, { ...row, ...schedule, phaseNoted, ...frozenOf(locked) });
  return entered;
}

function frozenOf({ freezeAt, frozenAt }: LockedCompetition) {
  return { freezeAt, frozenAt };
}

/** The number makes every node and viewer read where the competition is now. */
function logDraft(phase: ClockPhase) {
  return {
    entry: { kind: "status" as const, status: "published" as const },
    actor: SYSTEM_SCHEDULE,
    reason: `Phase: ${phase}`,
    metadata: { phase },
  };
}

/** Only what is news: who was away from start to end is not told that it began. */
async function tellOfPhases(
  deps: TurnsDeps,
  tx: Tx,
  row: CompetitionRow,
  entered: readonly ClockPhase[],
): Promise<void> {
  const { id, slug, name, endsAt, graceMs } = row;
  const payload = { competitionId: id, slug, name };
  const last = entered.at(-1);
  if (last === "active") {
    const until = new Date(endsAt).toISOString();
    await deps.notices.tellParticipants(tx, id, {
      ...{ kind: "competition.started", payload: { ...payload, until } },
    });
  } else if (entered.includes(graceMs > 0 ? "grace" : "provisional")) {
    const until = new Date(graceEndsAt({ endsAt, graceMs })).toISOString();
    await deps.notices.tellParticipants(tx, id, {
      ...{ kind: "competition.ended", payload: { ...payload, until } },
    });
  }
  if (last !== "provisional") return;
  await deps.notices.tell(tx, [{
    ...{ userId: row.ownerId, kind: "competition.provisional" },
    payload: { ...payload, finalization: row.finalization },
  }]);
}

/** Competitions made before their jobs were, or whose job was given up or cancelled. */
async function takeMissed(deps: TurnsDeps): Promise<void> {
  const errors: unknown[] = [];
  for (const id of await findMissed(deps)) {
    // One that cannot go on must not keep the others waiting.
    await takeTurn(deps, id).catch((error) => errors.push(error));
  }
  for (const id of await findUnapproved(deps)) {
    await deps.database.transaction((tx) => {
      return deps.timetable.finaliseSoon(tx, { id, finalization: "automatic" });
    }).catch((error) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, "Some competitions cannot go on");
}

async function findMissed({ database, clock }: TurnsDeps): Promise<string[]> {
  const now = clock.now();
  const rows = await database.sql<{ id: string }[]>`
    select id from competitions c
    where status = 'published' and phase_noted is distinct from case
      when ${now}::timestamptz < starts_at then
        case when coalesce(registration_opens_at, published_at, created_at) <= ${now}
            and ${now} < registration_closes_at
          then 'registration' else 'upcoming' end
      when ${now} < ends_at then 'active'
      when ${now} < ends_at + grace_ms * interval '1 millisecond' then 'grace'
      else 'provisional' end
    order by id`;
  return rows.map(({ id }) => id);
}

async function findUnapproved({ database, clock }: TurnsDeps): Promise<string[]> {
  const rows = await database.sql<{ id: string }[]>`
    select id from competitions c
    where status = 'published' and finalization = 'automatic'
      and ends_at + grace_ms * interval '1 millisecond' <= ${clock.now()}
      and not exists (
        select from graphile_worker.jobs j where j.key = replace(${
    finaliseKey("*")
  }, '*', c.id::text)
          and j.attempts < j.max_attempts)
    order by id`;
  return rows.map(({ id }) => id);
}
