/**
 * Giving a payment back by the way it came. The amount is set aside first, so that it is there when
 * the gateway reports that it went; then the gateway is asked under a key of the order, so once.
 * What a crash or a gateway that was away left open a job asks again.
 *
 * @module
 */

import { and, eq, isNotNull } from "drizzle-orm";
import type { Order } from "@/contracts/orders.ts";
import type { PaymentRefund, RefundOutcome } from "@/contracts/withdrawals.ts";
import type { Database } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalOf } from "@/domain/money.ts";
import { checkRole } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import { isRefused, whenThere } from "./gateway_faults.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import { getOrder, lockOrder, type OrderRow } from "./order_rows.ts";
import { viewOrder } from "./order_view.ts";
import type { PaymentGateway } from "./payment_gateway.ts";
import { type BookingDeps, closeOrder, givenBack, refundByHand } from "./payment_booking.ts";
import {
  heldMinor,
  holdRefund,
  isRefunding,
  postRefundHold,
  type RefundingOrder,
  releaseRefundHold,
} from "./refund_holds.ts";

export interface PaymentRefundsService {
  /**
   * Asks the gateway to give back what is left of a top-up; again it asks for the same. While the gateway is
   * away the order says that it is under way. Finance, audited; fails with `NOT_FOUND`,
   * `ORDER_STATE`, `PAYMENT_REFUSED`, and with `INSUFFICIENT_FUNDS` where the wallet has less to
   * spare by now.
   */
  refundPayment(actor: Actor, orderId: string, refund: PaymentRefund): Promise<Order>;
  /**
   * Says whether the money of a refund went back, where the gateway that was asked is not set up any
   * more and cannot report it. Finance, audited; fails with `NOT_FOUND`, `ORDER_STATE`.
   */
  decideRefund(actor: Actor, orderId: string, outcome: RefundOutcome): Promise<Order>;
  /** Asks again for refunds that are under way; for a job. Gives their number. */
  resumeRefunds(): Promise<number>;
}

export interface PaymentRefundsDeps extends BookingDeps {
  database: Database;
  audit: AuditService;
  gateway?: PaymentGateway | undefined;
}

export function createPaymentRefunds(deps: PaymentRefundsDeps): PaymentRefundsService {
  return {
    refundPayment: (actor, orderId, refund) => refundPayment(deps, actor, orderId, refund),
    decideRefund: (actor, orderId, outcome) => decideRefund(deps, actor, orderId, outcome),
    resumeRefunds: () => resumeRefunds(deps),
  };
}

async function refundPayment(
  deps: PaymentRefundsDeps,
  actor: Actor,
  orderId: string,
  { reason }: PaymentRefund,
): Promise<Order> {
  checkRole(actor, "finance");
  const { currency, amountMinor } = await getOrder(deps.database.db, orderId);
  const cost = `${decimalOf({ currency, amountMinor })} ${currency}`;
  const order = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (order.status === "refunded" || isRefunding(order)) return order;
    checkRefundable(deps, order);
    await deps.audit.record(tx, actor, {
      ...{ action: "order.refund_payment", targetKind: "order", targetId: orderId, reason },
    });
    // A part may have gone back before, at the gateway's own pages.
    const amountMinor = order.amountMinor - (await givenBack(tx, order)).stayedMinor;
    return await holdRefund(deps, tx, { order, amountMinor, actor, reason });
  }, { name: "refund_payment", constraints: faultsOf(cost) });
  if (isRefunding(order) && isOfGateway(deps, order)) await askGateway(deps, order);
  return await viewOrder(deps, await getOrder(deps.database.db, orderId));
}

/** Nobody else reports what became of what it was asked. */
function isOfGateway({ gateway }: PaymentRefundsDeps, order: OrderRow): boolean {
  return order.gateway !== null && order.gateway === gateway?.name;
}

function faultsOf(cost: string) {
  const message = `Cannot give ${cost} back: the wallet has less than that to spare`;
  return {
    ...LEDGER_FAULTS,
    ledger_balances_floor: { code: "INSUFFICIENT_FUNDS", message },
  } as const;
}

function checkRefundable(deps: PaymentRefundsDeps, order: OrderRow): void {
  const { id, kind, status } = order;
  const refuse = (state: string) =>
    new DomainError("ORDER_STATE", `Cannot give the payment of order "${id}" back: ${state}`);
  if (kind !== "top_up") throw refuse("it is no top-up");
  if (status !== "fulfilled") throw refuse(`it is ${status}`);
  if (order.gatewayReference === null || !isOfGateway(deps, order)) {
    throw refuse("it came by a gateway that is not set up any more");
  }
}

/** What is refused is free again; what is not answered stays set aside until it is. */
async function askGateway(deps: PaymentRefundsDeps, order: RefundingOrder): Promise<void> {
  const { id: orderId, currency, gatewayReference: reference } = order;
  const amountMinor = await heldMinor(deps.database, order);
  // A key of the hold: after a refusal it is asked anew, and not told the same from memory.
  const refund = { key: order.refundHoldId, reference: reference!, currency, amountMinor };
  try {
    await whenThere(() => deps.gateway!.refund(refund));
  } catch (error) {
    if (!isRefused(error)) throw error;
    await deps.database.transaction(
      async (tx) => await releaseRefundHold(deps, tx, await lockOrder(tx, orderId)),
      { name: "release_refund" },
    );
    throw error;
  }
}

/** More than finance gives back while a gateway is away. */
const RESUME_MAX = 500;

async function resumeRefunds(deps: PaymentRefundsDeps): Promise<number> {
  if (!deps.gateway) return 0;
  const rows = await deps.database.db.select().from(orders)
    .where(and(isNotNull(orders.refundHoldId), eq(orders.gateway, deps.gateway.name)))
    .orderBy(orders.createdAt).limit(RESUME_MAX);
  await inTurn(rows.filter(isRefunding), async (order) => {
    try {
      await askGateway(deps, order);
    } catch (error) {
      // One that is refused is closed by that.
      if (!isRefused(error)) throw error;
    }
  });
  return rows.length;
}

/** Says what became of a refund that its gateway, which is not set up any more, cannot report. */
async function decideRefund(
  deps: PaymentRefundsDeps,
  actor: Actor,
  orderId: string,
  { outcome, reason }: RefundOutcome,
): Promise<Order> {
  checkRole(actor, "finance");
  const decided = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    const refuse = (state: string) =>
      new DomainError("ORDER_STATE", `Cannot decide the refund of order "${orderId}": ${state}`);
    if (!isRefunding(order)) throw refuse("none is under way");
    if (isOfGateway(deps, order)) throw refuse("its gateway reports what becomes of it");
    await deps.audit.record(tx, actor, {
      ...{ action: "order.decide_refund", targetKind: "order", targetId: orderId },
      ...{ before: { status: order.status }, after: { outcome }, reason },
    });
    if (outcome === "kept") {
      await releaseRefundHold(deps, tx, order);
      return { ...order, refundHoldId: null };
    }
    await postRefundHold(deps, tx, order, { actor, reference: refundByHand(orderId), reason });
    return await closeOrder(deps, tx, order, { kind: "order.refunded", failure: reason });
  }, { name: "decide_refund", constraints: LEDGER_FAULTS });
  return await viewOrder(deps, decided);
}
