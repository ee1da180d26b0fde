/** Making, naming and removing teams. */

import type { Team, TeamInput, TeamRemoval, TeamRemoved } from "@/contracts/teams.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canCorrect, checkAllowed } from "@/domain/competition.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { checkOwnChoice } from "@/domain/group_choice.ts";
import { TEAMS_MAX } from "@/domain/team_rule.ts";
import { canManage, checkManages, checkSignedIn } from "../accounts/access.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { getActive, place } from "./placements.ts";
import { steer } from "../steering/steering.ts";
import { createTeamReader } from "./team_reader.ts";
import type { TeamsDeps, TeamsService } from "./teams.ts";

type Changes = Pick<TeamsService, "create" | "rename" | "remove">;

export function createTeamChanges(deps: TeamsDeps): Changes {
  const reader = createTeamReader(deps);
  return {
    async create(actor, idOrSlug, input) {
      const { competitionId, teamId } = await create(deps, actor, { idOrSlug, input });
      return await reader.get(actor, competitionId, teamId);
    },
    async rename(actor, idOrSlug, teamId, input) {
      const { id } = await getVisibleRow(deps, actor, idOrSlug);
      await rename(deps, actor, { competitionId: id, teamId: teamId.toLowerCase(), input });
      return await reader.get(actor, id, teamId) satisfies Team;
    },
    remove: (actor, idOrSlug, teamId, request) =>
      remove(deps, actor, { idOrSlug, teamId: teamId.toLowerCase(), request }),
  };
}

async function getVisibleRow({ database }: TeamsDeps, actor: Actor, idOrSlug: string) {
  return (await getVisible(database.db, actor, idOrSlug)).row;
}

async function create(
  deps: TeamsDeps,
  actor: Actor,
  { idOrSlug, input }: { idOrSlug: string; input: TeamInput },
): Promise<{ competitionId: string; teamId: string }> {
  const row = await getVisibleRow(deps, actor, idOrSlug);
  const isStaffs = canManage(actor, row);
  const teamId = deps.newId();
  await steerTeams(deps, row.id, async (tx, locked) => {
    checkHasTeams(locked);
    if (isStaffs) {
      if (locked.status !== "draft") checkAllowed(canCorrect(locked));
      await insert(deps, tx, locked, { teamId, ...input, createdBy: null });
      await record(deps, tx, locked, { actor, action: "team.create", teamId, after: input });
    } else await createOwn(deps, tx, locked, { actor, teamId, input });
  });
  return { competitionId: row.id, teamId };
}

/** A participant's team, which its maker is in from the first moment. */
async function createOwn(
  deps: TeamsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { actor, teamId, input }: { actor: Actor; teamId: string; input: TeamInput },
): Promise<void> {
  const { userId } = checkSignedIn(actor);
  const { teams } = locked.rules;
  if (teams!.creators !== "members") {
    throw new DomainError("FORBIDDEN", "Cannot make a team here: the organiser makes them");
  }
  const participant = await getActive(tx, locked, userId);
  checkOwnChoice("team", { ...locked, teams }, deps.clock.now());
  const [other] = await tx.sql<{ name: string }[]>`
    select name from teams
    where competition_id = ${locked.id} and created_by = ${userId} and removed_at is null`;
  if (other) {
    const message = `Cannot make another team: you made "${other.name}", rename or remove it`;
    throw new DomainError("CONFLICT", message);
  }
  await insert(deps, tx, locked, { teamId, ...input, createdBy: userId });
  const move = { participants: [participant], destination: { teamId }, cause: { actor } };
  await place(deps, tx, locked, move);
}

function checkHasTeams({ rules, name }: LockedCompetition): void {
  if (rules.teams) return;
  throw invalid("name", "no_teams", `Competition "${name}" has no teams`);
}

async function insert(
  { clock }: TeamsDeps,
  tx: Tx,
  { id }: LockedCompetition,
  team: { teamId: string; name: string; createdBy: string | null },
): Promise<void> {
  const [found] = await tx.sql<{ teams: number }[]>`
    select count(*)::int as teams from teams where competition_id = ${id} and removed_at is null`;
  if (found!.teams >= TEAMS_MAX) {
    throw invalid("name", "too_many", `A competition has at most ${TEAMS_MAX} teams`);
  }
  await tx.sql`
    insert into teams (id, competition_id, name, created_by, created_at)
    values (${team.teamId}, ${id}, ${team.name}, ${team.createdBy}, ${clock.now()})`;
}

/** As `steer`, with a name that is taken told by its field. */
async function steerTeams<T>(
  deps: TeamsDeps,
  competitionId: string,
  run: (tx: Tx, locked: LockedCompetition) => Promise<T>,
): Promise<T> {
  try {
    return await steer(deps, competitionId, run, { teams_name_key: "TEAM_NAME_TAKEN" });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "TEAM_NAME_TAKEN") throw error;
    const message = "Cannot use this name: another team of the competition has it";
    throw new DomainError("TEAM_NAME_TAKEN", message, {
      cause: error,
      details: [{ field: "name", code: "taken", message: "Another team has this name" }],
    });
  }
}

