/** Boards as pages need them. */

import type { Competition, CompetitionView } from "@/contracts/competitions.ts";
import type { Board, BoardRow } from "@/contracts/leaderboard.ts";
import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import { DomainError } from "@/domain/error.ts";
import type { State } from "./define.ts";

/** Rows that a page renders and its socket keeps fresh. */
export const BOARD_WINDOW = 100;

/** The first row of each board, by competition; those that may not be seen are left out. */
export async function leadersOf(
  { services, actor }: State,
  competitions: readonly Competition[],
): Promise<Map<string, BoardRow>> {
  const leaders = new Map<string, BoardRow>();
  await Promise.all(competitions.map(async ({ id, participantCount }) => {
    if (participantCount === 0) return;
    const board = await visible(() => services.leaderboard.board(actor, id, { top: 1 }));
    const leader = board?.board.rows[0];
    if (leader) leaders.set(id, leader);
  }));
  return leaders;
}

/** The top of a board or of one division, with the viewer's own standing in it where there is one. */
export async function boardOf(
  { services, actor }: State,
  competitionId: string,
  division?: string,
): Promise<Board> {
  const of = division === undefined ? {} : { division };
  const top = { top: BOARD_WINDOW, ...of };
  const { board } = await services.leaderboard.board(actor, competitionId, top);
  if (board.me || actor.kind !== "user") return board;
  const around = await visible(() => {
    return services.leaderboard.board(actor, competitionId, { around: "me", ...of });
  });
  const me = around?.board.me ?? ownRow(around?.board);
  return me ? { ...board, me } : board;
}

/** How far the viewer has come; null for who is not in, and where scores are not computed. */
export async function progressOf(
  { services, actor }: State,
  { id, participantId, scoring }: Pick<CompetitionView, "id" | "participantId" | "scoring">,
): Promise<ProgressOfAthlete | null> {
  if (participantId === null || scoring.kind !== "activity") return null;
  return await visible(() => services.progress.own(actor, id)) ?? null;
}

function ownRow(board: Board | undefined): Board["me"] {
  const row = board?.rows.find(({ isMe }) => isMe);
  return row && { participantId: row.participantId, rank: row.rank, score: row.score };
}

/** Undefined instead of a refusal. */
async function visible<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError && error.status < 500) return undefined;
    throw error;
  }
}
