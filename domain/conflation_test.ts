import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { applyDelta, diffWindow } from "./conflation.ts";
import { rankContenders } from "./ranking.ts";
import { RANK_METHODS } from "./rules.ts";
import type { Contender } from "./standing.ts";
import { compareRows, type OrderedRow } from "./stream.ts";

interface Row extends OrderedRow {
  name: string;
  score: number | null;
  reachedAt: number | null;
  avatarUrl: string | null;
  provisional: boolean;
}

const tinyNumber = fc.integer({ min: 0, max: 3 });

const contenders: fc.Arbitrary<Contender[]> = fc.uniqueArray(
  fc.record({
    participantId: fc.constantFrom(..."abcdefghijkl"),
    division: fc.constant(null),
    status: fc.constantFrom("active" as const, "active" as const, "disqualified" as const),
    joinedAt: fc.constant(0),
    score: fc.option(tinyNumber),
    reachedAt: tinyNumber,
    eventCount: fc.constant(1),
    bestEvent: fc.constant(null),
  }),
  { selector: (contender) => contender.participantId },
);

/** A window of a real board, with any rank method and size. */
const windows: fc.Arbitrary<Row[]> = fc.record({
  list: contenders,
  rankMethod: fc.constantFrom(...RANK_METHODS),
  top: fc.integer({ min: 1, max: 12 }),
  provisional: fc.boolean(),
}).map(({ list, rankMethod, top, provisional }) => {
  const rules = { rankMethod, tieBreaks: [], scoring: { direction: "higher" as const } };
  return rankContenders(list, rules, { provisional }).slice(0, top).map((standing) => ({
    participantId: standing.participantId,
    rank: standing.rank,
    status: standing.status === "disqualified" ? "disqualified" : "active",
    name: standing.participantId.toUpperCase(),
    avatarUrl: null,
    score: standing.score,
    reachedAt: standing.reachedAt,
    provisional: standing.provisional,
  }));
});

Deno.test("applyDelta() of diffWindow() gives the next window exactly, in its order", () => {
  fc.assert(
    fc.property(windows, windows, (previous, next) => {
      assertEquals(applyDelta(previous, diffWindow(previous, next)), next);
    }),
    { numRuns: 500 },
  );
});

Deno.test("applyDelta() survives the wire", () => {
  fc.assert(fc.property(windows, windows, (previous, next) => {
    const received = JSON.parse(JSON.stringify(diffWindow(previous, next)));

    assertEquals(applyDelta(previous, received), next);
  }));
});

Deno.test("diffWindow() of equal windows is empty", () => {
  fc.assert(fc.property(windows, (rows) => {
    assertEquals(diffWindow(rows, structuredClone(rows)), { rows: [], removed: [] });
    assertEquals(diffWindow(rows, [...rows]), { rows: [], removed: [] });
  }));
});

Deno.test("diffWindow() leaves out rows that stayed as they were", () => {
  fc.assert(fc.property(windows, windows, (previous, next) => {
    const known = new Set(previous.map((row) => JSON.stringify(row)));

    assert(diffWindow(previous, next).rows.every((row) => !known.has(JSON.stringify(row))));
  }));
});

Deno.test("diffWindow() sees a field that comes or goes", () => {
  const row = { participantId: "a", rank: 1, status: "active" as const };
  const marked = { ...row, isMe: true };

  assertEquals(diffWindow<OrderedRow>([row], [marked]).rows, [marked]);
  assertEquals(diffWindow<OrderedRow>([marked], [row]).rows, [row]);
});

Deno.test("compareRows() orders any window as the board lists it", () => {
  fc.assert(fc.property(windows, (rows) => {
    assertEquals([...rows].reverse().sort(compareRows), rows);
  }));
});
