/** Who can be moved: the moving competition, and where its demo athletes stand today. */

import type { Database } from "@/db/client.ts";
import { dayAt } from "@/domain/days.ts";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";
import { type Athlete, demoAthletes } from "./athletes.ts";
import { MOVING_SLUG } from "./competitions.ts";

/** The competition under way. */
export interface MovingCompetition {
  id: string;
  startsAt: EpochMs;
  endsAt: EpochMs;
  timeZone: string;
}

/** A demo athlete in it. */
export interface Runner {
  userId: string;
  athlete: Athlete;
  /** End of the last record; before it no new one may start. */
  lastEndedAt: EpochMs;
  todayM: number;
}

/** Undefined when the demo was removed or the competition cancelled. */
export async function findMovingCompetition(
  { sql }: Database,
): Promise<MovingCompetition | undefined> {
  const [row] = await sql<MovingCompetition[]>`
    select id, starts_at as "startsAt", ends_at as "endsAt", time_zone as "timeZone"
    from competitions where slug = ${MOVING_SLUG} and is_demo and status = 'published'`;
  return row;
}

const ATHLETES: ReadonlyMap<string, Athlete> = new Map(
  demoAthletes().map((athlete) => [athlete.email, athlete]),
);

/** Reads the athletes who take part; of their records those since yesterday. */
export async function readField(
  { sql }: Database,
  competition: MovingCompetition,
  now: EpochMs,
): Promise<Runner[]> {
  const { startsAt: today } = dayAt(now, competition.timeZone);
  const since = today - DAY_MS;
  const rows = await sql<{ userId: string; email: string; last: EpochMs | null; mm: number }[]>`
    select u.id as "userId", u.email, max(a.ended_at) as last,
      coalesce(sum(a.distance_mm) filter (where a.started_at >= ${today}), 0)::bigint as mm
    from participants p
    join users u on u.id = p.user_id and u.is_demo and u.status = 'active'
    left join activities a on a.user_id = u.id and a.deleted_at is null
      and a.started_at >= ${since}
    where p.competition_id = ${competition.id} and p.status = 'active'
    group by u.id, u.email order by u.id`;
  return rows.flatMap(({ userId, email, last, mm }) => {
    const athlete = ATHLETES.get(email);
    const lastEndedAt = Math.max(last ?? since, competition.startsAt);
    return athlete ? [{ userId, athlete, lastEndedAt, todayM: mm / 1000 }] : [];
  });
}
