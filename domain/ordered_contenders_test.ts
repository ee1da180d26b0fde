import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createOrderedContenders } from "./ordered_contenders.ts";
import { rankContenders } from "./ranking.ts";
import { RANK_METHODS, TIE_BREAKS } from "./rules.ts";
import { type Contender, PARTICIPANT_STATUSES } from "./standing.ts";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];

/** Few values, so that ties are common. */
const contenders: fc.Arbitrary<Contender> = fc.record({
  participantId: fc.constantFrom(...IDS),
  division: fc.constant(null),
  status: fc.constantFrom(...PARTICIPANT_STATUSES, "active", "active"),
  joinedAt: fc.integer({ min: 0, max: 1 }),
  score: fc.option(fc.integer({ min: 0, max: 3 })),
  reachedAt: fc.integer({ min: 0, max: 2 }),
  eventCount: fc.integer({ min: 0, max: 2 }),
  bestEvent: fc.option(fc.integer({ min: 0, max: 2 })),
}).map((contender) => contender.score === null ? { ...contender, reachedAt: null } : contender);

const rules = fc.record({
  rankMethod: fc.constantFrom(...RANK_METHODS),
  tieBreaks: fc.subarray([...TIE_BREAKS]),
  scoring: fc.record({ direction: fc.constantFrom("higher" as const, "lower" as const) }),
});

Deno.test("createOrderedContenders() lists and ranks as rankContenders() after any changes", () => {
  fc.assert(
    fc.property(rules, fc.array(contenders), fc.array(contenders), (rules, first, changes) => {
      const board = createOrderedContenders(first, rules);
      const latest = new Map(first.map((contender) => [contender.participantId, contender]));

      for (const change of [undefined, ...changes]) {
        if (change) {
          board.set(change);
          latest.set(change.participantId, change);
        }

        const expected = rankContenders([...latest.values()], rules, { provisional: true })
          .map(({ participantId, rank }, index) => ({ participantId, rank, index }));
        const actual = Array.from({ length: board.size }, (_, index) => ({
          participantId: board.at(index).participantId,
          rank: board.rankAt(index),
          index: board.indexOf(board.at(index).participantId),
        }));
        assertEquals(actual, expected);
      }
    }),
  );
});

Deno.test("createOrderedContenders() knows the withdrawn but does not list them", () => {
  const withdrawn: Contender = {
    participantId: "a",
    division: null,
    status: "withdrawn",
    joinedAt: 0,
    score: 5,
    reachedAt: 1,
    eventCount: 1,
    bestEvent: 5,
  };
  const board = createOrderedContenders([withdrawn], {
    rankMethod: "standard",
    tieBreaks: [],
    scoring: { direction: "higher" },
  });

  assertEquals(board.get("a"), withdrawn);
  assertEquals([...board.values()], [withdrawn]);
  assertEquals(board.indexOf("a"), -1);
  assertEquals(board.indexOf("nobody"), -1);
  assertEquals(board.rankAt(0), null);
  assertThrows(() => board.at(0), RangeError);
});
