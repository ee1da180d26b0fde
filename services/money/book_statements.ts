/**
 * Statements: the postings of accounts, newest first, each with the balance after it. The balance
 * stands in the posting and the order is an index, so that a page costs the same wherever it is.
 */

import { amountOf } from "@/contracts/money.ts";
import type {
  Statement,
  StatementLine,
  StatementQuery,
  TransactionQuery,
  TransactionsMeta,
} from "@/contracts/ledger.ts";
import { pageMeta } from "@/contracts/envelope.ts";
import type { Database } from "@/db/client.ts";
import { csvLine, type CsvValue } from "@/domain/csv.ts";
import type { EpochMs } from "@/domain/time.ts";
import { getAccount } from "./book_accounts.ts";

/** Which lines, and from where on. */
interface LineQuery {
  kind?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  cursor?: number | undefined;
  limit: number;
  offset?: number;
}

/** Reads a part of an account's statement. Fails with `NOT_FOUND`. */
export async function readStatement(
  database: Database,
  accountId: number,
  query: StatementQuery,
): Promise<Statement> {
  const account = await getAccount(database, accountId);
  const { lines, nextCursor } = await readLines(database, [accountId], query);
  return { account, lines, nextCursor };
}

/** Reads a page of what moved in a user's accounts. */
export async function readTransactions(
  database: Database,
  userId: string,
  query: TransactionQuery,
): Promise<{ items: StatementLine[]; meta: TransactionsMeta }> {
  const { page, page_size: pageSize, cursor } = query;
  const accounts = await accountsOf(database, userId, query.currency);
  const range = cursor === undefined
    ? { limit: pageSize, offset: (page - 1) * pageSize }
    : { limit: pageSize };
  const [{ lines, nextCursor }, total] = await Promise.all([
    readLines(database, accounts, { ...query, ...range }),
    countLines(database, accounts, query),
  ]);
  return { items: lines, meta: { ...pageMeta({ items: [], page, pageSize, total }), nextCursor } };
}

async function accountsOf(
  { sql }: Database,
  userId: string,
  currency: string | undefined,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from ledger_accounts
    where user_id = ${userId} and (${currency ?? null}::text is null
      or currency = ${currency ?? null}) order by id`;
  return rows.map(({ id }) => id);
}

type StoredLine = Omit<StatementLine, "at" | "amount" | "balanceAfter"> & { at: EpochMs };

/** One index scan an account, each no longer than the page. */
async function readLines(
  { sql }: Database,
  accounts: readonly number[],
  query: LineQuery,
): Promise<{ lines: StatementLine[]; nextCursor: number | null }> {
  const { limit, offset = 0, cursor } = query;
  const most = limit + offset + 1;
  const rows = await sql<StoredLine[]>`
    select l.id, l.transaction_id as "transactionId", l.at, l.kind, a.kind as account, a.currency,
      l.amount_minor::text as "amountMinor", l.balance_after_minor::text as "balanceAfterMinor",
      l.order_id as "orderId", l.competition_id as "competitionId", l.reason
    from unnest(${[...accounts]}::bigint[]) as wanted(id)
    join ledger_accounts a on a.id = wanted.id
    cross join lateral (
      select p.*, t.at, t.kind, t.order_id, t.competition_id, t.reason
      from ledger_postings p join ledger_transactions t on t.id = p.transaction_id
      where p.account_id = a.id and p.id < ${cursor ?? Number.MAX_SAFE_INTEGER}
        ${filterOf(sql, query)}
      order by p.id desc limit ${most}) l
    order by l.id desc limit ${limit + 1} offset ${offset}`;
  const lines = rows.slice(0, limit).map(toLine);
  const nextCursor = rows.length > limit ? lines.at(-1)!.id : null;
  return { lines, nextCursor };
}

function filterOf(sql: Database["sql"], { kind, from, to }: Omit<LineQuery, "limit">) {
  return sql`
    ${kind === undefined ? sql`` : sql`and t.kind = ${kind}`}
    ${from === undefined ? sql`` : sql`and t.at >= ${from}`}
    ${to === undefined ? sql`` : sql`and t.at < ${to}`}`;
}

function toLine(row: StoredLine): StatementLine {
  const { currency } = row;
  return {
    ...row,
    at: new Date(row.at).toISOString(),
    ...amountOf(currency, BigInt(row.amountMinor)),
    balanceAfter: amountOf(currency, BigInt(row.balanceAfterMinor)).amount,
  };
}

/** Without a filter the checkpoints know it. */
async function countLines(
  { sql }: Database,
  accounts: readonly number[],
  query: Omit<LineQuery, "limit">,
): Promise<number> {
  const { kind, from, to } = query;
  const isWhole = kind === undefined && from === undefined && to === undefined;
  const [row] = isWhole
    ? await sql<{ total: number }[]>`
      select coalesce(sum(posting_count), 0)::bigint as total from ledger_balances
      where account_id = any(${[...accounts]}::bigint[])`
    : await sql<{ total: number }[]>`
      select count(*) as total
      from ledger_postings p join ledger_transactions t on t.id = p.transaction_id
      where p.account_id = any(${[...accounts]}::bigint[]) ${filterOf(sql, query)}`;
  return row?.total ?? 0;
}

const CSV_COLUMNS = [
  "at",
  "kind",
  "account",
  "currency",
  "amount",
  "balanceAfter",
  "orderId",
  "competitionId",
  "transactionId",
  "reason",
] as const;

/** Lines of a file in memory at once. */
const CSV_PIECE = 1_000;

/** Everything that matches as CSV, newest first, piece by piece. */
export async function* csvOfTransactions(
  database: Database,
  userId: string,
  query: TransactionQuery,
): AsyncGenerator<string> {
  yield csvLine(CSV_COLUMNS);
  const accounts = await accountsOf(database, userId, query.currency);
  let { cursor } = query;
  for (;;) {
    const piece = await readLines(database, accounts, { ...query, cursor, limit: CSV_PIECE });
    yield piece.lines.map((line) => csvLine(cellsOf(line))).join("");
    if (piece.nextCursor === null) return;
    cursor = piece.nextCursor;
  }
}

function cellsOf(line: StatementLine): CsvValue[] {
  const amount = { decimal: line.amount };
  const balanceAfter = { decimal: line.balanceAfter };
  const cells = { ...line, amount, balanceAfter };
  return CSV_COLUMNS.map((column) => cells[column]);
}
