import { assertEquals } from "@std/assert";
import { TIE_BREAKS } from "@/domain/rules.ts";
import { loadMembers } from "@/services/boards/board_load.ts";
import { BoardMembers } from "@/services/boards/board_members.ts";
import { readEntries, readHead } from "@/services/boards/board_store.ts";
import { createBoardFixture, DIRECT_RULES } from "@/tests/support/board_fixture.ts";
import { addMembers } from "@/tests/support/large_board.ts";

/** What a board shows of its members, in order. */
function shown(members: BoardMembers) {
  return members.index.rows().map((row) => {
    const slot = members.slotOf(row.participantId);
    const person = members.person(slot);
    return { ...row, ...person, isFound: members.slotOfUser(person.userId) === slot };
  });
}

Deno.test("loadMembers() reads as columns what readEntries() reads as rows", async () => {
  await using fixture = await createBoardFixture();
  const { database } = fixture;
  const competitionId = await fixture.addCompetition();
  await addMembers(database, competitionId, { from: 0, to: 600 });
  // Ties of every kind, all statuses, people with and without what may be absent.
  await database.sql`
    update standings set score = case when score % 7 = 0 then -9007199254740991 else score % 3 end,
      reached_at = date_trunc('hour', reached_at) + interval '7 ms',
      event_count = score % 2 + 1, best_event = case when score % 5 = 0 then null else score % 4 - 2 end
    where competition_id = ${competitionId}`;
  await database.sql`
    delete from standings where competition_id = ${competitionId} and participant_id in
      (select id from participants where competition_id = ${competitionId} order by id limit 20)`;
  await database.sql`
    update participants p set
      status = (array['active', 'active', 'withdrawn', 'disqualified'])[n % 4 + 1],
      division = (array[null, 'Juniors & co', 'Séniors'])[n % 3 + 1],
      joined_at = joined_at - make_interval(secs => n % 2)
    from (select id, row_number() over (order by id)::int as n from participants
      where competition_id = ${competitionId}) numbered
    where p.id = numbered.id`;
  await database.sql`
    insert into profiles (user_id, alias, avatar_url, updated_at)
    select id, case when n % 2 = 0 then 'Ñandú 李 ' || n end,
      case when n % 3 = 0 then '/avatars/' || n end, now()
    from (select id, row_number() over (order by id) as n from users where email like 'member%') u
    where n % 5 <> 0`;
  await database.sql`
    update users set status = 'deleted', deleted_at = now()
    where id in (select id from users where email like 'member%' order by id limit 5)`;

  for (const tieBreaks of [[], ...TIE_BREAKS.map((step) => [step]), [...TIE_BREAKS]]) {
    const rules = { ...DIRECT_RULES, tieBreaks };
    const [loaded, read] = await database.transaction(async (tx) => {
      const head = { ...(await readHead(tx.sql, { id: competitionId }))!, rules };
      const entries = await readEntries(tx, competitionId, null);
      return [await loadMembers(tx, head), new BoardMembers(rules, entries)] as const;
    });

    assertEquals(shown(loaded), shown(read));
    assertEquals([loaded.size, loaded.index.known], [read.size, 600]);
    const juniors = (members: BoardMembers) => members.index.division("Juniors & co").size;
    assertEquals(juniors(loaded), juniors(read));
  }
});

Deno.test("loadMembers() reads an empty board", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();

  const members = await fixture.database.transaction(async (tx) =>
    await loadMembers(tx, (await readHead(tx.sql, { id: competitionId }))!)
  );

  assertEquals([members.size, members.index.known], [0, 0]);
});
