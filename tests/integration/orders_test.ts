/** Orders over the services: placed, paid by a gateway, decided by finance. */

import { assertEquals, assertRejects } from "@std/assert";
import { CompetitionInput as Input } from "@/contracts/competitions.ts";
import type { OrderInput } from "@/contracts/orders.ts";
import { OrderInput as OrderSchema } from "@/contracts/orders.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { createManualTime } from "../support/manual_time.ts";
import {
  addPayers,
  assertBooksBalance,
  connectPayouts,
  createTestLedger,
  walletOf,
} from "../support/money.ts";
import { openTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const DAY_MS = 86_400_000;
const PAGE = { "page": 1, "page_size": 20 };

async function open() {
  const gateway = createFakeGateway();
  const buyers = createFakeBuyers();
  const time = createManualTime();
  const test = await openTestServices(time, { gateway, buyers });
  const money = createTestLedger(test.database, time);
  const staff = async (role: "finance" | "organiser") =>
    userActor(await createUser(test.database, { role }), { role });
  const organiser = await staff("organiser");
  const member = async (amountMinor = 0n) => {
    const [userId] = await addPayers(test.database, 1, { ...money, amountMinor });
    return userActor(userId!);
  };
  async function competition(part: Partial<Input> = {}): Promise<string> {
    const { id } = await test.services.competitions.create(
      organiser,
      Input.parse({
        name: "Paid Cup",
        startsAt: new Date(time.now() + DAY_MS).toISOString(),
        endsAt: new Date(time.now() + 8 * DAY_MS).toISOString(),
        scoring: { kind: "direct" },
        entryFee: { currency: "EUR", amount: "5.00" },
        ...part,
      }),
    );
    await test.services.competitions.publish(organiser, id);
    return id;
  }
  return {
    ...test,
    ...money,
    gateway,
    buyers,
    organiser,
    finance: await staff("finance"),
    member,
    competition,
  };
}

/** An identity provider in the hand of a test. */
function createFakeBuyers() {
  const fake = {
    state: "there" as "there" | "away" | "refusing",
    check(): Promise<void> {
      if (fake.state === "there") return Promise.resolve();
      const code = fake.state === "away" ? "CIRCUIT_OPEN" : "FORBIDDEN";
      return Promise.reject(new DomainError(code, "Cannot buy: the buyer is not known"));
    },
  };
  return fake;
}

const order = (input: unknown): OrderInput => OrderSchema.parse(input);
const topUp = order({ kind: "top_up", currency: "EUR", amount: "20.00" });

async function assertCode(run: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  assertEquals((await assertRejects(run, DomainError)).code, code);
}

Deno.test("orders through the gateway", async (t) => {
  await using world = await open();
  const { orders, payments, money } = world.services;
  const { gateway } = world;
  const mira = await world.member();

  await t.step("a top-up is pending until captured, and captured once", async () => {
    const placed = await orders.place(mira, topUp, { idempotencyKey: "k1" });
    const again = await orders.place(mira, topUp, { idempotencyKey: "k1" });
    await payments.handle(gateway.event("captured", placed));
    await Promise.all(
      Array.from({ length: 5 }, () => payments.handle(gateway.event("captured", placed))),
    );

    assertEquals([placed.status, placed.payment?.isTestMoney], ["pending", true]);
    assertEquals([again.id, gateway.payments.length], [placed.id, 1]);
    assertEquals((await orders.get(mira, placed.id)).status, "fulfilled");
    assertEquals(await world.wallet(mira.userId), 2000n);
    await assertCode(
      () => orders.place(mira, { ...topUp, note: "other" }, { idempotencyKey: "k1" }),
      "CONFLICT",
    );
  });

  await t.step("while the gateway is away orders wait, and a job asks again", async () => {
    gateway.isAway = true;
    const placed = await orders.place(mira, topUp);
    assertEquals([placed.status, placed.payment], ["pending", null]);
    gateway.isAway = false;
    await money.resumePayments();

    assertEquals(gateway.payments.at(-1)?.orderId, placed.id);
    const cancelled = await orders.cancel(mira, placed.id);
    assertEquals([cancelled.status, gateway.cancelled], ["cancelled", [`pay_${placed.id}`]]);
    // Paid all the same: the money is in the wallet.
    await payments.handle(gateway.event("captured", placed));
    assertEquals((await orders.get(mira, placed.id)).status, "fulfilled");
    assertEquals(await world.wallet(mira.userId), 4000n);
  });

  await t.step("a failed payment, and one of another amount", async () => {
    const failing = await orders.place(mira, topUp);
    await payments.handle(gateway.event("payment_failed", failing, { reason: "Card declined" }));
    const odd = await orders.place(mira, topUp);
    await payments.handle(gateway.event("captured", odd, { amountMinor: 1n }));

    assertEquals((await orders.get(mira, failing.id)).failure, "Card declined");
    assertEquals((await orders.get(mira, odd.id)).status, "failed");
    assertEquals(await world.wallet(mira.userId), 4001n);
  });

  await t.step("a dispute takes the money back, beyond the wallet as a debt", async () => {
    const bob = await world.member();
    const placed = await orders.place(bob, topUp);
    await payments.handle(gateway.event("captured", placed));
    const spent = await world.competition({
      entryFee: { currency: "EUR", amount: "15.00" } as never,
    });
    await world.services.competitions.join(bob, spent, {});
    await payments.handle(gateway.event("disputed", placed));
    const debt = { kind: "receivable" as const, userId: bob.userId, currency: "EUR" };
    assertEquals([await world.wallet(bob.userId), await world.balance(debt)], [0n, -1500n]);

    // What comes in next settles it first.
    const next = await orders.place(bob, topUp);
    await payments.handle(gateway.event("captured", next));
    assertEquals([await world.wallet(bob.userId), await world.balance(debt)], [500n, 0n]);
  });

  await t.step("an entry by gateway is entered when paid, or refunded when full", async () => {
    const id = await world.competition({ capacity: 1 });
    const buyers = [await world.member(), await world.member()];
    const input = order({ kind: "entry", competitionId: id, method: "gateway" });
    const placed = await Promise.all(buyers.map((buyer) => orders.place(buyer, input)));
    for (const one of placed) await payments.handle(gateway.event("captured", one));

    const done = await Promise.all(placed.map((one, at) => orders.get(buyers[at]!, one.id)));
    assertEquals(done.map(({ status }) => status), ["fulfilled", "refunded"]);
    assertEquals(done[1]!.failure, 'Cannot join competition "Paid Cup": it is full');
    assertEquals(await Promise.all(buyers.map(({ userId }) => world.wallet(userId))), [0n, 500n]);
  });

  await t.step(
    "what was shown when ordering counts when paid; who is refused then is refunded",
    async () => {
      const id = await world.competition({
        visibility: "invite",
        entryConditions: { minimumAge: 16, acceptRules: true },
      });
      const { code } = await world.services.invites.create(world.organiser, id, { usesMax: 1 });
      const buyers = [await world.member(), await world.member(), await world.member()];
      for (const buyer of buyers) {
        await world.services.users.changeProfile(buyer, buyer.userId, { birthDate: "2000-01-01" });
      }
      const entry = { kind: "entry", competitionId: id, method: "gateway" };
      const input = order({ ...entry, inviteCode: code, accept: { rules: true } });
      await assertCode(
        () => orders.place(buyers[0]!, order({ ...entry, inviteCode: code })),
        "ENTRY_REFUSED",
      );
      const placed = await Promise.all(buyers.map((buyer) => orders.place(buyer, input)));
      const [young] = buyers;
      await world.services.users.changeProfile(young!, young!.userId, { birthDate: "2015-01-01" });
      for (const one of placed) await payments.handle(gateway.event("captured", one));

      const done = await Promise.all(placed.map((one, at) => orders.get(buyers[at]!, one.id)));
      assertEquals(done.map(({ status, failure }) => [status, failure?.split(": ")[1] ?? null]), [
        ["refunded", "a condition is not met (At least 16 years old)"],
        ["fulfilled", null],
        ["refunded", "the invite was used up"],
      ]);
      const [row] = await world.database.sql`
      select consents is not null as "hasAgreed", invite_id is not null as "isInvited"
      from participants where competition_id = ${id}`;
      assertEquals({ ...row }, { hasAgreed: true, isInvited: true });
    },
  );
  await assertBooksBalance(world.database);
});

Deno.test("withdrawals reserve, are approved or rejected, sent or come back", async (t) => {
  await using world = await open();
  const { orders, payments, audit, notices } = world.services;
  const { gateway, finance } = world;

  await t.step("50 withdrawals of 60 % of a balance reserve one", async () => {
    const mira = await world.member(1000n);
    const input = order({ kind: "withdrawal", currency: "EUR", amountMinor: 600 });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => orders.place(mira, input)),
    );

    assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
    assertEquals(await world.ledger.balance(world.database, walletOf(mira.userId)), {
      balanceMinor: 1000n,
      reservedMinor: 600n,
    });
    const { items, total } = await orders.list(mira, PAGE);
    assertEquals([items[0]?.status, total], ["pending", 1]);
  });

  await t.step("approved, sent, reported as paid; each once", async () => {
    const mira = await world.member(1000n);
    await connectPayouts(world.database, [mira.userId]);
    const input = order({ kind: "withdrawal", currency: "EUR", amountMinor: 600 });
    const placed = await orders.place(mira, input);
    await assertCode(
      () => orders.change(mira, placed.id, { status: "paid", reason: "please" }),
      "FORBIDDEN",
    );
    gateway.isAway = true;
    await orders.change(finance, placed.id, { status: "paid", reason: "Checked" });
    gateway.isAway = false;
    await world.services.money.resumePayments();
    await payments.handle(gateway.event("payout_paid", placed));
    await payments.handle(gateway.event("payout_paid", placed));

    assertEquals(gateway.payouts.map(({ orderId }) => orderId), [placed.id]);
    assertEquals((await orders.get(mira, placed.id)).status, "fulfilled");
    assertEquals(await world.wallet(mira.userId), 400n);
    const admin = userActor(await createUser(world.database), { role: "admin" });
    const rows = await audit.list(admin, { ...PAGE, action: "order.paid" });
    assertEquals(rows.items.map(({ targetId, reason }) => [targetId, reason]), [
      [placed.id, "Checked"],
    ]);
    // It came back all the same, days later.
    await payments.handle(gateway.event("payout_failed", placed, { reason: "No such account" }));
    assertEquals((await orders.get(mira, placed.id)).status, "refunded");
    assertEquals(await world.wallet(mira.userId), 1000n);
    const told = await notices.list(mira, mira.userId, PAGE);
    assertEquals(told.items.map(({ kind }) => kind), [
      "order.refunded",
      "withdrawal.sent",
      "withdrawal.approved",
      "withdrawal.requested",
    ]);
    assertEquals(await notices.markRead(mira, mira.userId, { upTo: told.items[1]!.id }), {
      marked: 3,
    });
  });

  await t.step("rejected and cancelled ones free what they reserved", async () => {
    const mira = await world.member(1000n);
    const input = order({ kind: "withdrawal", currency: "EUR", amountMinor: 600 });
    const first = await orders.place(mira, input);
    await orders.change(finance, first.id, { status: "failed", reason: "Name differs" });
    const second = await orders.place(mira, input);
    await orders.cancel(mira, second.id);

    await assertCode(() => orders.cancel(mira, second.id), "ORDER_STATE");
    assertEquals(await world.ledger.balance(world.database, walletOf(mira.userId)), {
      balanceMinor: 1000n,
      reservedMinor: 0n,
    });
  });
  await assertBooksBalance(world.database);
});

