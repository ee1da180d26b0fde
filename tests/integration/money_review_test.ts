/** Money that arrives late, moves that others stand on, and faults that must not spread. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { AdjustmentRequest } from "@/contracts/ledger.ts";
import { OrderInput } from "@/contracts/orders.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { assertBooksBalance } from "../support/money.ts";
import { createPaidWorld } from "../support/paid_competition.ts";
import { openTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

async function open() {
  const gateway = createFakeGateway();
  const test = await openTestServices(undefined, { gateway });
  const world = await createPaidWorld(test);
  const finance = userActor(await createUser(test.database, { role: "finance" }), {
    role: "finance",
  });
  const { orders, payments } = test.services;
  return {
    ...test,
    ...world,
    gateway,
    finance,
    place: (actor: UserActor, body: Record<string, unknown>) =>
      orders.place(actor, OrderInput.parse(body)),
    captured: (order: { id: string; amountMinor: string }) =>
      payments.handle(gateway.event("captured", order)),
  };
}

const codeOf = async (work: Promise<unknown>) =>
  (await assertRejects(() => work, DomainError)).code;

Deno.test("money that nobody waits for any more is in the wallet", async (t) => {
  await using world = await open();
  const { services, finance, gateway } = world;

  await t.step("paid after the order was given up, and another has entered meanwhile", async () => {
    const id = await world.competition();
    const [mira] = await world.members(1);
    const first = await world.place(mira!, {
      kind: "entry",
      method: "gateway",
      competitionId: id,
    });
    await services.orders.cancel(mira!, first.id);
    const second = await world.place(mira!, { kind: "entry", competitionId: id });

    await world.captured(first);

    assertEquals(await world.wallet(mira!.userId), 500n);
    const statusOf = async (orderId: string) => (await services.orders.get(mira!, orderId)).status;
    assertEquals([await statusOf(first.id), await statusOf(second.id)], ["cancelled", "fulfilled"]);
  });

  await t.step(
    "free again after a withdrawal was given up, it settles first what is owed",
    async () => {
      const [mira] = await world.members(1, 0n);
      const topUp = await world.place(mira!, { kind: "top_up", currency: "EUR", amount: "10.00" });
      await world.captured(topUp);
      const withdrawal = await world.place(mira!, {
        ...{ kind: "withdrawal", currency: "EUR", amount: "8.00" },
      });
      const disputed = gateway.event("disputed", topUp, { reference: "dp_1" });
      await services.payments.handle(disputed);
      const debt = () =>
        world.balance({ kind: "receivable", userId: mira!.userId, currency: "EUR" });
      assertEquals([await world.wallet(mira!.userId), await debt()], [800n, -800n]);

      await services.orders.change(finance, withdrawal.id, {
        status: "failed",
        reason: "Disputed",
      });

      assertEquals([await world.wallet(mira!.userId), await debt()], [0n, 0n]);
    },
  );
  await t.step("a fee given back, and an adjustment, settle first what is owed", async () => {
    const id = await world.competition();
    const [mira] = await world.members(1, 0n);
    const owed = () => world.balance({ kind: "receivable", userId: mira!.userId, currency: "EUR" });
    const topUp = await world.place(mira!, { kind: "top_up", currency: "EUR", amount: "8.00" });
    await world.captured(topUp);
    const entry = await world.place(mira!, { kind: "entry", competitionId: id });
    await services.payments.handle(gateway.event("disputed", topUp, { reference: "dp_2" }));
    assertEquals([await world.wallet(mira!.userId), await owed()], [0n, -500n]);

    await services.orders.change(finance, entry.id, { status: "refunded", reason: "Goodwill" });
    assertEquals([await world.wallet(mira!.userId), await owed()], [0n, 0n]);

    await services.payments.handle(gateway.event("disputed", topUp, {
      ...{ reference: "dp_3", amountMinor: 200n },
    }));
    await services.books.adjust(finance, adjustmentTo(mira!, "3.00"));
    assertEquals([await world.wallet(mira!.userId), await owed()], [100n, 0n]);
  });
  await assertBooksBalance(world.database);
});

function adjustmentTo({ userId }: UserActor, amount: string) {
  return AdjustmentRequest.parse({
    ...{
      from: { kind: "clearing", gateway: "manual" },
      to: { kind: "wallet", userId },
      currency: "EUR",
      amount,
    },
    ...{ reason: "Goodwill", reference: crypto.randomUUID() },
  });
}

Deno.test("a move that an order or a prize stands on is not reversed behind its back", async () => {
  await using world = await open();
  const { services, finance, database } = world;
  const id = await world.competition();
  const [mira, tom] = await world.members(2);
  for (const member of [mira!, tom!]) await services.competitions.join(member, id, {});
  const [entry] = await database.sql<{ id: string }[]>`
    select id from ledger_transactions where kind = 'entry' and actor_id = ${mira!.userId}`;

  const reason = "Wrong cup";
  assertEquals(await codeOf(services.books.reverse(finance, entry!.id, { reason })), "CONFLICT");
  await services.competitions.cancel(world.admin, id, { reason: "Rain" });
  await services.money.refundAllCancelled();

  assertEquals([await world.wallet(mira!.userId), await world.wallet(tom!.userId)], [500n, 500n]);
  const adjusted = await services.books.adjust(
    finance,
    AdjustmentRequest.parse({
      from: { kind: "wallet", userId: mira!.userId },
      to: { kind: "fees" },
      currency: "EUR",
      amount: "1.00",
      reason: "By mistake",
      reference: "a-1",
    }),
  );
  await services.books.reverse(finance, adjusted.id, { reason: "It was one" });
  assertEquals(await world.wallet(mira!.userId), 500n);
  await assertBooksBalance(database);
});

Deno.test("what cannot go on keeps nothing else waiting, and the job tells", async () => {
  await using world = await open();
  const { services, finance, database, time } = world;
  // A distribution whose pool somebody emptied by hand can never be paid.
  const prizes = { tiers: [{ places: 1, shareBps: 10_000 }] };
  const { id: paid } = await world.final({ prizes }, [2, 1]);
  const [pool] = await database.sql<{ balance: string }[]>`
    select b.balance_minor::text as balance from ledger_balances b
    join ledger_accounts a on a.id = b.account_id
    where a.kind = 'pool' and a.competition_id = ${paid}`;
  await database.sql`
    insert into prize_distributions (competition_id, status, currency, pool_minor, rest_minor,
      log_seq, explanation, requested_at)
    select ${paid}, 'paying', 'EUR', ${pool!.balance}, 0, last_seq, '[]', now()
    from competitions where id = ${paid}`;
  await database.sql`
    insert into prize_payouts (competition_id, participant_id, division, user_id, rank,
      first_place, last_place, amount_minor)
    select ${paid}, id, '', user_id, 1, 1, 1, ${pool!.balance}::bigint + 1 from participants
    where competition_id = ${paid} limit 1`;
  const [late] = await world.members(1, 0n);
  world.gateway.isAway = true;
  const topUp = await world.place(late!, { kind: "top_up", currency: "EUR", amount: "10.00" });
  world.gateway.isAway = false;

  time.advance(MINUTE_MS);
  const { failed } = await services.jobs.runDue();

  assertEquals(world.gateway.payments.map(({ orderId }) => orderId), [topUp.id]);
  assert(failed.some(({ name }) => name === "money.sweep"), "the job says that something is wrong");
  assertEquals((await services.orders.get(finance, topUp.id)).status, "pending");
});

Deno.test("money at the gateway in a currency that our books never saw is told", async () => {
  await using world = await open();
  const { services, finance, gateway } = world;
  gateway.totals = () => Promise.resolve([{ currency: "SEK", amountMinor: 700n }]);

  const books = await services.books.reconciliation(finance);

  assertEquals(books.balanced, false);
  const { currency, ledgerMinor, gatewayMinor, agrees } = books.gateways.find((row) =>
    row.currency === "SEK"
  )!;
  assertEquals([currency, ledgerMinor, gatewayMinor, agrees], ["SEK", "0", "700", false]);
});

Deno.test("an account with money in it is not removed", async () => {
  await using world = await open();
  const { services, finance } = world;
  const [mira] = await world.members(1, 300n);
  const remove = () => services.users.remove(mira!, mira!.userId);

  assertEquals(await codeOf(remove()), "CONFLICT");
  const withdrawal = await world.place(mira!, {
    ...{ kind: "withdrawal", currency: "EUR", amount: "3.00" },
  });
  await services.orders.change(finance, withdrawal.id, { status: "paid", reason: "Known" });
  // The wallet is empty, and the money has not arrived.
  assertEquals(await codeOf(remove()), "CONFLICT");
  await services.withdrawals.markSent(finance, withdrawal.id, { reference: "SEPA 3" });

  await remove();

  const [row] = await world.database.sql<{ status: string }[]>`
    select status from users where id = ${mira!.userId}`;
  assertEquals(row!.status, "deleted");
});
