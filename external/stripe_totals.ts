/** What Stripe's own books say it holds for us: the sum of its balance transactions. */

import type Stripe from "stripe";
import { DomainError } from "@/domain/error.ts";
import type { GatewayTotal } from "@/services/money/payment_gateway.ts";
import { fromStripe } from "./stripe_amounts.ts";
import type { StripeClient } from "./stripe_client.ts";

/** What is between Stripe and the operator, and in no user's account: fees, and the way to the bank. */
const NOT_OURS =
  /^(stripe_|tax_|payout|topup|application_fee|reserve|reserved|climate|contribution)/;

const PAGE = 100;
/** Two hundred thousand movements since this process last looked; more takes a report, not a list. */
const PAGES_MAX = 2_000;
const TRIES_MAX = 5;

/** Sums what is new since the last call: what Stripe has booked never changes. */
export function createStripeTotals(client: StripeClient): () => Promise<GatewayTotal[]> {
  let sums = new Map<string, bigint>();
  let newestId: string | undefined;
  return async () => {
    const next = new Map(sums);
    const found = await readSince(client, newestId);
    for (const { type, currency, amount } of found) {
      if (NOT_OURS.test(type)) continue;
      const money = fromStripe(currency, amount);
      next.set(money.currency, (next.get(money.currency) ?? 0n) + money.amountMinor);
    }
    [sums, newestId] = [next, found[0]?.id ?? newestId];
    return [...sums].map(([currency, amountMinor]) => ({ currency, amountMinor }));
  };
}

/** Newest first. */
async function readSince(
  client: StripeClient,
  newestId: string | undefined,
): Promise<Stripe.BalanceTransaction[]> {
  const found: Stripe.BalanceTransaction[] = [];
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const after = found.at(-1)?.id;
    const page = await client.call(
      "read the gateway's books",
      (stripe) =>
        stripe.balanceTransactions.list({
          limit: PAGE,
          ...(after === undefined ? {} : { starting_after: after }),
        }),
      { triesMax: TRIES_MAX },
    );
    const known = page.data.findIndex(({ id }) => id === newestId);
    found.push(...(known < 0 ? page.data : page.data.slice(0, known)));
    if (known >= 0 || !page.has_more) return found;
  }
  const message = "Cannot compare with the gateway: it has more movements than can be listed";
  throw new DomainError("SERVICE_UNAVAILABLE", message);
}
