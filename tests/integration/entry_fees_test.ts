/** Entry fees on a real database: charged with the entry, given back once. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type CompetitionInput, CompetitionInput as Input } from "@/contracts/competitions.ts";
import { DomainError } from "@/domain/error.ts";
import type { AccountName } from "@/domain/ledger.ts";
import { openTestServices } from "../support/services.ts";
import { addPayers, assertBooksBalance, createTestLedger } from "../support/money.ts";
import { createUser, SYSTEM, userActor } from "../support/users.ts";

const DAY_MS = 86_400_000;
const FEE = 500n;

async function open() {
  const test = await openTestServices();
  const { services, time, database } = test;
  const money = createTestLedger(database, time);
  const organiser = userActor(await createUser(database, { role: "organiser" }), {
    role: "organiser",
  });

  /** A published competition that costs 5 euro and starts in a day. */
  async function competition(part: Partial<CompetitionInput> = {}): Promise<string> {
    const input = Input.parse({
      name: "Paid Cup",
      startsAt: new Date(time.now() + DAY_MS).toISOString(),
      endsAt: new Date(time.now() + 8 * DAY_MS).toISOString(),
      scoring: { kind: "direct" },
      entryFee: { currency: "EUR", amountMinor: `${FEE}` },
      ...part,
    });
    const { id } = await services.competitions.create(organiser, input);
    await services.competitions.publish(organiser, id);
    return id;
  }

  const members = async (count: number, amountMinor: bigint) => {
    const ids = await addPayers(database, count, { ...money, amountMinor });
    return ids.map((userId) => userActor(userId));
  };
  const escrow = (competitionId: string) =>
    money.balance({ kind: "escrow", competitionId, currency: "EUR" } as AccountName);
  const ordersOf = async (competitionId: string) =>
    (await database.sql<{ status: string }[]>`
      select status from orders where competition_id = ${competitionId} order by status`)
      .map(({ status }) => status);
  return { ...test, ...money, organiser, competition, members, escrow, ordersOf };
}

const outcomes = (results: PromiseSettledResult<unknown>[]) =>
  Map.groupBy(
    results,
    (result) => result.status === "fulfilled" ? "in" : (result.reason as DomainError).code,
  );

