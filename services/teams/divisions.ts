/** The divisions of a competition: who is in them, who leads, and what keeps one from going. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { Division } from "@/contracts/teams.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { invalid } from "@/domain/error.ts";
import { viewFor } from "../boards/board_access.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { CompetitionRow } from "../competitions/competition_view.ts";
import { getRow } from "../competitions/competition_access.ts";

/** The divisions in their order, as the actor's audience may know them. Fails as a board does. */
export async function listDivisions(
  { database, boards }: { database: Database; boards: Pick<BoardsService, "view"> },
  actor: Actor,
  idOrSlug: string,
): Promise<Division[]> {
  const view = await viewFor(boards, actor, idOrSlug);
  const { divisions } = await getRow(database.db, view.competitionId);
  return divisions.map((name) => {
    const board = view.division(name);
    return { name, participants: board.total, leader: leaderOf(board.rows(0, 1)[0]) };
  });
}

function leaderOf(row: BoardRow | undefined): Division["leader"] {
  if (!row || row.rank === null) return null;
  const { participantId, name, score } = row;
  return { participantId, name, score: score! };
}

/** Fails with `VALIDATION_ERROR` where a division that would go has people. */
export async function checkDivisionsKept(
  tx: Tx,
  { id, divisions }: Pick<CompetitionRow, "id" | "divisions">,
  next: readonly string[],
): Promise<void> {
  const gone = divisions.filter((name) => !next.includes(name));
  if (gone.length === 0) return;
  const [used] = await tx.sql<{ division: string; people: number }[]>`
    select division, count(*)::int as people from participants
    where competition_id = ${id} and division = any(${gone}) group by division
    order by division limit 1`;
  if (!used) return;
  const message = `Division "${used.division}" has ${used.people} people: move them first`;
  throw invalid("divisions", "in_use", message);
}
