/** Payments by Stripe, over the API and its webhook, against a server that speaks its protocol. */

import { assertEquals, assertMatch } from "@std/assert";
import type { TestPerson } from "../support/app.ts";
import { openStripeApp, WEBHOOK_SECRETS } from "../support/stripe_app.ts";
import { assertBooksBalance } from "../support/money.ts";
import { takenBack } from "../support/stripe_server.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

Deno.test("POST /webhooks/stripe takes each signed event once, whoever sends it", async (t) => {
  await using app = await openStripeApp();
  const { stripe, deliver, walletOf } = app;
  const payer = await app.person();
  const { orderId, reference } = await app.topUp(payer, "20.00");
  const event = stripe.pay(reference);

  await t.step(
    "tampered, old, unsigned, by a wrong secret: refused, nothing is stored",
    async () => {
      const more = (body: string) =>
        body.replace('"amount_received":2000', '"amount_received":9000');
      assertEquals((await deliver(event, { tamper: more })).status, 400);
      const old = await deliver(event, { ageMs: 301_000 });
      assertEquals(old.status, 400);
      assertMatch(old.body, /INVALID_SIGNATURE/);
      assertEquals((await deliver(event, { secret: "whsec_of_somebody_else" })).status, 400);
      const { status } = await app.call("POST", "/webhooks/stripe", { body: event });
      assertEquals(status, 400);
      assertEquals(await walletOf(payer), "0");
      const [row] = await app.database.sql`select count(*) as count from gateway_events`;
      assertEquals(Number(row!.count), 0);
    },
  );
  await t.step("valid: it fills the wallet; ten times more: it does nothing", async () => {
    assertEquals(await deliver(event), {
      status: 200,
      body: '{"received":true,"duplicate":false}',
    });
    assertEquals(await walletOf(payer), "2000");
    for (let n = 0; n < 10; n++) {
      const again = await deliver(event, { ageMs: 299_000 });
      assertEquals(again, { status: 200, body: '{"received":true,"duplicate":true}' });
    }
    assertEquals(await walletOf(payer), "2000");
    const { body } = await app.call("GET", `/orders/${orderId}`, { token: payer.token });
    assertEquals(body.data.status, "fulfilled");
  });
  await t.step(
    "the same payment told by another event, or by the second secret: once",
    async () => {
      const session = stripe.objects.get(reference)!;
      const told = stripe.event("checkout.session.completed", session);
      assertEquals((await deliver(told, { secret: WEBHOOK_SECRETS[1]! })).status, 200);
      assertEquals(await walletOf(payer), "2000");
    },
  );
  await t.step(
    "of another app, of another mode, of no meaning: taken, nothing booked",
    async () => {
      const intent = {
        id: "pi_x",
        object: "payment_intent",
        currency: "eur",
        "amount_received": 500,
      };
      const foreign = { ...intent, metadata: { orderId: crypto.randomUUID() } };
      const foreignRefund = { currency: "eur", amount: 100, "payment_intent": "pi_of_another_app" };
      const unknown = { ...intent, metadata: { orderId: "7" } };
      for (
        const message of [
          stripe.event("payment_intent.succeeded", foreign),
          stripe.event("payment_intent.succeeded", unknown),
          stripe.event("payment_intent.succeeded", { ...intent, metadata: { orderId } }, {
            livemode: true,
          }),
          stripe.event("customer.created", { id: "cus_x" }),
          stripe.event("refund.created", { id: "re_x", status: "succeeded", ...foreignRefund }),
        ]
      ) assertEquals((await deliver(message)).status, 200);
      assertEquals(await walletOf(payer), "2000");
    },
  );
  await t.step("too large: 413", async () => {
    const large = stripe.event("customer.created", { id: "cus_x", note: "x".repeat(300_000) });
    assertEquals((await deliver(large)).status, 413);
  });
});

Deno.test("disputes, refunds and payments may be reported in any order", async () => {
  await using app = await openStripeApp({}, "intent");
  const { stripe, deliver, walletOf } = app;
  const payer = await app.person();
  const { reference } = await app.topUp(payer, "30.00");
  const captured = stripe.pay(reference);
  const dispute = { id: "dp_1", currency: "eur", amount: 3000, reason: "fraudulent" };
  const about = { ...dispute, "payment_intent": reference };
  const refund = { id: "re_1", currency: "eur", amount: 1000, "payment_intent": reference };

  // The end first: won, then that it began, then that money came back, then the payment itself.
  const events = [
    stripe.event("charge.dispute.closed", { ...about, status: "won" }),
    stripe.event("charge.dispute.created", { ...about, status: "needs_response" }),
    stripe.event("refund.failed", { ...refund, status: "failed" }),
    stripe.event("refund.updated", { ...refund, status: "succeeded" }),
    captured,
    stripe.event("charge.dispute.funds_reinstated", { ...about, status: "won" }),
  ];
  for (const event of events) assertEquals((await deliver(event)).status, 200);

  assertEquals(await walletOf(payer), "3000");
  const lost = { ...about, id: "dp_2", amount: 2500, status: "lost" };
  assertEquals((await deliver(stripe.event("charge.dispute.closed", lost))).status, 200);
  assertEquals(await walletOf(payer), "500");
  await assertBooksBalance(app.database);
});

