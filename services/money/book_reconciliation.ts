/** Whether the books are true: they sum to zero, checkpoints are sums, and gateways agree. */

import { amountOf } from "@/contracts/money.ts";
import type { Reconciliation } from "@/contracts/ledger.ts";
import type { Database } from "@/db/client.ts";
import type { AccountKind } from "@/domain/ledger.ts";
import type { BooksDeps } from "./books.ts";
import type { GatewayTotal, PaymentGateway } from "./payment_gateway.ts";

type GatewayBooks = Reconciliation["gateways"][number];

export async function reconcile(
  deps: Pick<BooksDeps, "database" | "clock" | "gateway">,
): Promise<Reconciliation> {
  const { rows, transactionCount, unbalancedCount } = await readBooks(deps.database);
  const books = booksOf(rows);
  const gateways = await compareGateways(deps.database, deps.gateway);
  const driftedCount = rows.reduce((sum, row) => sum + row.drifted, 0);
  const overdrawnCount = rows.reduce((sum, row) => sum + row.overdrawn, 0);
  const isBalanced = unbalancedCount + driftedCount + overdrawnCount === 0 &&
    books.every(({ sumMinor }) => sumMinor === "0") &&
    gateways.every(({ agrees }) => agrees !== false);
  return {
    at: new Date(deps.clock.now()).toISOString(),
    balanced: isBalanced,
    books,
    gateways,
    transactionCount,
    unbalancedCount,
    driftedCount,
    overdrawnCount,
  };
}

interface BookRow {
  currency: string;
  kind: AccountKind;
  count: number;
  postedMinor: string;
  drifted: number;
  overdrawn: number;
}

interface BookRead {
  rows: BookRow[];
  transactionCount: number;
  unbalancedCount: number;
}

/** One statement, so that all of it is of one moment; balances are summed from the postings. */
async function readBooks({ sql }: Database): Promise<BookRead> {
  const [row] = await sql<BookRead[]>`
    with sums as (
      select account_id, sum(amount_minor) as posted, count(*) as lines
      from ledger_postings group by account_id
    ), kinds as (
      select a.currency, a.kind, count(*) as count,
        coalesce(sum(s.posted), 0)::text as "postedMinor",
        count(*) filter (where b.balance_minor <> coalesce(s.posted, 0)
          or b.posting_count <> coalesce(s.lines, 0)) as drifted,
        count(*) filter (where b.has_floor and b.balance_minor < b.reserved_minor) as overdrawn
      from ledger_accounts a join ledger_balances b on b.account_id = a.id
      left join sums s on s.account_id = a.id
      group by a.currency, a.kind order by a.currency, a.kind
    ), unbalanced as (
      select p.transaction_id
      from ledger_postings p join ledger_accounts a on a.id = p.account_id
      group by p.transaction_id, a.currency having sum(p.amount_minor) <> 0
    )
    select coalesce((select jsonb_agg(k) from kinds k), '[]') as rows,
      (select count(*) from ledger_transactions) as "transactionCount",
      (select count(*) from unbalanced) as "unbalancedCount"`;
  return row!;
}

function booksOf(rows: readonly BookRow[]): Reconciliation["books"] {
  return [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, kinds]) => ({
    currency,
    sumMinor: `${kinds.reduce((sum, { postedMinor }) => sum + BigInt(postedMinor), 0n)}`,
    accounts: kinds.map(({ kind, count, postedMinor }) => ({
      kind,
      count,
      balanceMinor: postedMinor,
      balance: amountOf(currency, BigInt(postedMinor)).amount,
    })),
  }));
}

/** A gateway must hold what left our clearing account: its balance, negated. */
async function compareGateways(
  { sql }: Database,
  gateway: PaymentGateway | undefined,
): Promise<GatewayBooks[]> {
  const rows = await sql<{ gateway: string; currency: string; ledgerMinor: string }[]>`
    select a.gateway, a.currency, (-b.balance_minor)::text as "ledgerMinor"
    from ledger_accounts a join ledger_balances b on b.account_id = a.id
    where a.kind = 'clearing' order by a.gateway, a.currency`;
  // A gateway that is away is no reason to hide our own books.
  const totals = await gateway?.totals().catch(() => null) ?? null;
  // Money there that our books know nothing of.
  const unknown = (totals ?? []).filter(({ currency, amountMinor }) =>
    amountMinor !== 0n &&
    !rows.some((row) => row.gateway === gateway!.name && row.currency === currency)
  ).map(({ currency }) => ({ gateway: gateway!.name, currency, ledgerMinor: "0" }));
  return [...rows, ...unknown].map((row) => {
    const gatewayMinor = totalOf(row, gateway, totals);
    const agrees = gatewayMinor === null ? null : gatewayMinor === row.ledgerMinor;
    return { ...row, gatewayMinor, agrees };
  });
}

function totalOf(
  row: { gateway: string; currency: string },
  gateway: PaymentGateway | undefined,
  totals: readonly GatewayTotal[] | null,
): string | null {
  if (gateway?.name !== row.gateway || totals === null) return null;
  const total = totals.find(({ currency }) => currency === row.currency);
  return `${total?.amountMinor ?? 0n}`;
}
