/** Accounts and transactions as finance reads them. */

import { amountOf } from "@/contracts/money.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { AccountQuery, LedgerAccount, LedgerTransaction } from "@/contracts/ledger.ts";
import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";

type StoredAccount = Omit<LedgerAccount, "balance">;

/** Lists accounts; the fullest filters first narrow by owner. */
export async function listAccounts(
  { sql }: Database,
  query: AccountQuery,
): Promise<Page<LedgerAccount>> {
  const { page, page_size: pageSize, kind, currency, user, competition } = query;
  const matches = sql`
    (${kind ?? null}::text is null or a.kind = ${kind ?? null})
    and (${currency ?? null}::text is null or a.currency = ${currency ?? null})
    ${user === undefined ? sql`` : sql`and a.user_id = ${user}`}
    ${competition === undefined ? sql`` : sql`and a.competition_id = ${competition}`}`;
  const [rows, [count]] = await Promise.all([
    sql<StoredAccount[]>`
      select ${accountColumns(sql)} from ledger_accounts a
      join ledger_balances b on b.account_id = a.id
      where ${matches} order by a.id limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`select count(*) as total from ledger_accounts a where ${matches}`,
  ]);
  return { items: rows.map(toAccount), page, pageSize, total: count?.total ?? 0 };
}

/** Reads an account. Fails with `NOT_FOUND`. */
export async function getAccount({ sql }: Database, id: number): Promise<LedgerAccount> {
  const [row] = await sql<StoredAccount[]>`
    select ${accountColumns(sql)} from ledger_accounts a
    join ledger_balances b on b.account_id = a.id where a.id = ${id}`;
  if (row) return toAccount(row);
  throw new DomainError("NOT_FOUND", `Cannot find ledger account "${id}": there is none`);
}

function accountColumns(sql: Database["sql"]) {
  return sql`a.id, a.kind, a.currency, a.user_id as "userId",
    a.competition_id as "competitionId", a.order_id as "orderId", a.gateway,
    b.balance_minor::text as "balanceMinor", b.reserved_minor::text as "reservedMinor",
    b.posting_count as "postingCount"`;
}

function toAccount(row: StoredAccount): LedgerAccount {
  const { amount } = amountOf(row.currency, BigInt(row.balanceMinor));
  return { ...row, balance: amount };
}

type StoredTransaction = Omit<LedgerTransaction, "at" | "lines"> & { at: EpochMs };

/** Reads a transaction with its lines. Fails with `NOT_FOUND`. */
export async function getTransaction(
  database: Database,
  id: string,
): Promise<LedgerTransaction> {
  const { sql } = database;
  const [row] = await sql<StoredTransaction[]>`
    select t.id, t.at, t.kind, t.phase, t.reference, t.resolves_id as "resolvesId",
      t.reverses_id as "reversesId",
      (select r.id from ledger_transactions r where r.reverses_id = t.id) as "reversedById",
      case t.phase when 'void' then 'voided' when 'pending' then coalesce((
        select case s.phase when 'post' then 'posted' else 'voided' end
        from ledger_transactions s where s.resolves_id = t.id), 'pending')
        else 'posted' end as state,
      t.competition_id as "competitionId", t.order_id as "orderId",
      t.actor_kind as "actorKind", t.actor_id as "actorId", t.reason
    from ledger_transactions t where t.id = ${id}`;
  if (!row) {
    throw new DomainError("NOT_FOUND", `Cannot find ledger transaction "${id}": there is none`);
  }
  return { ...row, at: new Date(row.at).toISOString(), lines: await readLines(database, row) };
}

type StoredLine = LedgerTransaction["lines"][number]["account"] & {
  line: number;
  amountMinor: string;
};

async function readLines(
  { sql }: Database,
  { id, phase }: StoredTransaction,
): Promise<LedgerTransaction["lines"]> {
  const table = sql(phase === "pending" ? "ledger_holds" : "ledger_postings");
  const rows = await sql<StoredLine[]>`
    select l.line, l.amount_minor::text as "amountMinor", a.id, a.kind, a.currency,
      a.user_id as "userId", a.competition_id as "competitionId", a.order_id as "orderId",
      a.gateway
    from ${table} l join ledger_accounts a on a.id = l.account_id
    where l.transaction_id = ${id} order by l.line`;
  return rows.map(({ line, amountMinor, ...account }) => ({
    line,
    account,
    ...amountOf(account.currency, BigInt(amountMinor)),
  }));
}
