/**
 * What a gateway's event does to the books: each kind in one transaction with the order's step. The
 * ledger's references make each event count once, in any order.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import { type AccountName, moveOf } from "@/domain/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import { nextStatus, type OrderEvent } from "@/domain/order.ts";
import type { Clock } from "@/platform/clock.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";
import { type DebtsDeps, recoverDebts, takeBack } from "./debts.ts";
import { advanceOrder, lockEntryOrder, orderNotice, type OrderRow } from "./order_rows.ts";
import type { PaymentEvent } from "./payment_gateway.ts";
import { settleRefundHold } from "./refund_holds.ts";

export interface BookingDeps extends DebtsDeps {
  clock: Clock;
}

/** An event of a locked order, under the name that makes it count once. */
export interface Booking {
  order: OrderRow;
  event: PaymentEvent;
  reference: string;
}

type Book = (deps: BookingDeps, tx: Tx, booking: Booking) => Promise<OrderRow>;

/** Books an event that the ledger has not heard of; gives the order as it is then. */
export function bookEvent(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  return BOOK[booking.event.kind](deps, tx, booking);
}

const BOOK: Record<PaymentEvent["kind"], Book> = {
  "captured": bookCapture,
  "payment_failed": bookFailure,
  "refunded": (deps, tx, booking) => bookTakeBack(deps, tx, booking, "payment_refund"),
  "refund_failed": bookReturn,
  "disputed": (deps, tx, booking) => bookTakeBack(deps, tx, booking, "dispute"),
  "dispute_won": bookReturn,
  "payout_paid": bookPayout,
  "payout_failed": bookBounce,
  "payout_returned": bookReturnedPart,
};

function clearingOf({ gateway, currency }: PaymentEvent): AccountName {
  return { kind: "clearing", gateway, currency };
}

async function bookCapture(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  const { order, event } = booking;
  await fillWallet(deps, tx, booking);
  const at = deps.clock.now();
  const { amount, currency } = { amount: event.amountMinor, currency: event.currency };
  if (amount !== order.amountMinor || currency !== order.currency) {
    if (order.status !== "pending") return order;
    const failure = "The payment was of another amount; it is in the wallet";
    return await closeOrder(deps, tx, order, { kind: "order.failed", failure });
  }
  if (nextStatus(order.status, "pay") === undefined) return order;
  if (order.kind === "entry") {
    if (await isReplaced(tx, order)) return order;
    return await advanceOrder(tx, order, ["pay"], { at, failure: null });
  }
  const paid = await advanceOrder(tx, order, ["pay", "fulfil"], { at, failure: null });
  await deps.notices.tell(tx, [orderNotice(paid, "order.fulfilled")]);
  return paid;
}

/** Given up, and another order for the same entry made since: the money stays in the wallet. */
async function isReplaced(tx: Tx, { id, userId, competitionId }: OrderRow): Promise<boolean> {
  const open = await lockEntryOrder(tx, { userId, competitionId: competitionId! });
  return open !== undefined && open.id !== id;
}

async function fillWallet(deps: BookingDeps, tx: Tx, booking: Booking): Promise<void> {
  const { order, event, reference } = booking;
  const { userId } = order;
  const { currency, amountMinor } = event;
  await deps.ledger.post(tx, [{
    kind: "top_up",
    reference,
    postings: moveOf(clearingOf(event), { kind: "wallet", userId, currency }, amountMinor),
    actor: SYSTEM_MONEY,
    orderId: order.id,
  }]);
  await recoverDebts(deps, tx, { userIds: [userId], currency });
}

async function bookFailure(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  const { order, event } = booking;
  if (order.status !== "pending") return order;
  const failure = event.reason ?? "The payment failed";
  return await closeOrder(deps, tx, order, { kind: "order.failed", failure });
}

/** Ends an order as failed or refunded, and tells its buyer why. */
export async function closeOrder(
  deps: BookingDeps,
  tx: Tx,
  order: OrderRow,
  { kind, failure }: { kind: "order.failed" | "order.refunded"; failure: string },
): Promise<OrderRow> {
  const steps = kind === "order.failed" ? ["fail"] as const : refundSteps(order);
  const closed = await advanceOrder(tx, order, steps, { at: deps.clock.now(), failure });
  await deps.notices.tell(tx, [orderNotice(closed, kind)]);
  return closed;
}

/** What was given back had been paid, also where that is reported later. */
function refundSteps({ status }: OrderRow): readonly OrderEvent[] {
  return nextStatus(status, "refund") === undefined ? ["pay", "refund"] : ["refund"];
}

/** The gateway gave money back, or had it taken: it comes from the wallet, or is owed. */
async function bookTakeBack(
  deps: BookingDeps,
  tx: Tx,
  { order, event, reference }: Booking,
  kind: "payment_refund" | "dispute",
): Promise<OrderRow> {
  // Told by a person before; the gateway is set up again, and tells the same.
  if (kind === "payment_refund" && await isToldByHand(deps, tx, { order, event })) return order;
  const isHeld = kind === "payment_refund" &&
    await settleRefundHold(deps, tx, { order, event, reference });
  if (!isHeld) {
    await takeBack(deps, tx, {
      kind,
      reference,
      userId: order.userId,
      currency: event.currency,
      amountMinor: event.amountMinor,
      to: clearingOf(event),
      actor: SYSTEM_MONEY,
      orderId: order.id,
      reason: event.reason,
    });
  }
  if (order.kind !== "top_up" || order.status === "refunded") return order;
  // By all that ever went, so that the order of the reports makes no difference.
  if ((await givenBack(tx, order)).tookMinor < order.amountMinor) {
    return await notePart(deps, tx, { order, event, what: "was given back" });
  }
  const failure = event.reason ?? "The payment was given back";
  return await closeOrder(deps, tx, order, { kind: "order.refunded", failure });
}

