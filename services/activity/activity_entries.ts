/** The competitions of activity that an athlete entered, and where the athlete stands in them. */

import type { Tx } from "@/db/client.ts";
import type { CompetitionStatus } from "@/domain/competition.ts";
import type { Interval } from "@/domain/days.ts";
import { DomainError } from "@/domain/error.ts";
import type { Rules } from "@/domain/rules.ts";
import type { EpochMs } from "@/domain/time.ts";

/** What a score depends on besides the facts. */
export interface ScoringTerms extends Interval {
  graceMs: number;
  timeZone: string;
  rules: Rules;
}

/** What the rules may ask of the athlete. */
export interface AthleteTerms {
  joinedAt: EpochMs;
  /** As it was at the join. */
  athleteZone: string;
}

/** One competition with the athlete's entry, as read without a lock. */
export interface ActivityEntry extends ScoringTerms, AthleteTerms {
  id: string;
  slug: string;
  name: string;
  status: CompetitionStatus;
  participantId: string;
}

/** Where a participant stands. */
export interface StoredScore extends AthleteTerms {
  participantId: string;
  status: "active" | "withdrawn" | "disqualified";
  score: number | null;
  /** The newest activity event, nulls where there is none. */
  value: number | null;
  reachedAt: EpochMs | null;
  rulesVersion: number | null;
}

/** Whether a competition and a span of time have a moment in common. */
export function touches(competition: Interval, span: Interval): boolean {
  return competition.startsAt < span.endsAt && competition.endsAt > span.startsAt;
}

/** Whether a score that was computed under the one holds under the other. */
export function isSameTerms(a: ScoringTerms, b: ScoringTerms): boolean {
  return a.startsAt === b.startsAt && a.endsAt === b.endsAt && a.graceMs === b.graceMs &&
    a.timeZone === b.timeZone && a.rules.version === b.rules.version;
}

/**
 * Reads the athlete's entries in the order of competition ids: those that still score, and of the
 * others (final, cancelled, left) the ones that the span touches.
 */
export async function readEntries(
  tx: Tx,
  userId: string,
  span: Interval,
): Promise<ActivityEntry[]> {
  return await tx.sql<ActivityEntry[]>`
    select c.id, c.slug, c.name, c.status, c.starts_at as "startsAt", c.ends_at as "endsAt",
      c.grace_ms as "graceMs", c.time_zone as "timeZone", c.rules, p.id as "participantId",
      p.joined_at as "joinedAt", p.time_zone as "athleteZone"
    from participants p join competitions c on c.id = p.competition_id
    where p.user_id = ${userId} and c.status <> 'draft'
      and c.rules -> 'scoring' ->> 'kind' = 'activity'
      and ((p.status = 'active' and c.status = 'published')
        or (c.starts_at < ${span.endsAt} and c.ends_at > ${span.startsAt}))
    order by c.id`;
}

/** Reads what the rules may ask of a participant. Fails with `NOT_FOUND` where there is none. */
export async function readAthlete(
  tx: Tx,
  competitionId: string,
  userId: string,
): Promise<AthleteTerms & { participantId: string }> {
  const [row] = await tx.sql<(AthleteTerms & { participantId: string })[]>`
    select id as "participantId", joined_at as "joinedAt", time_zone as "athleteZone" from participants
    where competition_id = ${competitionId} and user_id = ${userId}`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find participant "${userId}": there is none`);
}

/** Reads where participants stand, after their competitions were locked. */
export async function readStoredScores(
  tx: Tx,
  participantIds: readonly string[],
): Promise<Map<string, StoredScore>> {
  const rows = await tx.sql<StoredScore[]>`
    select p.id as "participantId", p.status, s.score, e.value, e.occurred_at as "reachedAt",
      e.rules_version as "rulesVersion", p.joined_at as "joinedAt", p.time_zone as "athleteZone"
    from participants p
    left join standings s on s.competition_id = p.competition_id and s.participant_id = p.id
    left join lateral (
      select value, occurred_at, rules_version from competition_log
      where competition_id = p.competition_id and participant_id = p.id
        and kind = 'score' and source = 'activity'
      order by seq desc limit 1
    ) e on true
    where p.id = any(${[...participantIds]}::uuid[])`;
  return new Map(rows.map((row) => [row.participantId, row]));
}

/**
 * Finds the participants with a fact that ends after the old end, or came after the old grace, and
 * touches the competition as it is now.
 */
export async function readLetIn(
  tx: Tx,
  now: { id: string } & ScoringTerms,
  before: { endsAt: EpochMs; graceMs: number },
): Promise<{ id: string; userId: string }[]> {
  const graceEndedAt = before.endsAt + before.graceMs;
  return await tx.sql<{ id: string; userId: string }[]>`
    select p.id, p.user_id as "userId" from participants p
    where p.competition_id = ${now.id} and p.status = 'active' and (
      exists (select from activities a where a.user_id = p.user_id and a.deleted_at is null
        and a.started_at < ${now.endsAt} and a.ended_at > ${now.startsAt}
        and (a.ended_at > ${before.endsAt} or a.arrived_at >= ${graceEndedAt}))
      or exists (select from samples s where s.user_id = p.user_id and s.deleted_at is null
        and s.started_at < ${now.endsAt} and s.ended_at > ${now.startsAt}
        and (s.ended_at > ${before.endsAt} or s.arrived_at >= ${graceEndedAt})))
    order by p.id`;
}
