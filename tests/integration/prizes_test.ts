/** Prizes on a real database: previewed, paid once, taken back. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Database } from "@/db/client.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createAuditService } from "@/services/audit.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createMoneyCore } from "@/services/money/money.ts";
import { createPrizesService } from "@/services/money/prizes.ts";
import { assertBooksBalance } from "../support/money.ts";
import { createPaidWorld, type PaidWorld } from "../support/paid_competition.ts";
import { openTestServices } from "../support/services.ts";
import { ANONYMOUS } from "../support/users.ts";

const PAGE = { "page": 1, "page_size": 100 };
const PRIZES = {
  tiers: [{ places: 1, shareBps: 5000 }, { places: 1, shareBps: 3000 }, {
    places: 1,
    shareBps: 2000,
  }],
};

async function assertCode(run: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  assertEquals((await assertRejects(run, DomainError)).code, code);
}

async function walletsOf(world: PaidWorld, players: readonly { userId: string }[]) {
  return await Promise.all(players.map(({ userId }) => world.wallet(userId)));
}

Deno.test("prizes from the preview to the claw-back", async (t) => {
  await using test = await openTestServices();
  const world = await createPaidWorld(test);
  const { prizes, corrections, competitions, notices } = test.services;
  const finance = await world.staff("finance");
  const fee = { currency: "EUR", amountMinor: "500", platformBps: 1000, organiserBps: 333 };
  const open = await world.competition({ prizes: PRIZES });
  const { id, players, participants } = await world.final(
    { entryFee: fee, prizes: { ...PRIZES, sponsored: "10.01" } },
    [50, 40, 40, 10, null],
  );

  await t.step("the final result divides the fees to the last unit", async () => {
    // 25.00 of fees: 2.50 to the platform, 0.83 to the organiser, the rest and sponsors to the pool.
    assertEquals(await world.account("escrow", id), 0n);
    assertEquals(await world.account("organiser", id), 83n);
    assertEquals(await world.account("pool", id), 2167n + 1001n);
    assertEquals(await world.account("sponsor", id), -1001n);
  });

  const preview = await prizes.calculate(world.organiser, id);
  await t.step("calculate() explains what distribute() pays, and changes nothing", async () => {
    assertEquals(preview.payouts.map(({ amountMinor }) => amountMinor), ["1584", "792", "792"]);
    assertEquals(preview.payouts.map(({ firstPlace, lastPlace }) => [firstPlace, lastPlace]), [
      [1, 1],
      [2, 3],
      [2, 3],
    ]);
    assertEquals([preview.poolMinor, preview.restMinor, preview.provisional], ["3168", "0", false]);
    assertEquals(await world.account("pool", id), 3168n);
    await assertCode(() => prizes.calculate(players[0]!, id), "FORBIDDEN");
    const early = await prizes.calculate(world.organiser, open);
    assertEquals([early.provisional, early.payouts], [true, []]);
    await assertCode(() => prizes.get(ANONYMOUS, id, PAGE), "NOT_FOUND");
  });

  await t.step("distribute() pays only a final result, by finance, once", async () => {
    await assertCode(() => prizes.distribute(world.organiser, id, {}), "FORBIDDEN");
    await assertCode(() => prizes.distribute(finance, open, {}), "NOT_FINAL");
    const results = await Promise.all(
      Array.from({ length: 5 }, () => prizes.distribute(finance, id, { reason: "Approved" })),
    );
    const after = await prizes.distribute(finance, id, {});

    assertEquals(results.every(({ payoutCount }) => payoutCount === 3), true);
    assertEquals([after.status, after.paidCount], ["settled", 3]);
    assertEquals(await walletsOf(world, players), [1584n, 792n, 792n, 0n, 0n]);
    assertEquals(await world.account("pool", id), 0n);
    assertEquals((await competitions.get(ANONYMOUS, id)).status, "settled");
  });

  await t.step("anybody who sees the board sees the prizes and the proof", async () => {
    const shown = await prizes.get(ANONYMOUS, id, PAGE);
    const strip = ({ status: _, ...payout }: typeof preview.payouts[number]) => payout;
    assertEquals(shown.payouts.map(strip), preview.payouts.map(strip));
    assertEquals(shown.payouts.map(({ status }) => status), ["paid", "paid", "paid"]);
    assertEquals(shown.explanation, preview.explanation);
    assertEquals(shown.logSeq, preview.logSeq);
    const told = await notices.list(players[0]!, players[0]!.userId, PAGE);
    assertEquals(told.items[0]?.kind, "prize.paid");
    assertEquals(told.items[0]?.payload.amount, "15.84");
  });

  await t.step(
    "a later disqualification takes the prize back, beyond the wallet as a debt",
    async () => {
      const next = await world.competition();
      await competitions.join(players[1]!, next, {});
      const request = { reason: "Ran with two watches" };
      await corrections.disqualify(world.organiser, id, participants[1]!, request);
      await corrections.disqualify(world.organiser, id, participants[1]!, request);

      const { userId } = players[1]!;
      const debt = { kind: "receivable" as const, userId, currency: "EUR" };
      assertEquals([await world.wallet(userId), await world.balance(debt)], [0n, -500n]);
      assertEquals(await world.account("pool", id), 792n);
      const shown = await prizes.get(ANONYMOUS, id, PAGE);
      const { status } = shown.payouts.find(({ participantId }) =>
        participantId === participants[1]
      )!;
      assertEquals(status, "taken_back");
    },
  );
  await assertBooksBalance(test.database);
});

Deno.test("two approvals, manual claw-back, and where the rest goes", async (t) => {
  await using test = await openTestServices();
  const world = await createPaidWorld(test);
  const { prizes, corrections } = test.services;
  const [ann, bea] = [await world.staff("finance"), await world.staff("finance")];

  await t.step("with two approvals the first asks, another one pays", async () => {
    const plan = { ...PRIZES, approvals: 2 as const, rest: "sponsor" as const, sponsored: "1.00" };
    const { id, players } = await world.final({ prizes: plan }, [9]);
    const first = await prizes.distribute(ann, id, {});
    const again = await prizes.distribute(ann, id, {});
    assertEquals([first.status, again.status], ["requested", "requested"]);
    assertEquals(await walletsOf(world, players), [0n]);

    const approved = await prizes.distribute(bea, id, {});
    assertEquals([approved.status, approved.requestedBy, approved.approvedBy], [
      "settled",
      ann.userId,
      bea.userId,
    ]);
    // Half of 6.00 was the first prize; of the rest the sponsors get back what they gave.
    assertEquals(await walletsOf(world, players), [300n]);
    assertEquals([await world.account("sponsor", id), await world.account("organiser", id)], [
      0n,
      200n,
    ]);
  });

  await t.step("a request does not hold for a result that changed after it", async () => {
    const plan = { tiers: [{ places: 1, shareBps: 10_000 }], approvals: 2 as const };
    const { id, players, participants } = await world.final({ prizes: plan }, [9, 8]);
    await prizes.distribute(ann, id, {});
    await corrections.disqualify(world.organiser, id, participants[0]!, { reason: "Cheated" });
    assertEquals((await prizes.distribute(bea, id, {})).status, "requested");
    assertEquals((await prizes.distribute(ann, id, {})).status, "settled");
    assertEquals(await walletsOf(world, players), [0n, 1000n]);
  });

  await t.step("nor for a pool that changed after it", async () => {
    const plan = { ...PRIZES, approvals: 2 as const };
    const { id, players } = await world.final({ prizes: plan }, [9, 8]);
    await prizes.distribute(ann, id, {});
    await test.services.books.adjust(ann, {
      ...{ currency: "EUR", amountMinor: "600", reference: "late bill", reason: "Timing" },
      from: { kind: "pool", competitionId: id },
      to: { kind: "organiser", competitionId: id },
    });
    const asked = await prizes.distribute(bea, id, {});
    assertEquals([asked.status, asked.poolMinor], ["requested", "400"]);
    const paid = await prizes.distribute(ann, id, {});
    assertEquals([paid.status, paid.paidMinor, paid.restMinor], ["settled", "320", "80"]);
    assertEquals(await walletsOf(world, players), [200n, 120n]);
    assertEquals(await world.account("pool", id), 0n);
    const shown = await prizes.calculate(ann, id);
    assertEquals([shown.poolMinor, shown.payouts.map(({ status }) => status)], [
      "400",
      ["paid", "paid"],
    ]);
  });

  await t.step("a manual claw-back waits for finance", async () => {
    const plan = { tiers: [{ places: 2, shareBps: 5000 }], clawBack: "manual" as const };
    const { id, players, participants } = await world.final({ prizes: plan }, [9, 8]);
    await prizes.distribute(ann, id, {});
    await assertCode(() => prizes.clawBack(ann, id, participants[0]!, {}), "CONFLICT");
    await corrections.disqualify(world.organiser, id, participants[0]!, { reason: "Cheated" });
    assertEquals(await walletsOf(world, players), [500n, 500n]);

    const taken = await prizes.clawBack(ann, id, participants[0]!, { reason: "Decided" });
    const again = await prizes.clawBack(ann, id, participants[0]!, { reason: "Decided" });
    assertEquals([taken.takenBack, again.takenBack], [1, 0]);
    assertEquals(await walletsOf(world, players), [0n, 500n]);
  });

  await t.step(
    "without a plan there is nothing to distribute, without a fee nothing to fund",
    async () => {
      const { id } = await world.final({ entryFee: null, prizes: null }, [1]);
      await assertCode(() => prizes.distribute(ann, id, {}), "NO_PRIZES");
    },
  );
  await assertBooksBalance(test.database);
});

/** The process dies before or after the nth transaction commits. */
function dyingDatabase(database: Database, dies: { at: number; isAfter: boolean }): Database {
  let count = 0;
  return {
    ...database,
    sql: database.sql,
    db: database.db,
    async transaction(run, options) {
      count += 1;
      if (count === dies.at && !dies.isAfter) throw new Error("The process died");
      const value = await database.transaction(run, options);
      if (count === dies.at && dies.isAfter) throw new Error("The process died");
      return value;
    },
  };
}

