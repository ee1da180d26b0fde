/** The list of orders: filtered, newest first. */

import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { Page } from "@/contracts/envelope.ts";
import type { Order, OrderQuery } from "@/contracts/orders.ts";
import type { Database } from "@/db/client.ts";
import { orders } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSignedIn, hasRole } from "../accounts/access.ts";
import { viewOrders } from "./order_view.ts";
import type { PaymentGateway } from "./payment_gateway.ts";

/** Members get their own; asking for another's is `FORBIDDEN`. */
export async function listOrders(
  deps: { database: Database; gateway?: Pick<PaymentGateway, "name"> | undefined },
  actor: Actor,
  query: OrderQuery,
): Promise<Page<Order>> {
  const { page, page_size: pageSize } = query;
  const { db } = deps.database;
  const where = and(...conditions(actor, query));
  const [rows, [count]] = await Promise.all([
    db.select().from(orders).where(where).orderBy(desc(orders.createdAt), desc(orders.id))
      .limit(pageSize).offset((page - 1) * pageSize),
    db.select({ total: sql<number>`count(*)` }).from(orders).where(where),
  ]);
  return { items: await viewOrders(deps, rows), page, pageSize, total: count?.total ?? 0 };
}

function conditions(actor: Actor, query: OrderQuery): (SQL | undefined)[] {
  return [
    query.status === undefined ? undefined : eq(orders.status, query.status),
    query.kind === undefined ? undefined : eq(orders.kind, query.kind),
    query.competition === undefined ? undefined : eq(orders.competitionId, query.competition),
    ownerCondition(actor, query.user),
  ];
}

function ownerCondition(actor: Actor, user: string | undefined): SQL | undefined {
  if (hasRole(actor, "finance")) return user === undefined ? undefined : eq(orders.userId, user);
  const { userId } = checkSignedIn(actor);
  if (user !== undefined && user !== userId) {
    throw new DomainError("FORBIDDEN", "Cannot list these orders: they are somebody else's");
  }
  return eq(orders.userId, userId);
}
