/**
 * Taking the demo's money out of the books. What was posted stays for ever, in the demo as elsewhere:
 * so nothing is deleted, but one further transaction a currency takes back what all the demo's
 * transactions came to, and every account of the demo is empty. Who had money stays as a nameless
 * account, a competition that money went through as one that nobody is shown.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { type AccountName, type Posting, POSTINGS_MAX } from "@/domain/ledger.ts";
import type { OrderEvent, OrderStatus } from "@/domain/order.ts";
import type { Clock } from "@/platform/clock.ts";
import type { CompetitionLogService } from "./leaderboard/competition_log.ts";
import type { DebtsDeps } from "./money/debts.ts";
import { advanceOrder, lockOrder, type OrderRow } from "./money/order_rows.ts";
import { SYSTEM_MONEY } from "./system_actor.ts";

export interface DemoMoneyDeps extends DebtsDeps {
  clock: Clock;
  log: CompetitionLogService;
}

/** What goes, of what money went through. */
export interface DemoMoney {
  users: readonly string[];
  competitions: readonly string[];
  actor: Actor;
}

/** The other side of what the demo left in accounts that are not its own. */
const DEMO_GATEWAY = "demo";
const REASON = "The demo data was removed";

/** Closes the demo's orders and distributions, and empties its accounts. */
export async function voidDemoMoney(deps: DemoMoneyDeps, tx: Tx, demo: DemoMoney): Promise<void> {
  const { users, competitions } = demo;
  if (users.length + competitions.length === 0) return;
  await closeDistributions(deps, tx, competitions);
  await closeOrders(deps, tx, demo);
  await hideCompetitions(deps, tx, competitions);
  await emptyAccounts(deps, tx, demo);
  // The test gateway's own records are no books: without them it agrees with ours again.
  await tx.sql`delete from test_transfers where user_id = any(${[...users]}::uuid[])
    and kind = 'refund'`;
  await tx.sql`delete from test_transfers where user_id = any(${[...users]}::uuid[])`;
}

/** What was half paid is paid no further. */
async function closeDistributions(
  { clock }: DemoMoneyDeps,
  { sql }: Tx,
  ids: readonly string[],
): Promise<void> {
  await sql`
    update prize_distributions set status = 'settled', settled_at = ${clock.now()}
    where competition_id = any(${[...ids]}::uuid[]) and status = 'paying'`;
  await sql`
    delete from prize_distributions
    where competition_id = any(${[...ids]}::uuid[]) and status = 'requested'`;
}

/** What leads each kind of open order to its end. */
const LAST_STEPS: Partial<Record<OrderStatus, readonly OrderEvent[]>> = {
  pending: ["cancel"],
  paid: ["fail"],
  fulfilled: ["refund"],
};

/** All that is open; of entries also what a competition that never ended would give back. */
async function closeOrders(
  deps: DemoMoneyDeps,
  tx: Tx,
  { users, competitions }: DemoMoney,
): Promise<void> {
  const rows = await tx.sql<{ id: string }[]>`
    select o.id from orders o left join competitions c on c.id = o.competition_id
    where (o.user_id = any(${[...users]}::uuid[])
        or o.competition_id = any(${[...competitions]}::uuid[]))
      and (o.status in ('pending', 'paid') or o.refund_hold_id is not null
        or (o.status = 'fulfilled' and o.kind = 'entry' and c.status = 'published'))
    order by o.id`;
  const at = deps.clock.now();
  for (const { id } of rows) {
    const order = await lockOrder(tx, id);
    await letGo(deps, tx, order);
    const steps = order.refundHoldId === null ? LAST_STEPS[order.status]! : [];
    await advanceOrder(tx, order, steps, { at, failure: REASON, refundHoldId: null });
  }
}

