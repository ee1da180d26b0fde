/**
 * Which division and team a participant is in: written to the log, which is what boards and results
 * go by, and to the participant's row, which lists are made of. All of it happens under the
 * competition's lock, so that a team never takes in more than its rule lets.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type {
  CompetitionLogService,
  LockedCompetition,
  LogDraft,
} from "../leaderboard/competition_log.ts";

/** A participant as moves find it. */
export interface PlacedParticipant {
  id: string;
  userId: string;
  status: "active" | "withdrawn" | "disqualified";
  division: string | null;
  teamId: string | null;
}

/** Where somebody is to be; what is absent stays. */
export interface Destination {
  division?: string | undefined;
  teamId?: string | null | undefined;
}

/** By whom, and why. */
export interface MoveCause {
  actor: Actor;
  reason?: string | undefined;
}

/** Reads a participant. Fails with `NOT_FOUND`. */
export async function getPlaced(
  tx: Tx,
  competitionId: string,
  key: { participantId: string } | { userId: string },
): Promise<PlacedParticipant> {
  const match = "userId" in key
    ? tx.sql`user_id = ${key.userId}`
    : tx.sql`id = ${key.participantId}`;
  const [row] = await tx.sql<PlacedParticipant[]>`
    select id, user_id as "userId", status, division, team_id as "teamId" from participants
    where competition_id = ${competitionId} and ${match}`;
  if (row) return row;
  if ("userId" in key) {
    throw new DomainError("NOT_A_PARTICIPANT", "Cannot do this: you do not take part");
  }
  const message = `Cannot find participant "${key.participantId}": there is none`;
  throw new DomainError("NOT_FOUND", message);
}

/** Reads participants by id. Fails with `NOT_FOUND` naming one that is not there. */
export async function readPlaced(
  tx: Tx,
  competitionId: string,
  participantIds: readonly string[],
): Promise<PlacedParticipant[]> {
  const ids = [...new Set(participantIds.map((id) => id.toLowerCase()))];
  const rows = await tx.sql<PlacedParticipant[]>`
    select id, user_id as "userId", status, division, team_id as "teamId" from participants
    where competition_id = ${competitionId} and id = any(${ids}::uuid[]) order by id`;
  const found = new Set(rows.map(({ id }) => id));
  const missing = ids.find((id) => !found.has(id));
  if (missing === undefined) return rows;
  throw new DomainError("NOT_FOUND", `Cannot find participant "${missing}": there is none`);
}

/** The actor's own entry. Fails with `NOT_A_PARTICIPANT` unless it is active. */
export async function getActive(
  tx: Tx,
  { id, name }: LockedCompetition,
  userId: string,
): Promise<PlacedParticipant> {
  const participant = await getPlaced(tx, id, { userId });
  if (participant.status === "active") return participant;
  throw new DomainError("NOT_A_PARTICIPANT", `Cannot do this in "${name}": you do not take part`);
}

/** Fails with `VALIDATION_ERROR` where there is no such place, with `TEAM_FULL` where it is taken. */
export async function checkDestination(
  tx: Tx,
  locked: LockedCompetition,
  { division, teamId }: Destination,
  newcomers: number,
): Promise<void> {
  if (division !== undefined && !locked.divisions.includes(division)) {
    throw invalid("division", "unknown", `The competition has no division "${division}"`);
  }
  if (typeof teamId === "string") await checkTeam(tx, locked, teamId, newcomers);
}

async function checkTeam(
  tx: Tx,
  { id, rules: { teams } }: LockedCompetition,
  teamId: string,
  newcomers: number,
): Promise<void> {
  if (!teams) throw invalid("teamId", "no_teams", "The competition has no teams");
  const [team] = await tx.sql<{ name: string; members: number }[]>`
    select t.name, (select count(*)::int from participants p
      where p.team_id = t.id and p.status <> 'withdrawn') as members
    from teams t where t.competition_id = ${id} and t.id = ${teamId} and t.removed_at is null`;
  if (!team) throw invalid("teamId", "unknown", "The competition has no such team");
  if (teams.maxMembers === undefined || team.members + newcomers <= teams.maxMembers) return;
  throw new DomainError("TEAM_FULL", `Cannot join team "${team.name}": it is full`, {
    details: [{ field: "teamId", code: "full", message: "The team is full" }],
  });
}

/** Whether somebody is elsewhere than wanted. */
export function isElsewhere(
  participant: PlacedParticipant,
  { division, teamId }: Destination,
): boolean {
  return (division !== undefined && division !== participant.division) ||
    (teamId !== undefined && teamId !== participant.teamId);
}

/** Moves participants who are elsewhere; the destination was checked. One statement for all. */
export async function place(
  { log }: { log: Pick<CompetitionLogService, "append"> },
  tx: Tx,
  locked: LockedCompetition,
  { participants, destination, cause }: {
    participants: readonly PlacedParticipant[];
    destination: Destination;
    cause: MoveCause;
  },
): Promise<void> {
  const { division, teamId } = destination;
  const drafts = participants.flatMap((one) => draftsOf(one, destination, cause));
  if (drafts.length === 0) return;
  const ids = participants.map(({ id }) => id);
  if (division !== undefined) {
    await tx.sql`update participants set division = ${division} where id = any(${ids}::uuid[])`;
  }
  if (teamId !== undefined) {
    await tx.sql`update participants set team_id = ${teamId} where id = any(${ids}::uuid[])`;
  }
  await log.append(tx, locked, drafts);
}

function draftsOf(
  participant: PlacedParticipant,
  { division, teamId }: Destination,
  cause: MoveCause,
): LogDraft[] {
  const { id: participantId } = participant;
  const drafts: LogDraft[] = [];
  if (division !== undefined && division !== participant.division) {
    drafts.push({ entry: { kind: "profile", participantId, division }, ...cause });
  }
  if (teamId !== undefined && teamId !== participant.teamId) {
    drafts.push({ entry: { kind: "team", participantId, teamId }, ...cause });
  }
  return drafts;
}
