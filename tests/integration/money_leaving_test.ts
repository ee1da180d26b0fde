/** Money that leaves is promised once: to a withdrawal, to a refund, to one way out. */

import { assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { assertBooksBalance, connectPayouts, walletOf } from "../support/money.ts";
import { openMoneyDesk } from "../support/money_desk.ts";
import { createUser, userActor } from "../support/users.ts";

const codeOf = async (work: Promise<unknown>) =>
  (await assertRejects(() => work, DomainError)).code;

Deno.test("money is given back, and sent, from what nobody else was promised", async (t) => {
  await using test = await openMoneyDesk();
  const { gateway, finance, services, money } = test;
  const refund = (id: string) =>
    services.paymentRefunds.refundPayment(finance, id, { reason: "Goodwill" });

  await t.step("a refund leaves alone what a withdrawal reserved", async () => {
    const member = await test.member();
    const order = await test.topUp(member, 1000);
    await test.place(member, { kind: "withdrawal", amountMinor: 600 });

    assertEquals(await codeOf(refund(order.id)), "INSUFFICIENT_FUNDS");
    assertEquals(await money.wallet(member.userId), 1000n);
  });

  await t.step("while a refund is under way its money cannot be spent", async () => {
    const member = await test.member();
    const order = await test.topUp(member, 1000);
    await refund(order.id);

    const withdrawal = test.place(member, { kind: "withdrawal", amountMinor: 1 });
    assertEquals(await codeOf(withdrawal), "INSUFFICIENT_FUNDS");
    await services.payments.handle(
      gateway.event("refunded", order, { reference: `refund_${order.id}` }),
    );
    assertEquals(await money.ledger.balance(test.database, walletOf(member.userId)), {
      balanceMinor: 0n,
      reservedMinor: 0n,
    });
    const debts = await test.database.sql`
      select 1 from ledger_accounts where kind = 'receivable' and user_id = ${member.userId}`;
    assertEquals(debts.length, 0);
    assertEquals((await services.orders.get(finance, order.id)).status, "refunded");
  });

  await t.step("what the gateway is just sending is not sent by hand as well", async () => {
    const member = await test.member();
    await connectPayouts(test.database, [member.userId]);
    await test.topUp(member, 1000);
    const { id } = await test.place(member, { kind: "withdrawal", amountMinor: 400 });
    const answer = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { payout } = gateway;
    gateway.payout = async (request) => {
      asked.resolve();
      await answer.promise;
      return await payout(request);
    };
    const approved = services.orders.change(finance, id, { status: "paid", reason: "Known" });
    await asked.promise;

    const byHand = services.withdrawals.markSent(finance, id, { reference: "SEPA 1" });
    const code = await codeOf(byHand);
    answer.resolve();
    await approved;
    gateway.payout = payout;

    assertEquals(code, "ORDER_STATE");
    assertEquals(gateway.payouts.length, 1);
  });

  await t.step("whoever's account finance names is told, once; the audit has both", async () => {
    const member = await test.member();
    const { payoutAccounts, notices, audit } = services;
    for (let n = 0; n < 2; n++) {
      await payoutAccounts.set(finance, member.userId, { account: "acct_named" });
    }

    const page = { "page": 1, "page_size": 20 };
    const told = await notices.list(member, member.userId, page);
    assertEquals(told.items.map(({ kind }) => kind), ["payout_account.changed"]);
    const admin = userActor(await createUser(test.database, { role: "admin" }), { role: "admin" });
    const rows = await audit.list(admin, { ...page, action: "payout_account.set" });
    assertEquals(rows.items.map(({ before, after }) => [before, after]), [
      [{ account: "acct_named" }, { account: "acct_named" }],
      [{ account: null }, { account: "acct_named" }],
    ]);
  });

  await t.step("words that finance puts on somebody's order stand in the audit", async () => {
    const member = await test.member();
    const { id } = await test.place(member, { kind: "top_up", amountMinor: 100 });
    await services.orders.change(member, id, { note: "Mine" });
    await services.orders.change(finance, id, { note: "Looked at" });

    const admin = userActor(await createUser(test.database, { role: "admin" }), { role: "admin" });
    const query = { "page": 1, "page_size": 20, targetId: id };
    const { items } = await services.audit.list(admin, query);
    assertEquals(items.map(({ action, before, after }) => [action, before, after]), [
      ["order.note", { note: "Mine" }, { note: "Looked at" }],
    ]);
  });

  await assertBooksBalance(test.database);
});
