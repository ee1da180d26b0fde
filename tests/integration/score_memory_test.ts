import { assert, assertEquals } from "@std/assert";
import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import { participants } from "@/db/schema.ts";
import { verifyChain } from "@/domain/log_hash.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { sha256 } from "@/platform/sha256.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createLeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import { type BoardFixture, createBoardFixture } from "@/tests/support/board_fixture.ts";
import { addScoredCompetition, assertFails, KEY, scoring } from "@/tests/support/score_fixture.ts";
import { eq } from "drizzle-orm";

const INCREMENT = { operator: "increment" } as const;

/** A node of its own on the fixture's database, which counts how often it locks before it writes. */
function openNode(fixture: BoardFixture) {
  const boards = createBoardsService(fixture);
  const node = { locks: 0 };
  const log: BoardFixture["log"] = {
    ...fixture.log,
    lockFound(...args) {
      node.locks++;
      return fixture.log.lockFound(...args);
    },
  };
  const leaderboard = createLeaderboardService({ ...fixture, boards, log });
  return Object.assign(node, {
    update: (update: ScoreUpdate) => leaderboard.update(KEY, update),
    async [Symbol.asyncDispose]() {
      await leaderboard[Symbol.asyncDispose]();
      boards.clear();
    },
  });
}

/** The log has no gap and an unbroken chain; standings and board are what it replays to. */
async function assertTrue(fixture: BoardFixture, competitionId: string): Promise<void> {
  const log = await fixture.log.read(competitionId, { after: 0, limit: 10_000 });
  assert(verifyChain(log, sha256).ok);
  const [competition] = await fixture.database.sql`
    select rules, last_seq as seq from competitions where id = ${competitionId}`;
  assertEquals(competition!.seq, log.length);
  const replayed = standings(log.map(({ entry }) => entry), competition!.rules);
  const stored = await fixture.database.sql`
    select participant_id as "participantId", score, reached_at as "reachedAt",
      event_count as "eventCount", best_event as "bestEvent"
    from standings where competition_id = ${competitionId}`;
  const byId = new Map(stored.map((row) => [row.participantId, { ...row }]));
  for (const { participantId, score, reachedAt, eventCount, bestEvent } of replayed) {
    if (eventCount === 0 && !byId.has(participantId)) continue;
    const expected = { participantId, score, reachedAt, eventCount, bestEvent };
    assertEquals(byId.get(participantId), expected);
  }
  fixture.time.advance(1000);
  const view = await fixture.boards.view(competitionId, "staff");
  const shown = view.rows(0, view.total).map((row) => ({
    ...row,
    division: null,
    reachedAt: row.reachedAt && Date.parse(row.reachedAt),
  }));
  assertEquals(canonicalStandings(shown as never), canonicalStandings(replayed));
}

Deno.test("a node that wrote last neither locks nor reads before it writes, whoever writes in turns", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await addScoredCompetition(fixture, INCREMENT);
  await using one = openNode(fixture);
  await using two = openNode(fixture);
  const update = (userId: string) => ({ competitionId, userId, score: 1 });

  for (let count = 0; count < 4; count++) await one.update(update(ann.userId));
  // Somebody who was not asked for before is read beside the row, without a lock.
  await one.update(update(bea.userId));
  const alone = one.locks;
  for (let turn = 0; turn < 3; turn++) {
    await two.update(update(bea.userId));
    await one.update(update(ann.userId));
  }
  const inTurns = { one: one.locks, two: two.locks };
  const last = await one.update(update(ann.userId));

  assertEquals(alone, 1);
  assertEquals(inTurns, { one: 4, two: 3 });
  assertEquals([last.score, last.offset, one.locks], [8, 2 + 12, 4]);
  await assertTrue(fixture, competitionId);
});

