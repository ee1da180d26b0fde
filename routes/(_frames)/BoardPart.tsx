import { scoreFormatOf } from "@/components/score_text.ts";
import { scoreHead } from "@/components/competition/rule_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Board } from "@/contracts/leaderboard.ts";
import LiveBoard from "@/islands/LiveBoard.tsx";

/** The live board of a competition with its present rows. */
export function BoardPart(
  { competition, board, division, rowsMax, isWall = false }: {
    competition: CompetitionView;
    board: Board;
    /** The division that the rows are of; default everybody. */
    division?: string | undefined;
    /** Rows shown at most; default all of the window. */
    rowsMax?: number;
    isWall?: boolean;
  },
) {
  const { epoch, offset, phase, frozen, total, rows, me } = board;
  const shown = rowsMax ? rows.slice(0, rowsMax) : rows;
  return (
    <LiveBoard
      competitionId={competition.id}
      initial={{ epoch, offset, phase, frozen, total, rows: shown }}
      format={scoreFormatOf(competition.scoring)}
      scoreLabel={scoreHead(competition.scoring)}
      division={division ?? null}
      meId={me?.participantId ?? null}
      rowsMax={rowsMax ?? null}
      isWall={isWall}
      isStaff={competition.isStaff}
    />
  );
}
