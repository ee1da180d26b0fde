/** Money that comes back in parts, or by a gateway that is not the one it went by. */

import { assertEquals, assertRejects } from "@std/assert";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { assertBooksBalance, connectPayouts, walletOf } from "../support/money.ts";
import { openMoneyDesk } from "../support/money_desk.ts";

type Desk = Awaited<ReturnType<typeof openMoneyDesk>>;

const codeOf = async (work: Promise<unknown>) =>
  (await assertRejects(() => work, DomainError)).code;

/** Where the order stands, what the wallet holds, and how much of that is set aside. */
async function stateOf(desk: Desk, member: UserActor, orderId: string) {
  const { status } = await desk.services.orders.get(desk.finance, orderId);
  const wallet = await desk.money.ledger.balance(desk.database, walletOf(member.userId));
  return [status, wallet.balanceMinor, wallet.reservedMinor];
}

Deno.test("what comes back in parts is booked by its parts", async (t) => {
  await using desk = await openMoneyDesk();
  const { gateway, finance, services: { payments, orders, paymentRefunds, notices } } = desk;

  await t.step("a payout that comes back in two parts, told in any order and twice", async () => {
    const member = await desk.member();
    await desk.topUp(member, 1000);
    const order = await desk.place(member, { kind: "withdrawal", amountMinor: 1000 });
    await orders.change(finance, order.id, { status: "paid", reason: "Known" });
    const part = (reference: string, amountMinor: bigint) =>
      gateway.event("payout_returned", order, { reference, amountMinor });

    await payments.handle(gateway.event("payout_paid", order));
    for (let n = 0; n < 2; n++) await payments.handle(part("trr_2", 700n));
    assertEquals(await stateOf(desk, member, order.id), ["fulfilled", 700n, 0n]);
    assertEquals((await orders.get(member, order.id)).failure, "7.00 EUR of it came back");
    for (const event of [part("trr_1", 300n), part("trr_2", 700n), part("trr_1", 300n)]) {
      await payments.handle(event);
    }

    assertEquals(await stateOf(desk, member, order.id), ["refunded", 1000n, 0n]);
    const told = await notices.list(member, member.userId, { "page": 1, "page_size": 2 });
    assertEquals(told.items.map(({ kind, payload }) => [kind, payload.amount]), [
      ["order.refunded", "10.00"],
      ["order.part_returned", "7.00"],
    ]);
  });

  await t.step(
    "a payment of which a part went back stays, and the rest is given back",
    async () => {
      const member = await desk.member();
      const order = await desk.topUp(member, 1000);
      const refunded = (reference: string, amountMinor: bigint) =>
        payments.handle(gateway.event("refunded", order, { reference, amountMinor }));
      const asked: bigint[] = [];
      const { refund } = gateway;
      gateway.refund = (request) => {
        asked.push(request.amountMinor);
        return refund(request);
      };

      await refunded("re_1", 300n);
      assertEquals(await stateOf(desk, member, order.id), ["fulfilled", 700n, 0n]);
      await paymentRefunds.refundPayment(finance, order.id, { reason: "Goodwill" });
      assertEquals([asked, await stateOf(desk, member, order.id)], [
        [700n],
        ["fulfilled", 700n, 700n],
      ]);
      await refunded("re_2", 700n);
      gateway.refund = refund;

      assertEquals(await stateOf(desk, member, order.id), ["refunded", 0n, 0n]);
    },
  );
  await assertBooksBalance(desk.database);
});

