/** Reading teams: the list, one of them, their board, and why it is so. */

import { createHash } from "node:crypto";
import { type PageMeta, pageMeta } from "@/contracts/envelope.ts";
import type {
  Placement,
  Team,
  TeamBoard,
  TeamBoardQuery,
  TeamExplanation,
  TeamMember,
  TeamRow,
} from "@/contracts/teams.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import { type Contribution, contributionsTo, type TeamStanding } from "@/domain/team_standings.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { canManage } from "../accounts/access.ts";
import { viewFor } from "../boards/board_access.ts";
import { createBoardHistory } from "../boards/board_history.ts";
import type { BoardView } from "../boards/boards.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";
import type { TeamState } from "./team_boards.ts";
import type { TeamsDeps, TeamsService } from "./teams.ts";

/** A page of the team board, with the tag that names its content. */
export interface TeamBoardAnswer {
  board: TeamBoard;
  meta: PageMeta;
  /** For `ETag`, without quotes. */
  tag: string;
}

type Reader = Pick<TeamsService, "board" | "explain" | "list" | "get" | "placement">;

/** A team's row in the database. */
interface StoredTeam {
  id: string;
  name: string;
  createdBy: string | null;
  createdAt: EpochMs;
  removedAt: EpochMs | null;
}

/** Names are asked for anew after this, so that a new one shows though the log does not move. */
const NAMES_KEPT_MS = SECOND_MS;

export function createTeamReader(deps: TeamsDeps): Reader {
  const history = createBoardHistory(deps);
  const names = createNames(deps);
  async function shown(actor: Actor, idOrSlug: string, asOf?: string): Promise<BoardView> {
    const view = await viewFor(deps.boards, actor, idOrSlug);
    return asOf === undefined ? view : await history.asOf(view, Date.parse(asOf));
  }
  return {
    async board(actor, idOrSlug, query) {
      const view = await shown(actor, idOrSlug, query.asOf);
      const { state, board } = await stateOf(deps, view);
      const stored = await names(view.competitionId, deps.clock.now());
      return answer(view, { state, board, stored, query });
    },
    async explain(actor, idOrSlug, teamId) {
      return await explain(deps, await shown(actor, idOrSlug), teamId.toLowerCase());
    },
    async list(actor, idOrSlug, query) {
      const teams = await listTeams(deps, actor, await shown(actor, idOrSlug));
      const wanted = query.q?.toLowerCase() ?? "";
      const found = teams.filter(({ name }) => name.toLowerCase().includes(wanted));
      const from = (query.page - 1) * query.page_size;
      const items = found.slice(from, from + query.page_size);
      return { items, page: query.page, pageSize: query.page_size, total: found.length };
    },
    async placement(actor, idOrSlug) {
      const { competitionId } = await shown(actor, idOrSlug);
      return await readPlacement(deps, actor, competitionId);
    },
    async get(actor, idOrSlug, teamId) {
      const teams = await listTeams(deps, actor, await shown(actor, idOrSlug));
      return teams.find(({ id }) => id === teamId.toLowerCase()) ?? missing(teamId);
    },
  };
}

function missing(teamId: string): never {
  throw new DomainError("NOT_FOUND", `Cannot find team "${teamId}": there is none`);
}

/** The whole team board as a view's audience sees it. */
export async function readTeamBoard(
  deps: Pick<TeamsDeps, "database" | "teamBoards">,
  view: BoardView,
): Promise<TeamBoard> {
  const { status } = view;
  const { state, board } = await stateOf(deps, view);
  const stored = await readTeams(deps.database.sql, view.competitionId);
  const decimals = decimalsOf(view.rules.scoring);
  const rows = state.rows.map((row) => toRow(row, { stored, decimals, status }));
  return { ...board, total: rows.length, rows };
}

type BoardHead = Omit<TeamBoard, "rows" | "total">;

/** The teams at the offset of a view, and what the view says of itself at that moment. */
async function stateOf(
  { teamBoards }: Pick<TeamsDeps, "teamBoards">,
  view: BoardView,
): Promise<{ state: TeamState; board: BoardHead }> {
  // What a view says may change while the log is read: all of it is taken before.
  const { competitionId, epoch, offset, phase, frozen, audience, rules } = view;
  const live = frozen && audience === "staff" ? { live: true as const } : {};
  const rule = rules.teams ?? null;
  const state = await teamBoards.at({ competitionId, epoch, offset });
  return { state, board: { competitionId, epoch, offset, phase, frozen, ...live, rule } };
}

function answer(
  view: BoardView,
  { state, board, stored, query }: {
    state: TeamState;
    board: BoardHead;
    stored: ReadonlyMap<string, StoredTeam>;
    query: TeamBoardQuery;
  },
): TeamBoardAnswer {
  const { page, page_size: pageSize } = query;
  const total = state.rows.length;
  const from = (page - 1) * pageSize;
  const decimals = decimalsOf(view.rules.scoring);
  const rows = state.rows.slice(from, from + pageSize)
    .map((row) => toRow(row, { stored, decimals, status: view.status }));
  const meta = { ...pageMeta({ items: rows, page, pageSize, total }), ...staleOf(view) };
  const answered = { ...board, total, rows };
  // Names change without the log, so that its number alone does not name the content.
  const tag = createHash("sha256").update(JSON.stringify([answered, meta])).digest("base64url");
  return { board: answered, meta, tag };
}

function staleOf({ stale }: BoardView): { stale?: true } {
  return stale ? { stale } : {};
}

