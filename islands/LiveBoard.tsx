import { useLayoutEffect, useRef } from "preact/hooks";
import { BoardTable } from "@/components/board/BoardTable.tsx";
import type { RowChange } from "@/components/board/rank_change.ts";
import { groupDigits, type ScoreFormat } from "@/components/score_text.ts";
import type { LiveBoardData } from "@/components/board/live_client.ts";
import { type LinkState, useLiveBoard } from "@/components/board/use_live_board.ts";

export interface LiveBoardProps {
  competitionId: string;
  /** The rows that the server rendered; they stay when there is no script or no socket. */
  initial: LiveBoardData;
  format: ScoreFormat;
  scoreLabel: string;
  meId: string | null;
  /** The division whose board this is; null for everybody's. */
  division: string | null;
  /** Rows shown at most; null shows the whole window. */
  rowsMax: number | null;
  isWall: boolean;
  /** The viewer is staff, whose rows go on moving while the public board stands still. */
  isStaff: boolean;
}

/** A board that moves by itself. */
export default function LiveBoard(props: LiveBoardProps) {
  const { competitionId, initial, format, scoreLabel, meId, rowsMax, isWall, isStaff } = props;
  const { division } = props;
  const { board, news, moves, link, announcement } = useLiveBoard({
    competitionId,
    initial,
    top: rowsMax,
    division,
    now: Date.now,
  });
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = rowsMax === null ? board.rows : board.rows.slice(0, rowsMax);
  useGlide(body, rows, news);

  return (
    <section class="card live-board" aria-labelledby="board-title">
      <div class="board-head">
        <h2 id="board-title">{isWall ? scoreLabel : "Board"}</h2>
        {isWall ? null : (
          <span class="muted small num" data-offset={board.offset}>
            {groupDigits(board.total)} on the board · offset {groupDigits(board.offset)}
          </span>
        )}
        <LinkBadge link={link} />
      </div>
      <div role="status">
        {announcement
          ? <p class="notice board-note" data-announcement={announcement.at}>{announcement.text}</p>
          : null}
      </div>
      {board.frozen
        ? (
          <p class="notice board-note" data-tone={isStaff ? "warn" : undefined}>
            {isStaff
              ? "The public board is frozen. You are staff and see it live: keep it to yourself."
              : "The board is frozen: it shows how things stood, and moves again later."}
          </p>
        )
        : null}
      {rows.length === 0
        ? <p class="muted board-empty">Nobody is on the board yet. The first to join leads.</p>
        : (
          <div class="table-wrap">
            <BoardTable
              rows={rows}
              format={format}
              scoreLabel={scoreLabel}
              moves={moves}
              meId={meId}
              body={body}
            />
          </div>
        )}
    </section>
  );
}

const LINKS: Record<LinkState, { text: string; tone: string }> = {
  still: { text: "As of loading", tone: "plain" },
  connecting: { text: "Connecting", tone: "warn" },
  live: { text: "Connected", tone: "live" },
  waiting: { text: "Connection lost, trying again", tone: "warn" },
  stopped: { text: "Not updating", tone: "bad" },
};

/** Says whether what is seen is of now. */
function LinkBadge({ link }: { link: LinkState }) {
  const { text, tone } = LINKS[link];
  return (
    <span class="badge link-state" data-tone={tone} data-link={link} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

const FLASH = [{ background: "color-mix(in oklab, var(--volt) 40%, var(--card))" }, {}];

/** Rows that moved glide from where they were (FLIP), rows that scored light up; not for those who want less motion. */
function useGlide(
  body: { current: HTMLElement | null },
  rows: readonly unknown[],
  news: ReadonlyMap<string, RowChange>,
): void {
  const places = useRef(new Map<string, number>());
  const told = useRef<unknown>(news);
  useLayoutEffect(() => {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const before = places.current;
    places.current = new Map();
    const isNews = told.current !== news;
    told.current = news;
    for (const row of body.current?.querySelectorAll<HTMLElement>("tr[data-id]") ?? []) {
      const id = row.dataset.id!;
      const top = row.offsetTop;
      places.current.set(id, top);
      if (isStill) continue;
      const was = before.get(id);
      if (was !== undefined && was !== top) glide(row, was - top);
      const change = news.get(id);
      if (isNews && (change?.isNew || change?.scored)) row.animate(FLASH, { duration: 1800 });
    }
  }, [rows, news]);
}

function glide(row: HTMLElement, fromPx: number): void {
  row.animate(
    [{ transform: `translateY(${fromPx}px)` }, { transform: "none" }],
    { duration: 420, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" },
  );
}
