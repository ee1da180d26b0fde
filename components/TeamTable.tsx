import type { TeamRow } from "@/contracts/teams.ts";
import { Badge } from "./Badge.tsx";
import { Rank } from "./BoardTable.tsx";
import { pacePercent, type ScoreFormat, scoreNumber } from "./score_text.ts";

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
        {rows.map((row) => {
          const pace = pacePercent(row.score, best, format);
          return (
            <tr
              key={row.teamId}
              data-id={row.teamId}
              data-me={row.teamId === mineId ? "" : undefined}
            >
              <td>
                <span class="board-rank">
                  <Rank rank={row.rank} />
                </span>
              </td>
              <td>
                <span class="board-name">
                  <a href={`${path}/${row.teamId}`}>{row.name}</a>
                  {row.teamId === mineId
                    ? (
                      <>
                        {" "}
                        <Badge tone="live">Yours</Badge>
                      </>
                    )
                    : null}
                  <span class="under">{membersText(row.members)}</span>
                  {pace > 0
                    ? (
                      <svg
                        class="pace"
                        viewBox="0 0 100 1"
                        preserveAspectRatio="none"
                        aria-hidden="true"
                      >
                        <rect width={pace} height="1" />
                      </svg>
                    )
                    : null}
                </span>
              </td>
              <td>
                <span class="board-score">
                  {scoreNumber(row.score, format)}
                  {format.unit && row.score !== null ? <small>{` ${format.unit}`}</small> : null}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How many are in a team. */
export function membersText(count: number): string {
  return count === 1 ? "1 member" : `${count} members`;
}
