/**
 * What a refund sets aside in the wallet from the moment that the gateway is asked, so that the
 * money cannot be spent, or sent, before the gateway reports that it went back.
 *
 * @module
 */

import { eq } from "drizzle-orm";
import type { Tx } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { moveOf } from "@/domain/ledger.ts";
import { type DebtsDeps, recoverDebts } from "./debts.ts";
import type { LedgerCause } from "./ledger.ts";
import type { SqlSource } from "./ledger_accounts.ts";
import type { OrderRow } from "./order_rows.ts";
import type { PaymentEvent } from "./payment_gateway.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";

/** An order with what its refund has set aside. */
export type RefundingOrder = OrderRow & { refundHoldId: string };

/** Whether a refund of the order is under way. */
export function isRefunding(order: OrderRow): order is RefundingOrder {
  return order.refundHoldId !== null;
}

/** Sets an amount of a top-up aside. Breaks `ledger_balances_floor` where the wallet has less to spare. */
export async function holdRefund(
  { ledger, newId }: DebtsDeps,
  tx: Tx,
  given: { order: OrderRow; amountMinor: bigint; actor: Actor; reason: string },
): Promise<RefundingOrder> {
  const { order, amountMinor, actor, reason } = given;
  const { id: orderId, userId, currency, gateway } = order;
  const refundHoldId = await ledger.hold(tx, {
    kind: "payment_refund",
    reference: `refund_hold:${newId()}`,
    postings: moveOf(
      { kind: "wallet", userId, currency },
      { kind: "clearing", gateway: gateway!, currency },
      amountMinor,
    ),
    actor,
    orderId,
    reason,
  });
  await tx.db.update(orders).set({ refundHoldId }).where(eq(orders.id, orderId));
  return { ...order, refundHoldId };
}

/** What the refund of an order has set aside. */
export async function heldMinor(
  { sql }: SqlSource,
  { refundHoldId }: RefundingOrder,
): Promise<bigint> {
  const [row] = await sql<{ sum: string }[]>`
    select coalesce(sum(-amount_minor), 0)::text as sum from ledger_holds
    where transaction_id = ${refundHoldId} and amount_minor < 0`;
  return BigInt(row!.sum);
}

/** Lets the amount go again: the gateway gives nothing back. */
export async function releaseRefundHold(deps: DebtsDeps, tx: Tx, order: OrderRow): Promise<void> {
  const { id, refundHoldId, userId, currency } = order;
  if (refundHoldId === null) return;
  const cause = { actor: SYSTEM_MONEY, reference: `refund_void:${refundHoldId}` };
  await deps.ledger.voidHeld(tx, refundHoldId, cause);
  await forget(tx, id);
  await recoverDebts(deps, tx, { userIds: [userId], currency });
}

/**
 * Makes what was set aside count, now that the gateway reports the refund; false where nothing was,
 * or another amount, so that it must be taken otherwise.
 */
export async function settleRefundHold(
  deps: DebtsDeps,
  tx: Tx,
  given: { order: OrderRow; event: PaymentEvent; reference: string },
): Promise<boolean> {
  const { order, event, reference } = given;
  if (!isRefunding(order)) return false;
  const isSame = event.amountMinor === await heldMinor(tx, order) &&
    event.currency === order.currency && event.gateway === order.gateway;
  if (!isSame) {
    await releaseRefundHold(deps, tx, order);
    return false;
  }
  await postRefundHold(deps, tx, order, { actor: SYSTEM_MONEY, reference });
  return true;
}

/** Makes what was set aside count: the money went back to the payer. */
export async function postRefundHold(
  { ledger }: DebtsDeps,
  tx: Tx,
  { id, refundHoldId }: RefundingOrder,
  cause: LedgerCause,
): Promise<void> {
  await ledger.postHeld(tx, refundHoldId, cause);
  await forget(tx, id);
}

async function forget(tx: Tx, orderId: string): Promise<void> {
  await tx.db.update(orders).set({ refundHoldId: null }).where(eq(orders.id, orderId));
}