interface LockedTeam {
  id: string;
  name: string;
  createdBy: string | null;
}

export async function getTeam(tx: Tx, competitionId: string, teamId: string): Promise<LockedTeam> {
  const [team] = await tx.sql<LockedTeam[]>`
    select id, name, created_by as "createdBy" from teams
    where competition_id = ${competitionId} and id = ${teamId} and removed_at is null`;
  if (team) return team;
  throw new DomainError("NOT_FOUND", `Cannot find team "${teamId}": there is none`);
}

function isMaker(actor: Actor, { createdBy }: LockedTeam): boolean {
  return actor.kind === "user" && actor.userId === createdBy;
}

async function rename(
  deps: TeamsDeps,
  actor: Actor,
  { competitionId, teamId, input }: { competitionId: string; teamId: string; input: TeamInput },
): Promise<void> {
  await steerTeams(deps, competitionId, async (tx, locked) => {
    const team = await getTeam(tx, competitionId, teamId);
    if (!isMaker(actor, team)) checkManages(actor, locked);
    if (team.name === input.name) return;
    await tx.sql`update teams set name = ${input.name} where id = ${teamId}`;
    if (!canManage(actor, locked)) return;
    const before = { name: team.name };
    await record(deps, tx, locked, { actor, action: "team.rename", teamId, before, after: input });
  });
}

async function remove(
  deps: TeamsDeps,
  actor: Actor,
  { idOrSlug, teamId, request }: { idOrSlug: string; teamId: string; request: TeamRemoval },
): Promise<TeamRemoved> {
  const row = await getRow(deps.database.db, idOrSlug);
  return await steerTeams(deps, row.id, async (tx, locked) => {
    const team = await getTeam(tx, row.id, teamId);
    const members = await tx.sql<{ userId: string }[]>`
      select user_id as "userId" from participants where team_id = ${teamId} order by id`;
    checkMayRemove(actor, locked, team, members);
    if (locked.status === "draft") {
      await tx.sql`delete from teams where id = ${teamId}`;
    } else {
      checkAllowed(canCorrect(locked));
      await takeOff(deps, tx, locked, { actor, team, request });
    }
    if (canManage(actor, locked)) {
      const before = { name: team.name, members: members.length };
      const { reason } = request;
      await record(deps, tx, locked, { actor, action: "team.remove", teamId, before, reason });
      await tell(deps, tx, locked, { team, members, reason });
    }
    return { id: teamId, members: members.length };
  });
}

function checkMayRemove(
  actor: Actor,
  locked: LockedCompetition,
  team: LockedTeam,
  members: readonly { userId: string }[],
): void {
  if (canManage(actor, locked)) return;
  if (!isMaker(actor, team)) return checkManages(actor, locked);
  if (members.every(({ userId }) => userId === team.createdBy)) return;
  throw new DomainError("FORBIDDEN", `Cannot remove team "${team.name}": others are in it`);
}

/** Names stay, for the boards of before. */
async function takeOff(
  { log, clock }: TeamsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { actor, team, request }: { actor: Actor; team: LockedTeam; request: TeamRemoval },
): Promise<void> {
  await tx.sql`update participants set team_id = null where team_id = ${team.id}`;
  await tx.sql`update teams set removed_at = ${clock.now()} where id = ${team.id}`;
  const entry = { kind: "team_removal", teamId: team.id } as const;
  await log.append(tx, locked, [{ entry, actor, reason: request.reason }]);
}

async function tell(
  { notices }: TeamsDeps,
  tx: Tx,
  { id, slug, name }: LockedCompetition,
  { team, members, reason = "" }: {
    team: LockedTeam;
    members: readonly { userId: string }[];
    reason?: string | undefined;
  },
): Promise<void> {
  const payload = { competitionId: id, slug, name, team: team.name, reason };
  const kind = "team.removed" as const;
  await notices.tell(tx, members.map(({ userId }) => ({ userId, kind, payload })));
}

async function record(
  { audit }: TeamsDeps,
  tx: Tx,
  { id: competitionId }: LockedCompetition,
  { actor, action, teamId, before, after, reason }: {
    actor: Actor;
    action: string;
    teamId: string;
    before?: object;
    after?: object;
    reason?: string | undefined;
  },
): Promise<void> {
  await audit.record(tx, actor, {
    action,
    targetKind: "team",
    targetId: teamId,
    ...(before ? { before: { competitionId, ...before } } : {}),
    ...(after ? { after: { competitionId, ...after } } : {}),
    reason,
  });
}
