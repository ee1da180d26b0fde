/** Rows of `orders`: read, locked, stepped. Every step of an order happens here. */

import { and, eq } from "drizzle-orm";
import { amountOf } from "@/contracts/money.ts";
import type { QueryBuilder, Tx } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import { isSettled, type OrderEvent, stepOrder } from "@/domain/order.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { NewNotice } from "../notices.ts";

export type OrderRow = typeof orders.$inferSelect;
export type NewOrder = typeof orders.$inferInsert;

/** Reads an order. Fails with `NOT_FOUND`. */
export async function getOrder(db: QueryBuilder, orderId: string): Promise<OrderRow> {
  const [row] = await db.select().from(orders).where(eq(orders.id, orderId));
  return row ?? missing(orderId);
}

/** Reads an order and keeps others from changing it until the transaction ends. */
export async function lockOrder(tx: Tx, orderId: string): Promise<OrderRow> {
  const [row] = await tx.db.select().from(orders).where(eq(orders.id, orderId)).for("update");
  return row ?? missing(orderId);
}

function missing(orderId: string): never {
  throw new DomainError("NOT_FOUND", `Cannot find order "${orderId}": there is none`);
}

/** Whose entry into what. */
interface EntryOf {
  competitionId: string;
  userId: string;
}

/** The order that an entry of a user stands on: pending, paid or fulfilled; locked. */
export async function lockEntryOrder(tx: Tx, entry: EntryOf): Promise<OrderRow | undefined> {
  const rows = await lockEntryOrders(tx, entry);
  return rows.find(({ status }) => ["pending", "paid", "fulfilled"].includes(status));
}

/** The latest order of a user for an entry, whatever became of it; locked. */
export async function lockLastEntryOrder(tx: Tx, entry: EntryOf): Promise<OrderRow | undefined> {
  return (await lockEntryOrders(tx, entry)).at(-1);
}

async function lockEntryOrders(
  tx: Tx,
  { competitionId, userId }: EntryOf,
): Promise<OrderRow[]> {
  return await tx.db.select().from(orders).where(and(
    eq(orders.competitionId, competitionId),
    eq(orders.userId, userId),
    eq(orders.kind, "entry"),
  )).orderBy(orders.createdAt, orders.id).for("update");
}

/** Takes the events in turn, and writes where they lead. Fails with `ORDER_STATE`. */
export async function advanceOrder(
  tx: Tx,
  order: OrderRow,
  events: readonly OrderEvent[],
  change: Partial<NewOrder> & { at: EpochMs },
): Promise<OrderRow> {
  const { at, ...columns } = change;
  let { status } = order;
  for (const event of events) status = stepOrder({ id: order.id, status }, event);
  const [row] = await tx.db.update(orders).set({
    status,
    updatedAt: at,
    ...(events.includes("pay") ? { paidAt: at } : {}),
    ...(isSettled(status) ? { settledAt: at } : {}),
    ...columns,
  }).where(eq(orders.id, order.id)).returning();
  return row!;
}

/** Tells the buyer about an order. */
export function orderNotice(row: OrderRow, kind: NewNotice["kind"]): NewNotice {
  const { id: orderId, userId, currency, competitionId, failure } = row;
  const { amount } = amountOf(currency, row.amountMinor);
  const payload = { orderId, orderKind: row.kind, amount, currency, competitionId, failure };
  return { userId, kind, payload };
}
