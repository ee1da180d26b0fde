/**
 * Reads all members of a board as columns: some hundred rows of many members each, aggregated by the
 * database. A row for each member would cost the driver ten times as much, and twenty times the
 * memory.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { TieBreak } from "@/domain/rules.ts";
import type { ParticipantStatus } from "@/domain/standing.ts";
import { SECOND_MS } from "@/domain/time.ts";
import { BoardMembers, type MemberColumns, TEXT_END } from "./board_members.ts";
import type { BoardHead } from "./board_store.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";

/**
 * The members of a competition in parts by where they lie in the table, 256 pages each, so that no
 * part is large, and so that they are nearly in the order of their parts before they are sorted.
 */
interface Part {
  count: number;
  ids: Uint8Array;
  userIds: Uint8Array;
  scores: Uint8Array;
  reachedAt: Uint8Array;
  names: string;
  avatarUrls: string | null;
  /** First letters; null when all are active. */
  statuses: string | null;
  divisions: string | null;
  joinedAt: Uint8Array | null;
  eventCounts: Uint8Array | null;
  bestEvents: Uint8Array | null;
}

const ENCODER = new TextEncoder();
const STATUSES: Readonly<Record<string, ParticipantStatus>> = {
  a: "active",
  w: "withdrawn",
  d: "disqualified",
};
/** PostgreSQL sends microseconds since 2000. */
const EPOCH_2000_MS = Date.UTC(2000);
/** What stands for no value: the lowest `bigint`, and `-infinity` as an instant. */
const NOTHING_HIGH = -(2 ** 31);
/** Joins and groups of a million members fit, so that nothing goes to the disk. */
const WORK_MEMORY = "256MB";
/**
 * From here on tables are joined whole. Standings of smaller boards are looked up row by row, so that
 * they do not pay for the members of others. Neither is left to the planner: who came just now is not in its
 * statistics, and then it goes through all standings of the competition for each of its members.
 */
const LARGE_MEMBERS = 100_000;
/** As long as the reading of a board may take; the database's own limit is for statements that wait. */
const STATEMENT_TIMEOUT_MS = 60 * SECOND_MS;

/** Reads the members of a board, within a transaction that sees one moment. */
export async function loadMembers(tx: Tx, head: BoardHead): Promise<BoardMembers> {
  const [found] = await tx.sql<{ count: number }[]>`
    select count(*)::int as count from participants where competition_id = ${head.id}`;
  const members = new BoardMembers(head.rules, [], found!.count);
  if (found!.count === 0) return members;
  const isLarge = found!.count >= LARGE_MEMBERS;
  await tx.sql`
    select set_config('work_mem', ${WORK_MEMORY}, true),
      set_config('enable_nestloop', ${isLarge ? "off" : "on"}, true),
      set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
  for await (const parts of partsOf(tx, head, isLarge)) {
    for (const part of parts) members.append(toColumns(part));
  }
  members.sort();
  return members;
}

/** Parts that the driver holds at once. */
const PARTS_AT_ONCE = 16;

function partsOf(tx: Tx, { id, rules }: BoardHead, isLarge: boolean): AsyncIterable<Part[]> {
  const has = (step: TieBreak) => rules.tieBreaks.includes(step);
  const end = String.fromCharCode(TEXT_END);
  const nothing = (-(2n ** 63n)).toString();
  return tx.sql<Part[]>`
    select count(*)::int as count,
      string_agg(uuid_send(p.id), '') as ids,
      string_agg(uuid_send(p.user_id), '') as "userIds",
      string_agg(int8send(coalesce(s.score, ${nothing}::bigint)), '') as scores,
      string_agg(timestamptz_send(coalesce(s.reached_at, '-infinity')), '') as "reachedAt",
      string_agg(replace(case u.status when 'deleted' then ${DELETED_NAME}
        else coalesce(f.alias, u.name) end, ${end}, ' ') || ${end}, '') as names,
      case when bool_or(f.avatar_url is not null and u.status <> 'deleted') then
        string_agg(case when u.status <> 'deleted'
          then coalesce(replace(f.avatar_url, ${end}, ' '), '') else '' end || ${end}, '')
        end as "avatarUrls",
      case when bool_or(p.status <> 'active') then string_agg(left(p.status, 1), '') end as statuses,
      case when bool_or(p.division is not null) then
        string_agg(coalesce(replace(p.division, ${end}, ' '), ''), ${end}) end as divisions,
      ${has("earliest_join") ? tx.sql`string_agg(timestamptz_send(p.joined_at), '')` : tx.sql`null`}
        as "joinedAt",
      ${
    has("fewest_events")
      ? tx.sql`string_agg(int8send(coalesce(s.event_count, 0)::bigint), '')`
      : tx.sql`null`
  } as "eventCounts",
      ${
    has("best_event")
      ? tx.sql`string_agg(int8send(coalesce(s.best_event, ${nothing}::bigint)), '')`
      : tx.sql`null`
  } as "bestEvents"
    from participants p
    join users u on u.id = p.user_id
    left join profiles f on f.user_id = p.user_id
    left join lateral (
      select * from standings
      where competition_id = p.competition_id and participant_id = p.id ${
    isLarge ? tx.sql`` : tx.sql`offset 0`
  }
    ) s on true
    where p.competition_id = ${id}
    group by substring(tidsend(p.ctid) from 1 for 3)`.cursor(PARTS_AT_ONCE);
}

function toColumns(part: Part): MemberColumns {
  const { count, ids, userIds, names, avatarUrls } = part;
  return {
    ...{ count, ids, userIds },
    names: ENCODER.encode(names),
    avatarUrls: avatarUrls === null ? null : ENCODER.encode(avatarUrls),
    scores: readIntegers(part.scores, NaN),
    reachedAt: readInstants(part.reachedAt),
    statuses: part.statuses === null ? null : [...part.statuses].map((first) => STATUSES[first]!),
    divisions: part.divisions === null ? null : readDivisions(part.divisions),
    steps: {
      ...(part.joinedAt && { earliest_join: readInstants(part.joinedAt) }),
      ...(part.eventCounts && { fewest_events: readIntegers(part.eventCounts, NaN) }),
      ...(part.bestEvents && { best_event: readIntegers(part.bestEvents, NaN) }),
    },
  };
}

function readDivisions(text: string): (string | null)[] {
  return text.split(String.fromCharCode(TEXT_END)).map((name) => name === "" ? null : name);
}

/** Reads big-endian 64-bit integers, which are safe but for the one that stands for nothing. */
function readIntegers(bytes: Uint8Array, nothing: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.length / 8);
  for (let n = 0; n < values.length; n++) {
    const high = view.getInt32(n * 8);
    values[n] = high === NOTHING_HIGH ? nothing : high * 2 ** 32 + view.getUint32(n * 8 + 4);
  }
  return values;
}

function readInstants(bytes: Uint8Array): Float64Array {
  const values = readIntegers(bytes, Infinity);
  // Stored to the millisecond; rounding only mends what the division does to large numbers.
  for (let n = 0; n < values.length; n++) values[n] = Math.round(values[n]! / 1000) + EPOCH_2000_MS;
  return values;
}
