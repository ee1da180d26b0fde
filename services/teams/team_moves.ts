/** Going in and out of teams and divisions: by oneself while that is open, by staff until the end. */

import type { MovedMany, MoveManyRequest, MoveRequest, Placement } from "@/contracts/teams.ts";
import { MOVES_MAX } from "@/contracts/teams.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canCorrect, checkAllowed } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import { checkOwnChoice } from "@/domain/group_choice.ts";
import { checkManages, checkSignedIn } from "../accounts/access.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { findParticipantIds } from "../competitions/competition_participants.ts";
import {
  checkDestination,
  type Destination,
  getActive,
  getPlaced,
  isElsewhere,
  place,
  type PlacedParticipant,
  readPlaced,
} from "./placements.ts";
import { steer } from "../steering/steering.ts";
import { getTeam } from "./team_changes.ts";
import type { TeamsDeps, TeamsService } from "./teams.ts";

type Moves = Pick<TeamsService, "join" | "leave" | "chooseDivision" | "move" | "moveMany">;

export function createTeamMoves(deps: TeamsDeps): Moves {
  return {
    join: (actor, idOrSlug, teamId) =>
      choose(deps, actor, idOrSlug, { teamId: teamId.toLowerCase() }),
    leave: (actor, idOrSlug) => choose(deps, actor, idOrSlug, { teamId: null }),
    chooseDivision: (actor, idOrSlug, { division }) => choose(deps, actor, idOrSlug, { division }),
    move: (actor, idOrSlug, participantId, request) =>
      move(deps, actor, { idOrSlug, participantId: participantId.toLowerCase(), request }),
    moveMany: (actor, idOrSlug, request) => moveMany(deps, actor, idOrSlug, request),
  };
}

/** Moves the actor. */
async function choose(
  deps: TeamsDeps,
  actor: Actor,
  idOrSlug: string,
  destination: Destination,
): Promise<Placement> {
  const { userId } = checkSignedIn(actor);
  const { row } = await getVisible(deps.database.db, actor, idOrSlug);
  return await steer(deps, row.id, async (tx, locked) => {
    const participant = await getActive(tx, locked, userId);
    // The path names the team, so that one that is not there is a path that leads nowhere.
    if (typeof destination.teamId === "string") await getTeam(tx, row.id, destination.teamId);
    if (!isElsewhere(participant, destination)) return toPlacement(participant, destination, false);
    const what = destination.teamId === undefined ? "division" : "team";
    checkOwnChoice(what, { ...locked, teams: locked.rules.teams }, deps.clock.now());
    await checkDestination(tx, locked, destination, 1);
    const cause = { actor };
    await place(deps, tx, locked, { participants: [participant], destination, cause });
    return toPlacement(participant, destination, true);
  });
}

function toPlacement(
  { id, division, teamId }: PlacedParticipant,
  destination: Destination,
  changed: boolean,
): Placement {
  return {
    participantId: id,
    division: destination.division ?? division,
    teamId: destination.teamId === undefined ? teamId : destination.teamId,
    changed,
  };
}

async function move(
  deps: TeamsDeps,
  actor: Actor,
  { idOrSlug, participantId, request }: {
    idOrSlug: string;
    participantId: string;
    request: MoveRequest;
  },
): Promise<Placement> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  return await steer(deps, row.id, async (tx, locked) => {
    checkAllowed(canCorrect(locked));
    const participant = await getPlaced(tx, row.id, { participantId });
    const changed = await moveAll(deps, tx, locked, { people: [participant], actor, request });
    return toPlacement(participant, destinationOf(request), changed > 0);
  });
}

function destinationOf({ division, teamId }: Destination): Destination {
  return { division, teamId: teamId?.toLowerCase() ?? teamId };
}

async function moveMany(
  deps: TeamsDeps,
  actor: Actor,
  idOrSlug: string,
  request: MoveManyRequest,
): Promise<MovedMany> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  return await steer(deps, row.id, async (tx, locked) => {
    checkAllowed(canCorrect(locked));
    const people = await findPeople(tx, row.id, request);
    const moved = await moveAll(deps, tx, locked, { people, actor, request });
    return { moved, unchanged: people.length - moved };
  });
}

async function findPeople(
  tx: Tx,
  competitionId: string,
  { participantIds, filter, expected }: MoveManyRequest,
): Promise<PlacedParticipant[]> {
  const ids = participantIds ??
    await findParticipantIds(tx, competitionId, { filter: filter ?? {}, limit: MOVES_MAX + 1 });
  if (expected !== undefined && ids.length !== expected) {
    const message = `Cannot move ${expected} participants: the filter finds ${
      ids.length > MOVES_MAX ? `more than ${MOVES_MAX}` : ids.length
    } now`;
    throw new DomainError("CONFLICT", message);
  }
  return await readPlaced(tx, competitionId, ids);
}

/** Moves those who are elsewhere, writes an audit row and a notice for each; gives how many. */
async function moveAll(
  deps: TeamsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { people, actor, request }: {
    people: readonly PlacedParticipant[];
    actor: Actor;
    request: MoveRequest | MoveManyRequest;
  },
): Promise<number> {
  const destination = destinationOf(request);
  const { reason } = request;
  const participants = people.filter((one) => isElsewhere(one, destination));
  if (participants.some(({ status }) => status === "withdrawn") && destination.teamId) {
    throw new DomainError("NOT_A_PARTICIPANT", "Cannot put into a team who has left");
  }
  const newcomers = participants.filter(({ teamId }) => teamId !== destination.teamId).length;
  await checkDestination(tx, locked, destination, newcomers);
  await place(deps, tx, locked, { participants, destination, cause: { actor, reason } });
  for (const participant of participants) {
    await recordMove(deps, tx, locked, { participant, destination, actor, reason });
  }
  const { id: competitionId, slug, name } = locked;
  const payload = { competitionId, slug, name, reason };
  const kind = "participant.moved" as const;
  await deps.notices.tell(tx, participants.map(({ userId }) => ({ userId, kind, payload })));
  return participants.length;
}

async function recordMove(
  { audit }: TeamsDeps,
  tx: Tx,
  { id: competitionId }: LockedCompetition,
  { participant, destination, actor, reason }: {
    participant: PlacedParticipant;
    destination: Destination;
    actor: Actor;
    reason: string;
  },
): Promise<void> {
  const { id, division, teamId } = participant;
  const before = { division, teamId };
  const { division: toDivision, teamId: toTeamId } = toPlacement(participant, destination, true);
  const after = { division: toDivision, teamId: toTeamId };
  await audit.record(tx, actor, {
    action: "participant.move",
    targetKind: "participant",
    targetId: id,
    before: { competitionId, ...before },
    after: { competitionId, ...after },
    reason,
  });
}
