/**
 * Boards that this node does not hold, answered from a ranking elsewhere: the top and the rows around
 * somebody, with the names of just those rows. Only where the ranking stands at the very number that
 * the database does; whatever else is asked waits until the board is loaded.
 *
 * @module
 */

import { type Board, type BoardQuery, WINDOW_DEFAULT } from "@/contracts/leaderboard.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { isFrozenAt, phaseOf } from "@/domain/competition.ts";
import type { RankedRow } from "@/domain/rank_index.ts";
import type { Clock } from "@/platform/clock.ts";
import type { ShownPerson } from "./board_members.ts";
import { toBoardRow } from "./board_row.ts";
import { type BoardHead, readHead } from "./board_store.ts";
import { AROUND_ROWS, type BoardAnswer, tagOf } from "./board_window.ts";
import { checkVisible } from "../competitions/competition_access.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";
import type { Ranking, RankingRange, RankingWindow } from "./ranking.ts";

export interface RankedBoardDeps {
  database: Database;
  ranking: Ranking;
  clock: Clock;
}

/** The answer of the ranking; undefined where only the board can tell. Fails as `LeaderboardService.board`. */
export async function answerFromRanking(
  deps: RankedBoardDeps,
  actor: Actor,
  idOrSlug: string,
  query: BoardQuery,
): Promise<BoardAnswer | undefined> {
  if (!isAnswerable(query)) return undefined;
  const key = isUuid(idOrSlug) ? { id: idOrSlug.toLowerCase() } : { slug: idOrSlug };
  const head = await readHead(deps.database.sql, key);
  if (!head || !isOpen(head, deps.clock)) return undefined;
  checkVisible(actor, head, null, idOrSlug);
  const own = query.around === "me" ? await readOwn(deps.database, head, actor) : undefined;
  if (query.around === "me" && !own) return undefined;
  const window = await deps.ranking.window(head.id, rangeOf(query, own));
  if (!window || !isOfHead(window, head)) return undefined;
  if (query.around !== undefined && window.rows.length === 0) return undefined;
  const people = await readPeople(deps.database, head, window.rows);
  // Somebody who was removed meanwhile.
  if (people.size < window.rows.length) return undefined;
  return toAnswer({ head, window, people, own }, actor, query, deps.clock);
}

/** Pages, cursors and divisions need the whole order. */
function isAnswerable({ page, page_size: pageSize, cursor, division, asOf }: BoardQuery): boolean {
  return [page, pageSize, cursor, division, asOf].every((given) => given === undefined);
}

/** What everybody sees alike; invitations and frozen boards are for the board to judge. */
function isOpen(head: BoardHead, clock: Clock): boolean {
  const isFrozen = head.frozenSeq !== null || isFrozenAt(head, clock.now());
  return !isFrozen && head.visibility !== "invite" && head.status !== "draft";
}

function isOfHead(window: RankingWindow, head: BoardHead): boolean {
  return window.epoch === head.epoch && window.offset === head.lastSeq &&
    window.rulesVersion === head.rules.version;
}

function rangeOf(query: BoardQuery, own: string | undefined): RankingRange {
  const around = own ?? query.around?.toLowerCase();
  if (around !== undefined) return { around, before: AROUND_ROWS, after: AROUND_ROWS };
  return { from: 0, limit: query.top ?? WINDOW_DEFAULT };
}

/** The participant id of the caller; undefined where the board has to say why there is none. */
async function readOwn(
  database: Database,
  head: BoardHead,
  actor: Actor,
): Promise<string | undefined> {
  if (actor.kind !== "user") return undefined;
  const [row] = await database.sql<{ id: string }[]>`
    select id from participants where competition_id = ${head.id} and user_id = ${actor.userId}`;
  return row?.id;
}

async function readPeople(
  database: Database,
  head: BoardHead,
  rows: readonly RankedRow[],
): Promise<Map<string, ShownPerson>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map(({ participantId }) => participantId);
  const people = await database.sql<(ShownPerson & { participantId: string })[]>`
    select p.id as "participantId", p.user_id as "userId",
      case u.status when 'deleted' then ${DELETED_NAME} else coalesce(f.alias, u.name) end as name,
      case when u.status <> 'deleted' then f.avatar_url end as "avatarUrl"
    from participants p
    join users u on u.id = p.user_id
    left join profiles f on f.user_id = p.user_id
    where p.competition_id = ${head.id} and p.id = any(${ids}::uuid[])`;
  return new Map(people.map(({ participantId, ...person }) => [participantId, person]));
}

/** What an answer is made of. */
interface Found {
  head: BoardHead;
  window: RankingWindow;
  people: ReadonlyMap<string, ShownPerson>;
  own: string | undefined;
}

function toAnswer(
  { head, window, people, own }: Found,
  actor: Actor,
  query: BoardQuery,
  clock: Clock,
): BoardAnswer {
  const state = {
    ...{ epoch: head.epoch, offset: window.offset, phase: phaseOf(head, clock.now()) },
    frozen: false,
  };
  const rows = window.rows.map((row) => {
    const shown = toBoardRow(head, row, {
      rank: row.rank,
      person: people.get(row.participantId)!,
    });
    return row.participantId === own ? { ...shown, isMe: true } : shown;
  });
  const board: Board = { competitionId: head.id, ...state, total: window.total, rows };
  const me = rows.find(({ participantId }) => participantId === own);
  if (me) board.me = { participantId: me.participantId, score: me.score, rank: me.rank };
  const tagged = { ...state, stale: false, audience: "public" as const, own: () => undefined };
  return { board, tag: tagOf(actor, tagged, query) };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
