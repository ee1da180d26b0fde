/**
 * Orders: entries, top-ups and withdrawals, placed by users and steered by finance. Money moves in
 * the transaction that changes the order's state; what the gateway does is in `payments.ts`.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type {
  Order,
  OrderChange,
  OrderInput,
  OrderQuery,
  PlacedOrder,
} from "@/contracts/orders.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { checkSignedIn, hasRole, isSelf } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import type { CompetitionsService } from "../competitions/competitions.ts";
import type { EntryFees } from "./entry_fees.ts";
import type { LedgerService } from "./ledger.ts";
import type { NoticesService } from "../notices.ts";
import { changeOrder } from "./order_changes.ts";
import { listOrders } from "./order_list.ts";
import { placeOrder, resumeOrder } from "./order_placing.ts";
import { getOrder, type OrderRow } from "./order_rows.ts";
import { viewOrder } from "./order_view.ts";
import type { PaymentGateway } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";

export interface OrdersService {
  /** Who moves money in and out, and whether it is made up; null where none does. */
  readonly gateway: Pick<PaymentGateway, "name" | "isTestMoney"> | null;
  /**
   * Places an order of the actor. An entry paid from the wallet is entered at once, and fails like
   * joining; a withdrawal is reserved and waits for finance; what the gateway takes is pending.
   * The same key gives the same order; with another body `CONFLICT`.
   */
  place(actor: Actor, input: OrderInput, options?: PlaceOptions): Promise<PlacedOrder>;
  /** Newest first; members see their own, finance and admins all. */
  list(actor: Actor, query: OrderQuery): Promise<Page<Order>>;
  /** By its buyer, finance and admins. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  get(actor: Actor, orderId: string): Promise<Order>;
  /** Says again how to pay a pending order of the actor. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  resume(actor: Actor, orderId: string): Promise<PlacedOrder>;
  /** The buyer's note and cancelling; approval, rejection and refund by finance, audited. Fails with `ORDER_STATE`. */
  change(actor: Actor, orderId: string, change: OrderChange): Promise<Order>;
  /** Cancels a pending order; what a withdrawal reserved is free again. Fails with `ORDER_STATE`. */
  cancel(actor: Actor, orderId: string): Promise<Order>;
}

export interface PlaceOptions {
  /** Made by the client; the order that it placed before is answered again. */
  idempotencyKey?: string | undefined;
}

export interface OrdersDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  audit: AuditService;
  ledger: LedgerService;
  notices: NoticesService;
  entryFees: EntryFees;
  payments: PaymentsService;
  /** Absent where no money comes in or goes out. */
  gateway: PaymentGateway | undefined;
  competitions: Pick<CompetitionsService, "join" | "checkJoin">;
}

export function createOrdersService(deps: OrdersDeps): OrdersService {
  return {
    gateway: deps.gateway ?? null,
    place: (actor, input, options = {}) => placeOrder(deps, actor, input, options),
    list: (actor, query) => listOrders(deps, actor, query),
    async get(actor, orderId) {
      const order = await getOrder(deps.database.db, orderId);
      checkSees(actor, order);
      return await viewOrder(deps, order);
    },
    resume: (actor, orderId) => resumeOrder(deps, actor, orderId),
    change: (actor, orderId, change) => changeOrder(deps, actor, orderId, change),
    cancel: (actor, orderId) => changeOrder(deps, actor, orderId, { status: "cancelled" }),
  };
}

/** Fails with `UNAUTHORIZED` or `FORBIDDEN` unless it is the actor's own order, or finance asks. */
export function checkSees(actor: Actor, order: Pick<OrderRow, "userId">): void {
  if (isSelf(actor, order.userId) || hasRole(actor, "finance")) return;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot see this order: it is somebody else's");
}