/** Frees what a pending withdrawal, or a refund that is under way, has set aside. */
async function letGo({ ledger }: DemoMoneyDeps, tx: Tx, order: OrderRow): Promise<void> {
  const isHeld = order.kind === "withdrawal" && order.status === "pending";
  const held = isHeld
    ? await ledger.findByReference(tx, `withdrawal:${order.id}`)
    : order.refundHoldId ?? undefined;
  if (held === undefined) return;
  await ledger.voidHeld(tx, held, { actor: SYSTEM_MONEY, reference: `demo_void:${held}` });
}

/** Nobody is shown them any more; staff find them by their name. */
async function hideCompetitions(
  { log, clock, newId }: DemoMoneyDeps,
  tx: Tx,
  ids: readonly string[],
): Promise<void> {
  const at = clock.now();
  for (const [id, locked] of await log.lock(tx, ids)) {
    await tx.sql`
      update competitions set is_demo = false, removed_at = ${at}, visibility = 'invite', name = left(name, 80) ||
        ' (removed demo)', slug = 'removed-' || id, invite_code = ${newId()},
        updated_at = ${at} where id = ${id}`;
    if (locked.status !== "published") continue;
    await tx.sql`
      update competitions set status = 'cancelled', cancelled_at = ${at}, cancel_reason = ${REASON}
      where id = ${id}`;
    const entry = { kind: "status" as const, status: "cancelled" as const };
    await log.append(tx, locked, [{ entry, actor: SYSTEM_MONEY, reason: REASON }]);
  }
}

type Total = AccountName & { sum: string };

/** What the demo's transactions came to in its own accounts, and at the gateways. */
async function readTotals(
  { sql }: Tx,
  { users, competitions }: DemoMoney,
): Promise<Total[]> {
  return await sql<Total[]>`
    with own as (
      select id from ledger_accounts
      where user_id = any(${[...users]}::uuid[]) or competition_id = any(${[
    ...competitions,
  ]}::uuid[])
        or order_id in (select id from orders where user_id = any(${[...users]}::uuid[]))
    ), moves as (
      select distinct transaction_id from ledger_postings where account_id in (select id from own)
    )
    select a.kind, a.currency, a.user_id as "userId", a.competition_id as "competitionId",
      a.order_id as "orderId", a.gateway, sum(p.amount_minor)::text as sum
    from moves join ledger_postings p using (transaction_id)
    join ledger_accounts a on a.id = p.account_id
    where a.kind = 'clearing' or a.id in (select id from own)
    group by a.id having sum(p.amount_minor) <> 0 order by a.currency, a.id`;
}

async function emptyAccounts(deps: DemoMoneyDeps, tx: Tx, demo: DemoMoney): Promise<void> {
  const totals = await readTotals(tx, demo);
  for (const [currency, ofOne] of Map.groupBy(totals, (total) => total.currency)) {
    // One posting less: the difference is the demo's own.
    for (let from = 0; from < ofOne.length; from += POSTINGS_MAX - 1) {
      await takeBackAll(deps, tx, {
        ...{ currency, actor: demo.actor },
        totals: ofOne.slice(from, from + POSTINGS_MAX - 1),
      });
    }
  }
}

async function takeBackAll(
  { ledger, newId }: DemoMoneyDeps,
  tx: Tx,
  { totals, currency, actor }: { totals: readonly Total[]; currency: string; actor: Actor },
): Promise<void> {
  const postings = totals.map(({ sum, ...account }): Posting => ({
    account: withoutNull(account),
    amountMinor: -BigInt(sum),
  }));
  const rest = -postings.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const account: AccountName = { kind: "clearing", gateway: DEMO_GATEWAY, currency };
  if (rest !== 0n) postings.push({ account, amountMinor: rest });
  await ledger.post(tx, [{
    kind: "reversal",
    reference: `demo_void:${newId()}`,
    postings,
    actor,
    reason: REASON,
  }]);
}

function withoutNull(account: AccountName): AccountName {
  return Object.fromEntries(
    Object.entries(account).filter(([, value]) => value !== null),
  ) as unknown as AccountName;
}