function toRow(
  { teamId, score, reachedAt, rank, members }: TeamStanding,
  { stored, decimals, status }: {
    stored: ReadonlyMap<string, StoredTeam>;
    decimals: number;
    status: BoardView["status"];
  },
): TeamRow {
  return {
    rank,
    teamId,
    name: stored.get(teamId)?.name ?? "",
    score: score === null ? null : formatScore(score, decimals),
    reachedAt: reachedAt === null ? null : new Date(reachedAt).toISOString(),
    members,
    provisional: status !== "final" && status !== "settled",
  };
}

/** Competitions whose names are remembered, some kilobytes each. */
const NAMES_MAX = 100;

/**
 * All teams of a competition by name, present and former, remembered for a moment; longer while the
 * database is away, so that a board that is in memory is shown.
 */
function createNames({ database }: TeamsDeps) {
  const known = new Map<string, { at: EpochMs; teams: Map<string, StoredTeam> }>();
  return async function names(competitionId: string, now: EpochMs) {
    const kept = known.get(competitionId);
    if (kept && now - kept.at < NAMES_KEPT_MS) return kept.teams;
    try {
      const teams = await readTeams(database.sql, competitionId);
      known.delete(competitionId);
      known.set(competitionId, { at: now, teams });
      if (known.size > NAMES_MAX) known.delete(known.keys().next().value!);
      return teams;
    } catch (error) {
      if (kept) return kept.teams;
      throw error;
    }
  };
}

async function readTeams(
  sql: TeamsDeps["database"]["sql"],
  competitionId: string,
): Promise<Map<string, StoredTeam>> {
  const rows = await sql<StoredTeam[]>`
    select id, name, created_by as "createdBy", created_at as "createdAt",
      removed_at as "removedAt"
    from teams where competition_id = ${competitionId} order by lower(name), id`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** The teams as the actor may know them: members and scores are those of the board they see. */
async function listTeams(deps: TeamsDeps, actor: Actor, view: BoardView): Promise<Team[]> {
  const { competitionId, frozen } = view;
  const { state } = await stateOf(deps, view);
  const standings = new Map(state.rows.map((row) => [row.teamId, row]));
  const ownTeamId = (await readPlacement(deps, actor, competitionId))?.teamId;
  const decimals = decimalsOf(view.rules.scoring);
  const stored = await readTeams(deps.database.sql, competitionId);
  // What was removed since a freeze is still on the board that the public sees.
  const isListed = ({ id, removedAt }: StoredTeam) =>
    removedAt === null || (frozen && standings.has(id));
  return [...stored.values()].filter(isListed).map((team) => {
    const { score = null, rank = null, members = 0 } = standings.get(team.id) ?? {};
    return {
      id: team.id,
      competitionId,
      name: team.name,
      members,
      score: score === null ? null : formatScore(score, decimals),
      rank,
      createdBy: team.createdBy,
      createdAt: new Date(team.createdAt).toISOString(),
      isMine: team.id === ownTeamId,
      canManage: canManage(actor, view) ||
        (actor.kind === "user" && actor.userId === team.createdBy),
    };
  });
}

async function readPlacement(
  { database }: TeamsDeps,
  actor: Actor,
  competitionId: string,
): Promise<Placement | null> {
  if (actor.kind !== "user") return null;
  const [row] = await database.sql<Omit<Placement, "changed">[]>`
    select id as "participantId", division, team_id as "teamId" from participants
    where competition_id = ${competitionId} and user_id = ${actor.userId}
      and status <> 'withdrawn'`;
  return row ? { ...row, changed: false } : null;
}

async function explain(
  deps: TeamsDeps,
  view: BoardView,
  teamId: string,
): Promise<TeamExplanation> {
  const { status } = view;
  const { state, board } = await stateOf(deps, view);
  const { phase: _, live: __, ...head } = board;
  const row = state.rows.find((one) => one.teamId === teamId) ?? missing(teamId);
  const stored = await readTeams(deps.database.sql, view.competitionId);
  const decimals = decimalsOf(state.projection.scores.rules.current.scoring);
  const given = contributionsTo(state.projection, teamId);
  const people = await readPeople(deps, given.map(({ participantId }) => participantId));
  return {
    ...head,
    team: toRow(row, { stored, decimals, status }),
    members: given.map((one) => toMember(one, people.get(one.participantId)!, decimals)),
  };
}

interface Person {
  participantId: string;
  userId: string;
  name: string;
}

async function readPeople(
  { database }: TeamsDeps,
  participantIds: readonly string[],
): Promise<Map<string, Person>> {
  const rows = await database.sql<Person[]>`
    select p.id as "participantId", p.user_id as "userId",
      case u.status when 'deleted' then ${DELETED_NAME} else coalesce(f.alias, u.name) end as name
    from participants p join users u on u.id = p.user_id
    left join profiles f on f.user_id = p.user_id
    where p.id = any(${[...participantIds]}::uuid[])`;
  return new Map(rows.map((row) => [row.participantId, row]));
}

function toMember(
  { memberships, isMember, isDisqualified, gave, counts }: Contribution,
  { participantId, userId, name }: Person,
  decimals: number,
): TeamMember {
  const left = isMember ? "member" : "left";
  return {
    participantId,
    userId,
    name,
    status: isDisqualified ? "disqualified" : left,
    gave: gave === null ? null : formatScore(gave, decimals),
    counts,
    spans: memberships.map(({ from, to }) => ({
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
    })),
  };
}
