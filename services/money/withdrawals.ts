/**
 * Withdrawals that no gateway can send: finance sends them by a bank and says so here. They leave
 * through a clearing account of their own, so that the gateway's stays comparable.
 *
 * @module
 */

import { eq } from "drizzle-orm";
import type { Order } from "@/contracts/orders.ts";
import type { WithdrawalReturned, WithdrawalSent } from "@/contracts/withdrawals.ts";
import type { Database, Tx } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import { getOrder, lockOrder, type OrderRow } from "./order_rows.ts";
import { BY_HAND, viewOrder } from "./order_view.ts";
import type { PaymentEvent, PaymentGateway } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";
import { checkNoTestMoney } from "./test_money.ts";

export interface WithdrawalsService {
  /** Says that a person sent an approved withdrawal; again it does nothing. Finance, audited; fails with `NOT_FOUND`, `ORDER_STATE`. */
  markSent(actor: Actor, orderId: string, sent: WithdrawalSent): Promise<Order>;
  /** Says that it came back: the wallet is filled again, once. Finance, audited; fails with `NOT_FOUND`, `ORDER_STATE`. */
  markReturned(actor: Actor, orderId: string, returned: WithdrawalReturned): Promise<Order>;
}

export interface WithdrawalsDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
  payments: Pick<PaymentsService, "handle">;
  gateway?: PaymentGateway | undefined;
}

export function createWithdrawals(deps: WithdrawalsDeps): WithdrawalsService {
  return {
    markSent: (actor, orderId, sent) => markSent(deps, actor, orderId, sent),
    markReturned: (actor, orderId, returned) => markReturned(deps, actor, orderId, returned),
  };
}

function referenceOf(orderId: string): string {
  return `${BY_HAND}:${orderId}`;
}

async function markSent(
  deps: WithdrawalsDeps,
  actor: Actor,
  orderId: string,
  sent: WithdrawalSent,
): Promise<Order> {
  checkRole(actor, "finance");
  const order = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    // What was claimed before is only finished.
    if (isByHand(order)) return order;
    await checkSendable(deps, tx, order);
    // From here on no gateway sends it.
    await tx.db.update(orders).set({ gatewayReference: referenceOf(orderId) })
      .where(eq(orders.id, orderId));
    await deps.audit.record(tx, actor, {
      ...{ action: "withdrawal.sent", targetKind: "order", targetId: orderId, after: sent },
    });
    return order;
  }, { name: "send_withdrawal" });
  if (order.status === "paid") await deps.payments.handle(eventOf(deps, order, "payout_paid"));
  return await viewOrder(deps, await getOrder(deps.database.db, orderId));
}

function isByHand(order: OrderRow): boolean {
  return order.kind === "withdrawal" && order.gatewayReference === referenceOf(order.id);
}

async function checkSendable(
  deps: WithdrawalsDeps,
  tx: Tx,
  order: OrderRow,
): Promise<void> {
  const { gateway } = deps;
  const { id, kind, status, gatewayReference, payoutAccount, userId } = order;
  const refuse = (state: string) => {
    throw new DomainError("ORDER_STATE", `Cannot mark order "${id}" as sent: ${state}`);
  };
  if (kind !== "withdrawal") refuse("it is no withdrawal");
  if (status !== "paid") refuse(`it is ${status}, not approved`);
  if (gatewayReference !== null || payoutAccount !== null) refuse("the gateway sends it");
  const [row] = await tx.sql<{ account: string | null }[]>`
    select payout_account as account from gateway_users
    where gateway = ${gateway?.name ?? ""} and user_id = ${userId} and payout_state = 'ready'`;
  if (row?.account) refuse("the gateway sends it to the user's account");
  await checkNoTestMoney(deps, tx, order.currency);
}

async function markReturned(
  deps: WithdrawalsDeps,
  actor: Actor,
  orderId: string,
  { reason }: WithdrawalReturned,
): Promise<Order> {
  checkRole(actor, "finance");
  const order = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (!isByHand(order)) {
      const message = `Cannot take order "${orderId}" back: it is no withdrawal sent by hand`;
      throw new DomainError("ORDER_STATE", message);
    }
    if (order.status === "refunded") return order;
    if (order.status !== "fulfilled") {
      const message = `Cannot take order "${orderId}" back: it is ${order.status}`;
      throw new DomainError("ORDER_STATE", message);
    }
    const before = { status: order.status };
    await deps.audit.record(tx, actor, {
      ...{ action: "withdrawal.returned", targetKind: "order", targetId: orderId, before, reason },
    });
    return order;
  }, { name: "return_withdrawal" });
  await deps.payments.handle({ ...eventOf(deps, order, "payout_failed"), reason });
  return await viewOrder(deps, await getOrder(deps.database.db, orderId));
}

function eventOf(
  { clock }: WithdrawalsDeps,
  { id: orderId, currency, amountMinor }: OrderRow,
  kind: "payout_paid" | "payout_failed",
): PaymentEvent {
  const reference = referenceOf(orderId);
  const event = { kind, gateway: BY_HAND, eventId: reference, reference, at: clock.now() };
  return { ...event, orderId, currency, amountMinor };
}
