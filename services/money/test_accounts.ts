/** Whom the test gateway would send money to: accounts as a real one keeps them on its side. */

import { and, eq } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { testAccounts } from "@/db/schema.ts";
import type { PayoutState } from "@/domain/order.ts";
import type { Clock } from "@/platform/clock.ts";

export type TestAccount = typeof testAccounts.$inferSelect;

export interface TestAccounts {
  /** Opens a user's account, or gives the one that is there. */
  open(userId: string): Promise<TestAccount>;
  find(account: string): Promise<TestAccount | undefined>;
  /** What its owner told the page, or the gateway decided; undefined where it is not waiting. */
  decide(account: string, state: Exclude<PayoutState, "pending">): Promise<TestAccount | undefined>;
}

export function createTestAccounts(
  { database, clock }: { database: Database; clock: Clock },
): TestAccounts {
  const { db } = database;
  const find = async (account: string) => {
    const [row] = await db.select().from(testAccounts).where(eq(testAccounts.account, account));
    return row;
  };
  return {
    find,
    async open(userId) {
      const account = `test_acct_${userId}`;
      await db.insert(testAccounts)
        .values({ account, userId, state: "pending", createdAt: clock.now() })
        .onConflictDoNothing();
      return (await find(account))!;
    },
    async decide(account, state) {
      const isWaiting = and(eq(testAccounts.account, account), eq(testAccounts.state, "pending"));
      const [row] = await db.update(testAccounts).set({ state, decidedAt: clock.now() })
        .where(isWaiting).returning();
      return row;
    },
  };
}