Deno.test("orders of the wallet, and who sees whose", async () => {
  await using world = await open();
  const { orders } = world.services;
  const id = await world.competition();
  const [mira, odd] = [await world.member(500n), await world.member()];
  const entry = order({ kind: "entry", competitionId: id });

  const placed = await orders.place(mira, entry, { idempotencyKey: "join" });
  const again = await orders.place(mira, entry, { idempotencyKey: "join" });
  await assertCode(() => orders.place(odd, entry), "INSUFFICIENT_FUNDS");
  await assertCode(() => orders.get(odd, placed.id), "FORBIDDEN");
  await assertCode(() => orders.list(odd, { ...PAGE, user: mira.userId }), "FORBIDDEN");
  const refunded = await orders.change(world.finance, placed.id, {
    status: "refunded",
    reason: "Injured",
  });

  assertEquals([placed.status, again.id], ["fulfilled", placed.id]);
  assertEquals([refunded.status, await world.wallet(mira.userId)], ["refunded", 500n]);
  const all = await orders.list(world.finance, { ...PAGE, user: mira.userId, status: "refunded" });
  assertEquals(all.items.map((one) => one.id), [placed.id]);
  assertEquals((await orders.list(odd, PAGE)).total, 0);
  assertEquals((await orders.change(mira, placed.id, { note: "Next year" })).note, "Next year");
  await assertBooksBalance(world.database);
});