/** Names the refund of an order that finance told of. */
export function refundByHand(orderId: string): string {
  return `refunded:manual:${orderId}`;
}

async function isToldByHand(
  { ledger }: BookingDeps,
  tx: Tx,
  { order, event }: { order: OrderRow; event: PaymentEvent },
): Promise<boolean> {
  const { stayedMinor } = await givenBack(tx, order);
  if (event.amountMinor + stayedMinor <= order.amountMinor) return false;
  return await ledger.findByReference(tx, refundByHand(order.id)) !== undefined;
}

/** What of an order's payment went back to the payer, and how much of that stayed there. */
export async function givenBack(
  { sql }: Tx,
  { id, currency }: OrderRow,
): Promise<{ tookMinor: bigint; stayedMinor: bigint }> {
  const [row] = await sql<{ took: string; stayed: string }[]>`
    select coalesce(sum(p.amount_minor), 0)::text as stayed,
      coalesce(sum(p.amount_minor) filter (where t.kind in ('payment_refund', 'dispute')), 0)::text
        as took
    from ledger_transactions t join ledger_postings p on p.transaction_id = t.id
    join ledger_accounts a on a.id = p.account_id
    where t.order_id = ${id} and a.kind = 'clearing' and a.currency = ${currency}
      and (t.kind in ('payment_refund', 'dispute') or t.reference like 'refund_failed:%'
        or t.reference like 'dispute_won:%')`;
  return { tookMinor: BigInt(row!.took), stayedMinor: BigInt(row!.stayed) };
}

/** Leaves the order in its state, and says how much of it came back. */
async function notePart(
  deps: BookingDeps,
  tx: Tx,
  { order, event, what }: { order: OrderRow; event: PaymentEvent; what: string },
): Promise<OrderRow> {
  const amount = decimalOf(event);
  const failure = `${amount} ${event.currency} of it ${what}`;
  const noted = await advanceOrder(tx, order, [], { at: deps.clock.now(), failure });
  const notice = orderNotice(noted, "order.part_returned");
  await deps.notices.tell(tx, [{ ...notice, payload: { ...notice.payload, amount } }]);
  return noted;
}

async function bookReturn(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  await fillWallet(deps, tx, booking);
  return booking.order;
}

async function bookPayout(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  const { order, event, reference } = booking;
  if (order.status !== "paid") return order;
  const { id: orderId, currency, amountMinor } = order;
  await deps.ledger.post(tx, [{
    kind: "payout",
    reference,
    postings: moveOf({ kind: "payable", orderId, currency }, clearingOf(event), amountMinor),
    actor: SYSTEM_MONEY,
    orderId,
  }]);
  const sent = await advanceOrder(tx, order, ["fulfil"], { at: deps.clock.now() });
  await deps.notices.tell(tx, [orderNotice(sent, "withdrawal.sent")]);
  return sent;
}

/** A payout that came back, before or after it was reported as paid, fills the wallet again. */
async function bookBounce(deps: BookingDeps, tx: Tx, booking: Booking): Promise<OrderRow> {
  const { order, event, reference } = booking;
  const { id: orderId, userId, currency, amountMinor } = order;
  const isSent = order.status === "fulfilled";
  if (!isSent && order.status !== "paid") return order;
  const from: AccountName = isSent ? clearingOf(event) : { kind: "payable", orderId, currency };
  await deps.ledger.post(tx, [{
    kind: "withdrawal",
    reference,
    postings: moveOf(from, { kind: "wallet", userId, currency }, amountMinor),
    actor: SYSTEM_MONEY,
    orderId,
    reason: event.reason,
  }]);
  await recoverDebts(deps, tx, { userIds: [userId], currency });
  const failure = event.reason ?? "The payout came back";
  const kind = isSent ? "order.refunded" : "order.failed";
  return await closeOrder(deps, tx, order, { kind, failure });
}

/** A part of a payout came back after it was paid; all parts together are the whole. */
async function bookReturnedPart(
  deps: BookingDeps,
  tx: Tx,
  { order, event, reference }: Booking,
): Promise<OrderRow> {
  const { id: orderId, userId, currency } = order;
  // What failed whole is in the wallet already.
  if (order.status !== "fulfilled") return order;
  await deps.ledger.post(tx, [{
    kind: "withdrawal",
    reference,
    postings: moveOf(
      clearingOf(event),
      { kind: "wallet", userId, currency },
      event.amountMinor,
    ),
    actor: SYSTEM_MONEY,
    orderId,
    reason: event.reason,
  }]);
  await recoverDebts(deps, tx, { userIds: [userId], currency });
  if (await returnedMinor(tx, order) < order.amountMinor) {
    return await notePart(deps, tx, { order, event, what: "came back" });
  }
  const failure = event.reason ?? "The payout came back";
  return await closeOrder(deps, tx, order, { kind: "order.refunded", failure });
}

async function returnedMinor({ sql }: Tx, { id }: OrderRow): Promise<bigint> {
  const [row] = await sql<{ sum: string }[]>`
    select coalesce(sum(p.amount_minor), 0)::text as sum
    from ledger_transactions t join ledger_postings p on p.transaction_id = t.id
    where t.order_id = ${id} and t.reference like 'payout_returned:%' and p.amount_minor > 0`;
  return BigInt(row!.sum);
}
