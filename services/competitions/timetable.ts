/**
 * When a competition moves on by itself: jobs at the exact moments, planned anew in the transaction
 * of whatever moves them. A job every minute looks for what has none, so that nothing depends on a
 * single one.
 *
 * @module
 */

import { z } from "zod";
import type { Tx } from "@/db/client.ts";
import { type FreezeFacts, phaseOf, type Schedule } from "@/domain/competition.ts";
import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import {
  type ClockPhase,
  type Finalization,
  nextTurnAt,
  notedAfterEdit,
  phasesEntered,
} from "@/domain/timetable.ts";
import type { Clock } from "@/platform/clock.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";

/** What of a competition decides its next turn. */
export interface PlannedCompetition extends Schedule, FreezeFacts {
  id: string;
  /** The last phase that was told; null before the first look. */
  phaseNoted: ClockPhase | null;
  finalization: Finalization;
}

export interface Timetable {
  /** Plans the next turn in the caller's transaction, under the competition's lock; takes back what was planned where there is none. */
  plan(tx: Tx, competition: PlannedCompetition): Promise<void>;
  /** Tries an automatic approval soon, or at an instant; does nothing where somebody approves. */
  finaliseSoon(
    tx: Tx,
    competition: Pick<PlannedCompetition, "id" | "finalization">,
    runAt?: EpochMs,
  ): Promise<void>;
}

export interface TimetableDeps {
  jobs: Pick<JobsService, "enqueue" | "remove">;
  clock: Clock;
}

const payload = z.object({ competitionId: z.uuid() });

/** Enters the phases that the clock has reached. */
export const turnJob = jobKind({ name: "competition.turn", payload });

/** Approves the result where nothing stands in the way. */
export const finaliseJob = jobKind({ name: "competition.finalise", payload });

/** Between two tries: blockers are people's work, and reviews wake the job besides. */
export const FINALISE_RETRY_MS = 15 * MINUTE_MS;

export function createTimetable({ jobs, clock }: TimetableDeps): Timetable {
  const finaliseSoon: Timetable["finaliseSoon"] = async (tx, { id, finalization }, runAt) => {
    if (finalization === "manual") return await jobs.remove(tx, finaliseKey(id));
    await jobs.enqueue(tx, finaliseJob, { competitionId: id }, {
      key: finaliseKey(id),
      ...(runAt === undefined ? {} : { runAt }),
    });
  };
  return {
    finaliseSoon,
    async plan(tx, competition) {
      const { id } = competition;
      const now = clock.now();
      const turnAt = turnOf(competition, now);
      if (turnAt === null) await jobs.remove(tx, turnKey(id));
      else {await jobs.enqueue(tx, turnJob, { competitionId: id }, {
          key: turnKey(id),
          runAt: turnAt,
        });}
      await note(tx, competition, now);
      if (phaseOf(competition, now) === "provisional") await finaliseSoon(tx, competition);
      else await jobs.remove(tx, finaliseKey(id));
    },
  };
}

export function turnKey(id: string): string {
  return `competition:${id}:turn`;
}

export function finaliseKey(id: string): string {
  return `competition:${id}:finalise`;
}

/** Now where a phase has begun that nobody was told of, else the next moment. */
function turnOf(competition: PlannedCompetition, now: EpochMs): EpochMs | null {
  const { phaseNoted } = competition;
  const isLate = phaseNoted !== null && phasesEntered(phaseNoted, competition, now).length > 0;
  return isLate ? now : nextTurnAt(competition, now);
}

async function note(tx: Tx, competition: PlannedCompetition, now: EpochMs): Promise<void> {
  const noted = notedAfterEdit(competition.phaseNoted, competition, now);
  if (noted === competition.phaseNoted) return;
  await tx.sql`update competitions set phase_noted = ${noted} where id = ${competition.id}`;
}
