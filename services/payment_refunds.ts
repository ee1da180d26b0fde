/**
 * Giving a payment back by the way it came. The gateway is asked under a key of the order, so once;
 * the money leaves the wallet when the gateway reports that it did.
 *
 * @module
 */

import type { Order } from "@/contracts/orders.ts";
import type { PaymentRefund } from "@/contracts/withdrawals.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalOf } from "@/domain/money.ts";
import { checkRole } from "./access.ts";
import type { AuditService } from "./audit.ts";
import type { LedgerService } from "./ledger.ts";
import { getOrder, lockOrder, type OrderRow, toOrder } from "./order_rows.ts";
import type { PaymentGateway } from "./payment_gateway.ts";

export interface PaymentRefundsService {
  /**
   * Asks the gateway to give a top-up back whole; again it does nothing. Finance, audited; fails
   * with `NOT_FOUND`, `ORDER_STATE`, `INSUFFICIENT_FUNDS` where the wallet holds less by now,
   * `PAYMENT_REFUSED`, and like a gateway that is away: ask again then.
   */
  refundPayment(actor: Actor, orderId: string, refund: PaymentRefund): Promise<Order>;
}

export interface PaymentRefundsDeps {
  database: Database;
  audit: AuditService;
  ledger: Pick<LedgerService, "balance">;
  gateway?: PaymentGateway | undefined;
}

export function createPaymentRefunds(deps: PaymentRefundsDeps): PaymentRefundsService {
  return { refundPayment: (actor, orderId, refund) => refundPayment(deps, actor, orderId, refund) };
}

async function refundPayment(
  deps: PaymentRefundsDeps,
  actor: Actor,
  orderId: string,
  { reason }: PaymentRefund,
): Promise<Order> {
  checkRole(actor, "finance");
  const order = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (order.status === "refunded") return order;
    await checkRefundable(deps, tx, order);
    await deps.audit.record(tx, actor, {
      ...{ action: "order.refund_payment", targetKind: "order", targetId: orderId, reason },
    });
    return order;
  }, { name: "refund_payment" });
  if (order.status === "refunded") return toOrder(order);
  const { currency, amountMinor, gatewayReference } = order;
  const reference = gatewayReference!;
  await deps.gateway!.refund({ key: orderId, reference, currency, amountMinor });
  return toOrder(await getOrder(deps.database.db, orderId));
}

async function checkRefundable(
  { gateway, ledger }: PaymentRefundsDeps,
  tx: Tx,
  order: OrderRow,
): Promise<void> {
  const { id, kind, status, userId, currency, amountMinor } = order;
  const refuse = (state: string) =>
    new DomainError("ORDER_STATE", `Cannot give the payment of order "${id}" back: ${state}`);
  if (kind !== "top_up") throw refuse("it is no top-up");
  if (status !== "fulfilled") throw refuse(`it is ${status}`);
  if (order.gatewayReference === null || order.gateway !== gateway?.name) {
    throw refuse("it came by a gateway that is not set up any more");
  }
  const { balanceMinor } = await ledger.balance(tx, { kind: "wallet", userId, currency });
  if (balanceMinor >= amountMinor) return;
  const [cost, held] = [amountMinor, balanceMinor].map((minor) =>
    decimalOf({ currency, amountMinor: minor })
  );
  const message = `Cannot give ${cost} ${currency} back: the wallet holds ${held} ${currency}`;
  throw new DomainError("INSUFFICIENT_FUNDS", message);
}
