/**
 * What must hold of all money, in whatever way it got where it is: each law gives the rows that
 * break it.
 */

import type { Database } from "@/db/client.ts";
import type { BankEntry } from "./money_bank.ts";
import type { Told } from "./money_members.ts";

/** Every broken law with its first rows; empty when all is well. */
export async function brokenMoneyLaws({ sql }: Database): Promise<string[]> {
  const laws: Record<string, PromiseLike<readonly unknown[]>> = {
    "books of a currency are not zero": sql`
      select a.currency, sum(p.amount_minor)::text as sum
      from ledger_postings p join ledger_accounts a on a.id = p.account_id
      group by a.currency having sum(p.amount_minor) <> 0`,
    "a transaction does not balance": sql`
      select p.transaction_id, a.currency
      from ledger_postings p join ledger_accounts a on a.id = p.account_id
      group by p.transaction_id, a.currency having sum(p.amount_minor) <> 0`,
    "a checkpoint is not the sum of its postings": sql`
      select b.account_id from ledger_balances b
      left join ledger_postings p on p.account_id = b.account_id
      group by b.account_id, b.balance_minor
      having coalesce(sum(p.amount_minor), 0) <> b.balance_minor`,
    "an account is below zero, or less than it reserves": sql`
      select a.kind, a.owner, b.balance_minor::text from ledger_balances b
      join ledger_accounts a on a.id = b.account_id
      where a.kind not in ('receivable', 'sponsor', 'clearing')
        and (b.balance_minor < 0 or b.balance_minor < b.reserved_minor)`,
    "something is reserved for nothing": sql`
      select a.owner, b.reserved_minor::text from ledger_balances b
      join ledger_accounts a on a.id = b.account_id
      where b.reserved_minor <> (select coalesce(sum(o.amount_minor), 0) from orders o
        where a.kind = 'wallet' and o.user_id = a.user_id and o.currency = a.currency
          and ((o.kind = 'withdrawal' and o.status = 'pending') or o.refund_hold_id is not null))`,
    "a payable is not what an approved withdrawal is owed": sql`
      select a.owner, b.balance_minor::text from ledger_balances b
      join ledger_accounts a on a.id = b.account_id
      where a.kind = 'payable' and b.balance_minor <> (
        select coalesce(sum(o.amount_minor), 0) from orders o
        where o.id::text = a.owner and o.status = 'paid')`,
    "an entry is not charged once, or not refunded once": sql`
      select id, status, charged, refunded from (
        select o.id, o.status,
          (select count(*) from ledger_transactions t
            where t.order_id = o.id and t.kind = 'entry') as charged,
          (select count(*) from ledger_transactions t
            where t.order_id = o.id and t.kind = 'entry_refund') as refunded
        from orders o where o.kind = 'entry') as x
      where not case status
        when 'fulfilled' then charged = 1 and refunded = 0
        when 'refunded' then charged <= 1 and refunded = charged
        else charged = 0 and refunded = 0 end`,
    "somebody is in without having paid, or has paid without being in": sql`
      select c.id, c.status, p.user_id as entered, o.user_id as paid
      from (select * from participants where status = 'active') p
      full join (select * from orders where kind = 'entry' and status = 'fulfilled') o
        on o.competition_id = p.competition_id and o.user_id = p.user_id
      join competitions c on c.id = coalesce(p.competition_id, o.competition_id)
      where c.entry_fee is not null and c.status = 'published' and c.starts_at > now()
        and (p.user_id is null or o.user_id is null)
        -- Whom finance gave the fee back stays in.
        and not exists (select 1 from orders g join audit_log l on l.target_id = g.id::text
          where g.competition_id = c.id and g.user_id = p.user_id and g.status = 'refunded'
            and l.action = 'order.refunded')`,
    "an escrow is not the fees of who is in": sql`
      select c.id, c.status, e.escrow::text, e.paid::text from competitions c
      cross join lateral (select
        (select coalesce(sum(b.balance_minor), 0) from ledger_balances b
          join ledger_accounts a on a.id = b.account_id
          where a.kind = 'escrow' and a.competition_id = c.id) as escrow,
        (select coalesce(sum(o.amount_minor), 0) from orders o
          where o.kind = 'entry' and o.status = 'fulfilled' and o.competition_id = c.id) as paid) e
      where e.escrow <> case c.status when 'published' then e.paid else 0 end`,
    "a cancelled competition keeps an order": sql`
      select o.id, o.status from orders o join competitions c on c.id = o.competition_id
      where c.status = 'cancelled' and o.status in ('pending', 'paid', 'fulfilled')`,
    "a competition has more people than places": sql`
      select c.id from competitions c join participants p on p.competition_id = c.id
      where p.status = 'active' group by c.id, c.capacity having count(*) > c.capacity`,
    "a pool is not its prizes and its rest": sql`
      select d.competition_id, d.pool_minor::text, d.rest_minor::text, x.*
      from prize_distributions d cross join lateral (select
        (select coalesce(sum(p.amount_minor), 0) from prize_payouts p
          where p.competition_id = d.competition_id) as prizes,
        (select coalesce(sum(p.amount_minor), 0) from prize_payouts p
          where p.competition_id = d.competition_id and p.reversal_id is not null) as "takenBack",
        (select coalesce(sum(b.balance_minor), 0) from ledger_balances b
          join ledger_accounts a on a.id = b.account_id
          where a.kind = 'pool' and a.competition_id = d.competition_id) as held) x
      where d.status = 'settled'
        and (d.pool_minor <> x.prizes + d.rest_minor or x.held <> x."takenBack")`,
    "a prize is not paid once": sql`
      select d.competition_id, x.* from prize_distributions d cross join lateral (select
        (select count(*) from prize_payouts p where p.competition_id = d.competition_id) as due,
        (select count(distinct p.transaction_id) from prize_payouts p
          where p.competition_id = d.competition_id) as paid,
        (select count(*) from ledger_transactions t
          where t.competition_id = d.competition_id and t.kind = 'prize') as posted) x
      where d.status = 'settled' and (x.due <> x.paid or x.due <> x.posted)`,
    "an order waits for nothing": sql`
      select id, kind, status from orders
      where status = 'paid' or refund_hold_id is not null
        or (status = 'pending' and kind <> 'withdrawal' and gateway_reference is null)`,
    "a report is not booked": sql`
      select event_id, failure from gateway_events where handled_at is null`,
  };
  const broken = Object.entries(laws).map(async ([law, rows]) => describe(law, await rows));
  return (await Promise.all(broken)).flat();
}

