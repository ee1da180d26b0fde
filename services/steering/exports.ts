/**
 * A competition as files: the standings as CSV or JSON, and the log with its results, from which
 * anybody can recompute them. Written piece by piece, so that a large board never stands in memory
 * as text. What the public gets of a frozen board is the frozen one.
 *
 * @module
 */

import type { ExportQuery } from "@/contracts/exports.ts";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { TeamRow } from "@/contracts/teams.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { csvLine } from "@/domain/csv.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { isStaff } from "../accounts/access.ts";
import { viewFor } from "../boards/board_access.ts";
import { createBoardHistory } from "../boards/board_history.ts";
import { viewOf } from "../boards/board_view.ts";
import type { BoardList, BoardsService, BoardView } from "../boards/boards.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import { readShownHead, toLogRow } from "../competitions/competition_reader.ts";
import { readRevisions } from "./results.ts";
import type { TeamBoards } from "../teams/team_boards.ts";
import { readTeamBoard } from "../teams/team_reader.ts";

/** A file as it is sent. */
export interface ExportFile {
  name: string;
  contentType: string;
  pieces: AsyncIterable<string>;
}

export interface ExportsService {
  /** Whoever may see the board; live rows of a frozen one only for its staff. Fails with `NOT_FOUND`, `FORBIDDEN`, `UNAUTHORIZED`. */
  export(actor: Actor, idOrSlug: string, query: ExportQuery): Promise<ExportFile>;
}

export interface ExportsDeps {
  database: Database;
  boards: BoardsService;
  log: Pick<CompetitionLogService, "read">;
  teamBoards: TeamBoards;
  clock: Clock;
}

/** Rows and log entries in one piece. */
const PIECE_ROWS = 500;

const CSV = "text/csv; charset=utf-8";
const JSON_TYPE = "application/json";

export function createExportsService(deps: ExportsDeps): ExportsService {
  const history = createBoardHistory(deps);
  return {
    async export(actor, idOrSlug, query) {
      if (query.what === "log") return await exportLog(deps, actor, idOrSlug);
      const view = await viewFor(deps.boards, actor, idOrSlug);
      const shown = await chooseBoard(deps, view, query);
      // A board that stands still, however long the file takes.
      const board = await history.atSeq(shown, shown.offset);
      const source = { live: () => board, frozen: () => undefined };
      const still = viewOf(source, deps.clock, shown.audience);
      const { slug } = shown;
      const { offset } = still;
      if (query.what === "teams") return await exportTeams(deps, still, query);
      const { divisions } = await getRow(deps.database.db, shown.competitionId);
      const list = query.division === undefined ? still : still.division(query.division);
      const name = `${slug}-standings-${offset}.${query.format}`;
      return query.format === "csv"
        ? { name, contentType: CSV, pieces: csvOf(list, divisions.length > 0) }
        : { name, contentType: JSON_TYPE, pieces: jsonOf(shown, list) };
    },
  };
}

async function chooseBoard(
  { boards }: ExportsDeps,
  view: BoardView,
  { board }: ExportQuery,
): Promise<BoardView> {
  if (board === "frozen") return await boards.view(view.competitionId, "public");
  if (board === "live" && view.frozen && view.audience !== "staff") {
    const message = `Cannot export the live board of "${view.name}": it is frozen`;
    throw new DomainError("FORBIDDEN", message);
  }
  return view;
}

const COLUMNS = [
  ...["rank", "participantId", "userId", "name", "score", "reachedAt", "status", "provisional"],
] as const satisfies readonly (keyof BoardRow)[];

async function* csvOf(list: BoardList, hasDivisions: boolean): AsyncIterable<string> {
  const columns: readonly (keyof BoardRow)[] = hasDivisions ? [...COLUMNS, "division"] : COLUMNS;
  yield csvLine(columns);
  for await (const rows of piecesOf(list)) {
    yield rows.map((row) => csvLine(columns.map((column) => row[column]))).join("");
  }
}

const TEAM_COLUMNS = [
  ...["rank", "teamId", "name", "score", "reachedAt", "members", "provisional"],
] as const satisfies readonly (keyof TeamRow)[];

/** The team standings of a board that stands still; there are never so many that they need pieces. */
async function exportTeams(
  deps: ExportsDeps,
  still: BoardView,
  { format }: ExportQuery,
): Promise<ExportFile> {
  const { rows, ...head } = await readTeamBoard(deps, still);
  const name = `${still.slug}-teams-${still.offset}.${format}`;
  const text = format === "csv"
    ? [TEAM_COLUMNS, ...rows.map((row) => TEAM_COLUMNS.map((column) => row[column]))]
      .map((cells) => csvLine(cells)).join("")
    : `${JSON.stringify({ ...head, rows })}\n`;
  async function* pieces(): AsyncIterable<string> {
    yield await Promise.resolve(text);
  }
  return { name, contentType: format === "csv" ? CSV : JSON_TYPE, pieces: pieces() };
}

async function* jsonOf(shown: BoardView, still: BoardList): AsyncIterable<string> {
  const { competitionId, slug, name, epoch, offset, phase, frozen, rules } = shown;
  const head = { competitionId, slug, name, epoch, offset, phase, frozen, rules };
  yield `${JSON.stringify({ ...head, total: still.total }).slice(0, -1)},"rows":[`;
  let isFirst = true;
  for await (const rows of piecesOf(still)) {
    const text = rows.map((row) => JSON.stringify(row)).join(",\n");
    yield isFirst ? text : `,\n${text}`;
    isFirst = false;
  }
  yield "]}\n";
}

/** The rows in order, with a turn for others between the pieces. */
async function* piecesOf(view: BoardList): AsyncIterable<BoardRow[]> {
  for (let from = 0; from < view.total; from += PIECE_ROWS) {
    yield await Promise.resolve(view.rows(from, PIECE_ROWS));
  }
}

async function exportLog(
  deps: ExportsDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<ExportFile> {
  const { row } = await getVisible(deps.database.db, actor, idOrSlug);
  const head = await readShownHead(deps, row, isStaff(actor, row));
  const result = { competitionId: row.id, revisions: await readRevisions(deps.database, row.id) };
  async function* pieces(): AsyncIterable<string> {
    const log = {
      competitionId: row.id,
      epoch: row.epoch,
      lastSeq: head.seq,
      lastHash: head.hash.toHex(),
    };
    yield `{"result":${JSON.stringify(result)},"log":${JSON.stringify(log).slice(0, -1)}`;
    yield `,"entries":[`;
    for (let after = 0; after < head.seq;) {
      const page = await deps.log.read(row.id, { after, upTo: head.seq, limit: PIECE_ROWS });
      if (page.length === 0) break;
      const text = page.map(({ entry, hash }) => JSON.stringify(toLogRow(entry, hash))).join(",\n");
      yield after === 0 ? text : `,\n${text}`;
      after = page.at(-1)!.entry.seq;
    }
    yield "]}}\n";
  }
  return {
    name: `${row.slug}-log-${head.seq}.json`,
    contentType: JSON_TYPE,
    pieces: pieces(),
  };
}
