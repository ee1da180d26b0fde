import { assertEquals, assertMatch } from "@std/assert";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createLocalRanking } from "@/services/boards/local_ranking.ts";
import { createRankingFeed } from "@/services/boards/ranking_feed.ts";
import { logShownName } from "@/services/accounts/shown_name.ts";
import { createBoardFixture, userActor } from "@/tests/support/board_fixture.ts";
import { addScoredCompetition } from "@/tests/support/score_fixture.ts";
import { findDifference, verifyAll } from "@/tools/verify_leaderboards.ts";

Deno.test("findDifference() agrees with what the product wrote, late events and leavers too", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  const earlier = new Date(fixture.time.now() - 60_000).toISOString();
  await send(ann.userId, 5);
  await send(bea.userId, 7);
  await send(ann.userId, 3, { occurredAt: earlier });
  const { participantId } = await fixture.addParticipant(competitionId, "Cem");
  await fixture.append(
    competitionId,
    { kind: "disqualify", participantId },
    (tx) => tx.sql`update participants set status = 'disqualified' where id = ${participantId}`,
  );

  assertEquals(await findDifference(fixture, competitionId), undefined);
});

Deno.test("a new name leaves the division as the log has it", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);
  await send(ann.userId, 5);
  await fixture.append(
    competitionId,
    { kind: "profile", participantId: ann.participantId, division: "juniors" },
    (tx) => tx.sql`update participants set division = 'juniors' where id = ${ann.participantId}`,
  );
  await fixture.database.transaction((tx) =>
    logShownName(tx, fixture.log, { userId: ann.userId, actor: userActor(ann.userId) })
  );

  assertEquals(await findDifference(fixture, competitionId), undefined);
});

Deno.test("verifyAll() names the first damaged row, and repairing rebuilds it", async () => {
  await using fixture = await createBoardFixture();
  const sound = await addScoredCompetition(fixture);
  const damaged = await addScoredCompetition(fixture, { operator: "best" });
  for (const { ann, bea, send } of [sound, damaged]) {
    await send(ann.userId, 5);
    fixture.time.advance(1000);
    await send(bea.userId, 7);
    await send(bea.userId, 6);
  }
  const read = () =>
    fixture.database.sql`select * from standings order by competition_id, participant_id`;
  const before = [...await read()];
  await fixture.database.sql`
    update standings set score = 70, last_event_seq = 1, event_count = 9
    where competition_id = ${damaged.competitionId} and score = 7`;
  await fixture.database.sql`
    delete from standings where competition_id = ${damaged.competitionId} and score = 5`;
  const lines: string[] = [];
  const tell = (line: string) => Promise.resolve(void lines.push(line));

  assertEquals(await verifyAll(fixture, { repair: false, tell }), 1);
  // Both were made in one millisecond, so that their ids are in any order.
  const [faulty, good] = lines.slice(0, 2).sort((a, b) => b.length - a.length);
  assertMatch(good!, /as its log says/);
  assertMatch(faulty!, /row 1 should be .*"score":7.* and is .*"score":70/);
  assertEquals(lines[2], "2 verified, 1 differ");
  assertEquals(await verifyAll(fixture, { repair: true, tell }), 0);
  assertEquals([...await read()], before);
});

Deno.test("verifyAll() holds the ranking against the log at its own offset, and drops a wrong one", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);
  const ranking = createLocalRanking();
  using feed = createRankingFeed({ ranking, timers: fixture.time, membersMin: 0 });
  const boards = createBoardsService({
    ...{ database: fixture.database, clock: fixture.time, timers: fixture.time },
    rankingFeed: feed,
  });
  await send(ann.userId, 5);
  const { rules, epoch, offset } = await boards.view(competitionId);
  await feed.settled();
  await send(ann.userId, 6);
  const deps = { ...fixture, ranking };

  const behind = await findDifference(deps, competitionId);
  const state = { competitionId, epoch, rules, offset: offset + 1 };
  await ranking.apply({ ...state, from: offset, members: [] });
  const wrong = await findDifference(deps, competitionId);
  const left = await verifyAll(deps, { repair: true, tell: () => Promise.resolve() });

  assertEquals([behind, wrong?.kind, left], [undefined, "ranking", 0]);
  assertMatch(wrong!.message, /row 1 should be .*"score":6.* and is .*"score":5/);
  assertEquals(await ranking.window(competitionId, { from: 0, limit: 1 }), undefined);
});

Deno.test("verifyAll() sees, and does not build upon, a log that was edited behind the chain's back", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);
  await send(ann.userId, 5);
  await fixture.database.transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    await sql`update competition_log set value = 6
      where competition_id = ${competitionId} and kind = 'score'`;
  });

  const lines: string[] = [];

  const differing = await verifyAll(fixture, {
    repair: true,
    tell: (line) => Promise.resolve(void lines.push(line)),
  });

  assertEquals(differing, 1);
  assertMatch(lines[0]!, /: the chain of the log breaks at 3: hash$/);
  assertEquals(lines.length, 2);
});