Deno.test("distribute() killed at every step and run again pays each once", async () => {
  await using test = await openTestServices();
  const world = await createPaidWorld(test);
  const finance = await world.staff("finance");
  const newId = createIdGenerator(test.time);
  const clock = test.time;
  const plan = { tiers: [{ places: 1, shareBps: 4000 }, { places: 2, shareBps: 2000 }] };
  let steps = 0;
  let isDone = false;

  for (let at = 1; !isDone; at++) {
    for (const isAfter of [false, true]) {
      const { id, players } = await world.final({ prizes: plan }, [9, 8, 7]);
      const database = dyingDatabase(test.database, { at, isAfter });
      const dying = createPrizesService({
        ...createMoneyCore({ database, clock, newId }),
        ...{ database, clock, newId, payoutBatch: 2 },
        audit: createAuditService({ database, clock }),
        log: createCompetitionLog({ database, clock }),
        boards: { committed: () => Promise.resolve() },
      });

      const outcome = await dying.distribute(finance, id, {}).then(() => "done", () => "died");
      isDone = outcome === "done";
      const resumed = await test.services.prizes.distribute(finance, id, {});

      assertEquals(resumed.status, "settled", `step ${at} ${isAfter}`);
      assertEquals(await walletsOf(world, players), [600n, 300n, 300n]);
      assertEquals([await world.account("pool", id), await world.account("organiser", id)], [
        0n,
        300n,
      ]);
      steps += 1;
    }
  }

  // Decided, two batches, settled: each died before and after, and the last round did not.
  assertEquals(steps, 10);
  await assertBooksBalance(test.database);
});
