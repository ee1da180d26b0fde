/**
 * Withdrawals that no gateway can send: finance sends them by a bank and says so here. They leave
 * through a clearing account of their own, so that the gateway's stays comparable.
 *
 * @module
 */

import { eq } from "drizzle-orm";
import type { Order } from "@/contracts/orders.ts";
import type {
  PayoutAccount,
  PayoutAccountChange,
  WithdrawalReturned,
  WithdrawalSent,
} from "@/contracts/withdrawals.ts";
import type { Database, Tx } from "@/db/client.ts";
import { orders, users } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole } from "./access.ts";
import type { AuditService } from "./audit.ts";
import { getOrder, lockOrder, type OrderRow, toOrder } from "./order_rows.ts";
import type { PaymentEvent, PaymentGateway } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";

export interface WithdrawalsService {
  /** Says that a person sent an approved withdrawal; again it does nothing. Finance, audited; fails with `NOT_FOUND`, `ORDER_STATE`. */
  markSent(actor: Actor, orderId: string, sent: WithdrawalSent): Promise<Order>;
  /** Says that it came back: the wallet is filled again, once. Finance, audited; fails with `NOT_FOUND`, `ORDER_STATE`. */
  markReturned(actor: Actor, orderId: string, returned: WithdrawalReturned): Promise<Order>;
  /** Says where the gateway sends a user's withdrawals. Finance, audited; fails with `NOT_FOUND`, and with `SERVICE_UNAVAILABLE` without a gateway. */
  setPayoutAccount(
    actor: Actor,
    userId: string,
    change: PayoutAccountChange,
  ): Promise<PayoutAccount>;
}

export interface WithdrawalsDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
  payments: Pick<PaymentsService, "handle">;
  gateway?: PaymentGateway | undefined;
}

/** Names the clearing account of what people send. */
const BY_HAND = "manual";

export function createWithdrawals(deps: WithdrawalsDeps): WithdrawalsService {
  return {
    markSent: (actor, orderId, sent) => markSent(deps, actor, orderId, sent),
    markReturned: (actor, orderId, returned) => markReturned(deps, actor, orderId, returned),
    setPayoutAccount: (actor, userId, change) => setPayoutAccount(deps, actor, userId, change),
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
    await checkSendable(tx, order);
    // From here on no gateway sends it.
    await tx.db.update(orders).set({ gatewayReference: referenceOf(orderId) })
      .where(eq(orders.id, orderId));
    await deps.audit.record(tx, actor, {
      ...{ action: "withdrawal.sent", targetKind: "order", targetId: orderId, after: sent },
    });
    return order;
  }, { name: "send_withdrawal" });
  if (order.status === "paid") await deps.payments.handle(eventOf(deps, order, "payout_paid"));
  return toOrder(await getOrder(deps.database.db, orderId));
}

function isByHand(order: OrderRow): boolean {
  return order.kind === "withdrawal" && order.gatewayReference === referenceOf(order.id);
}

async function checkSendable(tx: Tx, order: OrderRow): Promise<void> {
  const { id, kind, status, gatewayReference, gateway, userId } = order;
  const refuse = (state: string) => {
    throw new DomainError("ORDER_STATE", `Cannot mark order "${id}" as sent: ${state}`);
  };
  if (kind !== "withdrawal") refuse("it is no withdrawal");
  if (status !== "paid") refuse(`it is ${status}, not approved`);
  if (gatewayReference !== null) refuse("the gateway sends it");
  const [row] = await tx.sql<{ account: string | null }[]>`
    select payout_account as account from gateway_users
    where gateway = ${gateway} and user_id = ${userId}`;
  if (row?.account) refuse("the gateway sends it to the user's account");
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
  return toOrder(await getOrder(deps.database.db, orderId));
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

async function setPayoutAccount(
  deps: WithdrawalsDeps,
  actor: Actor,
  userId: string,
  { account }: PayoutAccountChange,
): Promise<PayoutAccount> {
  checkRole(actor, "finance");
  const { gateway } = deps;
  if (!gateway) {
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot send money: no payment gateway is set up");
  }
  return await deps.database.transaction(async (tx) => {
    const [user] = await tx.db.select({ id: users.id }).from(users).where(eq(users.id, userId));
    if (!user) throw new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is none`);
    await tx.sql`
      insert into gateway_users (gateway, user_id, payout_account)
      values (${gateway.name}, ${userId}, ${account})
      on conflict (gateway, user_id) do update set payout_account = excluded.payout_account`;
    await deps.audit.record(tx, actor, {
      ...{ action: "payout_account.set", targetKind: "user", targetId: userId, after: { account } },
    });
    return { userId, account };
  }, { name: "set_payout_account" });
}
