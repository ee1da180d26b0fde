import { assert, assertEquals } from "@std/assert";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createBoardFixture } from "@/tests/support/board_fixture.ts";
import { addMembers } from "@/tests/support/large_board.ts";

const MEMBERS = 300_000;
const PART = 100_000;
/** Columns with people; objects take 700. */
const BYTES_A_MEMBER_MAX = 300;
/** So much garbage makes V8 collect what others left, whenever it had meant to. */
const GARBAGE_ROUNDS = 100;
const GARBAGE_LENGTH = 1_000_000;

/** What is in use once others' garbage was collected, in bytes. */
function memoryInUse(): number {
  let least = Infinity;
  for (let round = 0; round < GARBAGE_ROUNDS; round++) {
    const { heapUsed, external } = Deno.memoryUsage();
    least = Math.min(least, heapUsed + external);
    new Array(GARBAGE_LENGTH).fill(round);
  }
  return least;
}

Deno.test("a board of 300 000 members is the database's order, in columns", async () => {
  await using fixture = await createBoardFixture({ statementTimeoutMs: 120_000 });
  const { database, time } = fixture;
  const competitionId = await fixture.addCompetition();
  for (let from = 0; from < MEMBERS; from += PART) {
    await addMembers(database, competitionId, { from, to: from + PART });
  }
  const boards = createBoardsService({ database, clock: time, timers: time });
  const before = memoryInUse();

  const view = await boards.view(competitionId);

  const bytes = (memoryInUse() - before) / MEMBERS;
  assertEquals(view.total, MEMBERS);
  assert(bytes < BYTES_A_MEMBER_MAX, `${bytes} bytes a member`);
  for (const offset of [0, 150_000, MEMBERS - 500]) {
    const rows = await database.sql<{ id: string; rank: number; name: string }[]>`
      select r.participant_id as id, r.rank::int as rank, u.name from (
        select participant_id, rank() over (order by score desc, reached_at) as rank,
          row_number() over (order by score desc, reached_at, participant_id) as place
        from standings where competition_id = ${competitionId}) r
      join participants p on p.id = r.participant_id join users u on u.id = p.user_id
      where r.place > ${offset} order by r.place limit 500`;
    const shown = view.rows(offset, 500)
      .map(({ participantId, rank, name }) => ({ id: participantId, rank, name }));
    assertEquals(shown, [...rows].map((row) => ({ ...row })));
  }
  boards.clear();
});
