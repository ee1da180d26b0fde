/** Who is ahead on a board, and by how much. */

import type { OwnStanding } from "@/contracts/dashboard.ts";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore, parseScore } from "@/domain/score.ts";
import type { BoardView } from "./boards.ts";

/** The place of the nearest row with a better rank: found by halving, as ranks rise with places. */
export function findBetter(view: BoardView, index: number, rank: number): number | undefined {
  let low = 0;
  let high = index;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((view.rows(middle, 1)[0]?.rank ?? Infinity) >= rank) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? undefined : low - 1;
}

/**
 * Where somebody stands, for themselves. The view is that of whoever asks; while it is frozen it
 * tells the own score of now, and nothing that a rank could be guessed from.
 */
export function standingOf(view: BoardView, userId: string): OwnStanding {
  const score = view.own(userId)?.score ?? null;
  const unknown = { score, rank: null, total: view.total, next: null, gapToLeader: null };
  if (view.frozen && view.audience === "public") return unknown;
  const found = view.find({ userId });
  if (!found || found.row.rank === null) return unknown;
  const { row, index } = found;
  const gapTo = (other: BoardRow) => gapBetween(view, row, other);
  const better = findBetter(view, index, found.row.rank);
  const ahead = better === undefined ? undefined : view.rows(better, 1)[0];
  const [leader] = view.rows(0, 1);
  return {
    score: row.score,
    rank: row.rank,
    total: view.total,
    next: ahead ? { rank: ahead.rank!, name: ahead.name, gap: gapTo(ahead) } : null,
    gapToLeader: leader ? gapTo(leader) : null,
  };
}

/** In integers of the last decimal, so that 0.3 − 0.1 is 0.2. */
function gapBetween({ rules }: BoardView, row: BoardRow, other: BoardRow): number {
  const decimals = decimalsOf(rules.scoring);
  const stored = (score: number | null) => parseScore(score ?? 0, decimals);
  return formatScore(Math.abs(stored(other.score) - stored(row.score)), decimals);
}
