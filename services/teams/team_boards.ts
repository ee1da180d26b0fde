/**
 * Team boards of this node: the log of a competition with teams, replayed once and kept as it goes
 * on. What is kept is the state of one number; asking for a board reads what the log says since and
 * computes anew only the teams whose members it is about.
 *
 * A frozen board, or one of an earlier time, is a replay of its own that is kept for a while, since
 * many open the same one.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import type { LogEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import {
  applyTeamEntry,
  emptyTeamProjection,
  type TeamProjection,
} from "@/domain/team_projection.ts";
import { type TeamStanding, teamStandingsOf, type TeamTotal } from "@/domain/team_standings.ts";
import type { BoardView } from "../boards/boards.ts";
import { readLogEntries } from "../leaderboard/log_reader.ts";

/** The teams at one number of the log. */
export interface TeamState {
  readonly seq: number;
  readonly projection: TeamProjection;
  readonly rows: readonly TeamStanding[];
}

export interface TeamBoards {
  /** The teams as they stand on a board; at exactly its offset, whatever comes meanwhile. */
  at(view: Pick<BoardView, "competitionId" | "epoch" | "offset">): Promise<TeamState>;
}

/**
 * Log entries read at once: some 5 µs each with their rows, so that a replay of a hundred thousand
 * gives others their turn every few milliseconds.
 */
const PAGE_ENTRIES = 500;
/** Competitions followed, some hundred bytes an entry of their logs; the least used go first. */
const LIVE_MAX = 20;
/** Boards that stand still: the frozen ones and those of earlier times. */
const STILL_MAX = 10;

export function createTeamBoards({ database }: { database: Database }): TeamBoards {
  const live = new Map<string, TeamFollower>();
  const still = new Map<string, TeamFollower>();
  return {
    async at({ competitionId, epoch, offset }) {
      const key = `${competitionId}:${epoch}`;
      const newest = used(live, key, LIVE_MAX, () => new TeamFollower(database, competitionId));
      const known = await newest.at(offset);
      if (known) return known;
      const other = used(
        still,
        `${key}:${offset}`,
        STILL_MAX,
        () => new TeamFollower(database, competitionId),
      );
      return (await other.at(offset))!;
    },
  };
}

/** Finds or makes a follower, and puts it behind the others, of which the first goes beyond `max`. */
function used(
  followers: Map<string, TeamFollower>,
  key: string,
  max: number,
  make: () => TeamFollower,
): TeamFollower {
  const follower = followers.get(key) ?? make();
  followers.delete(key);
  followers.set(key, follower);
  if (followers.size > max) followers.delete(followers.keys().next().value!);
  return follower;
}

/** One replay that goes on. */
class TeamFollower {
  readonly #database: Database;
  readonly #competitionId: string;
  #projection: TeamProjection | undefined;
  #totals = new Map<string, TeamTotal>();
  #rows: TeamStanding[] | undefined;
  /** Followings wait for each other, since entries apply in their order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(database: Database, competitionId: string) {
    this.#database = database;
    this.#competitionId = competitionId;
  }

  /** The state at a number; undefined where the replay is beyond it. */
  at(seq: number): Promise<TeamState | undefined> {
    const state = this.#turn.then(async () => {
      await this.#follow(seq);
      const projection = this.#projection!;
      if (projection.scores.seq !== seq) return undefined;
      this.#rows ??= this.#compute(projection);
      return { seq, projection, rows: this.#rows };
    });
    this.#turn = state.catch(() => {});
    return state;
  }

  async #follow(seq: number): Promise<void> {
    this.#projection ??= emptyTeamProjection(
      await readFirstRules(this.#database, this.#competitionId),
    );
    const projection = this.#projection;
    while (projection.scores.seq < seq) {
      const page = await readLogEntries(this.#database.sql, this.#competitionId, {
        ...{ after: projection.scores.seq, upTo: seq, limit: PAGE_ENTRIES },
      });
      if (page.length === 0) return;
      for (const { entry } of page) this.#apply(projection, entry);
    }
  }

  #apply(projection: TeamProjection, entry: LogEntry): void {
    this.#rows = undefined;
    // Whom the entry takes out of a team is in it until then.
    this.#forget(projection, entry);
    applyTeamEntry(projection, entry);
    if (entry.kind === "team" && entry.teamId !== null) this.#totals.delete(entry.teamId);
  }

  /** Forgets the totals that an entry may change. */
  #forget({ memberships }: TeamProjection, entry: LogEntry): void {
    if (entry.kind === "rules") this.#totals.clear();
    else if (entry.kind === "team_removal") this.#totals.delete(entry.teamId);
    else if ("participantId" in entry) {
      for (const { teamId } of memberships.get(entry.participantId) ?? []) {
        this.#totals.delete(teamId);
      }
    }
  }

  #compute(projection: TeamProjection): TeamStanding[] {
    const rows = teamStandingsOf(projection, this.#totals);
    for (const { rank: _, provisional: __, ...total } of rows) {
      this.#totals.set(total.teamId, total);
    }
    return rows;
  }
}

/** The rules that a log begins with; those of now where it enters none. */
async function readFirstRules({ sql }: Database, competitionId: string): Promise<Rules> {
  const [row] = await sql<{ rules: Rules }[]>`
    select coalesce((select body -> 'rules' from competition_log l
      where l.competition_id = c.id and l.participant_id is null and l.kind = 'rules'
      order by l.seq limit 1), c.rules) as rules
    from competitions c where c.id = ${competitionId}`;
  return row!.rules;
}
