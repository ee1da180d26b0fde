import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type PlaceRules, RankIndex } from "./rank_index.ts";
import { rankContenders } from "./ranking.ts";
import { RANK_METHODS, TIE_BREAKS } from "./rules.ts";
import { type Contender, PARTICIPANT_STATUSES } from "./standing.ts";

const DIVISIONS = [null, "juniors", "seniors"];

function idOf(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** Few values, so that ties are common. */
function contenders(ids: number): fc.Arbitrary<Contender> {
  return fc.record({
    participantId: fc.nat(ids - 1).map(idOf),
    division: fc.constantFrom(...DIVISIONS),
    status: fc.constantFrom(...PARTICIPANT_STATUSES, "active", "active"),
    joinedAt: fc.integer({ min: 0, max: 1 }),
    score: fc.option(fc.integer({ min: -1, max: 3 })),
    reachedAt: fc.integer({ min: 0, max: 2 }),
    eventCount: fc.integer({ min: 0, max: 2 }),
    bestEvent: fc.option(fc.integer({ min: 0, max: 2 })),
  }).map((contender) => contender.score === null ? { ...contender, reachedAt: null } : contender);
}

const rules: fc.Arbitrary<PlaceRules> = fc.record({
  rankMethod: fc.constantFrom(...RANK_METHODS),
  tieBreaks: fc.shuffledSubarray([...TIE_BREAKS]),
  scoring: fc.record({ direction: fc.constantFrom("higher" as const, "lower" as const) }),
});

/** What the pure function says, in the rows of the index. */
function expectedRows(latest: ReadonlyMap<string, Contender>, rules: PlaceRules) {
  return rankContenders([...latest.values()], rules, { provisional: true })
    .map(({ participantId, division, status, score, reachedAt, rank }) => ({
      ...{ participantId, division, status, score, reachedAt, rank },
    }));
}

function byId(contenders: readonly Contender[]): Map<string, Contender> {
  return new Map(contenders.map((contender) => [contender.participantId, contender]));
}

Deno.test("RankIndex lists and ranks as rankContenders() after any changes", () => {
  fc.assert(
    fc.property(
      rules,
      fc.array(contenders(8)),
      fc.array(contenders(8)),
      (rules, first, changes) => {
        const index = new RankIndex(rules, first);
        const latest = byId(first);

        for (const change of [undefined, ...changes]) {
          if (change) {
            index.set(change);
            latest.set(change.participantId, change);
          }

          const expected = expectedRows(latest, rules);
          assertEquals(index.rows(), expected);
          assertEquals(expected.map((_, place) => index.rankAt(place)), ranksOf(expected));
          const places = expected.map(({ participantId }) =>
            index.placeOf(index.slotOf(participantId))
          );
          assertEquals(places, [...expected.keys()]);
        }
      },
    ),
  );
});

function ranksOf(rows: readonly { rank: number | null }[]): (number | null)[] {
  return rows.map(({ rank }) => rank);
}

Deno.test("RankIndex gives each division the board that it has alone", () => {
  fc.assert(
    fc.property(
      rules,
      fc.array(contenders(8)),
      fc.array(contenders(8)),
      (rules, first, changes) => {
        const index = new RankIndex(rules, first);
        const latest = byId(first);
        index.division("juniors");

        for (const change of changes) {
          index.set(change);
          latest.set(change.participantId, change);
        }

        for (const name of ["juniors", "seniors"]) {
          const alone = [...latest].filter(([, { division }]) => division === name);
          const { slots, ranks } = index.division(name).window(0, 100);
          const actual = slots.map((slot, place) => ({ ...index.row(slot), rank: ranks[place]! }));
          assertEquals(actual, expectedRows(new Map(alone), rules));
        }
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("RankIndex keeps its order through splits and merges of thousands", () => {
  const anyMany = fc.record({
    seed: fc.integer(),
    spread: fc.constantFrom(1, 40, 1e6),
    rules,
    isLoaded: fc.boolean(),
  });
  fc.assert(
    fc.property(anyMany, ({ seed, spread, rules, isLoaded }) => {
      const latest = new Map<string, Contender>();
      const random = randomFrom(seed);
      const draw = (): Contender => ({
        participantId: idOf(random(3000)),
        division: null,
        status: random(20) === 0 ? "withdrawn" : "active",
        joinedAt: random(2),
        score: random(30) === 0 ? null : random(spread),
        reachedAt: random(3),
        eventCount: random(3),
        bestEvent: random(3),
      });
      const many = Array.from({ length: 3000 }, draw);
      const index = new RankIndex(rules, isLoaded ? many : []);
      for (const contender of many) {
        if (!isLoaded) index.set(contender);
        latest.set(contender.participantId, contender);
      }
      for (let step = 0; step < 6000; step++) {
        const change: Contender = step < 3000
          ? draw()
          // Everybody moves to one end, so that blocks empty.
          : { ...draw(), participantId: idOf(step - 3000), score: spread + step };
        index.set(change);
        latest.set(change.participantId, change);
      }

      const rows = index.rows();
      assertEquals(rows, expectedRows(latest, rules));
      for (let place = 0; place < rows.length; place += 37) {
        assertEquals(index.rankAt(place), rows[place]!.rank);
        assertEquals(index.rows(place, 3), rows.slice(place, place + 3));
      }
    }),
    { numRuns: 8 },
  );
});

/** Whole numbers below a limit, the same for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

Deno.test("RankIndex.placeAfter() walks on behind a key that nobody has any more", () => {
  fc.assert(
    fc.property(rules, fc.array(contenders(8)), contenders(8), (rules, first, moved) => {
      const index = new RankIndex(rules, first);
      if (index.size === 0) return;
      const middle = index.at(index.size >> 1);
      const key = index.orderKey(middle);
      const behind = index.rows((index.size >> 1) + 1).map((row) => row.participantId);
      const before = index.rows(0, index.size >> 1).map((row) => row.participantId);

      index.set({ ...moved, participantId: index.row(middle).participantId });

      const others = index.rows(index.placeAfter(key)).map((row) => row.participantId)
        .filter((id) => id !== index.row(middle).participantId);
      assertEquals(others, behind);
      assertEquals(before.some((id) => others.includes(id)), false);
    }),
  );
});

Deno.test("RankIndex knows the withdrawn but does not list them", () => {
  const index = new RankIndex({
    rankMethod: "standard",
    tieBreaks: [],
    scoring: { direction: "higher" },
  }, [{
    participantId: idOf(1),
    division: null,
    status: "withdrawn",
    joinedAt: 0,
    score: 5,
    reachedAt: 1,
    eventCount: 1,
    bestEvent: 5,
  }]);

  const slot = index.slotOf(idOf(1));
  assertEquals([index.known, index.size], [1, 0]);
  assertEquals(index.row(slot).status, "withdrawn");
  assertEquals(index.placeOf(slot), -1);
  assertEquals(index.slotOf(idOf(2)), -1);
  assertEquals(index.rankAt(0), null);
  assertThrows(() => index.at(0), RangeError);
});

Deno.test("RankIndex keeps every score to 2^53 apart", () => {
  const max = Number.MAX_SAFE_INTEGER;
  const scores = [max, max - 1, 1, 0, -1, 1 - max, -max];
  const index = new RankIndex(
    { rankMethod: "standard", tieBreaks: [], scoring: { direction: "higher" } },
    scores.map((score, n) => ({
      ...{ participantId: idOf(n), division: null, status: "active", joinedAt: 0 },
      ...{ score, reachedAt: 7, eventCount: 1, bestEvent: null },
    })),
  );

  assertEquals(index.rows().map(({ score }) => score), scores);
  assertEquals(index.rows().map(({ rank }) => rank), [1, 2, 3, 4, 5, 6, 7]);
});
