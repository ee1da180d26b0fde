/**
 * The course of a computed score in the log: where teams count what was given when, the score alone
 * does not tell whose team gets how much of it.
 */

import { isDeepStrictEqual } from "node:util";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { CourseSteps } from "@/domain/log.ts";
import { cutCourse } from "@/domain/score_course.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { CompetitionLogService, LockedCompetition } from "../leaderboard/competition_log.ts";

/** Appends the course of the participant's newest result where the log does not have it yet; tells
 * whether it did. Does nothing in competitions without teams. */
export async function tellCourse(
  { log }: { log: Pick<CompetitionLogService, "append"> },
  tx: Tx,
  locked: LockedCompetition,
  { participantId, computed, actor }: {
    participantId: string;
    computed: ActivityScore;
    actor: Actor;
  },
): Promise<boolean> {
  const { teams } = locked.rules;
  if (!teams || !computed.course || computed.score === null) return false;
  const known = await readKnown(tx, locked.id, participantId);
  const steps = cutCourse(computed.course, {
    timeZone: teams.timeZone,
    boundaries: known.boundaries,
  });
  const told = { eventId: known.eventId, steps };
  if (steps.length === 0 || isDeepStrictEqual(told, known.course)) return false;
  await log.append(tx, locked, [{ entry: { kind: "course", participantId, ...told }, actor }]);
  return true;
}

interface Known {
  /** The newest computed event. */
  eventId: string;
  /** The newest course of any. */
  course: { eventId: string; steps: CourseSteps } | null;
  /** When the participant went into or out of a team. */
  boundaries: EpochMs[];
}

async function readKnown(tx: Tx, competitionId: string, participantId: string): Promise<Known> {
  const own = tx.sql`competition_id = ${competitionId} and participant_id = ${participantId}`;
  const [row] = await tx.sql<Omit<Known, "boundaries">[]>`
    select (select event_id from competition_log where ${own} and kind = 'score'
        and source = 'activity' order by seq desc limit 1) as "eventId",
      (select body from competition_log where ${own} and kind = 'course'
        order by seq desc limit 1) as course`;
  const moves = await tx.sql<{ at: EpochMs }[]>`
    select arrived_at as at from competition_log where ${own} and kind in ('team', 'leave')
    order by seq`;
  return { ...row!, boundaries: moves.map(({ at }) => at) };
}