Deno.test("placing an entry again after its fee was given back answers the refunded order", async () => {
  await using world = await open();
  const { services, member, competition, finance, wallet } = world;
  const mira = await member(500n);
  const competitionId = await competition();
  const entry = order({ kind: "entry", competitionId });
  const first = await services.orders.place(mira, entry);
  const change = { status: "refunded", reason: "Goodwill" } as const;
  await services.orders.change(finance, first.id, change);

  // Still in, so that nothing is to be paid.
  const again = await services.orders.place(mira, entry, { idempotencyKey: "again" });
  const repeated = await services.orders.place(mira, entry, { idempotencyKey: "again" });

  assertEquals([again.id, again.status], [first.id, "refunded"]);
  assertEquals(repeated.id, first.id);
  assertEquals(await wallet(mira.userId), 500n);
});

Deno.test("while nobody can tell who buys, orders wait; then they are finished or given up", async () => {
  await using world = await open();
  const { orders, money } = world.services;
  const { buyers, gateway } = world;
  const id = await world.competition();
  const [mira, odd, zoe] = [
    await world.member(500n),
    await world.member(),
    await world.member(500n),
  ];
  const entry = order({ kind: "entry", competitionId: id });

  buyers.state = "away";
  const waiting = [
    await orders.place(mira, entry),
    await orders.place(odd, entry),
    await orders.place(odd, topUp),
  ];
  await money.resumePayments();
  assertEquals(waiting.map(({ status, payment }) => [status, payment]), [
    ["pending", null],
    ["pending", null],
    ["pending", null],
  ]);
  assertEquals([await world.wallet(mira.userId), gateway.payments.length], [500n, 0]);
  buyers.state = "there";
  await money.resumePayments();

  const read = async (one: typeof waiting[number]) =>
    (await orders.get(world.finance, one.id)).status;
  assertEquals(await Promise.all(waiting.map(read)), ["fulfilled", "failed", "pending"]);
  assertEquals(gateway.payments.map(({ orderId }) => orderId), [waiting[2]!.id]);
  assertEquals(await world.wallet(mira.userId), 0n);
  buyers.state = "refusing";
  await assertCode(() => orders.place(zoe, entry), "FORBIDDEN");
  assertEquals((await orders.list(zoe, PAGE)).total, 0);
  await assertBooksBalance(world.database);
});
