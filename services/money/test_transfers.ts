/**
 * The records of the test gateway: what a real one keeps on its side. They stand in tables of
 * their own and know nothing of the ledger, so that the two can be compared.
 *
 * @module
 */

import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { testTransfers } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type { GatewayTotal } from "./payment_gateway.ts";

/** A payment, refund or payout of test money. */
export type TestTransfer = typeof testTransfers.$inferSelect;
export type NewTestTransfer = Pick<
  TestTransfer,
  "reference" | "orderId" | "userId" | "currency" | "amountMinor" | "description"
>;

export interface TestTransfers {
  /** Opens a payment; the same reference gives the one that is there. */
  openPayment(payment: NewTestTransfer): Promise<TestTransfer>;
  /** Gives back a payment, whole or in part; the same reference does so once. Fails with `NOT_FOUND`, `PAYMENT_REFUSED`. */
  refund(refund: { reference: string; payment: string; amountMinor: bigint }): Promise<void>;
  /** Sends money, once a reference. */
  payOut(payout: NewTestTransfer): Promise<void>;
  find(reference: string): Promise<TestTransfer | undefined>;
  /** Ends an open payment; undefined when it is not open any more. */
  decide(
    reference: string,
    state: Exclude<TestTransfer["state"], "open">,
  ): Promise<TestTransfer | undefined>;
  /** What is decided and not in the books yet, oldest first. */
  unreported(): Promise<TestTransfer[]>;
  markReported(reference: string): Promise<void>;
  /** Payments less refunds and payouts, one a currency. */
  totals(): Promise<GatewayTotal[]>;
}

/** More than a minute brings. */
const UNREPORTED_MAX = 500;

export function createTestTransfers(
  deps: { database: Database; clock: Clock },
): TestTransfers {
  const { database, clock } = deps;
  const find = async (reference: string) => {
    const [row] = await database.db.select().from(testTransfers)
      .where(eq(testTransfers.reference, reference));
    return row;
  };
  return {
    find,
    async openPayment(payment) {
      const row = { ...payment, kind: "payment", state: "open", createdAt: clock.now() } as const;
      await database.db.insert(testTransfers).values(row).onConflictDoNothing();
      return (await find(payment.reference))!;
    },
    refund: (refund) => giveBack(deps, refund),
    async payOut(payout) {
      const at = clock.now();
      const row = { ...payout, kind: "payout", state: "done" } as const;
      await database.db.insert(testTransfers).values({ ...row, createdAt: at, decidedAt: at })
        .onConflictDoNothing();
    },
    async decide(reference, state) {
      const [row] = await database.db.update(testTransfers).set({ state, decidedAt: clock.now() })
        .where(and(eq(testTransfers.reference, reference), eq(testTransfers.state, "open")))
        .returning();
      return row;
    },
    unreported: () =>
      database.db.select().from(testTransfers)
        .where(and(isNotNull(testTransfers.decidedAt), isNull(testTransfers.reportedAt)))
        .orderBy(testTransfers.decidedAt).limit(UNREPORTED_MAX),
    async markReported(reference) {
      await database.db.update(testTransfers).set({ reportedAt: clock.now() })
        .where(eq(testTransfers.reference, reference));
    },
    totals: () => readTotals(database),
  };
}

async function giveBack(
  { database, clock }: { database: Database; clock: Clock },
  refund: { reference: string; payment: string; amountMinor: bigint },
): Promise<void> {
  await database.transaction(async ({ db }) => {
    const [payment] = await db.select().from(testTransfers)
      .where(eq(testTransfers.reference, refund.payment)).for("update");
    if (!payment) {
      throw new DomainError("NOT_FOUND", `Cannot refund "${refund.payment}": there is no such one`);
    }
    const before = await db.select().from(testTransfers)
      .where(eq(testTransfers.payment, payment.reference));
    if (before.some(({ reference }) => reference === refund.reference)) return;
    const given = before.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    if (payment.state !== "done" || given + refund.amountMinor > payment.amountMinor) {
      const message = `Cannot refund "${payment.reference}": not so much of it was paid`;
      throw new DomainError("PAYMENT_REFUSED", message);
    }
    const at = clock.now();
    const { orderId, userId, currency, description } = payment;
    await db.insert(testTransfers).values({
      ...{ ...refund, orderId, userId, currency, description },
      kind: "refund",
      state: "done",
      createdAt: at,
      decidedAt: at,
    });
  }, { name: "test_refund" });
}

async function readTotals({ db }: Database): Promise<GatewayTotal[]> {
  const { currency, kind, amountMinor, state } = testTransfers;
  const rows = await db.select({
    currency,
    total: sql<string>`sum(case ${kind} when 'payment' then ${amountMinor}
      else -${amountMinor} end)::text`,
  }).from(testTransfers).where(eq(state, "done")).groupBy(currency);
  return rows.map((row) => ({ currency: row.currency, amountMinor: BigInt(row.total) }));
}