Deno.test("a node notices each change that another way makes to what it knows", async (t) => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await addScoredCompetition(fixture, INCREMENT);
  await using node = openNode(fixture);
  const send = (userId: string, more: Partial<ScoreUpdate> = {}) =>
    node.update({ competitionId, userId, score: 1, ...more });
  const setStatus = (kind: "disqualify" | "reinstate" | "leave", participantId: string) => {
    const status =
      ({ disqualify: "disqualified", reinstate: "active", leave: "withdrawn" } as const)[kind];
    return fixture.append(
      competitionId,
      { kind, participantId },
      (tx) => tx.db.update(participants).set({ status }).where(eq(participants.id, participantId)),
    );
  };
  for (const { userId } of [ann, bea, ann]) await send(userId);

  await t.step("a disqualification, and its end", async () => {
    await setStatus("disqualify", ann.participantId);
    await assertFails(() => send(ann.userId), "PARTICIPANT_DISQUALIFIED");
    assertEquals((await send(bea.userId)).score, 2);
    await setStatus("reinstate", ann.participantId);
    assertEquals((await send(ann.userId)).score, 3);
  });
  await t.step("somebody who comes, and somebody who goes", async () => {
    const cy = await fixture.addUser("Cy");
    await assertFails(() => send(cy), "NOT_A_PARTICIPANT");
    await fixture.join(competitionId, cy);
    assertEquals((await send(cy)).score, 1);
    await setStatus("leave", bea.participantId);
    await assertFails(() => send(bea.userId), "NOT_A_PARTICIPANT");
  });
  await t.step("a void in the log that folds somebody anew", async () => {
    const [event] = await fixture.database.sql`
      select event_id as id from competition_log
      where competition_id = ${competitionId} and kind = 'score'
        and participant_id = ${ann.participantId} order by seq limit 1`;
    await fixture.database.transaction(async (tx) => {
      const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
      const entry = {
        kind: "void_event",
        eventId: event!.id,
        participantId: ann.participantId,
      } as const;
      const actor = { kind: "system", name: "test", requestId: null, address: null } as const;
      await fixture.log.append(tx, locked, [{ entry, actor }]);
      await fixture.scores.refold(tx, locked, [ann.participantId]);
    });
    assertEquals((await send(ann.userId)).score, 3);
  });
  await t.step("folds that were repaired while the log stood still", async () => {
    const { participantId } = ann;
    await fixture.database.sql`
      update standings set score = 77 where participant_id = ${participantId}`;
    await fixture.database.transaction(async (tx) => {
      const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
      await fixture.scores.refold(tx, locked, [participantId]);
    });
    const { locks } = node;
    assertEquals([(await send(ann.userId)).score, node.locks], [4, locks + 1]);
  });
  await t.step("a status that is changed by hand, past the log", async () => {
    const { database } = fixture;
    await send(ann.userId);
    await database
      .sql`update participants set status = 'disqualified' where id = ${ann.participantId}`;
    await assertFails(() => send(ann.userId), "PARTICIPANT_DISQUALIFIED");
    await database.sql`update participants set status = 'active' where id = ${ann.participantId}`;
    await send(ann.userId);
  });
  await t.step("a fold that is taken away by hand, past the log", async () => {
    await fixture.database.sql`delete from standings where participant_id = ${ann.participantId}`;
    assertEquals((await send(ann.userId)).score, 1);
    await fixture.database.transaction(async (tx) => {
      const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
      await fixture.scores.refold(tx, locked, [ann.participantId]);
    });
  });
  await t.step("an end that the log does not number", async () => {
    await send(ann.userId);
    const endsAt = fixture.time.now() - 1;
    await fixture.database.sql`
      update competitions set starts_at = ${endsAt - 1}, ends_at = ${endsAt},
        registration_closes_at = ${endsAt} where id = ${competitionId}`;
    await assertFails(() => send(ann.userId), "ALREADY_ENDED");
  });
  await assertTrue(fixture, competitionId);
});

Deno.test("two nodes writing at once leave one log and the standings that it replays to", async () => {
  await using fixture = await createBoardFixture();
  const rules = scoring(INCREMENT);
  const competitionId = await fixture.addCompetition({ rules });
  const people: { userId: string }[] = [];
  for (const name of ["Ann", "Bea", "Cy"]) {
    people.push(await fixture.addParticipant(competitionId, name));
  }
  await using one = openNode(fixture);
  await using two = openNode(fixture);
  const nodes = [one, two] as const;
  fixture.time.advance(60_000);
  const operators = ["increment", "decrement", "best", "set"] as const;

  const told = await Promise.all(Array.from({ length: 240 }, async (_, index) => {
    // A key comes twice, from both nodes; every seventh event lies in the past.
    const pair = index >> 1;
    if (pair % 12 === 0) await fixture.database.sql`select 1`;
    return await nodes[index % 2]!.update({
      competitionId,
      userId: people[pair % 3]!.userId,
      score: pair,
      operator: operators[(pair * 7) % 4],
      idempotencyKey: `k-${pair}`,
      ...(pair % 7 === 0
        ? { occurredAt: new Date(fixture.time.now() - 1 - pair).toISOString() }
        : {}),
    } as ScoreUpdate);
  }));

  const offsets = told.map(({ offset }) => offset!);
  for (let pair = 0; pair < 120; pair++) assertEquals(offsets[2 * pair], offsets[2 * pair + 1]);
  assertEquals(new Set(offsets).size, 120);
  await assertTrue(fixture, competitionId);
});

Deno.test("a key that comes 100 times to two nodes, and again after they were started anew, has one answer", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann } = await addScoredCompetition(fixture, INCREMENT);
  const update = { competitionId, userId: ann.userId, score: 5, idempotencyKey: "once" };
  const others = (key: string) => ({ ...update, idempotencyKey: key });
  const told: string[] = [];

  for (let start = 0; start < 2; start++) {
    await using one = openNode(fixture);
    await using two = openNode(fixture);
    // Both know the competition, so that they would write without reading.
    await one.update(others(`one-${start}`));
    await two.update(others(`two-${start}`));
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => (index % 2 ? one : two).update(update)),
    );
    told.push(...answers.map(({ score, offset }) => `${score} ${offset}`));
  }

  assertEquals([...new Set(told)], ["15 5"]);
  const [row] = await fixture.database.sql`select sum(score)::int as sum from standings`;
  assertEquals(row?.sum, 5 * 5);
  await assertTrue(fixture, competitionId);
});