/** Orders whose money at the bank is not what our books say of it; what was told and is not there. */
export async function brokenPromises(
  { sql }: Database,
  { gateway, entries, told }: {
    gateway: string;
    entries: readonly BankEntry[];
    told: readonly Told[];
  },
): Promise<string[]> {
  const rows = await sql<{ orderId: string; amount: string }[]>`
    select t.order_id as "orderId", (-sum(p.amount_minor))::text as amount
    from ledger_postings p join ledger_accounts a on a.id = p.account_id
    join ledger_transactions t on t.id = p.transaction_id
    where a.kind = 'clearing' and a.gateway = ${gateway} group by t.order_id`;
  const ours = new Map(rows.map(({ orderId, amount }) => [orderId, BigInt(amount)]));
  const theirs = new Map<string, bigint>();
  for (const { orderId, amountMinor } of entries) {
    theirs.set(orderId, (theirs.get(orderId) ?? 0n) + amountMinor);
  }
  const differing = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((id) => (ours.get(id) ?? 0n) !== (theirs.get(id) ?? 0n))
    .map((id) => ({ id, ours: `${ours.get(id)}`, bank: `${theirs.get(id)}` }));
  const orders = await sql<{ id: string; userId: string }[]>`
    select id, user_id as "userId" from orders`;
  const owners = new Map(orders.map(({ id, userId }) => [id, userId]));
  const lost = told.filter(({ orderId, userId }) => owners.get(orderId) !== userId);
  return [
    ...describe("an order is not what the bank says", differing),
    ...describe("an acknowledged order is not there", lost),
  ];
}

/** How often money moved, by kind. */
export async function countMoves({ sql }: Database): Promise<Record<string, number>> {
  const rows = await sql<{ kind: string; count: number }[]>`
    select kind, count(*) as count from ledger_transactions where phase <> 'pending'
    group by kind order by kind`;
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Enough to see what they have in common. */
const SHOWN_MAX = 5;

function describe(law: string, rows: readonly unknown[]): string[] {
  if (rows.length === 0) return [];
  return [`${law}, ${rows.length} times: ${JSON.stringify(rows.slice(0, SHOWN_MAX))}`];
}
