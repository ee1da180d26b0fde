/**
 * What the payment gateway is asked, and what it reports. A payment always fills the wallet first;
 * the order is finished from there, so that money that arrives late, twice or for nothing is in
 * the wallet and never lost. The ledger's references make each event count once, in any order.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import { isSettled } from "@/domain/order.ts";
import { eq } from "drizzle-orm";
import type { CompetitionsService } from "../competitions/competitions.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import { getOrder, lockOrder, type OrderRow } from "./order_rows.ts";
import { bookEvent, type BookingDeps, closeOrder } from "./payment_booking.ts";
import type { PaymentEvent, PaymentGateway, StartedPayment } from "./payment_gateway.ts";
import { type PayoutsDeps, sendPayout as payOut } from "./payouts.ts";
import { isRefused, whenThere } from "./gateway_faults.ts";

/** The port to whoever knows buyers, e.g. an identity provider. */
export interface BuyerCheck {
  /** Fails with `FORBIDDEN` or `ACCOUNT_SUSPENDED` for who may not buy, and like a breaker while it is away. */
  check(userId: string): Promise<void>;
}

export interface PaymentsService {
  /** Whether the buyer may buy; false while nobody can tell: the order then waits. Fails like `BuyerCheck`. */
  knowsBuyer(userId: string): Promise<boolean>;
  /** Asks for the payment of a pending order; null while the gateway is away: asked again later. */
  start(order: OrderRow): Promise<StartedPayment | null>;
  /** Sends an approved withdrawal; while the gateway is away it stays paid and is sent again. */
  sendPayout(order: OrderRow): Promise<void>;
  /** Books what the gateway reports; the same event may come again. Fails with `NOT_FOUND` for an order that is not ours. */
  handle(event: PaymentEvent): Promise<void>;
  /** Asks again for what the gateway did not answer, and finishes paid entries; for a job. */
  resume(): Promise<number>;
}

export interface PaymentsDeps extends BookingDeps, Pick<PayoutsDeps, "payoutAccounts"> {
  database: Database;
  /** Absent where no money comes in or goes out. */
  gateway: PaymentGateway | undefined;
  /** Absent where everybody with an account may buy. */
  buyers?: BuyerCheck | undefined;
  competitions: Pick<CompetitionsService, "joinPaid">;
}

export function createPayments(deps: PaymentsDeps): PaymentsService {
  return {
    knowsBuyer: (userId) => knowsBuyer(deps, userId),
    start: (order) => startPayment(deps, order),
    sendPayout: (order) => sendPayout(deps, order),
    handle: (event) => handle(deps, event),
    resume: () => resume(deps),
  };
}

async function knowsBuyer({ buyers }: PaymentsDeps, userId: string): Promise<boolean> {
  if (!buyers) return true;
  return await whenThere(() => buyers.check(userId).then(() => true)) ?? false;
}

async function startPayment(deps: PaymentsDeps, order: OrderRow): Promise<StartedPayment | null> {
  const { gateway } = deps;
  if (!gateway || order.status !== "pending" || order.method !== "gateway") return null;
  if (order.kind === "withdrawal") return null;
  const { id: orderId, userId, currency, amountMinor } = order;
  const description = order.kind === "entry" ? "Competition entry" : "Wallet";
  const request = { orderId, userId, currency, amountMinor, description };
  const started = await whenThere(() => gateway.createPayment(request));
  if (started) await setPayment(deps, order, { gateway: gateway.name, ...started });
  return started;
}

async function sendPayout(deps: PaymentsDeps, { id }: OrderRow): Promise<void> {
  const refused = await payOut(deps, id);
  // By the same way as a payout that came back.
  if (refused) await handle(deps, refused);
}

/** The gateway too: an order may have waited while it was replaced. */
async function setPayment(
  { database }: PaymentsDeps,
  { id }: OrderRow,
  { gateway, reference }: { gateway: string; reference: string },
): Promise<void> {
  await database.db.update(orders).set({ gateway, gatewayReference: reference })
    .where(eq(orders.id, id));
}

async function handle(deps: PaymentsDeps, event: PaymentEvent): Promise<void> {
  const booked = await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, event.orderId);
    const reference = `${event.kind}:${event.gateway}:${event.reference}`;
    // Payments that failed move nothing, so that only the order tells whether they were heard of.
    if (await deps.ledger.findByReference(tx, reference)) return order;
    return await bookEvent(deps, tx, { order, event, reference });
  }, { name: "payment_event", constraints: LEDGER_FAULTS });
  if (booked.kind === "entry" && booked.status === "paid") await finishEntry(deps, booked);
}

/** Enters who has paid or waited; where that is refused the money stays in the wallet. */
async function finishEntry(deps: PaymentsDeps, order: OrderRow): Promise<void> {
  try {
    await deps.competitions.joinPaid(order.userId, order.competitionId!, order.entryRequest);
  } catch (error) {
    // A job tries again; what is nobody's refusal is a fault of ours that somebody must see.
    if (!(error instanceof DomainError)) throw error;
    if (error.status >= 500) return;
    await giveUp(deps, order.id, error.message);
    return;
  }
  // Somebody who was in before has ordered for nothing.
  await giveUp(deps, order.id, "You had joined before");
}

/** Ends an order that leads nowhere; does nothing to one that led somewhere. */
async function giveUp(deps: PaymentsDeps, orderId: string, failure: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (isSettled(order.status)) return;
    const kind = order.status === "paid" ? "order.refunded" : "order.failed";
    await closeOrder(deps, tx, order, { kind, failure });
  }, { name: "give_up_order" });
}

/** More at once than come together while a gateway is away for an hour. */
const RESUME_MAX = 500;

async function resume(deps: PaymentsDeps): Promise<number> {
  const rows = await deps.database.sql<{ id: string }[]>`
    select id from orders
    where (status = 'pending' and kind <> 'withdrawal'
        and (gateway_reference is null or method = 'wallet'))
      or (status = 'paid' and kind = 'entry')
      -- Those that wait for a person are not the gateway's.
      or (status = 'paid' and kind = 'withdrawal' and gateway_reference is null
        and (payout_account is not null or exists (select 1 from gateway_users g
          where g.user_id = orders.user_id and g.payout_account is not null)))
    order by created_at limit ${RESUME_MAX}`;
  await inTurn(rows, async ({ id }) => await goOn(deps, await getOrder(deps.database.db, id)));
  return rows.length;
}

async function goOn(deps: PaymentsDeps, order: OrderRow): Promise<void> {
  if (order.kind === "withdrawal") return await sendPayout(deps, order);
  if (order.status === "paid") return await finishEntry(deps, order);
  try {
    if (!await knowsBuyer(deps, order.userId)) return;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return await giveUp(deps, order.id, error.message);
  }
  if (order.method === "wallet") return await finishEntry(deps, order);
  try {
    await startPayment(deps, order);
  } catch (error) {
    // One that is refused must not keep the others waiting.
    if (!isRefused(error)) throw error;
    await giveUp(deps, order.id, error.message);
  }
}
