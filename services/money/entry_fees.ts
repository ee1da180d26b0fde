/**
 * Entry fees: charged from the wallet in the transaction that enters, given back in the one that
 * leaves. The competition's row lock is held in both, so that the last place is charged once; an
 * order carries each charge, and the ledger's reference `entry_refund:<order>` lets it be given
 * back once, however often and by whomever that is tried.
 *
 * @module
 */

import type { ConstraintFaults, Database, Tx } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { entryFeeOf } from "@/domain/entry_fee.ts";
import { moveOf } from "@/domain/ledger.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { recoverDebts } from "./debts.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { LEDGER_FAULTS, type LedgerDraft, type LedgerService } from "./ledger.ts";
import type { NoticesService } from "../notices.ts";
import { advanceOrder, lockEntryOrder, orderNotice, type OrderRow } from "./order_rows.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";

/** Who enters or leaves, by whose hand. */
export interface FeePayer {
  userId: string;
  actor: Actor;
}

export interface EntryFees {
  /**
   * Charges the fee, under the competition's lock; does nothing where there is none, or where it
   * is paid already. Breaks `ledger_balances_floor` where the wallet holds less: see `FEE_FAULTS`.
   */
  charge(tx: Tx, locked: LockedCompetition, payer: FeePayer): Promise<void>;
  /** Gives the fee back to somebody who leaves before the start, under the competition's lock. */
  refundLeaver(tx: Tx, locked: LockedCompetition, payer: FeePayer): Promise<void>;
  /** Gives one paid entry back to the wallet. Fails with `ORDER_STATE` the second time. */
  refund(tx: Tx, order: OrderRow, cause: { actor: Actor; reason?: string }): Promise<OrderRow>;
  /** Gives back every entry of a cancelled competition, batch by batch; again after a crash. */
  refundCancelled(competitionId: string): Promise<number>;
  /** Does that for every cancelled competition that still holds fees. */
  refundAllCancelled(): Promise<number>;
}

export interface EntryFeesDeps {
  database: Database;
  ledger: LedgerService;
  notices: NoticesService;
  clock: Clock;
  newId: IdGenerator;
}

/** What a charge may break, for the transaction that joins. */
export const FEE_FAULTS = {
  ...LEDGER_FAULTS,
  ledger_balances_floor: {
    code: "INSUFFICIENT_FUNDS",
    message: "Cannot pay the entry fee: the wallet holds less",
  },
} as const satisfies ConstraintFaults;

/** Refunds in one transaction: short enough to let others at the wallets, long enough to be quick. */
const BATCH = 200;

