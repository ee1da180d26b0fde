import type { TeamRow } from "@/contracts/teams.ts";
import { Badge } from "../Badge.tsx";
import { BoardScore, PaceBar, Rank } from "../board/BoardTable.tsx";
import { pacePercent, type ScoreFormat } from "../score_text.ts";

/** The team board: rank, team and score; each name leads to who gave what. */
export function TeamTable(
  { rows, format, scoreLabel, path, mineId }: {
    rows: readonly TeamRow[];
    format: ScoreFormat;
    /** Head of the score column, with the unit. */
    scoreLabel: string;
    /** Where a team's page is, but for its id. */
    path: string;
    /** The viewer's own team. */
    mineId?: string | null;
  },
) {
  const best = rows.find(({ score }) => score !== null)?.score ?? null;
  return (
    <table class="board">
      <thead>
        <tr>
          <th scope="col">Rank</th>
          <th scope="col">Team</th>
          <th scope="col">{scoreLabel}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row
            key={row.teamId}
            row={row}
            format={format}
            pace={pacePercent(row.score, best, format)}
            path={path}
            isMine={row.teamId === mineId}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  row: TeamRow;
  format: ScoreFormat;
  pace: number;
  path: string;
  isMine: boolean;
}

function Row({ row, format, pace, path, isMine }: RowProps) {
  return (
    <tr data-id={row.teamId} data-me={isMine ? "" : undefined}>
      <td>
        <span class="board-rank">
          <Rank rank={row.rank} />
        </span>
      </td>
      <td>
        <span class="board-name">
          <a href={`${path}/${row.teamId}`}>{row.name}</a>
          {isMine
            ? (
              <>
                {" "}
                <Badge tone="live">Yours</Badge>
              </>
            )
            : null}
          <span class="under">{membersText(row.members)}</span>
          {pace > 0 ? <PaceBar percent={pace} /> : null}
        </span>
      </td>
      <td>
        <BoardScore score={row.score} format={format} />
      </td>
    </tr>
  );
}

/** How many are in a team. */
export function membersText(count: number): string {
  return count === 1 ? "1 member" : `${count} members`;
}
