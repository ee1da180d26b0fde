/** Stripe when it fails: before and after the effect, for a moment, for long, for good; and a storm. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { openTestApp } from "../support/app.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { openStripeApp, type StripeApp } from "../support/stripe_app.ts";
import type { StripeFault } from "../support/stripe_server.ts";
import { assertBooksBalance } from "../support/money.ts";
import { createRandom } from "../support/tcp_proxy.ts";

const CREATE_SESSION = /^\/v1\/checkout\/sessions$/;
const TRANSFERS = /^\/v1\/transfers$/;
const MINUTE_MS = 60_000;

async function placeTopUp({ call }: StripeApp, token: string) {
  const body = { kind: "top_up", currency: "EUR", amount: "12.00" };
  return await call("POST", "/orders", { token, body });
}

async function statusOf({ database }: StripeApp, orderId: string): Promise<string> {
  const [row] = await database.sql<{ status: string }[]>`
    select status from orders where id = ${orderId}`;
  return row!.status;
}

Deno.test("a payment that runs into a fault is started once, or waits, or is refused", async (t) => {
  await using app = await openStripeApp({ timeoutMs: 1_500, rule: NEVER_OPENS });
  const { token } = await app.person();
  const { stripe } = app;
  const passing: Record<string, StripeFault> = {
    "cut after it took effect": { path: CREATE_SESSION, kind: "cut", isAfter: true },
    "no answer after it took effect": { path: CREATE_SESSION, kind: "hang", isAfter: true },
    "no answer": { path: CREATE_SESSION, kind: "hang" },
    "the same key at work": { path: CREATE_SESSION, kind: "status", status: 409 },
    "too many calls": { path: CREATE_SESSION, kind: "status", status: 429 },
    "a fault of theirs": { path: CREATE_SESSION, kind: "status", status: 500 },
    "a fault at the customer": { path: /customers/, kind: "cut", isAfter: true },
  };
  for (const [name, fault] of Object.entries(passing)) {
    await t.step(`${name}: a second call, one payment`, async () => {
      const before = stripe.count("checkout.session");
      stripe.faults.push(fault);
      const { status, body } = await placeTopUp(app, token);
      assertEquals(status, 201);
      assert(body.data.payment.payUrl);
      assertEquals(stripe.count("checkout.session"), before + 1);
      stripe.faults.length = 0;
    });
  }
  assertEquals(stripe.count("customer"), 1);
  for (const status of [503, 401]) {
    await t.step(`${status} again and again: pending, then a job starts it`, async () => {
      stripe.faults.push({ path: CREATE_SESSION, kind: "status", status, times: 4 });
      const { body } = await placeTopUp(app, token);
      assertEquals([body.data.status, body.data.payment], ["pending", null]);
      for (let n = 0; n < 5; n++) await app.services.money.resumePayments();
      const [row] = await app.database.sql<{ reference: string | null }[]>`
        select gateway_reference as reference from orders where id = ${body.data.id}`;
      assert(row?.reference);
      assertEquals((await app.deliver(stripe.pay(row.reference))).status, 200);
      assertEquals(await statusOf(app, body.data.id), "fulfilled");
    });
  }
  await t.step("402: told at once, and the order fails with the reason", async () => {
    const error = { code: "card_declined", "decline_code": "do_not_honor" };
    stripe.faults.push({ path: CREATE_SESSION, kind: "status", status: 402, error, times: 2 });
    const { status, body } = await placeTopUp(app, token);
    assertEquals([status, body.error.code], [402, "PAYMENT_REFUSED"]);
    await app.services.money.resumePayments();
    const [row] = await app.database.sql<{ failure: string }[]>`
      select failure from orders where status = 'failed'`;
    assert(row!.failure.includes("do_not_honor"));
  });
  await assertBooksBalance(app.database);
});

const NEVER_OPENS = { kind: "share", percent: 100, callsMin: 1_000_000, windowMs: 1000 } as const;

Deno.test("while Stripe is away orders are taken at once, and are all started when it is back", async () => {
  await using app = await openStripeApp({ resetMs: 20 });
  const { token } = await app.person();
  const { stripe } = app;
  const away: StripeFault = { path: /./, kind: "status", status: 503, times: 1_000_000 };
  stripe.faults.push(away);
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    const { status, body } = await placeTopUp(app, token);
    assertEquals([status, body.data.status, body.data.payment], [201, "pending", null]);
    ids.push(body.data.id);
  }
  // The breaker left it alone for most of them.
  assert(stripe.calls.length < 24, `${stripe.calls.length} calls`);

  stripe.faults.length = 0;
  let waiting = ids.length;
  while (waiting > 0) {
    await app.services.money.resumePayments();
    const [row] = await app.database.sql<{ count: number }[]>`
      select count(*) as count from orders where gateway_reference is null`;
    waiting = Number(row!.count);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(stripe.count("checkout.session"), ids.length);
});

Deno.test("a payout that timed out after it was sent is sent once; one refused gives the money back once", async () => {
  await using app = await openStripeApp({ rule: NEVER_OPENS });
  const { stripe, call, deliver, walletOf } = app;
  const [payer, finance] = [await app.person(), await app.person("finance", "Olavi")];
  const { reference } = await app.topUp(payer, "90.00");
  await deliver(stripe.pay(reference));
  await app.connectAccount(payer);
  const withdraw = async () => {
    const body = { kind: "withdrawal", currency: "EUR", amount: "30.00" };
    const { body: placed } = await call("POST", "/orders", { token: payer.token, body });
    const approval = { status: "paid", reason: "Known" };
    const id: string = placed.data.id;
    await call("PUT", `/orders/${id}`, { token: finance.token, body: approval });
    return id;
  };

  stripe.faults.push({ path: TRANSFERS, kind: "status", status: 500, times: 1 });
  stripe.faults.push({ path: TRANSFERS, kind: "cut", isAfter: true, times: 3 });
  const cut = await withdraw();
  for (let n = 0; n < 4; n++) await app.services.money.resumePayments();
  assertEquals(stripe.count("transfer"), 1);
  const transfer = [...stripe.objects.values()].find(({ object }) => object === "transfer")!;
  await deliver(stripe.event("transfer.created", transfer));
  assertEquals(await statusOf(app, cut), "fulfilled");

  // Only the call that sends is refused.
  const error = { code: "account_invalid" };
  const refuse = { path: TRANSFERS, kind: "status", status: 400, error } as const;
  stripe.faults.push({ ...refuse, times: 1 });
  const refused = await withdraw();
  for (let n = 0; n < 3; n++) await app.services.money.resumePayments();
  assertEquals([await statusOf(app, refused), await walletOf(payer)], ["failed", "6000"]);
  assertEquals(stripe.count("transfer"), 1);

  // An empty balance at Stripe is the operator's to mend: it waits.
  stripe.faults.push({ ...refuse, error: { code: "balance_insufficient" }, times: 1 });
  const late = await withdraw();
  assertEquals(await statusOf(app, late), "paid");
  await app.services.money.resumePayments();
  assertEquals(stripe.count("transfer"), 2);
  await assertBooksBalance(app.database);
});

Deno.test("an event that could not be booked when it came is booked later, one sent at once by many once", async () => {
  await using app = await openStripeApp({ rule: NEVER_OPENS }, "intent");
  const { stripe, deliver, walletOf } = app;
  const payer = await app.person();
  const { reference } = await app.topUp(payer, "10.00");
  const captured = stripe.pay(reference);
  const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(captured)));
  assertEquals(answers.filter(({ status }) => status !== 200), []);
  assertEquals(await walletOf(payer), "1000");

  const refund = { currency: "eur", amount: 400, "payment_intent": reference, status: "succeeded" };
  const refunded = stripe.event("refund.updated", { id: "re_1", ...refund });
  stripe.faults.push({ path: /payment_intents/, kind: "status", status: 503, times: 2 });
  assertEquals((await deliver(refunded)).status, 503);
  assertEquals(await walletOf(payer), "1000");
  assertEquals((await deliver(refunded)).status, 200);
  assertEquals(await walletOf(payer), "600");

  // As after a crash between storing and booking.
  const again = stripe.event("refund.updated", { id: "re_2", ...refund });
  await deliver(again);
  await app.database.sql`
    update gateway_events set handled_at = null where event_id = ${again.id}`;
  await app.database.sql`
    insert into gateway_events (gateway, event_id, type, events, received_at)
    select gateway, 'evt_lost', type, replace(events::text, 're_2', 're_3')::jsonb, received_at
    from gateway_events where event_id = ${again.id}`;
  app.time.advance(2 * MINUTE_MS);
  assertEquals((await app.services.jobs.runDue()).failed.map(({ name }) => name), [
    // The third refund was never in Stripe's own books.
    "money.check_books",
  ]);
  const [row] = await app.database.sql<{ count: number }[]>`
    select count(*) as count from gateway_events where handled_at is null`;
  assertEquals(Number(row!.count), 0);
  assertEquals(await walletOf(payer), "0");
  await assertBooksBalance(app.database);
});

Deno.test("a storm of payments, refunds and disputes, shuffled and repeated: equal books on both sides", async () => {
  for (const seed of [1, 2, 3]) await storm(seed);
});

async function storm(seed: number): Promise<void> {
  await using app = await openStripeApp({ rule: NEVER_OPENS }, "intent");
  const { stripe, deliver } = app;
  const chance = createRandom(seed);
  const people = [await app.person(), await app.person(), await app.person()];
  const events: unknown[] = [];
  for (let n = 0; n < 30; n++) {
    if (chance() < 0.3) {
      const kind = chance() < 0.5 ? "cut" : "status";
      stripe.faults.push({ path: /payment_intents$/, kind, isAfter: chance() < 0.5 });
    }
    const { reference } = await app.topUp(people[n % 3]!, "10.00");
    if (chance() < 0.2) continue;
    events.push(stripe.pay(reference));
    const about = { currency: "eur", "payment_intent": reference };
    if (chance() < 0.3) {
      const amount = 100 + Math.floor(chance() * 300);
      stripe.book("refund", -amount);
      const refund = { ...about, id: `re_${n}`, amount };
      events.push(stripe.event("refund.created", { ...refund, status: "succeeded" }));
      if (chance() < 0.4) {
        stripe.book("refund_failure", amount);
        events.push(stripe.event("refund.failed", { ...refund, status: "failed" }));
      }
    }
    if (chance() < 0.3) {
      const dispute = { ...about, id: `dp_${n}`, amount: 500, reason: "general" };
      stripe.book("adjustment", -500);
      events.push(stripe.event("charge.dispute.created", { ...dispute, status: "needs_response" }));
      if (chance() < 0.5) {
        stripe.book("adjustment", 500);
        events.push(stripe.event("charge.dispute.closed", { ...dispute, status: "won" }));
      }
    }
  }
  const sent = [...events, ...events].map((event) => ({ event, at: chance() }))
    .sort((a, b) => a.at - b.at);
  for (let from = 0; from < sent.length; from += 8) {
    const wave = sent.slice(from, from + 8).map(({ event }) => deliver(event));
    for (const { status } of await Promise.all(wave)) assertEquals(status, 200);
  }
  await assertBooksBalance(app.database);
  await app.services.books.checkBooks();
}

Deno.test("an order that a driver breaks at keeps no other waiting, and the job tells", async () => {
  const gateway = createFakeGateway();
  gateway.isAway = true;
  await using app = await openTestApp({ services: { gateway } });
  const { token } = await app.person();
  const body = { kind: "top_up", currency: "EUR", amount: "12.00" };
  const [broken, fine] = [
    await app.call("POST", "/orders", { token, body }),
    await app.call("POST", "/orders", { token, body }),
  ];
  gateway.isAway = false;
  const create = gateway.createPayment;
  gateway.createPayment = (request) => {
    if (request.orderId === broken.body.data.id) return Promise.reject(new RangeError("A bug"));
    return create(request);
  };

  await assertRejects(
    () => app.services.money.resumePayments(),
    AggregateError,
    "1 of 2 cannot go on, the first: A bug",
  );

  assertEquals(gateway.payments.map(({ orderId }) => orderId), [fine.body.data.id]);
});

Deno.test("an account that changed while Stripe was away is asked for later, and nobody else's account is touched", async () => {
  await using app = await openStripeApp({ rule: NEVER_OPENS });
  const { stripe, call, deliver, database } = app;
  const payer = await app.person();
  const opened = await call("POST", `/users/${payer.userId}/payout-account/connect`, {
    token: payer.token,
  });
  const account = stripe.objects.get(opened.body.data.account)!;
  const stored = async () => {
    const [row] = await database.sql<{ state: string }[]>`
      select payout_state as state from gateway_users where user_id = ${payer.userId}`;
    return row!.state;
  };

  Object.assign(account, { capabilities: { transfers: "active" }, "payouts_enabled": true });
  stripe.faults.push({ path: /^\/v1\/accounts\//, kind: "status", status: 500, times: 2 });
  assertEquals((await deliver(stripe.event("account.updated", account))).status, 503);
  assertEquals(await stored(), "pending");
  app.time.advance(2 * MINUTE_MS);
  await app.services.jobs.runDue();
  assertEquals(await stored(), "ready");

  // Nobody's here: another platform's, or one that was replaced.
  const stranger = { ...account, id: "acct_of_somebody" };
  assertEquals((await deliver(stripe.event("account.updated", stranger))).status, 200);
  Object.assign(account, { capabilities: { transfers: "inactive" } });
  Object.assign(account, { requirements: { "disabled_reason": "rejected.fraud" } });
  await deliver(stripe.event("account.updated", account));
  assertEquals(await stored(), "restricted");
});
