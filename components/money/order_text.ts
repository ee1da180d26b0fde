/** Orders in words. */

import type { Order } from "@/contracts/orders.ts";
import type { OrderKind, OrderStatus } from "@/domain/order.ts";
import type { Tone } from "../Badge.tsx";

export const ORDER_KIND_TEXT: Record<OrderKind, string> = {
  entry: "Entry fee",
  "top_up": "Top-up",
  withdrawal: "Withdrawal",
};

export const ORDER_STATUS_TEXT: Record<OrderStatus, { name: string; tone: Tone }> = {
  pending: { name: "Waiting", tone: "warn" },
  paid: { name: "Paid", tone: "info" },
  fulfilled: { name: "Done", tone: "good" },
  failed: { name: "Failed", tone: "bad" },
  cancelled: { name: "Cancelled", tone: "plain" },
  refunded: { name: "Refunded", tone: "info" },
};

export const SENDER_TEXT: Record<NonNullable<Order["sentBy"]>, string> = {
  gateway: "By the gateway",
  person: "By hand",
};

/** What an order waits for, or how it ended, for its buyer. */
export function orderStateText(order: Pick<Order, "kind" | "status" | "method">): string {
  const { kind, status, method } = order;
  if (status === "pending") {
    if (kind === "withdrawal") return "Finance looks at it. The money is set aside meanwhile.";
    return method === "gateway"
      ? "It waits for your payment."
      : "It waits for a look at your account; nothing is taken meanwhile.";
  }
  if (status === "paid") {
    return kind === "withdrawal"
      ? "Approved and on its way to you."
      : "Your payment is here; the order is being carried out.";
  }
  return ENDED[kind][status];
}

const ENDED: Record<OrderKind, Record<Exclude<OrderStatus, "pending" | "paid">, string>> = {
  entry: {
    fulfilled: "Paid, and you are in.",
    failed: "It was not carried out. What was paid is in your wallet.",
    cancelled: "Cancelled; nothing was taken.",
    refunded: "The fee is back in your wallet.",
  },
  "top_up": {
    fulfilled: "The money is in your wallet.",
    failed: "The payment did not go through.",
    cancelled: "Cancelled; nothing was taken.",
    refunded: "The payment was given back.",
  },
  withdrawal: {
    fulfilled: "The money has left for your account.",
    failed: "It was not sent. The money is back in your wallet.",
    cancelled: "Cancelled; the money is free in your wallet again.",
    refunded: "The money is back in your wallet.",
  },
};
