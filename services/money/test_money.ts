/** Test money stays test money, also when the test gateway gives way to a real one. */

import type { Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalOf } from "@/domain/money.ts";
import { TEST_GATEWAY } from "@/domain/order.ts";
import type { PaymentGateway } from "./payment_gateway.ts";

interface TestMoneyDeps {
  gateway?: Pick<PaymentGateway, "isTestMoney"> | undefined;
}

/**
 * Fails with `CONFLICT` where real money would leave books that still hold test money of the
 * currency: in a wallet nobody can tell them apart.
 */
export async function checkNoTestMoney(
  deps: TestMoneyDeps,
  tx: Tx,
  currency: string,
): Promise<void> {
  const amountMinor = await testMoneyAmongReal(deps, tx, currency);
  if (amountMinor === 0n) return;
  const held = `${decimalOf({ currency, amountMinor })} ${currency}`;
  throw new DomainError(
    "CONFLICT",
    `Cannot send money: the books hold ${held} of test money; move it back to its gateway first`,
  );
}

/** Test money of the currency in books whose money is real by now; zero where it is none. */
export async function testMoneyAmongReal(
  { gateway }: TestMoneyDeps,
  { sql }: Tx,
  currency: string,
): Promise<bigint> {
  if (gateway?.isTestMoney) return 0n;
  const [row] = await sql<{ amount: string }[]>`
    select (-b.balance_minor)::text as amount from ledger_accounts a
    join ledger_balances b on b.account_id = a.id
    where a.kind = 'clearing' and a.owner = ${TEST_GATEWAY} and a.currency = ${currency}`;
  return BigInt(row?.amount ?? 0);
}
