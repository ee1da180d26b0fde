import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ContenderTable } from "./contender_table.ts";
import { sortSlots } from "./rank_sort.ts";
import type { ParticipantStatus } from "./standing.ts";

const RULES = { scoring: { direction: "higher" }, tieBreaks: [] } as const;

/** The n-th of a board, with an id of its own. */
function idOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

function tableOf(scores: readonly (number | null)[], statusOf: (n: number) => ParticipantStatus) {
  const table = new ContenderTable(RULES, scores.length);
  for (const [n, score] of scores.entries()) {
    table.put({
      // Ids fall while slots rise, so that ties do not come out right by themselves.
      ...{ participantId: idOf(scores.length - n), division: null, status: statusOf(n) },
      ...{ joinedAt: 0, score, reachedAt: score === null ? null : n % 3 },
      ...{ eventCount: 1, bestEvent: null },
    });
  }
  return table;
}

function assertSorted(table: ContenderTable): void {
  const slots = Uint32Array.from({ length: table.size }, (_, slot) => slot);

  const { keys, sorted } = sortSlots(table, slots);

  const expected = [...slots].filter((slot) => !Number.isNaN(table.key(slot))).sort((a, b) =>
    table.key(a) - table.key(b) || table.compareTie(a, b) || table.compareIds(a, b)
  );
  assertEquals([...sorted], expected);
  assertEquals([...keys], expected.map((slot) => table.key(slot) + 0));
}

const anyScore = fc.oneof(
  fc.constant(null),
  fc.constantFrom(0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.maxSafeInteger(),
  fc.integer({ min: -50, max: 50 }),
);

Deno.test("sortSlots() is the order of comparisons, for few", () => {
  fc.assert(fc.property(fc.array(anyScore, { maxLength: 40 }), (scores) => {
    assertSorted(
      tableOf(scores, (n) => (["active", "withdrawn", "disqualified"] as const)[n % 5] ?? "active"),
    );
  }));
});

Deno.test("sortSlots() is the order of comparisons, for many", () => {
  fc.assert(
    fc.property(fc.array(anyScore, { minLength: 30, maxLength: 60 }), (some) => {
      const scores = Array.from({ length: 6_000 }, (_, n) => {
        const score = some[n % some.length]!;
        return score === null || n % 7 === 0 ? score : Math.trunc(score / (1 + n % 11)) + 0;
      });
      assertSorted(tableOf(scores, (n) => n % 50 === 0 ? "disqualified" : "active"));
    }),
    { numRuns: 20 },
  );
});
