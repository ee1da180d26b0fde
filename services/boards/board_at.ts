/**
 * A board as it stood at an earlier number of its log. Only those whom a later entry is about are
 * replayed; everybody else stands as now. A later version of the rules scores all of them anew, so
 * that then everybody is replayed.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import type { LogEntry } from "@/domain/log.ts";
import { applyEntry, emptyProjection, findContender } from "@/domain/projection.ts";
import type { Projection } from "@/domain/projection.ts";
import type { Rules } from "@/domain/rules.ts";
import type { Contender } from "@/domain/standing.ts";
import { type BoardEntry, type BoardHead, readEntries, readHead } from "./board_store.ts";
import { readLogEntries } from "../leaderboard/log_reader.ts";

/** What a board is built from, as of a number. */
export interface BoardThen {
  /** The head of now, with the rules of then. */
  head: BoardHead;
  entries: BoardEntry[];
  /** Whether the result was final then. */
  isFinal: boolean;
}

/** Entries read at once. */
const PAGE_ENTRIES = 5000;

/** Reads the board at a number; undefined when there is no such competition. */
export async function readBoardAt(
  database: Database,
  competitionId: string,
  seq: number,
): Promise<BoardThen | undefined> {
  return await database.transaction(async (tx) => {
    // Rows and log must be of the same moment.
    await tx.sql`set transaction isolation level repeatable read read only`;
    const head = await readHead(tx.sql, { id: competitionId });
    return head && await rewind(tx, head, seq);
  }, { name: "board_at" });
}

/** What orders some participants at a number: their scores as stored, and what breaks their ties. */
export async function readContendersAt(
  database: Database,
  competitionId: string,
  { seq, participantIds }: { seq: number; participantIds: readonly string[] },
): Promise<Map<string, Contender>> {
  return await database.transaction(async (tx) => {
    await tx.sql`set transaction isolation level repeatable read read only`;
    const head = await readHead(tx.sql, { id: competitionId });
    if (!head) return new Map();
    const projection = await replay(tx, head, { seq, participantIds });
    const found = participantIds.map((id) => findContender(projection, id));
    return new Map(found.flatMap((one) => one ? [[one.participantId, one]] : []));
  }, { name: "contenders" });
}

/** Takes a board of now back to a number, within a transaction that sees one moment. */
export async function rewind(tx: Tx, head: BoardHead, seq: number): Promise<BoardThen> {
  const [later, entries] = await Promise.all([
    readLater(tx, head.id, seq),
    readEntries(tx, head.id, null),
  ]);
  const replayed = later.isRescored
    ? entries.map(({ participantId }) => participantId)
    : later.participantIds;
  const projection = await replay(tx, head, { seq, participantIds: replayed });
  const ids = new Set(replayed);
  return {
    head: { ...head, rules: projection.rules.current, lastSeq: seq },
    entries: entries.flatMap((entry) =>
      ids.has(entry.participantId) ? entryThen(projection, entry) : entry
    ),
    isFinal: projection.isFinal,
  };
}

function entryThen(projection: Projection, entry: BoardEntry): BoardEntry[] {
  const contender = findContender(projection, entry.participantId);
  return contender ? [{ ...entry, ...contender }] : [];
}

/** Whom the entries after a number are about. */
async function readLater(
  tx: Tx,
  competitionId: string,
  seq: number,
): Promise<{ participantIds: string[]; isRescored: boolean }> {
  const rows = await tx.sql<{ participantId: string | null }[]>`
    select distinct participant_id as "participantId" from competition_log
    where competition_id = ${competitionId} and seq > ${seq}
      and (participant_id is not null or kind = 'rules')`;
  return {
    participantIds: rows.flatMap(({ participantId }) => participantId ?? []),
    isRescored: rows.some(({ participantId }) => participantId === null),
  };
}

async function replay(
  tx: Tx,
  head: BoardHead,
  { seq, participantIds }: { seq: number; participantIds: readonly string[] },
): Promise<Projection> {
  const projection = emptyProjection(await firstRules(tx, head));
  let after = 0;
  while (after < seq) {
    const page = await readLogEntries(tx.sql, head.id, {
      ...{ after, upTo: seq, limit: PAGE_ENTRIES, participantIds },
    });
    for (const { entry } of page) applySparsely(projection, entry);
    after = page.length < PAGE_ENTRIES ? seq : page.at(-1)!.entry.seq;
  }
  return projection;
}

/** The order of entries decides, not that none is left out. */
function applySparsely(projection: Projection, entry: LogEntry): void {
  projection.seq = entry.seq - 1;
  applyEntry(projection, entry);
}

/** The rules that the log begins with; those of now where it enters none. */
async function firstRules(tx: Tx, head: BoardHead): Promise<Rules> {
  const [row] = await tx.sql<{ rules: Rules }[]>`
    select body -> 'rules' as rules from competition_log
    where competition_id = ${head.id} and participant_id is null and kind = 'rules'
    order by seq limit 1`;
  return row?.rules ?? head.rules;
}
