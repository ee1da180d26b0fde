/**
 * Teams and divisions: making and naming teams, going in and out, moves by staff, and their board.
 * Writing is in `team_changes.ts` and `team_moves.ts`, reading in `team_reader.ts`.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type {
  Division,
  DivisionChoice,
  MovedMany,
  MoveManyRequest,
  MoveRequest,
  Placement,
  Team,
  TeamBoardQuery,
  TeamExplanation,
  TeamInput,
  TeamQuery,
  TeamRemoval,
  TeamRemoved,
} from "@/contracts/teams.ts";
import type { Actor } from "@/domain/actor.ts";
import { listDivisions } from "./divisions.ts";
import type { NoticesService } from "../notices.ts";
import type { SteeringDeps } from "../steering/steering.ts";
import type { TeamBoards } from "./team_boards.ts";
import { createTeamChanges } from "./team_changes.ts";
import { createTeamMoves } from "./team_moves.ts";
import { createTeamReader, type TeamBoardAnswer } from "./team_reader.ts";

export type { TeamBoardAnswer };

export interface TeamsService {
  /** The divisions in their order; whoever may see the board. Fails with `NOT_FOUND`, `FORBIDDEN`, `UNAUTHORIZED`. */
  divisions(actor: Actor, idOrSlug: string): Promise<Division[]>;
  /** The team board as the actor may see it; no rows where there are no teams. Fails as `divisions`. */
  board(actor: Actor, idOrSlug: string, query: TeamBoardQuery): Promise<TeamBoardAnswer>;
  /** Who gave what to a team, and since when. Fails as `divisions`, with `NOT_FOUND` for no such team. */
  explain(actor: Actor, idOrSlug: string, teamId: string): Promise<TeamExplanation>;
  /** The teams by name; whoever may see the board. */
  list(actor: Actor, idOrSlug: string, query: TeamQuery): Promise<Page<Team>>;
  /** One team. Fails with `NOT_FOUND`. */
  get(actor: Actor, idOrSlug: string, teamId: string): Promise<Team>;
  /** Where the actor is; null for those who do not take part. Fails as `divisions`. */
  placement(actor: Actor, idOrSlug: string): Promise<Placement | null>;
  /** Makes a team: who manages the competition, or a participant where the rule says so, who is in it then. Fails with `TEAM_NAME_TAKEN`, `CHOICE_LOCKED`, `CONFLICT` (a second one), `FORBIDDEN`, `VALIDATION_ERROR` (no teams, too many). */
  create(actor: Actor, idOrSlug: string, input: TeamInput): Promise<Team>;
  /** Renames a team: who manages the competition, or the participant who made it. */
  rename(actor: Actor, idOrSlug: string, teamId: string, input: TeamInput): Promise<Team>;
  /** Removes a team with what was given to it; its members are in none. Who made it may as long as nobody else is in it. */
  remove(
    actor: Actor,
    idOrSlug: string,
    teamId: string,
    request: TeamRemoval,
  ): Promise<TeamRemoved>;
  /** Puts the actor into a team. Fails with `NOT_A_PARTICIPANT`, `TEAM_FULL`, `CHOICE_LOCKED`, `NOT_FOUND`. */
  join(actor: Actor, idOrSlug: string, teamId: string): Promise<Placement>;
  /** Takes the actor out of their team, which keeps what was given. */
  leave(actor: Actor, idOrSlug: string): Promise<Placement>;
  /** Changes the actor's division, until the start. Fails with `CHOICE_LOCKED`, `VALIDATION_ERROR`. */
  chooseDivision(actor: Actor, idOrSlug: string, choice: DivisionChoice): Promise<Placement>;
  /** Puts a participant elsewhere; who manages the competition, until the result is final. */
  move(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    request: MoveRequest,
  ): Promise<Placement>;
  /** Puts many elsewhere, all or nobody. Fails with `CONFLICT` where the filter finds others than expected. */
  moveMany(actor: Actor, idOrSlug: string, request: MoveManyRequest): Promise<MovedMany>;
}

export interface TeamsDeps extends SteeringDeps {
  teamBoards: TeamBoards;
  notices: Pick<NoticesService, "tell">;
}

export function createTeamsService(deps: TeamsDeps): TeamsService {
  return {
    divisions: (actor, idOrSlug) => listDivisions(deps, actor, idOrSlug),
    ...createTeamReader(deps),
    ...createTeamChanges(deps),
    ...createTeamMoves(deps),
  };
}
