/**
 * Sending approved withdrawals by the gateway. Where one goes is chosen under the order's lock
 * before the gateway hears of it: from then on nobody sends it by hand, and each try asks for the
 * same under the same key, so that it is sent once.
 *
 * @module
 */

import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Clock } from "@/platform/clock.ts";
import { isRefused, whenThere } from "./gateway_faults.ts";
import { getOrder, lockOrder, type OrderRow } from "./order_rows.ts";
import type { PayoutAccountsService } from "./payout_accounts.ts";
import type { PaymentEvent, PaymentGateway } from "./payment_gateway.ts";
import { testMoneyAmongReal } from "./test_money.ts";

export interface PayoutsDeps {
  database: Database;
  clock: Clock;
  /** Absent where no money goes out by a gateway. */
  gateway?: PaymentGateway | undefined;
  payoutAccounts: Pick<PayoutAccountsService, "readyAccount">;
}

/** A withdrawal that goes to an account. */
type ClaimedOrder = OrderRow & { payoutAccount: string };

/**
 * Sends an approved withdrawal to its owner's account, once; does nothing where there is none, or
 * the gateway is away. Gives the event of one that is refused for good: the money is free again.
 */
export async function sendPayout(
  deps: PayoutsDeps,
  orderId: string,
): Promise<PaymentEvent | undefined> {
  const { gateway } = deps;
  const order = gateway && await claim(deps, orderId);
  if (!order) return undefined;
  const { userId, currency, amountMinor, payoutAccount: account } = order;
  const request = { orderId, userId, account, currency, amountMinor };
  try {
    const sent = await whenThere(() => gateway.payout(request));
    if (sent) await noteReference(deps, orderId, sent.reference);
    return undefined;
  } catch (error) {
    if (!isRefused(error)) throw error;
    const reference = `refused:${orderId}`;
    const what = { gateway: gateway.name, eventId: reference, reference, reason: error.message };
    const money = { orderId, currency, amountMinor };
    return { ...money, ...what, kind: "payout_failed", at: deps.clock.now() };
  }
}

/** Whether it is approved, and nobody has sent it. */
function isUnsent({ kind, status, gatewayReference }: OrderRow): boolean {
  return kind === "withdrawal" && status === "paid" && gatewayReference === null;
}

/** Undefined where nothing is to be sent, or by hand. */
async function claim(deps: PayoutsDeps, orderId: string): Promise<ClaimedOrder | undefined> {
  const { database, payoutAccounts } = deps;
  const found = await getOrder(database.db, orderId);
  if (!isUnsent(found)) return undefined;
  const ready = found.payoutAccount ?? await payoutAccounts.readyAccount(found.userId);
  if (ready === null) return undefined;
  return await database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (!isUnsent(order)) return undefined;
    const { payoutAccount } = order;
    if (await testMoneyAmongReal(deps, tx, order.currency) !== 0n) return undefined;
    if (payoutAccount !== null) return { ...order, payoutAccount };
    await tx.db.update(orders).set({ payoutAccount: ready }).where(eq(orders.id, orderId));
    return { ...order, payoutAccount: ready };
  }, { name: "claim_payout" });
}

/** The outcome may have been reported, and booked, before the call returned. */
async function noteReference(
  { database }: PayoutsDeps,
  orderId: string,
  gatewayReference: string,
): Promise<void> {
  await database.db.update(orders).set({ gatewayReference })
    .where(and(eq(orders.id, orderId), isNull(orders.gatewayReference)));
}
