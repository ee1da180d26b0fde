import { useEffect, useState } from "preact/hooks";
import { createLiveClient, type LiveStatus } from "@/components/board/live_client.ts";
import { groupDigits, type ScoreFormat } from "@/components/score_text.ts";
import { TeamTable } from "@/components/team/TeamTable.tsx";
import type { TeamBoard } from "@/contracts/teams.ts";

export interface LiveTeamsProps {
  competitionId: string;
  /** The rows that the server rendered; they stay when there is no script or no socket. */
  initial: TeamBoard;
  format: ScoreFormat;
  scoreLabel: string;
  /** Where a team's page is, but for its id. */
  path: string;
  /** The viewer's own team. */
  mineId: string | null;
}

/** Asked again so often at most, however fast the board moves. */
const REFRESH_MS = 1000;

/**
 * The team board, moving: the participants' stream tells that something changed, and then the teams
 * are asked for, with the tag of what is here.
 */
export default function LiveTeams(props: LiveTeamsProps) {
  const { competitionId, initial, format, scoreLabel, path, mineId } = props;
  const [board, setBoard] = useState(initial);
  const [link, setLink] = useState<LiveStatus["state"] | "still">("still");
  useEffect(() => followTeams(competitionId, initial, { setBoard, setLink }), [competitionId]);
  const isLive = link === "live";
  return (
    <section class="card live-board" aria-labelledby="board-title">
      <div class="board-head">
        <h2 id="board-title">Teams</h2>
        <span class="muted small num" data-offset={board.offset}>
          {groupDigits(board.total)} teams · offset {groupDigits(board.offset)}
        </span>
        <span
          class="badge link-state"
          data-tone={isLive ? "live" : "plain"}
          data-link={link}
          role="status"
        >
          <span class="dot" aria-hidden="true" />
          {isLive ? "Connected" : link === "still" ? "As of loading" : "Not updating"}
        </span>
      </div>
      {board.frozen
        ? (
          <p class="notice board-note" data-tone={board.live ? "warn" : undefined}>
            {board.live
              ? "The public board is frozen. You are staff and see it live: keep it to yourself."
              : "The board is frozen: it shows how things stood, and moves again later."}
          </p>
        )
        : null}
      {board.rows.length === 0
        ? <p class="muted board-empty">No team has a member yet.</p>
        : (
          <div class="table-wrap">
            <TeamTable
              rows={board.rows}
              format={format}
              scoreLabel={scoreLabel}
              path={path}
              mineId={mineId}
            />
          </div>
        )}
    </section>
  );
}

interface Shown {
  setBoard(board: TeamBoard): void;
  setLink(link: LiveStatus["state"]): void;
}

/** Follows the board until the returned function is called. */
function followTeams(
  competitionId: string,
  initial: TeamBoard,
  { setBoard, setLink }: Shown,
): () => void {
  let etag = "";
  let timer: number | undefined;
  let isStopped = false;
  async function refresh(): Promise<void> {
    timer = undefined;
    const headers: Record<string, string> = etag === "" ? {} : { "if-none-match": etag };
    const res = await fetch(`/api/v1/leaderboard/${competitionId}/teams`, { headers })
      .catch(() => undefined);
    if (!res?.ok || isStopped) return;
    etag = res.headers.get("etag") ?? "";
    setBoard((await res.json()).data);
  }
  const client = createLiveClient({
    url: socketUrl(competitionId),
    top: 1,
    onBoard({ offset, epoch }) {
      const isKnown = etag === "" && epoch === initial.epoch && offset === initial.offset;
      if (!isKnown) timer ??= setTimeout(refresh, REFRESH_MS) as unknown as number;
    },
    onStatus: ({ state }) => setLink(state),
  });
  return () => {
    isStopped = true;
    clearTimeout(timer);
    client.stop();
  };
}

function socketUrl(competitionId: string): string {
  const url = new URL(`/ws/leaderboard/${competitionId}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
