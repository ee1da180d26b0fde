/**
 * Scores that change by the calendar alone: an average falls when a local day begins. A job looks
 * every quarter of an hour, because the world's midnights lie on quarters, and scores anew those
 * whose day has begun since it last looked.
 *
 * @module
 */

import { z } from "zod";
import type { Database, Tx } from "@/db/client.ts";
import type { SystemActor } from "@/domain/actor.ts";
import { dayAt } from "@/domain/days.ts";
import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { type ActivityScores, lockAthlete } from "./activity_scores.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";

export interface DayScoresDeps {
  database: Database;
  log: CompetitionLogService;
  activityScores: ActivityScores;
  boards: Pick<BoardsService, "committed">;
  clock: Clock;
}

/** A quarter of an hour after which no zone's midnight is missed. */
const LOOK_EVERY_MS = 15 * MINUTE_MS;
/** Participants of one transaction: at a millisecond or two each, updates wait that long at most. */
const PARTICIPANTS_AT_ONCE = 50;

/** Nobody did anything; a day began. */
const CALENDAR: SystemActor = {
  kind: "system",
  name: "calendar",
  requestId: null,
  address: null,
};

const dueJob = jobKind({ name: "scores.days_due", payload: z.object({}) });
const competitionJob = jobKind({
  name: "scores.days",
  payload: z.object({ competitionId: z.uuid() }),
});

/** Registers the jobs that keep day-dependent scores current. */
export function registerDayScores(deps: DayScoresDeps, jobs: JobsService): void {
  jobs.schedule({ name: "scores.days", kind: dueJob, payload: {}, everyMs: LOOK_EVERY_MS });
  jobs.handle(dueJob, () => enqueueDue(deps, jobs));
  jobs.handle(competitionJob, ({ competitionId }) => scoreDays(deps, competitionId));
}

/** One job a competition, so that a large one delays no other. */
async function enqueueDue({ database, clock }: DayScoresDeps, jobs: JobsService): Promise<void> {
  await database.transaction(async (tx) => {
    const rows = await tx.sql<{ id: string }[]>`
      select c.id from competitions c left join day_scores d on d.competition_id = c.id
      where c.status = 'published' and c.starts_at <= ${clock.now()}
        and c.rules -> 'scoring' ->> 'aggregate' = 'average_per_day'
        and coalesce(d.done_until < c.ends_at, true)
      order by c.id`;
    for (const { id } of rows) {
      await jobs.enqueue(tx, competitionJob, { competitionId: id }, { key: `scores.days:${id}` });
    }
  }, { name: "day_scores.due" });
}

/** Brings one competition's scores to the days that have begun. */
export async function scoreDays(deps: DayScoresDeps, competitionId: string): Promise<void> {
  const now = deps.clock.now();
  const participants = await readBegun(deps.database, competitionId, now);
  for (let at = 0; at < participants.length; at += PARTICIPANTS_AT_ONCE) {
    const part = participants.slice(at, at + PARTICIPANTS_AT_ONCE);
    const isChanged = await deps.database.transaction(
      (tx) => rescorePart(deps, tx, competitionId, part),
      { name: "day_scores" },
    );
    if (isChanged) await deps.boards.committed(competitionId);
  }
  // Only now: after a crash those that were done find nothing to change.
  await deps.database.sql`
    insert into day_scores (competition_id, done_until) values (${competitionId}, ${now})
    on conflict (competition_id) do update set done_until = excluded.done_until`;
}

interface DayParticipant {
  id: string;
  userId: string;
  zone: string;
  doneUntil: EpochMs;
}

/** Active participants in whose zone a day has begun since the last look, by user id. */
async function readBegun(
  { sql }: Database,
  competitionId: string,
  now: EpochMs,
): Promise<DayParticipant[]> {
  const rows = await sql<DayParticipant[]>`
    select p.id, p.user_id as "userId", coalesce(d.done_until, c.starts_at) as "doneUntil",
      case when c.rules -> 'scoring' ->> 'dayZone' = 'athlete' then p.time_zone
        else c.time_zone end as zone
    from participants p join competitions c on c.id = p.competition_id
    left join day_scores d on d.competition_id = c.id
    where p.competition_id = ${competitionId} and p.status = 'active'
    order by p.user_id`;
  const begun = new Map<string, boolean>();
  return rows.filter(({ zone, doneUntil }) => {
    if (!begun.has(zone)) begun.set(zone, dayAt(now, zone).startsAt > doneUntil);
    return begun.get(zone)!;
  });
}

async function rescorePart(
  deps: DayScoresDeps,
  tx: Tx,
  competitionId: string,
  participants: readonly DayParticipant[],
): Promise<boolean> {
  // In the order of user ids everywhere, and before the competition's lock, as uploads do.
  for (const { userId } of participants) await lockAthlete(tx, userId);
  const locked = (await deps.log.lockFound(tx, [competitionId], { wait: true })).get(competitionId);
  let isChanged = false;
  for (const participant of locked ? participants : []) {
    const cause = { actor: CALENDAR, reason: "day" };
    const { changed } = await deps.activityScores.rescore(tx, locked!, participant, cause);
    isChanged ||= changed;
  }
  return isChanged;
}
