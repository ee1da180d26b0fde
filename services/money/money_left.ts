/** Whether somebody can go: money in a wallet, or on its way, would be nobody's. */

import type { Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalOf } from "@/domain/money.ts";

/** Fails with `CONFLICT` while a wallet of the user holds money, or an order of theirs is open. */
export async function checkNoMoneyLeft({ sql }: Tx, userId: string): Promise<void> {
  const [held] = await sql<{ currency: string; amount: string }[]>`
    select a.currency, b.balance_minor::text as amount from ledger_accounts a
    join ledger_balances b on b.account_id = a.id
    where a.user_id = ${userId} and a.kind = 'wallet' and b.balance_minor > 0
    order by a.currency limit 1`;
  if (held) {
    const { currency, amount } = held;
    const cost = `${decimalOf({ currency, amountMinor: BigInt(amount) })} ${currency}`;
    throw conflict(`the wallet holds ${cost}; withdraw it first`);
  }
  const [open] = await sql`
    select 1 from orders
    where user_id = ${userId} and (status in ('pending', 'paid') or refund_hold_id is not null)`;
  if (open) throw conflict("an order is open; cancel it or wait for its end");
}

function conflict(state: string): DomainError {
  return new DomainError("CONFLICT", `Cannot remove the account: ${state}`);
}
