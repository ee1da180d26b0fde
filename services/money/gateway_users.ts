/** Who a user is at a payment gateway: whom it charges, and where it sends money. */

import { and, eq } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { gatewayUsers } from "@/db/schema.ts";

/** Absent names are null. */
export type GatewayUser = Pick<typeof gatewayUsers.$inferSelect, "customer" | "payoutAccount">;

export interface GatewayUsers {
  find(gateway: string, userId: string): Promise<GatewayUser>;
  /** Adds names; the first of two stays. */
  set(gateway: string, userId: string, names: Partial<GatewayUser>): Promise<GatewayUser>;
  /** Removes the name of a payer that the gateway knows no more; another name stays. */
  forgetCustomer(gateway: string, userId: string, customer: string): Promise<void>;
}

export function createGatewayUsers({ database }: { database: Database }): GatewayUsers {
  const { db, sql } = database;
  async function find(gateway: string, userId: string): Promise<GatewayUser> {
    const { customer, payoutAccount } = gatewayUsers;
    const [row] = await db.select({ customer, payoutAccount }).from(gatewayUsers)
      .where(and(eq(gatewayUsers.gateway, gateway), eq(gatewayUsers.userId, userId)));
    return row ?? { customer: null, payoutAccount: null };
  }
  return {
    find,
    async set(gateway, userId, { customer = null, payoutAccount = null }) {
      await sql`
        insert into gateway_users as g (gateway, user_id, customer, payout_account)
        values (${gateway}, ${userId}, ${customer}, ${payoutAccount})
        on conflict (gateway, user_id) do update set
          customer = coalesce(g.customer, excluded.customer),
          payout_account = coalesce(g.payout_account, excluded.payout_account)`;
      return await find(gateway, userId);
    },
    async forgetCustomer(gateway, userId, customer) {
      await sql`
        update gateway_users set customer = null
        where gateway = ${gateway} and user_id = ${userId} and customer = ${customer}`;
    },
  };
}