export function createEntryFees(deps: EntryFeesDeps): EntryFees {
  const refundCancelled = (competitionId: string) => refundBatches(deps, competitionId);
  return {
    charge: (tx, locked, payer) => charge(deps, tx, locked, payer),
    refundLeaver: (tx, locked, payer) => refundLeaver(deps, tx, locked, payer),
    refund: (tx, order, cause) => refund(deps, tx, order, cause),
    refundCancelled,
    async refundAllCancelled() {
      const rows = await deps.database.sql<{ id: string }[]>`
        select c.id from competitions c where c.status = 'cancelled' and exists (
          select 1 from orders o where o.competition_id = c.id and o.kind = 'entry'
            and o.status in ('pending', 'paid', 'fulfilled'))`;
      const counts = await inTurn(rows, ({ id }) => refundCancelled(id));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

async function charge(
  deps: EntryFeesDeps,
  tx: Tx,
  locked: LockedCompetition,
  { userId, actor }: FeePayer,
): Promise<void> {
  if (locked.entryFee === null) return;
  const order = await orderOf(deps, tx, { userId, locked });
  if (!order) return;
  const competitionId = locked.id;
  const { id: orderId, currency, amountMinor } = order;
  await deps.ledger.post(tx, [{
    kind: "entry",
    reference: `entry:${orderId}`,
    postings: moveOf(
      { kind: "wallet", userId, currency },
      { kind: "escrow", competitionId, currency },
      amountMinor,
    ),
    actor,
    competitionId,
    orderId,
  }]);
  await deps.notices.tell(tx, [orderNotice(order, "order.fulfilled")]);
}

/**
 * The order that carries the charge, made fulfilled: a new one, or the one that waited for its
 * payment. Undefined where it was charged before: who left after the start comes back for nothing.
 */
async function orderOf(
  deps: EntryFeesDeps,
  tx: Tx,
  { userId, locked }: { userId: string; locked: LockedCompetition },
): Promise<OrderRow | undefined> {
  const competitionId = locked.id;
  const fee = entryFeeOf(locked.entryFee!);
  const made = await insertOrder(deps, tx, { ...fee, userId, competitionId });
  if (made) return made;
  const before = await lockEntryOrder(tx, { competitionId, userId });
  if (!before || before.status === "fulfilled") return undefined;
  const at = deps.clock.now();
  if (before.status === "paid") return await advanceOrder(tx, before, ["fulfil"], { at });
  return await advanceOrder(tx, before, ["pay", "fulfil"], { at, method: "wallet" });
}

type NewEntryOrder = Pick<OrderRow, "userId" | "currency" | "amountMinor"> & {
  competitionId: string;
};

/** Undefined where the user has an order for this competition that is not closed. */
async function insertOrder(
  deps: EntryFeesDeps,
  tx: Tx,
  { userId, competitionId, currency, amountMinor }: NewEntryOrder,
): Promise<OrderRow | undefined> {
  const at = deps.clock.now();
  const [row] = await tx.db.insert(orders).values({
    id: deps.newId(),
    userId,
    competitionId,
    currency,
    amountMinor,
    kind: "entry",
    method: "wallet",
    // Pending, paid and fulfilled in one step: the wallet pays in the same transaction.
    status: "fulfilled",
    createdAt: at,
    updatedAt: at,
    paidAt: at,
    settledAt: at,
  }).onConflictDoNothing().returning();
  return row;
}

async function refundLeaver(
  deps: EntryFeesDeps,
  tx: Tx,
  locked: LockedCompetition,
  { userId, actor }: FeePayer,
): Promise<void> {
  if (locked.entryFee === null || deps.clock.now() >= locked.startsAt) return;
  const order = await lockEntryOrder(tx, { competitionId: locked.id, userId });
  if (order?.status !== "fulfilled") return;
  await refund(deps, tx, order, { actor });
}

async function refund(
  deps: EntryFeesDeps,
  tx: Tx,
  order: OrderRow,
  { actor, reason }: { actor: Actor; reason?: string },
): Promise<OrderRow> {
  const at = deps.clock.now();
  const refunded = await advanceOrder(tx, order, ["refund"], { at, failure: reason ?? null });
  await deps.ledger.post(tx, [refundDraft(order, actor, reason)]);
  const { userId, currency } = order;
  await recoverDebts(deps, tx, { userIds: [userId], currency });
  await deps.notices.tell(tx, [orderNotice(refunded, "order.refunded")]);
  return refunded;
}

function refundDraft(order: OrderRow, actor: Actor, reason: string | undefined): LedgerDraft {
  const { id, userId, currency } = order;
  const competitionId = order.competitionId!;
  return {
    kind: "entry_refund",
    reference: `entry_refund:${id}`,
    postings: moveOf(
      { kind: "escrow", competitionId, currency },
      { kind: "wallet", userId, currency },
      order.amountMinor,
    ),
    actor,
    competitionId,
    orderId: id,
    reason,
  };
}

async function refundBatches(deps: EntryFeesDeps, competitionId: string): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await deps.database.transaction(
      (tx) => refundBatch(deps, tx, competitionId),
      { name: "refund_cancelled", constraints: LEDGER_FAULTS },
    );
    total += count;
    if (count < BATCH) return total;
  }
}

/** Orders that somebody else is just giving back are left to them. */
async function refundBatch(deps: EntryFeesDeps, tx: Tx, competitionId: string): Promise<number> {
  const ids = await tx.sql<{ id: string }[]>`
    select o.id from orders o join competitions c on c.id = o.competition_id
    where o.competition_id = ${competitionId} and c.status = 'cancelled' and o.kind = 'entry'
      and o.status in ('pending', 'paid', 'fulfilled')
    order by o.id limit ${BATCH} for update of o skip locked`;
  if (ids.length === 0) return 0;
  const rows = await closeOrders(deps, tx, ids.map(({ id }) => id));
  const refunded = rows.filter(({ status }) => status === "refunded");
  // A paid order that never became an entry left its money in the wallet.
  const held = refunded.filter(({ wasEntered }) => wasEntered);
  const reason = "The competition was cancelled";
  await deps.ledger.post(tx, held.map((row) => refundDraft(row, SYSTEM_MONEY, reason)));
  for (const [currency, ofOne] of Map.groupBy(held, (row) => row.currency)) {
    await recoverDebts(deps, tx, { userIds: ofOne.map(({ userId }) => userId), currency });
  }
  await deps.notices.tell(
    tx,
    rows.map((row) =>
      orderNotice(row, row.status === "refunded" ? "order.refunded" : "order.cancelled")
    ),
  );
  return rows.length;
}

type ClosedOrder = OrderRow & { wasEntered: boolean };

/** `nextStatus` for many at once: pending → cancelled, paid and fulfilled → refunded. */
async function closeOrders(
  deps: EntryFeesDeps,
  tx: Tx,
  ids: readonly string[],
): Promise<ClosedOrder[]> {
  const at = deps.clock.now();
  const rows = await tx.sql<(Omit<ClosedOrder, "amountMinor"> & { amountMinor: string })[]>`
    update orders o set
      status = case before.status when 'pending' then 'cancelled' else 'refunded' end,
      updated_at = ${at}, settled_at = ${at}
    from (select id, status from orders where id = any(${ids}::uuid[])) before
    where o.id = before.id
    returning o.id, o.user_id as "userId", o.kind, o.status, o.currency,
      o.amount_minor::text as "amountMinor", o.competition_id as "competitionId", o.failure,
      before.status = 'fulfilled' as "wasEntered"`;
  return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
}
