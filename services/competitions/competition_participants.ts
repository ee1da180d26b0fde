/** The list of a competition's participants. */

import { and, asc, count, eq, ilike, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Participant, ParticipantQuery } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import { participants, profiles, standings, teams, users } from "@/db/schema.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { ShownRow } from "./competition_view.ts";
import { likePattern } from "../like_pattern.ts";

/** The name a board shows: the alias where the athlete chose one. */
export const shownName = sql<string>`coalesce(${profiles.alias}, ${users.name})`;

/** One page of participants, by join time; e-mail only for staff. */
export async function listParticipants(
  database: Pick<Database, "db"> | Tx,
  competition: Pick<ShownRow, "id" | "rules">,
  query: ParticipantQuery,
  isStaff: boolean,
): Promise<Page<Participant>> {
  const { db } = database;
  const where = filterCondition(competition.id, query, isStaff);
  const rows = await db.select({
    participant: participants,
    name: shownName,
    // What stands in place of a deleted person's address is nobody's.
    email: sql<
      string | null
    >`case when ${users.status} = 'deleted' then null else ${users.email} end`,
    score: standings.score,
    team: { id: teams.id, name: teams.name },
  }).from(participants)
    .innerJoin(users, eq(users.id, participants.userId))
    .leftJoin(profiles, eq(profiles.userId, participants.userId))
    .leftJoin(teams, eq(teams.id, participants.teamId))
    .leftJoin(
      standings,
      and(
        eq(standings.competitionId, participants.competitionId),
        eq(standings.participantId, participants.id),
      ),
    )
    .where(where).orderBy(asc(participants.joinedAt), asc(participants.id))
    .limit(query.page_size).offset((query.page - 1) * query.page_size);
  const [total] = await db.select({ value: count() }).from(participants)
    .innerJoin(users, eq(users.id, participants.userId))
    .leftJoin(profiles, eq(profiles.userId, participants.userId))
    .where(where);
  const decimals = decimalsOf(competition.rules.scoring);
  return {
    items: rows.map((row) => toParticipant(row, { decimals, isStaff })),
    page: query.page,
    pageSize: query.page_size,
    total: total?.value ?? 0,
  };
}

/** Which participants a list shows. */
type ParticipantFilter = Pick<ParticipantQuery, "q" | "status" | "division" | "team">;

function filterCondition(
  competitionId: string,
  { status, q, division, team }: ParticipantFilter,
  isStaff: boolean,
): SQL | undefined {
  return and(
    eq(participants.competitionId, competitionId),
    status ? eq(participants.status, status) : undefined,
    q ? textCondition(q, isStaff) : undefined,
    division === undefined ? undefined : eq(participants.division, division),
    team === undefined ? undefined : teamCondition(team),
  );
}

/** The participants that staff find with a filter, by id; at most so many. */
export async function findParticipantIds(
  { db }: Tx,
  competitionId: string,
  { filter, limit }: { filter: ParticipantFilter; limit: number },
): Promise<string[]> {
  const rows = await db.select({ id: participants.id }).from(participants)
    .innerJoin(users, eq(users.id, participants.userId))
    .leftJoin(profiles, eq(profiles.userId, participants.userId))
    .where(filterCondition(competitionId, filter, true)).orderBy(asc(participants.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

function teamCondition(team: string): SQL {
  return team === "none" ? isNull(participants.teamId) : eq(participants.teamId, team);
}

function textCondition(text: string, isStaff: boolean): SQL | undefined {
  const pattern = likePattern(text);
  // Searching by e-mail would let anybody test whose address takes part.
  return or(sql`${shownName} ilike ${pattern}`, isStaff ? ilike(users.email, pattern) : undefined);
}

function toParticipant(
  row: {
    participant: typeof participants.$inferSelect;
    name: string;
    email: string | null;
    score: number | null;
    team: { id: string; name: string } | null;
  },
  options: { decimals: number; isStaff: boolean },
): Participant {
  const { participant } = row;
  return {
    participantId: participant.id,
    userId: participant.userId,
    name: row.name,
    ...(options.isStaff && row.email !== null ? { email: row.email } : {}),
    status: participant.status,
    division: participant.division,
    team: row.team,
    joinedAt: new Date(participant.joinedAt).toISOString(),
    leftAt: participant.leftAt === null ? null : new Date(participant.leftAt).toISOString(),
    score: row.score === null ? null : formatScore(row.score, options.decimals),
  };
}