Deno.test("entry fees", async (t) => {
  await using world = await open();

  await t.step("200 concurrent joins for one place give one entry and one charge", async () => {
    const { competitions } = world.services;
    const id = await world.competition({ capacity: 1 });
    const members = await world.members(200, 500n);

    const results = outcomes(
      await Promise.allSettled(members.map((member) => competitions.join(member, id, {}))),
    );

    assertEquals(results.get("in")?.length, 1);
    assertEquals(results.get("COMPETITION_FULL")?.length, 199);
    assertEquals(await world.escrow(id), FEE);
    assertEquals(await world.ordersOf(id), ["fulfilled"]);
    await assertBooksBalance(world.database);
  });

  await t.step("100 identical joins are one entry and one charge", async () => {
    const { competitions } = world.services;
    const id = await world.competition();
    const [member] = await world.members(1, 5000n);

    const results = await Promise.all(
      Array.from({ length: 100 }, () => competitions.join(member!, id, {})),
    );

    assertEquals(results.filter(({ created }) => created).length, 1);
    assertEquals(new Set(results.map(({ entry }) => entry.participantId)).size, 1);
    assertEquals(await world.wallet(member!.userId), 4500n);
    assertEquals(await world.ordersOf(id), ["fulfilled"]);
  });

  await t.step(
    "join() without the money enters nobody; leave() before the start gives it back once",
    async () => {
      const { competitions, notices } = world.services;
      const id = await world.competition();
      const [poor, rich] = await world.members(2, 0n);
      await world.fill(rich!.userId, 500n);

      const refusal = await assertRejects(() => competitions.join(poor!, id, {}), DomainError);
      await competitions.join(rich!, id, {});
      const leaves = outcomes(
        await Promise.allSettled(Array.from({ length: 20 }, () => competitions.leave(rich!, id))),
      );

      assertEquals(refusal.code, "INSUFFICIENT_FUNDS");
      assertEquals([leaves.get("in")?.length, leaves.get("NOT_A_PARTICIPANT")?.length], [1, 19]);
      assertEquals([await world.wallet(rich!.userId), await world.escrow(id)], [500n, 0n]);
      // Coming back is a new entry with a new charge.
      await competitions.join(rich!, id, {});
      assertEquals([await world.wallet(rich!.userId), await world.escrow(id)], [0n, FEE]);
      assertEquals(await world.ordersOf(id), ["fulfilled", "refunded"]);
      const { items } = await notices.list(rich!, rich!.userId, { page: 1, page_size: 20 });
      assertEquals(items.map(({ kind }) => kind), [
        "order.fulfilled",
        "order.refunded",
        "order.fulfilled",
      ]);
      await assertBooksBalance(world.database);
    },
  );

  await t.step(
    "leave() after the start keeps the fee, and coming back costs nothing more",
    async () => {
      const { competitions } = world.services;
      const id = await world.competition();
      const [member] = await world.members(1, 500n);
      await competitions.join(member!, id, {});

      world.time.advance(2 * DAY_MS);
      await competitions.leave(member!, id);
      await competitions.join(member!, id, {});

      assertEquals([await world.wallet(member!.userId), await world.escrow(id)], [0n, FEE]);
      assertEquals(await world.ordersOf(id), ["fulfilled"]);
    },
  );

  await t.step(
    "cancel() gives every fee back once, also when it is tried again meanwhile",
    async () => {
      const { competitions, money } = world.services;
      const id = await world.competition();
      const members = await world.members(40, 500n);
      await Promise.all(members.map((member) => competitions.join(member, id, {})));
      await competitions.leave(members[0]!, id);

      await Promise.all([
        competitions.cancel(world.organiser, id, { reason: "Storm" }),
        money.refundAllCancelled(),
        money.refundAllCancelled(),
      ]);
      const late = await money.refundAllCancelled();

      assertEquals(late, 0);
      assertEquals(await world.escrow(id), 0n);
      assertEquals(new Set(await world.ordersOf(id)), new Set(["refunded"]));
      for (const { userId } of members) assertEquals(await world.wallet(userId), FEE);
      await assertBooksBalance(world.database);
    },
  );

  await t.step(
    "below the minimum at the start a competition is cancelled and refunded, once",
    async () => {
      const { competitions, money } = world.services;
      const few = await world.competition({ minimumParticipants: 3 });
      const enough = await world.competition({ minimumParticipants: 2 });
      const members = await world.members(3, 5000n);
      for (const member of members.slice(0, 2)) {
        await competitions.join(member, few, {});
        await competitions.join(member, enough, {});
      }
      world.time.advance(DAY_MS - 1);
      const early = await money.cancelBelowMinimum();
      world.time.advance(1);
      // Who comes after the start does not help.
      await competitions.join(members[2]!, few, {});

      const [first, second] = await Promise.all([
        money.cancelBelowMinimum(),
        money.cancelBelowMinimum(),
      ]);

      assertEquals(early, []);
      assertEquals([...first, ...second], [few]);
      assertEquals((await competitions.get(world.organiser, few)).status, "cancelled");
      assertEquals((await competitions.get(world.organiser, enough)).status, "published");
      assertEquals([await world.escrow(few), await world.escrow(enough)], [0n, 2n * FEE]);
      const wallets = await Promise.all(members.map(({ userId }) => world.wallet(userId)));
      assertEquals(wallets, [4500n, 4500n, 5000n]);
      assert((await money.cancelBelowMinimum()).length === 0);
    },
  );

  await t.step(
    "what money went through stays empty and nameless when the demo is removed",
    async () => {
      const { competitions, demo, money } = world.services;
      const { sql } = world.database;
      const [id, free] = [await world.competition(), await world.competition({ entryFee: null })];
      const [payer, other] = await world.members(2, 500n);
      await competitions.join(payer!, id, {});
      const [idle] = await addPayers(world.database, 1, { ...world, amountMinor: 0n });
      await sql`update competitions set is_demo = true where id = any(${[id, free]}::uuid[])`;
      const users = [payer!.userId, other!.userId, idle!];
      await sql`update users set is_demo = true where id = any(${users}::uuid[])`;

      const removed = await demo.remove(SYSTEM);

      assertEquals(removed, { competitions: 2, users: 3 });
      const kept = await sql<{ status: string }[]>`
      select status from users where id = any(${users}::uuid[])`;
      assertEquals(kept.map(({ status }) => status), ["deleted", "deleted"]);
      const left = [await world.wallet(other!.userId), await world.wallet(payer!.userId)];
      assertEquals([...left, await world.escrow(id)], [0n, 0n, 0n]);
      const { status, visibility } = await competitions.get(SYSTEM, id);
      assertEquals([status, visibility], ["cancelled", "invite"]);
      assertEquals(
        await sql`select 1 from competitions where id = ${free}`.then((r) => r.length),
        0,
      );
      assertEquals(await money.refundAllCancelled(), 0);
      await assertBooksBalance(world.database);
    },
  );
});
