import { Brand } from "@/components/frame/Brand.tsx";
import { PhaseBadge } from "@/components/Badge.tsx";
import { groupDigits } from "@/components/score_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Board } from "@/contracts/leaderboard.ts";
import { BoardPart } from "./BoardPart.tsx";

/** Rows that fit a screen and can be read across a hall. */
const WALL_ROWS = 9;

/** The board alone, large, for a screen on a wall. */
export function Wall(
  { competition, board, division, publicUrl }: {
    competition: CompetitionView;
    board: Board;
    /** The division that the rows are of; absent: everybody. */
    division?: string | undefined;
    publicUrl: string;
  },
) {
  const { name, slug, phase } = competition;
  const { host } = new URL(publicUrl);
  return (
    <main class="wall">
      <header class="wall-head">
        <Brand href={`/c/${slug}`} />
        <h1>{division === undefined ? name : `${name}, ${division}`}</h1>
        <PhaseBadge phase={phase} />
      </header>
      <BoardPart
        competition={competition}
        board={board}
        division={division}
        rowsMax={WALL_ROWS}
        isWall
      />
      <footer class="wall-foot">
        <span>{groupDigits(board.total)} on the board</span>
        <span>Join at {host}/c/{slug}</span>
      </footer>
    </main>
  );
}