Deno.test("another gateway takes the place of the one that money came by", async (t) => {
  await using desk = await openMoneyDesk();
  const { gateway, finance, services: { payments, orders, paymentRefunds, withdrawals } } = desk;
  const replace = (name: string) => Object.assign(gateway, { name, isTestMoney: name === "test" });
  const refund = async (member: UserActor) => {
    const order = await desk.topUp(member, 1000);
    await paymentRefunds.refundPayment(finance, order.id, { reason: "Goodwill" });
    return order;
  };
  const [left, stayed] = [await desk.member(), await desk.member()];
  const [gone, kept] = [await refund(left), await refund(stayed)];
  const open = await desk.place(stayed, { kind: "top_up", amountMinor: 400 });
  const decide = (id: string, outcome: "returned" | "kept") =>
    paymentRefunds.decideRefund(finance, id, { outcome, reason: "In the old books" });
  assertEquals(await codeOf(decide(gone.id, "returned")), "ORDER_STATE");
  replace("stripe");

  await t.step("finance says what became of refunds that were under way", async () => {
    assertEquals(await paymentRefunds.resumeRefunds(), 0);
    assertEquals(
      await codeOf(paymentRefunds.decideRefund(left, gone.id, {
        ...{ outcome: "kept", reason: "Mine" },
      })),
      "FORBIDDEN",
    );
    await decide(gone.id, "returned");
    await decide(kept.id, "kept");

    assertEquals(await stateOf(desk, left, gone.id), ["refunded", 0n, 0n]);
    assertEquals(await stateOf(desk, stayed, kept.id), ["fulfilled", 1000n, 0n]);
    assertEquals(await codeOf(decide(gone.id, "kept")), "ORDER_STATE");
    // The old gateway is heard of once more.
    await payments.handle(gateway.event("refunded", gone, { reference: "re_late" }));
    assertEquals(await stateOf(desk, left, gone.id), ["refunded", 0n, 0n]);
  });

  await t.step("an open order is paid at the new one, and can be given back there", async () => {
    await orders.resume(stayed, open.id);
    await payments.handle(gateway.event("captured", open, { gateway: "stripe" }));
    const refunding = await paymentRefunds.refundPayment(finance, open.id, { reason: "Goodwill" });

    assertEquals([refunding.gateway, refunding.isRefunding], ["stripe", true]);
  });

  await t.step("test money leaves as real money nowhere", async () => {
    const { id } = await desk.place(stayed, { kind: "withdrawal", amountMinor: 100 });
    const approve = () => orders.change(finance, id, { status: "paid", reason: "Known" });
    assertEquals(await codeOf(approve()), "CONFLICT");
    await desk.services.books.adjust(finance, {
      ...{ currency: "EUR", amountMinor: "900", reference: "test money", reason: "It was play" },
      from: { kind: "wallet", userId: stayed.userId },
      to: { kind: "clearing", gateway: "test" },
    });
    assertEquals(await codeOf(approve()), "CONFLICT");
    replace("test");

    assertEquals((await approve()).status, "paid");
    replace("stripe");
    const byHand = withdrawals.markSent(finance, id, { reference: "SEPA 1" });
    assertEquals(await codeOf(byHand), "CONFLICT");
    await connectPayouts(desk.database, [stayed.userId], "stripe");
    await payments.resume();
    assertEquals([gateway.payouts.length, (await orders.get(finance, id)).status], [0, "paid"]);
  });
  await assertBooksBalance(desk.database);
});

Deno.test("nobody of finance decides alone about their own money", async () => {
  await using desk = await openMoneyDesk();
  const { finance, services: { orders, books, audit } } = desk;
  const approve = (id: string) => orders.change(finance, id, { status: "paid", reason: "Mine" });
  const adjust = (reference: string) =>
    books.adjust(finance, {
      ...{ currency: "EUR", amountMinor: "100", reference, reason: "Mine" },
      from: { kind: "clearing", gateway: "manual" },
      to: { kind: "wallet", userId: finance.userId },
    });
  await desk.topUp(finance, 1000);
  const [first, second] = [
    await desk.place(finance, { kind: "withdrawal", amountMinor: 300 }),
    await desk.place(finance, { kind: "withdrawal", amountMinor: 300 }),
  ];

  assertEquals((await approve(first.id)).status, "paid");
  const admin = await desk.staff("admin");
  assertEquals(await codeOf(approve(second.id)), "FORBIDDEN");
  assertEquals(await codeOf(adjust("mine")), "FORBIDDEN");
  await orders.change(admin, second.id, { status: "paid", reason: "Known" });

  const query = { "page": 1, "page_size": 20, action: "order.paid" };
  const rows = await audit.list(admin, query);
  assertEquals(rows.items.map(({ actorId }) => actorId), [admin.userId, finance.userId]);
});