Deno.test("withdrawals go to a connected account once, or are sent by hand; all books agree", async () => {
  await using app = await openStripeApp();
  const { stripe, deliver, walletOf, call } = app;
  const [payer, finance] = [await app.person(), await app.person("finance", "Olavi")];
  const { reference } = await app.topUp(payer, "50.00");
  await deliver(stripe.pay(reference));
  const withdraw = async (amount: string) => {
    const body = { kind: "withdrawal", currency: "EUR", amount };
    const { body: answer } = await call("POST", "/orders", { token: payer.token, body });
    const approval = { status: "paid", reason: "Identity is known" };
    const path = `/orders/${answer.data.id}`;
    const { status } = await call("PUT", path, { token: finance.token, body: approval });
    assertEquals(status, 200);
    return answer.data.id as string;
  };
  const byFinance = async (path: string, body: unknown, method = "POST") =>
    (await call(method, path, { token: finance.token, body })).body;

  // Stripe knows the payer no more, as when the key of test mode gave way to a live one.
  const [customer] = [...stripe.objects.values()].filter(({ object }) => object === "customer");
  stripe.objects.delete(customer!.id);
  const { orderId: doubled, reference: twice } = await app.topUp(payer, "15.00");
  await deliver(stripe.pay(twice));
  for (let n = 0; n < 2; n++) {
    await byFinance(`/admin/payments/${doubled}/refund`, { reason: "Paid twice" });
  }
  assertEquals([stripe.count("refund"), await walletOf(payer)], [1, "6500"]);
  const refund = [...stripe.objects.values()].find(({ object }) => object === "refund")!;
  await deliver(stripe.event("refund.created", refund));
  assertEquals(await walletOf(payer), "5000");

  const byHand = await withdraw("10.00");
  assertEquals(stripe.count("transfer"), 0);
  const sent = { reference: "SEPA 17" };
  for (let n = 0; n < 2; n++) {
    const { data } = await byFinance(`/admin/withdrawals/${byHand}/sent`, sent);
    assertEquals(data.status, "fulfilled");
  }
  const back = { reason: "The account was closed" };
  for (let n = 0; n < 2; n++) {
    const { data } = await byFinance(`/admin/withdrawals/${byHand}/returned`, back);
    assertEquals(data.status, "refunded");
  }
  assertEquals(await walletOf(payer), "5000");

  const path = `/admin/payout-accounts/${payer.userId}`;
  const unknown = await byFinance(path, { account: "acct_1032D82eZvKYlo2C" }, "PUT");
  assertEquals(unknown.error.details[0].field, "account");
  await byFinance(path, { account: null }, "PUT");
  const waiting = await withdraw("1.00");
  const ownPath = `/users/${payer.userId}/payout-account`;
  const stateOf = async ({ token }: TestPerson) =>
    (await call("GET", ownPath, { token })).body.data?.state;
  assertEquals([await stateOf(payer), await stateOf(finance)], ["none", "none"]);
  const stranger = await app.person("member", "Aino");
  for (const method of ["GET", "POST"] as const) {
    const way = method === "GET" ? ownPath : `${ownPath}/connect`;
    assertEquals((await call(method, way, { token: stranger.token })).status, 403);
  }
  const opened = await call("POST", `${ownPath}/connect`, { token: payer.token });
  assertMatch(opened.body.data.url, /^https:\/\/connect\.example\/acct_/);
  assertEquals(await stateOf(payer), "pending");
  assertEquals(await app.connectAccount(payer), opened.body.data.account);
  assertEquals([await stateOf(payer), stripe.count("account")], ["ready", 1]);
  // What waited for somebody to send it goes to the account now.
  await app.services.money.resumePayments();
  assertEquals(stripe.count("transfer"), 1);
  const early = [...stripe.objects.values()].find(({ object }) => object === "transfer")!;
  Object.assign(early, { object: "transfer.booked" });
  await deliver(stripe.event("transfer.created", early));
  const { data: sentOrder } =
    (await call("GET", `/orders/${waiting}`, { token: payer.token })).body;
  assertEquals([sentOrder.status, sentOrder.sentBy], ["fulfilled", "gateway"]);
  stripe.book("transfer_refund", 100);
  await deliver(
    stripe.event("transfer.reversed", takenBack({ ...early, object: "transfer" }, 100)),
  );
  const byStripe = await withdraw("20.00");
  await app.services.money.resumePayments();
  assertEquals(stripe.count("transfer"), 1);
  const { error } = await byFinance(`/admin/withdrawals/${byStripe}/sent`, sent);
  assertEquals(error.code, "ORDER_STATE");
  const transfer = [...stripe.objects.values()].find(({ object }) => object === "transfer")!;
  const events = [
    stripe.event("transfer.reversed", takenBack(transfer, 500, 1500)),
    stripe.event("transfer.reversed", takenBack(transfer, 500)),
  ];
  await deliver(stripe.event("transfer.created", transfer));
  assertEquals(await walletOf(payer), "3000");
  const { data: books } = await byFinance("/admin/ledger/reconciliation", undefined, "GET");
  assertEquals(books.balanced, true);
  const compared = books.gateways.find(({ gateway }: { gateway: string }) => gateway === "stripe");
  assertEquals([compared.gatewayMinor, compared.agrees], ["3000", true]);

  // Late: it came back in two parts, of which the second is told first; both books say so. Then
  // the gateway's alone is changed.
  stripe.book("transfer_refund", 2000);
  for (const event of [...events, ...events]) await deliver(event);
  assertEquals(await walletOf(payer), "5000");
  await app.services.books.checkBooks();
  stripe.book("adjustment", -700);
  app.time.advance(DAY_MS);
  let tries = 0;
  // What is under way gets some minutes; what stays wrong is the alert.
  for (let failed = true; failed; tries++) {
    const report = await app.services.jobs.runDue();
    failed = report.failed.some(({ name }) => name === "money.check_books");
    app.time.advance(HOUR_MS / 6);
  }
  assertEquals(tries, 7);
  assertMatch(await app.metrics.registry.metrics(), /^ledger_books_balanced 0$/m);
  await assertBooksBalance(app.database);
});
