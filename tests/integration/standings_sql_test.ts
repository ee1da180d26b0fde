/** PostgreSQL's window functions as a second opinion on ranks: `rank()`, `dense_rank()`,
 * `row_number()`, and for the modified method the count of peers and those ahead. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "@/db/client.ts";
import { type OrderRules, rankContenders } from "@/domain/ranking.ts";
import { DIRECTIONS, type RankMethod, TIE_BREAKS, type TieBreak } from "@/domain/rules.ts";
import type { Contender } from "@/domain/standing.ts";
import { openTestDatabase } from "@/tests/support/database.ts";

/** One participant's rank by each method. */
type SqlRanks = { participantId: string } & Record<RankMethod, number>;

const tinyNumber = fc.integer({ min: -2, max: 3 });

const contenders: fc.Arbitrary<Contender[]> = fc.uniqueArray(
  fc.record({
    participantId: fc.uuid(),
    division: fc.constant(null),
    status: fc.constantFrom("active" as const, "active" as const, "disqualified" as const),
    joinedAt: tinyNumber,
    score: fc.option(tinyNumber, { freq: 6 }),
    reachedAt: tinyNumber,
    eventCount: tinyNumber,
    bestEvent: fc.option(tinyNumber, { freq: 6 }),
  }),
  { selector: (contender) => contender.participantId, minLength: 1, maxLength: 30 },
);

const orderRules: fc.Arbitrary<OrderRules> = fc.record({
  tieBreaks: fc.uniqueArray(fc.constantFrom(...TIE_BREAKS)),
  scoring: fc.record({ direction: fc.constantFrom(...DIRECTIONS) }),
});

/** The order of the rules as SQL writes it. */
function orderBy({ tieBreaks, scoring }: OrderRules): string {
  const better = scoring.direction === "higher" ? "desc" : "asc";
  const columns: Record<TieBreak, string> = {
    "fewest_events": `"eventCount" asc`,
    "best_event": `"bestEvent" ${better} nulls last`,
    "earliest_join": `"joinedAt" asc`,
  };
  return [`score ${better}`, ...tieBreaks.map((step) => columns[step]), `"reachedAt" asc`].join(
    ", ",
  );
}

async function rankInSql(
  { sql }: Database,
  list: readonly Contender[],
  rules: OrderRules,
): Promise<SqlRanks[]> {
  const order = orderBy(rules);
  const rows = await sql.unsafe<SqlRanks[]>(
    `select "participantId",
       rank() over (order by ${order})::int as standard,
       dense_rank() over (order by ${order})::int as dense,
       row_number() over (order by ${order}, "participantId" collate "C")::int as ordinal,
       (count(*) over (order by ${order}
         range between unbounded preceding and current row))::int as modified
     from jsonb_to_recordset($1::text::jsonb) as contender (
       "participantId" text, status text, score bigint, "reachedAt" bigint,
       "joinedAt" bigint, "eventCount" int, "bestEvent" bigint)
     where status = 'active' and score is not null
     order by ordinal`,
    [JSON.stringify(list)],
  );
  return [...rows];
}

Deno.test("rankContenders() ranks and orders as SQL does, by every method", async () => {
  await using test = await openTestDatabase({ empty: true });
  const methods: RankMethod[] = ["standard", "dense", "ordinal", "modified"];

  await fc.assert(
    fc.asyncProperty(contenders, orderRules, async (list, rules) => {
      const expected = await rankInSql(test.database, list, rules);

      for (const rankMethod of methods) {
        const board = rankContenders(list, { ...rules, rankMethod }, { provisional: true });
        assertEquals(
          board.filter((row) => row.rank !== null).map((row) => [row.participantId, row.rank]),
          expected.map((row) => [row.participantId, row[rankMethod]]),
        );
      }
    }),
    { numRuns: 200 },
  );
});
