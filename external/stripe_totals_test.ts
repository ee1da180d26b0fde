import { assertEquals } from "@std/assert";
import { createMetrics } from "@/platform/metrics.ts";
import { startStripeServer } from "@/tests/support/stripe_server.ts";
import { createStripeClient } from "./stripe_client.ts";
import { createStripeTotals } from "./stripe_totals.ts";

Deno.test("createStripeTotals() sums all pages, then only what is new, without fees and bank transfers", async () => {
  await using stripe = startStripeServer();
  using client = createStripeClient({
    secretKey: "sk_test_of_a_test",
    apiBase: stripe.url,
    metrics: createMetrics(),
    sleep: () => Promise.resolve(),
  });
  const totals = createStripeTotals(client);
  assertEquals(await totals(), []);
  for (let n = 0; n < 230; n++) stripe.book("charge", 10);
  stripe.book("stripe_fee", -7);
  stripe.book("payout", -500);
  stripe.book("transfer", -300);
  stripe.book("charge", 100, "isk");

  const first = await totals();
  const callsBefore = stripe.calls.length;
  stripe.book("refund", -100);
  const second = await totals();
  stripe.faults.push({ path: /balance_transactions/, kind: "status", status: 500, times: 2 });
  const third = await totals();

  const isk = { currency: "ISK", amountMinor: 1n };
  assertEquals(first, [isk, { currency: "EUR", amountMinor: 2000n }]);
  assertEquals(second, [isk, { currency: "EUR", amountMinor: 1900n }]);
  assertEquals(third, second);
  // One page, then two faults and one page.
  assertEquals(stripe.calls.length - callsBefore, 4);
});
