/**
 * Recomputes every competition from its log with the pure function and compares the result, byte for
 * byte, with the stored standings in the order that a node's index gives them, and with the ranking
 * in Redis at its own offset where `REDIS_URL` is set; and the hashes of the log with their chain.
 * Ends with 1 and names the first difference of each competition that has one.
 * Usage: `deno task leaderboard:verify [--repair]`; `--repair` rebuilds standings that differ (never from a log whose chain is broken), after
 * which running nodes must be started again, since they keep boards in memory; a ranking that differs
 * is dropped, and the nodes build it anew.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Database, openDatabase } from "@/db/client.ts";
import { type ChainedEntry, type ChainHead, verifyChain } from "@/domain/log_hash.ts";
import type { RankedRow } from "@/domain/rank_index.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { createRedisRanking } from "@/cache/ranking_redis.ts";
import { openRedis } from "@/cache/redis.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { sha256 } from "@/platform/sha256.ts";
import type { Ranking } from "@/services/boards/ranking.ts";
import type { BoardMembers } from "@/services/boards/board_members.ts";
import { type BoardHead, readBoard } from "@/services/boards/board_store.ts";
import {
  type CompetitionLogService,
  createCompetitionLog,
} from "@/services/leaderboard/competition_log.ts";
import { createScoresWriter } from "@/services/leaderboard/scores.ts";
import { databaseUrl } from "./migrate.ts";

/** What verifying needs. */
export interface VerifyDeps {
  database: Database;
  log: CompetitionLogService;
  /** Undefined without Redis. */
  ranking?: Ranking | undefined;
}

/** Where log and stored state part; standings can be rebuilt, a log whose chain broke cannot. */
export interface Difference {
  kind: "chain" | "standings" | "ranking";
  message: string;
}

/** Log entries read at once, some 300 bytes each. */
const PAGE_ENTRIES = 5000;

/** A competition that is written all the time is read again until head and board agree. */
const READ_ATTEMPTS_MAX = 20;

/** Finds the first difference between a competition's log and what is stored of it. */
export async function findDifference(
  deps: VerifyDeps,
  id: string,
): Promise<Difference | undefined> {
  const { chain: head, board } = await readStored(deps.database, id);
  const log = await readLog(deps.log, id, head.seq);
  const chain = verifyChain(log, sha256, { head });
  if (!chain.ok) {
    const message = `the chain of the log breaks at ${chain.seq}: ${chain.fault}`;
    return { kind: "chain", message };
  }
  const entries = log.map(({ entry }) => entry);
  const expected = standings(entries, board.head.rules);
  const message = firstDifference(expected, board.members.index.rows());
  if (message !== undefined) return { kind: "standings", message };
  const ranked = deps.ranking && await readRanking(deps.ranking, id);
  if (!ranked || ranked.offset > head.seq) return undefined;
  const then = standings(entries, board.head.rules, { seq: ranked.offset });
  const difference = firstDifference(then, ranked.rows);
  return difference === undefined
    ? undefined
    : { kind: "ranking", message: `its ranking at ${ranked.offset}: ${difference}` };
}

/** Rows read from a ranking at once. */
const RANKING_ROWS = 1000;

/** The whole ranking at one offset; undefined where there is none. */
async function readRanking(
  ranking: Ranking,
  id: string,
): Promise<{ offset: number; rows: RankedRow[] } | undefined> {
  for (let attempt = 1; attempt <= READ_ATTEMPTS_MAX; attempt++) {
    const first = await ranking.window(id, { from: 0, limit: RANKING_ROWS });
    if (!first) return undefined;
    const rows = [...first.rows];
    let offset = first.offset;
    while (rows.length < first.total && offset === first.offset) {
      const next = await ranking.window(id, { from: rows.length, limit: RANKING_ROWS });
      offset = next?.offset ?? -1;
      rows.push(...next?.rows ?? []);
    }
    if (offset === first.offset) return { offset, rows };
  }
  throw new Error(`Cannot verify the ranking of competition "${id}": it moves all the time`);
}

/** The stored standings as a node has them in memory. */
interface StoredBoard {
  head: BoardHead;
  members: BoardMembers;
}

