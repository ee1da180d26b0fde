import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { apportion } from "./money.ts";
import { type Finisher, splitPool } from "./prize.ts";
import { checkPrizePlan, type PrizePlan, type PrizeTier } from "./prize_plan.ts";

const pools = fc.bigInt({ min: 0n, max: 10n ** 18n });

/** Tiers that do not rise and, as shares, make at most the whole. */
const tiers: fc.Arbitrary<PrizeTier[]> = fc.oneof(
  fc.array(fc.record({ places: fc.integer({ min: 1, max: 9 }), weight: fc.nat(500) }), {
    maxLength: 6,
  }).map((list) => {
    const sorted = list.toSorted((a, b) => b.weight - a.weight);
    const total = sorted.reduce((sum, { places, weight }) => sum + places * weight, 0) || 1;
    return sorted.map(({ places, weight }) => ({
      places,
      shareBps: Math.floor(weight * 10_000 / Math.max(total, 10_000)),
    }));
  }),
  fc.array(
    fc.record({ places: fc.integer({ min: 1, max: 9 }), amountMinor: fc.bigInt(0n, 10n ** 9n) }),
    { maxLength: 6 },
  ).map((list) => list.toSorted((a, b) => a.amountMinor < b.amountMinor ? 1 : -1)),
);

const finishers: fc.Arbitrary<Finisher[]> = fc.array(
  fc.record({ isTied: fc.boolean(), division: fc.constantFrom(null, "open", "veterans") }),
  { maxLength: 40 },
).map((list) => {
  let tie = 0;
  return list.map(({ isTied, division }, index) => {
    if (!isTied) tie = index;
    const participantId = `p${String(index).padStart(3, "0")}`;
    return { participantId, division, rank: tie + 1, tie };
  });
});

const plans = fc.record({
  tiers,
  divisions: fc.tuple(fc.nat(5_000), fc.nat(5_000), tiers, tiers).map(([a, b, first, second]) => [
    { division: "open", poolShareBps: a, tiers: first },
    { division: "veterans", poolShareBps: b, tiers: second },
  ]),
  rest: fc.constantFrom("organiser" as const, "sponsor" as const, "winners" as const),
});

Deno.test("splitPool() conserves the pool for any plan, ties and finishers", () => {
  fc.assert(fc.property(plans, pools, finishers, (plan, pool, list) => {
    const split = splitPool(plan, pool, list);

    const paid = split.payouts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    assertEquals(paid + split.restMinor, pool);
    assert(split.restMinor >= 0n);
    assert(split.payouts.every(({ amountMinor }) => amountMinor > 0n));
    assertEquals(split.pots.reduce((sum, { potMinor }) => sum + potMinor, 0n), pool);
  }));
});

Deno.test("splitPool() never gives anybody more than somebody ranked higher in the pot", () => {
  fc.assert(fc.property(plans, pools, finishers, (plan, pool, list) => {
    const split = splitPool(plan, pool, list);

    for (const { division } of split.pots) {
      const inPot = division === null ? list : list.filter((one) => one.division === division);
      const amounts = inPot.map(({ participantId }) =>
        split.payouts.find((payout) =>
          payout.participantId === participantId && payout.division === division
        )?.amountMinor ?? 0n
      );
      for (const [index, amount] of amounts.slice(1).entries()) assert(amount <= amounts[index]!);
    }
  }));
});

Deno.test("splitPool() gives those who tie the same but for one unit", () => {
  fc.assert(fc.property(plans, pools, finishers, (plan, pool, list) => {
    const { payouts } = splitPool(plan, pool, list);

    const ties = Map.groupBy(payouts, (payout) => `${payout.division} ${payout.firstPlace}`);
    for (const tied of ties.values()) {
      const amounts = tied.map(({ amountMinor }) => amountMinor);
      assert(amounts[0]! - amounts.at(-1)! <= 1n);
    }
  }));
});

Deno.test("splitPool() leaves nothing over where the rest goes to winners", () => {
  const plan = { tiers: [{ places: 3, shareBps: 100 }], divisions: [], rest: "winners" as const };
  const list = [0, 1].map((tie) => ({ participantId: `p${tie}`, division: null, rank: 1, tie }));

  const split = splitPool(plan, 101n, list);

  assertEquals(split.payouts.map(({ amountMinor }) => amountMinor), [51n, 50n]);
  assertEquals(split.restMinor, 0n);
});

Deno.test("splitPool() returns the prizes of places that nobody took", () => {
  const plan = {
    tiers: [{ places: 1, amountMinor: 500n }, { places: 2, amountMinor: 200n }],
    divisions: [],
    rest: "organiser" as const,
  };
  const list = [{ participantId: "ada", division: null, rank: 1, tie: 0 }];

  assertEquals(splitPool(plan, 1000n, list).restMinor, 500n);
  // Of too small a pool every place gets its proportion.
  assertEquals(splitPool(plan, 90n, list).payouts[0]?.amountMinor, 50n);
});

Deno.test("apportion() conserves the total and keeps the order of its weights", () => {
  const weights = fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(pools, weights, (total, unsorted) => {
    const sorted = unsorted.toSorted((a, b) => a < b ? 1 : a > b ? -1 : 0);
    fc.pre(sorted[0]! > 0n);

    const parts = apportion(total, sorted);

    assertEquals(parts.reduce((sum, part) => sum + part, 0n), total);
    for (const [index, part] of parts.slice(1).entries()) assert(part <= parts[index]!);
  }));
});

Deno.test("checkPrizePlan() names each fault of a plan", () => {
  const base: PrizePlan = {
    currency: "EUR",
    sponsoredMinor: 0n,
    tiers: [],
    divisions: [],
    rest: "organiser",
    clawBack: "reverse",
    approvals: 1,
  };
  const division = { division: "open", poolShareBps: 6_000, tiers: [] };
  const cases: [string, Partial<PrizePlan>][] = [
    ["rises", { tiers: [{ places: 1, shareBps: 1 }, { places: 1, shareBps: 2 }] }],
    ["mixed", { tiers: [{ places: 1, shareBps: 1 }, { places: 1, amountMinor: 2n }] }],
    ["too_big", { tiers: [{ places: 3, shareBps: 4_000 }] }],
    ["too_many", { tiers: [{ places: 100_001, shareBps: 0 }] }],
    ["twice", { divisions: [{ ...division, poolShareBps: 1 }, { ...division, poolShareBps: 2 }] }],
    ["too_big", { divisions: [division, { ...division, division: "veterans" }] }],
  ];
  for (const [code, part] of cases) {
    try {
      checkPrizePlan({ ...base, ...part });
      assert(false, `${code} was accepted`);
    } catch (error) {
      const details = (error as { details?: { code: string }[] }).details;
      assertEquals(details?.map((detail) => detail.code), [code]);
    }
  }
});
