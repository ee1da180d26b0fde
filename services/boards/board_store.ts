/** What a board is loaded from: the competition's head and its participants, read as of one moment. */

import type { Database, Tx } from "@/db/client.ts";
import type { Schedule } from "@/domain/competition.ts";
import type { Rules } from "@/domain/rules.ts";
import type { Contender } from "@/domain/standing.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { loadMembers } from "./board_load.ts";
import type { BoardMembers } from "./board_members.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";

/** The competition as its board needs it. */
export interface BoardHead extends Schedule {
  id: string;
  slug: string;
  name: string;
  ownerId: string;
  visibility: "public" | "unlisted" | "invite";
  rules: Rules;
  epoch: string;
  lastSeq: number;
  /** When the public board is to freeze, while that is ahead or not entered in the log yet. */
  freezeAt: EpochMs | null;
  frozenAt: EpochMs | null;
  /** The last number on the public board while it is frozen. */
  frozenSeq: number | null;
}

/** A contender with what the board shows of the person. */
export interface BoardEntry extends Contender {
  userId: string;
  name: string;
  avatarUrl: string | null;
}

/** The state that a board in memory stands at. */
export interface KnownState {
  epoch: string;
  offset: number;
  rulesVersion: number;
}

/** A reading of the database: all members, or the entries that changed. */
export type BoardReading =
  | { head: BoardHead; members: BoardMembers }
  | { head: BoardHead; entries: BoardEntry[] };

/** Beyond so many log entries reading all rows costs no more than finding the changed. */
const CATCH_UP_ENTRIES_MAX = 2000;

/** A million members on a machine that has other work; whoever waits for a board gives up earlier. */
const LOAD_TIMEOUT_MS = 60 * SECOND_MS;

/** Reads a head by id or slug; undefined when there is none. */
export async function readHead(
  sql: Database["sql"] | Tx["sql"],
  key: { id: string } | { slug: string },
): Promise<BoardHead | undefined> {
  const match = "id" in key ? sql`id = ${key.id}` : sql`slug = ${key.slug}`;
  const [row] = await sql<BoardHead[]>`
    select id, slug, name, owner_id as "ownerId", status, visibility, rules, epoch,
      registration_opens_at as "registrationOpensAt",
      registration_closes_at as "registrationClosesAt", starts_at as "startsAt",
      ends_at as "endsAt", grace_ms as "graceMs", last_seq as "lastSeq",
      freeze_at as "freezeAt", frozen_at as "frozenAt", frozen_seq as "frozenSeq"
    from competitions where ${match}`;
  return row;
}

/** Reads what changed since the known state, or everything; undefined when there is no such competition. */
export async function readBoard(
  database: Database,
  competitionId: string,
  known: KnownState | undefined,
): Promise<BoardReading | undefined> {
  const changes = known && await readChanges(database, competitionId, known);
  if (changes !== "too far" && known) return changes;
  return await asOfOneMoment(database, competitionId, {
    timeoutMs: LOAD_TIMEOUT_MS,
    read: async (tx, head) => ({ head, members: await loadMembers(tx, head) }),
  });
}

async function readChanges(
  database: Database,
  competitionId: string,
  known: KnownState,
): Promise<BoardReading | "too far" | undefined> {
  return await asOfOneMoment(database, competitionId, {
    read: async (tx, head) => {
      if (!canCatchUp(known, head)) return "too far";
      return { head, entries: await readEntries(tx, competitionId, known.offset) };
    },
  });
}

/** Head and rows must be of the same moment, or an offset would name rows of another. */
async function asOfOneMoment<T>(
  database: Database,
  competitionId: string,
  { read, timeoutMs }: { read: (tx: Tx, head: BoardHead) => Promise<T>; timeoutMs?: number },
): Promise<T | undefined> {
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  return await database.transaction(async (tx) => {
    await tx.sql`set transaction isolation level repeatable read read only`;
    const head = await readHead(tx.sql, { id: competitionId });
    return head && await read(tx, head);
  }, { name: "board", ...limit });
}

function canCatchUp(known: KnownState, head: BoardHead): boolean {
  const behind = head.lastSeq - known.offset;
  return known.epoch === head.epoch && known.rulesVersion === head.rules.version &&
    behind >= 0 && behind <= CATCH_UP_ENTRIES_MAX;
}

/** Participants with their scores of now: all, or those whom an entry after a number is about. */
export async function readEntries(
  tx: Tx,
  competitionId: string,
  after: number | null,
): Promise<BoardEntry[]> {
  const changed = after === null ? tx.sql`` : tx.sql`and p.id in (
      select participant_id from competition_log
      where competition_id = ${competitionId} and seq > ${after} and participant_id is not null)`;
  return await tx.sql<BoardEntry[]>`
    select p.id as "participantId", p.user_id as "userId", p.division, p.status,
      p.joined_at as "joinedAt", s.score, s.reached_at as "reachedAt",
      coalesce(s.event_count, 0) as "eventCount", s.best_event as "bestEvent",
      case u.status when 'deleted' then ${DELETED_NAME} else coalesce(f.alias, u.name) end as name,
      case when u.status <> 'deleted' then f.avatar_url end as "avatarUrl"
    from participants p
    join users u on u.id = p.user_id
    left join profiles f on f.user_id = p.user_id
    left join standings s on s.competition_id = p.competition_id and s.participant_id = p.id
    where p.competition_id = ${competitionId} ${changed}`;
}