async function readStored(
  database: Database,
  id: string,
): Promise<{ chain: ChainHead; board: StoredBoard }> {
  for (let attempt = 1; attempt <= READ_ATTEMPTS_MAX; attempt++) {
    const [chain] = await database.sql<ChainHead[]>`
      select last_seq as seq, last_hash as hash from competitions where id = ${id}`;
    const board = await readBoard(database, id, undefined);
    if (!chain || !board) throw new Error(`Cannot verify competition "${id}": there is none`);
    if ("members" in board && board.head.lastSeq === chain.seq) return { chain, board };
  }
  throw new Error(`Cannot verify competition "${id}": it is written all the time`);
}

async function readLog(
  log: CompetitionLogService,
  id: string,
  lastSeq: number,
): Promise<ChainedEntry[]> {
  const entries: ChainedEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.entry.seq ?? 0;
    const page = await log.read(id, { after, limit: PAGE_ENTRIES });
    entries.push(...page.filter(({ entry }) => entry.seq <= lastSeq));
    if (page.length < PAGE_ENTRIES) return entries;
  }
}

function firstDifference(
  expected: readonly RankedRow[],
  stored: readonly RankedRow[],
): string | undefined {
  if (canonicalStandings(expected) === canonicalStandings(stored)) return undefined;
  for (let index = 0;; index++) {
    const [should, is] = [expected[index], stored[index]].map((row) =>
      row ? canonicalStandings([row]) : "nobody"
    );
    if (should !== is) return `row ${index + 1} should be ${should} and is ${is}`;
  }
}

/** Folds everybody of a competition anew from the log. */
export async function repairCompetition({ database, log }: VerifyDeps, id: string): Promise<void> {
  const scores = createScoresWriter({ log });
  await database.transaction(async (tx) => {
    const locked = (await log.lock(tx, [id])).get(id)!;
    await tx.sql`delete from standings where competition_id = ${id}`;
    const rows = await tx.sql<{ participantId: string }[]>`
      insert into standings (competition_id, participant_id, last_occurred_at, last_event_seq)
      select distinct on (participant_id) competition_id, participant_id, occurred_at, seq
      from competition_log where competition_id = ${id} and kind = 'score'
      order by participant_id, occurred_at desc, seq desc
      returning participant_id as "participantId"`;
    await scores.refold(tx, locked, rows.map(({ participantId }) => participantId));
  }, { name: "repair" });
}

/** Verifies all competitions and tells of each; gives how many differ in the end. */
export async function verifyAll(
  deps: VerifyDeps,
  options: { repair: boolean; tell: (line: string) => Promise<void> },
): Promise<number> {
  const competitions = await deps.database.sql<{ id: string; slug: string }[]>`
    select id, slug from competitions order by id`;
  let differing = 0;
  for (const { id, slug } of competitions) {
    let difference = await findDifference(deps, id);
    if (difference?.kind === "standings" && options.repair) {
      await options.tell(`${slug}: ${difference.message}; rebuilding its standings`);
      await repairCompetition(deps, id);
      difference = await findDifference(deps, id);
    }
    if (difference?.kind === "ranking" && options.repair) {
      await options.tell(`${slug}: ${difference.message}; dropping it`);
      await deps.ranking?.forget(id);
      difference = await findDifference(deps, id);
    }
    if (difference) differing++;
    await options.tell(`${slug}: ${difference?.message ?? "as its log says"}`);
  }
  await options.tell(`${competitions.length} verified, ${differing} differ`);
  return differing;
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { repair: { type: "boolean", default: false } } });
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openDatabase({ url: await databaseUrl(stack), poolMax: 1 }));
  const log = createCompetitionLog({ database, clock: systemClock });
  const ranking = await openRanking(stack, Deno.env.get("REDIS_URL"));
  return await verifyAll({ database, log, ranking }, {
    repair: values.repair,
    async tell(line) {
      await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
    },
  });
}

async function openRanking(
  stack: AsyncDisposableStack,
  url: string | undefined,
): Promise<Ranking | undefined> {
  if (!url) return undefined;
  const connection = await openRedis({ url });
  stack.defer(() => connection.close());
  return createRedisRanking({ connection, newId: createIdGenerator(systemClock) });
}

if (import.meta.main) Deno.exit(await main(Deno.args) === 0 ? 0 : 1);
