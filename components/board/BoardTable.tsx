import type { Ref } from "preact";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import { Avatar } from "../Avatar.tsx";
import { Badge } from "../Badge.tsx";
import { Icon } from "../Icon.tsx";
import { placesText, type ShownMove } from "./rank_change.ts";
import { pacePercent, type ScoreFormat, scoreNumber } from "../score_text.ts";

export interface BoardTableProps {
  rows: readonly BoardRow[];
  format: ScoreFormat;
  /** Head of the score column, with the unit. */
  scoreLabel: string;
  /** Arrows of what moved lately, by participant. */
  moves?: ReadonlyMap<string, ShownMove>;
  /** The viewer's own entry. */
  meId?: string | null;
  body?: Ref<HTMLTableSectionElement>;
}

/** A board: rank, person and score. Keyed by participant, so that a moving row keeps its element. */
export function BoardTable({ rows, format, scoreLabel, moves, meId, body }: BoardTableProps) {
  const best = rows.find(({ score }) => score !== null)?.score ?? null;
  return (
    <table class="board">
      <thead>
        <tr>
          <th scope="col">Rank</th>
          <th scope="col">Participant</th>
          <th scope="col">{scoreLabel}</th>
        </tr>
      </thead>
      <tbody ref={body ?? null}>
        {rows.map((row) => (
          <Row
            key={row.participantId}
            row={row}
            format={format}
            pace={pacePercent(row.score, best, format)}
            move={moves?.get(row.participantId)}
            isMe={row.isMe === true || row.participantId === meId}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  row: BoardRow;
  format: ScoreFormat;
  pace: number;
  move: ShownMove | undefined;
  isMe: boolean;
}

function Row({ row, format, pace, move, isMe }: RowProps) {
  return (
    <tr
      data-id={row.participantId}
      data-status={row.status}
      data-me={isMe ? "" : undefined}
    >
      <td>
        <span class="board-rank">
          <Rank rank={row.rank} />
          <Move move={move} />
        </span>
      </td>
      <td>
        <span class="board-person">
          <Avatar id={row.userId} name={row.name} />
          <span class="board-name">
            {row.name}
            {isMe
              ? (
                <>
                  {" "}
                  <Badge tone="live">You</Badge>
                </>
              )
              : null}
            {row.status === "disqualified"
              ? (
                <>
                  {" "}
                  <Badge tone="bad">Disqualified</Badge>
                </>
              )
              : null}
            {pace > 0 ? <PaceBar percent={pace} /> : null}
          </span>
        </span>
      </td>
      <td>
        <BoardScore score={row.score} format={format} />
      </td>
    </tr>
  );
}

/** A rank, with a medal for the first three. */
export function Rank({ rank }: { rank: number | null }) {
  const medal = rank !== null && rank <= 3 ? rank : undefined;
  return (
    <span class="rank" data-medal={medal}>
      {rank ?? <span aria-label="not ranked">–</span>}
    </span>
  );
}

/** A score with its unit. */
export function BoardScore({ score, format }: { score: number | null; format: ScoreFormat }) {
  return (
    <span class="board-score">
      {scoreNumber(score, format)}
      {format.unit && score !== null ? <small>{` ${format.unit}`}</small> : null}
    </span>
  );
}

function Move({ move }: { move: ShownMove | undefined }) {
  if (move?.isNew) return <Badge tone="info">New</Badge>;
  const places = move?.places ?? 0;
  if (places === 0) return <span class="move" />;
  return (
    <span class="move" data-way={places > 0 ? "up" : "down"}>
      <Icon name={places > 0 ? "up" : "down"} />
      <span aria-hidden="true">{Math.abs(places)}</span>
      <span class="hidden-text">{placesText(places)}</span>
    </span>
  );
}

/** Share of the leader's score; an attribute, because styles may not be inline. */
export function PaceBar({ percent }: { percent: number }) {
  return (
    <svg class="pace" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width={percent} height="1" />
    </svg>
  );
}
