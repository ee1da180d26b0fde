import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  assignRanks,
  compareContenders,
  isRanked,
  type OrderRules,
  rankContenders,
  tieBreakStep,
} from "./ranking.ts";
import { DIRECTIONS, RANK_METHODS, TIE_BREAKS } from "./rules.ts";
import { type Contender, PARTICIPANT_STATUSES } from "./standing.ts";

const tinyNumber = fc.integer({ min: 0, max: 3 });

const contenders: fc.Arbitrary<Contender[]> = fc.uniqueArray(
  fc.record({
    participantId: fc.stringMatching(/^[0-9a-f]{3}$/),
    division: fc.constant(null),
    status: fc.constantFrom(...PARTICIPANT_STATUSES),
    joinedAt: tinyNumber,
    score: fc.option(tinyNumber),
    reachedAt: tinyNumber,
    eventCount: tinyNumber,
    bestEvent: fc.option(tinyNumber),
  }),
  { selector: (contender) => contender.participantId, maxLength: 25 },
);

const orderRules: fc.Arbitrary<OrderRules> = fc.record({
  tieBreaks: fc.uniqueArray(fc.constantFrom(...TIE_BREAKS)),
  scoring: fc.record({ direction: fc.constantFrom(...DIRECTIONS) }),
});

function contender(change: Partial<Contender>): Contender {
  return {
    participantId: "mira",
    division: null,
    status: "active",
    joinedAt: 0,
    score: 7,
    reachedAt: 100,
    eventCount: 1,
    bestEvent: 7,
    ...change,
  };
}

function rulesOf(change: Partial<OrderRules> = {}): OrderRules {
  return { tieBreaks: [], scoring: { direction: "higher" }, ...change };
}

Deno.test("compareContenders() is a total preorder", () => {
  fc.assert(
    fc.property(contenders, orderRules, (list, rules) => {
      for (const a of list) {
        assertEquals(compareContenders(a, a, rules), 0);
        for (const b of list) {
          assertEquals(compareContenders(a, b, rules), 0 - compareContenders(b, a, rules));
          for (const c of list) {
            const isOrdered = compareContenders(a, b, rules) <= 0 &&
              compareContenders(b, c, rules) <= 0;
            assert(!isOrdered || compareContenders(a, c, rules) <= 0);
          }
        }
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("tieBreakStep() is shared exactly where contenders share a rank", () => {
  fc.assert(fc.property(contenders, orderRules, (list, rules) => {
    for (const [index, a] of list.entries()) {
      for (const b of list.slice(index + 1)) {
        const isShared = compareContenders(a, b, rules) === 0;
        assertEquals(tieBreakStep(a, b, rules) === "shared", isShared);
      }
    }
  }));
});

Deno.test("tieBreakStep() names the first step of the chain that differs", () => {
  const chain = rulesOf({ tieBreaks: ["earliest_join", "best_event", "fewest_events"] });
  const mira = contender({});

  assertEquals(tieBreakStep(mira, contender({ score: 8, joinedAt: 1 }), chain), "score");
  assertEquals(
    tieBreakStep(mira, contender({ joinedAt: 1, bestEvent: 6 }), chain),
    "earliest_join",
  );
  assertEquals(tieBreakStep(mira, contender({ bestEvent: 6, eventCount: 2 }), chain), "best_event");
  assertEquals(tieBreakStep(mira, contender({ eventCount: 2 }), chain), "fewest_events");
  assertEquals(tieBreakStep(mira, contender({ reachedAt: 101 }), chain), "reached_at");
  assertEquals(tieBreakStep(mira, contender({ participantId: "odd" }), chain), "shared");
});

Deno.test("compareContenders() puts the lower score and best event ahead when lower wins", () => {
  const lower = rulesOf({ tieBreaks: ["best_event"], scoring: { direction: "lower" } });

  assert(compareContenders(contender({ score: 6 }), contender({}), lower) < 0);
  assert(compareContenders(contender({ bestEvent: 6 }), contender({}), lower) < 0);
  assert(compareContenders(contender({ bestEvent: null }), contender({}), lower) > 0);
  assert(compareContenders(contender({ reachedAt: 99 }), contender({}), lower) < 0);
});

Deno.test("assignRanks() gives what counting those ahead gives, by each method", () => {
  const values = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 30 });
  fc.assert(fc.property(values, fc.constantFrom(...RANK_METHODS), (unsorted, method) => {
    const sorted = [...unsorted].sort((a, b) => b - a);
    const expected = sorted.map((value, index) => {
      const ahead = sorted.filter((other) => other > value);
      if (method === "ordinal") return index + 1;
      if (method === "dense") return new Set(ahead).size + 1;
      if (method === "standard") return ahead.length + 1;
      return sorted.filter((other) => other >= value).length;
    });

    assertEquals(assignRanks(sorted, method, (a, b) => a === b), expected);
  }));
});

Deno.test("rankContenders() lists the ranked, the unranked, the disqualified, and no withdrawn", () => {
  fc.assert(fc.property(contenders, orderRules, (list, rules) => {
    const board = rankContenders(list, { ...rules, rankMethod: "standard" }, { provisional: true });
    const groups = board.map((row) => isRanked(row) ? 0 : row.status === "active" ? 1 : 2);

    assertEquals(groups, [...groups].sort());
    assertEquals(board.length, list.filter((one) => one.status !== "withdrawn").length);
    assert(board.every((row) => (row.rank !== null) === isRanked(row)));
  }));
});

Deno.test("rankContenders() does not depend on the order of its input", () => {
  fc.assert(fc.property(contenders, orderRules, (list, rules) => {
    const options = { provisional: false };
    const board = rankContenders(list, { ...rules, rankMethod: "dense" }, options);

    const reversed = [...list].reverse();
    assertEquals(rankContenders(reversed, { ...rules, rankMethod: "dense" }, options), board);
  }));
});

Deno.test("rankContenders() lists those who share a rank by id, in code units", () => {
  const list = ["b", "a", "B", "é"].map((participantId) => contender({ participantId }));
  const rules = { ...rulesOf(), rankMethod: "standard" as const };
  const board = rankContenders(list, rules, { provisional: true });

  assertEquals(board.map((row) => row.participantId), ["B", "a", "b", "é"]);
  assertEquals(board.map((row) => row.rank), [1, 1, 1, 1]);
});
