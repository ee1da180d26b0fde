/**
 * The driver against stripe-mock, which checks every call against Stripe's published description:
 * a parameter that does not exist, or has the wrong shape, is refused. It keeps nothing, so that
 * only shapes are tested. Runs where Go is there to build it, or `STRIPE_MOCK_URL` tells of one;
 * elsewhere the runner says that it was skipped, and what it needs.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createStripeGateway } from "@/external/stripe.ts";
import { createStripeClient } from "@/external/stripe_client.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { needs } from "../support/needs.ts";
import { openStripeMock, whyNoStripeMock } from "../support/stripe_mock.ts";

const missing = await whyNoStripeMock();
const name = "every call of the Stripe driver is one that Stripe's own description allows";

Deno.test(needs(missing ?? "", missing === undefined, name), async () => {
  await using mock = await openStripeMock();
  using client = createStripeClient({
    secretKey: "sk_test_123",
    apiBase: mock.url,
    metrics: createMetrics(),
    sleep: () => Promise.resolve(),
  });
  const gatewayOf = (flow: "checkout" | "intent") =>
    createStripeGateway({
      client,
      users: {
        forgetCustomer: () => Promise.resolve(),
        find: () => Promise.resolve({ customer: null, payoutAccount: "acct_1032D82eZvKYlo2C" }),
        set: (_gateway, _userId, { customer = null }) =>
          Promise.resolve({ customer, payoutAccount: null }),
      },
      flow,
      isTestMoney: true,
      returnUrl: "https://paceboard.example.org/me/wallet",
      payoutReturnUrl: "https://paceboard.example.org/me/wallet/payouts",
    });
  const money = { currency: "EUR", amountMinor: 1_234n };
  const ids = { orderId: crypto.randomUUID(), userId: crypto.randomUUID() };
  const payment = { ...money, ...ids, description: "Wallet" };

  const session = await gatewayOf("checkout").createPayment(payment);
  const intent = await gatewayOf("intent").createPayment(payment);
  const gateway = gatewayOf("checkout");
  const refund = await gateway.refund({ ...money, key: "k", reference: intent.reference });
  const payout = await gateway.payout({ ...money, ...ids, account: "acct_1032D82eZvKYlo2C" });
  await gateway.cancelPayment(session.reference);
  await gateway.cancelPayment(intent.reference);

  assertMatch(session.reference, /^cs_/);
  assertEquals([intent.payUrl, typeof intent.clientSecret], [null, "string"]);
  assertMatch(refund.reference, /^re_/);
  assertMatch(payout.reference, /^tr_/);
  assert(Array.isArray(await gateway.totals()));
  const opened = await gateway.openPayoutAccount({ userId: ids.userId, account: null });
  assertMatch(opened.account, /^acct_/);
  assertMatch(opened.url, /^https:/);
  assertMatch(await gateway.readPayoutAccount(opened.account), /^(pending|ready|restricted)$/);
});
