/**
 * The life of an order: what pays an entry, fills a wallet, or empties it. Pure; each change of
 * state happens in the transaction that moves the money.
 *
 * @module
 */

import { DomainError } from "./error.ts";

/** `entry` pays a competition's fee, `top_up` fills the wallet, `withdrawal` empties it. */
export const ORDER_KINDS = ["entry", "top_up", "withdrawal"] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

export const ORDER_STATUSES = [
  "pending",
  "paid",
  "fulfilled",
  "failed",
  "cancelled",
  "refunded",
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What an order is paid with. */
export const PAYMENT_METHODS = ["wallet", "gateway"] as const;
/** The gateway of test money, as orders and the ledger name it. */
export const TEST_GATEWAY = "test";

/**
 * What a gateway says of an account that money is to be sent to: its owner has something to do
 * (`pending`), money can be sent (`ready`), or cannot, whatever the owner does (`restricted`).
 */
export const PAYOUT_STATES = ["pending", "ready", "restricted"] as const;
export type PayoutState = (typeof PAYOUT_STATES)[number];

/** What can happen to an order. */
export const ORDER_EVENTS = ["pay", "fulfil", "fail", "cancel", "refund"] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

const TRANSITIONS: Readonly<
  Record<OrderStatus, Readonly<Partial<Record<OrderEvent, OrderStatus>>>>
> = {
  pending: { pay: "paid", fail: "failed", cancel: "cancelled" },
  // A paid withdrawal is one that was sent: a payout that bounces gives the money back.
  paid: { fulfil: "fulfilled", fail: "failed", refund: "refunded" },
  fulfilled: { refund: "refunded" },
  // The money of an order that was given up can still arrive; it is taken, not lost.
  failed: { pay: "paid" },
  cancelled: { pay: "paid" },
  refunded: {},
};

/** The status after an event; undefined where the event cannot happen.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextStatus } from "@/domain/order.ts";
 *
 * assertEquals(nextStatus("pending", "pay"), "paid");
 * assertEquals(nextStatus("refunded", "pay"), undefined);
 * ```
 */
export function nextStatus(status: OrderStatus, event: OrderEvent): OrderStatus | undefined {
  return TRANSITIONS[status][event];
}

/** Like `nextStatus`, but fails with `ORDER_STATE` where the event cannot happen. */
export function stepOrder(
  order: { id: string; status: OrderStatus },
  event: OrderEvent,
): OrderStatus {
  const next = nextStatus(order.status, event);
  if (next) return next;
  throw new DomainError(
    "ORDER_STATE",
    `Cannot ${event} order "${order.id}": it is ${order.status}`,
  );
}

/** Whether nothing more is expected to happen. */
export function isSettled(status: OrderStatus): boolean {
  return status !== "pending" && status !== "paid";
}
