/** Orders as the API gives them: with who sends a withdrawal, which the user's account decides. */

import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { amountOf } from "@/contracts/money.ts";
import type { Order } from "@/contracts/orders.ts";
import type { QueryBuilder } from "@/db/client.ts";
import { gatewayUsers } from "@/db/schema.ts";
import { isSettled } from "@/domain/order.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { OrderRow } from "./order_rows.ts";
import type { PaymentGateway } from "./payment_gateway.ts";

export interface OrderViewDeps {
  database: { db: QueryBuilder };
  gateway?: Pick<PaymentGateway, "name"> | undefined;
}

/** Begins the reference of what a person sent. */
export const BY_HAND = "manual";

export async function viewOrder(deps: OrderViewDeps, row: OrderRow): Promise<Order> {
  return (await viewOrders(deps, [row]))[0]!;
}

export async function viewOrders(
  deps: OrderViewDeps,
  rows: readonly OrderRow[],
): Promise<Order[]> {
  const waiting = rows.filter((row) => row.kind === "withdrawal" && !isSettled(row.status));
  const ready = await payeesAmong(deps, waiting.map(({ userId }) => userId));
  return rows.map((row) => toOrder(row, senderOf(row, ready)));
}

/** Those with an account that the gateway sends money to. */
async function payeesAmong(
  { database, gateway }: OrderViewDeps,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!gateway || userIds.length === 0) return new Set();
  const { userId, gateway: name, payoutState, payoutAccount } = gatewayUsers;
  const rows = await database.db.select({ userId }).from(gatewayUsers).where(and(
    eq(name, gateway.name),
    eq(payoutState, "ready"),
    isNotNull(payoutAccount),
    inArray(userId, [...userIds]),
  ));
  return new Set(rows.map((row) => row.userId));
}

function senderOf(row: OrderRow, ready: ReadonlySet<string>): Order["sentBy"] {
  const { kind, status, gatewayReference, payoutAccount, userId } = row;
  if (kind !== "withdrawal") return null;
  if (gatewayReference?.startsWith(`${BY_HAND}:`)) return "person";
  if (gatewayReference !== null || payoutAccount !== null) return "gateway";
  if (isSettled(status)) return null;
  return ready.has(userId) ? "gateway" : "person";
}

function toOrder(row: OrderRow, sentBy: Order["sentBy"]): Order {
  return {
    id: row.id,
    userId: row.userId,
    kind: row.kind,
    status: row.status,
    method: row.method,
    currency: row.currency,
    ...amountOf(row.currency, row.amountMinor),
    competitionId: row.competitionId,
    gateway: row.gateway,
    sentBy,
    isRefunding: row.refundHoldId !== null,
    note: row.note,
    failure: row.failure,
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    paidAt: row.paidAt === null ? null : iso(row.paidAt),
    settledAt: row.settledAt === null ? null : iso(row.settledAt),
  };
}

function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}
