/** Changes of orders: by the buyer while pending, by finance with a reason and an audit row. */

import { eq } from "drizzle-orm";
import type { Order, OrderChange } from "@/contracts/orders.ts";
import type { Tx } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { stepOrder } from "@/domain/order.ts";
import { checkRole, isSelf } from "../accounts/access.ts";
import { checkNotOwn } from "./four_eyes.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import { checkSees, type OrdersDeps } from "./orders.ts";
import { advanceOrder, lockOrder, orderNotice, type OrderRow } from "./order_rows.ts";
import { viewOrder } from "./order_view.ts";
import { recoverDebts } from "./debts.ts";
import { checkNoTestMoney } from "./test_money.ts";

type Decision = NonNullable<OrderChange["status"]>;

export async function changeOrder(
  deps: OrdersDeps,
  actor: Actor,
  orderId: string,
  change: OrderChange,
): Promise<Order> {
  const changed = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    checkSees(actor, order);
    const noted = await setNote(deps, tx, actor, { order, note: change.note });
    if (change.status === undefined) return noted;
    const decided = await decide(deps, tx, actor, { order: noted, ...change });
    // Giving up one's own order is the buyer's; everything else is done as staff.
    if (!isSelf(actor, order.userId) || change.status !== "cancelled") {
      await deps.audit.record(tx, actor, {
        action: `order.${change.status}`,
        targetKind: "order",
        targetId: orderId,
        before: { status: order.status },
        after: { status: decided.status },
        reason: change.reason,
      });
    }
    return decided;
  }, { name: "change_order", constraints: LEDGER_FAULTS });
  // After the commit: what the gateway does not hear now, a job tells it.
  if (change.status === "paid") await deps.payments.sendPayout(changed);
  if (change.status === "cancelled") await giveUpPayment(deps, changed);
  return await viewOrder(deps, changed);
}

async function setNote(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  { order, note }: { order: OrderRow; note: string | undefined },
): Promise<OrderRow> {
  if (note === undefined || note === order.note) return order;
  if (!isSelf(actor, order.userId)) {
    const target = { action: "order.note", targetKind: "order", targetId: order.id };
    const [before, after] = [{ note: order.note }, { note }];
    await deps.audit.record(tx, actor, { ...target, before, after });
  }
  const [row] = await tx.db.update(orders).set({ note, updatedAt: deps.clock.now() })
    .where(eq(orders.id, order.id)).returning();
  return row!;
}

interface Deciding {
  order: OrderRow;
  status?: Decision | undefined;
  reason?: string | undefined;
}

async function decide(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  { order, status, reason }: Deciding,
): Promise<OrderRow> {
  if (status === "cancelled") return await cancel(deps, tx, actor, order);
  checkRole(actor, "finance");
  if (reason === undefined) throw invalid("reason", "required", "Say why: the buyer reads it");
  if (status === "refunded") return await refund(deps, tx, actor, { order, reason });
  if (order.kind !== "withdrawal") {
    throw new DomainError("ORDER_STATE", `Cannot decide order "${order.id}": it is no withdrawal`);
  }
  return status === "paid"
    ? await approve(deps, tx, actor, order)
    : await reject(deps, tx, actor, { order, reason });
}

async function cancel(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  order: OrderRow,
): Promise<OrderRow> {
  const cancelled = await advanceOrder(tx, order, ["cancel"], { at: deps.clock.now() });
  await release(deps, tx, actor, order);
  await deps.notices.tell(tx, [orderNotice(cancelled, "order.cancelled")]);
  return cancelled;
}

async function refund(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  { order, reason }: { order: OrderRow; reason: string },
): Promise<OrderRow> {
  stepOrder(order, "refund");
  if (order.kind === "entry" && order.status === "fulfilled") {
    return await deps.entryFees.refund(tx, order, { actor, reason });
  }
  throw new DomainError(
    "ORDER_STATE",
    `Cannot refund order "${order.id}": only fulfilled entries are given back this way`,
  );
}

async function approve(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  order: OrderRow,
): Promise<OrderRow> {
  await checkNotOwn(tx, actor, { userId: order.userId, what: "approve this withdrawal" });
  await checkNoTestMoney(deps, tx, order.currency);
  const paid = await advanceOrder(tx, order, ["pay"], { at: deps.clock.now() });
  const held = await getHeld(deps, tx, order);
  await deps.ledger.postHeld(tx, held, { actor, reference: `withdrawal_paid:${order.id}` });
  await deps.notices.tell(tx, [orderNotice(paid, "withdrawal.approved")]);
  return paid;
}

async function reject(
  deps: OrdersDeps,
  tx: Tx,
  actor: Actor,
  { order, reason }: { order: OrderRow; reason: string },
): Promise<OrderRow> {
  // Once approved only the gateway tells that a payout failed.
  if (order.status !== "pending") stepOrder(order, "cancel");
  const at = deps.clock.now();
  const failed = await advanceOrder(tx, order, ["fail"], { at, failure: reason });
  await release(deps, tx, actor, order);
  await deps.notices.tell(tx, [orderNotice(failed, "order.failed")]);
  return failed;
}

/** Frees what a pending withdrawal reserved. */
async function release(deps: OrdersDeps, tx: Tx, actor: Actor, order: OrderRow): Promise<void> {
  if (order.kind !== "withdrawal") return;
  const held = await getHeld(deps, tx, order);
  await deps.ledger.voidHeld(tx, held, { actor, reference: `withdrawal_void:${order.id}` });
  // What is free again settles first what is owed.
  const { userId, currency } = order;
  await recoverDebts(deps, tx, { userIds: [userId], currency });
}

async function getHeld(deps: OrdersDeps, tx: Tx, order: OrderRow): Promise<string> {
  const held = await deps.ledger.findByReference(tx, `withdrawal:${order.id}`);
  if (held !== undefined) return held;
  throw new RangeError(`Cannot find what order "${order.id}" reserved`);
}

async function giveUpPayment(deps: OrdersDeps, order: OrderRow): Promise<void> {
  const { gateway, gatewayReference } = order;
  if (order.kind === "withdrawal" || gatewayReference === null) return;
  if (gateway !== deps.gateway?.name) return;
  // Best effort: a payment that is made all the same fills the wallet.
  await deps.gateway?.cancelPayment(gatewayReference).catch(() => {});
}
