import { assert, assertEquals, assertRejects } from "@std/assert";
import { eq } from "drizzle-orm";
import { openDatabase } from "@/db/client.ts";
import { competitions, participants, profiles, users } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import { type BoardsService, createBoardsService } from "@/services/boards/boards.ts";
import { createLeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import {
  type BoardFixture,
  boardLines,
  createBoardFixture,
  keyActor,
} from "@/tests/support/board_fixture.ts";

const KEY = keyActor("scores:write");

/** A competition with Ann at 10 and Bea at 5, its board loaded. */
async function setUp(fixture: BoardFixture) {
  const competitionId = await fixture.addCompetition();
  const ann = await fixture.addParticipant(competitionId, "Ann");
  const bea = await fixture.addParticipant(competitionId, "Bea");
  const send = (userId: string, score: number) =>
    fixture.leaderboard.update(KEY, { competitionId, userId, score });
  await send(ann.userId, 10);
  await send(bea.userId, 5);
  return { competitionId, ann, bea, send };
}

/** Another node on the same database. */
function otherNode({ database, time }: BoardFixture): BoardsService {
  return createBoardsService({ database, clock: time, timers: time });
}

Deno.test("BoardsService.view() shows the writes of another node within a second", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, bea, send } = await setUp(fixture);
  const other = otherNode(fixture);
  const before = await boardLines(other, competitionId);

  await send(bea.userId, 20);
  const atOnce = await boardLines(other, competitionId);
  fixture.time.advance(1000);
  const later = await boardLines(other, competitionId);

  assertEquals(before, ["1 Ann 10", "2 Bea 5"]);
  assertEquals(atOnce, before);
  assertEquals(later, ["1 Bea 20", "2 Ann 10"]);
});

Deno.test("BoardsService.committed() catches up where the change does not follow the board", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture);
  const other = otherNode(fixture);
  await other.view(competitionId);

  await send(ann.userId, 1);
  await send(bea.userId, 2);
  const locked = await fixture.database.transaction(async (tx) =>
    (await fixture.log.lock(tx, [competitionId])).get(competitionId)!
  );
  const after = { score: 2, reachedAt: fixture.time.now(), eventCount: 2, bestEvent: 5 };
  const change = { locked, from: 5, scores: [{ participantId: bea.participantId, after }] };
  await other.committed(competitionId, change);

  assertEquals(await boardLines(other, competitionId), ["1 Bea 2", "2 Ann 1"]);
  assertEquals((await other.view(competitionId)).offset, locked.lastSeq);
});

Deno.test("BoardsService.committed() resolves after a state that has its commit, whoever else reads", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId } = await setUp(fixture);
  const seen: number[] = [];

  await Promise.all(Array.from({ length: 30 }, async (_, index) => {
    const { participantId } = await fixture.addParticipant(competitionId, `P${index}`);
    const view = await fixture.boards.view(competitionId);
    if (view.find({ participantId })) seen.push(index);
  }));

  assertEquals(seen.length, 30);
});

Deno.test("BoardsService shows names, leavers and the disqualified as the log has them", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await setUp(fixture);
  const cem = await fixture.addParticipant(competitionId, "Cem");
  const { boards, append } = fixture;

  await append(
    competitionId,
    { kind: "profile", participantId: ann.participantId },
    (tx) => tx.db.update(profiles).set({ alias: "Swift" }).where(eq(profiles.userId, ann.userId)),
  );
  await append(
    competitionId,
    { kind: "leave", participantId: cem.participantId },
    (tx) =>
      tx.db.update(participants).set({ status: "withdrawn" })
        .where(eq(participants.id, cem.participantId)),
  );
  const renamed = await boardLines(boards, competitionId);
  await append(
    competitionId,
    { kind: "disqualify", participantId: ann.participantId },
    (tx) =>
      tx.db.update(participants).set({ status: "disqualified" })
        .where(eq(participants.id, ann.participantId)),
  );
  const disqualified = await boardLines(boards, competitionId);
  await append(
    competitionId,
    { kind: "profile", participantId: bea.participantId },
    (tx) =>
      tx.db.update(users).set({ status: "deleted", deletedAt: 1 }).where(eq(users.id, bea.userId)),
  );

  assertEquals(renamed, ["1 Swift 10", "2 Bea 5"]);
  assertEquals(disqualified, ["1 Bea 5", "- Swift 10"]);
  assertEquals(await boardLines(boards, competitionId), ["1 Deleted athlete 5", "- Swift 10"]);
});

Deno.test("BoardsService serves its memory, marked stale, while the database is away", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId } = await setUp(fixture);
  const database = await openDatabase({ url: fixture.test.url, poolMax: 1 });
  const boards = createBoardsService({ database, clock: fixture.time, timers: fixture.time });
  const fresh = (await boards.view(competitionId)).stale;

  await database.close();
  fixture.time.advance(1000);
  const view = await boards.view(competitionId);
  await boards.committed(competitionId);

  assertEquals([fresh, view.stale], [false, true]);
  assertEquals(view.rows(0, 1)[0]?.name, "Ann");
  const never = await assertRejects(() => boards.view(crypto.randomUUID()), DomainError);
  assertEquals(never.code, "SERVICE_UNAVAILABLE");
});

Deno.test("LeaderboardService.board() marks a stale board in its meta and its tag", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId } = await setUp(fixture);
  const database = await openDatabase({ url: fixture.test.url, poolMax: 1 });
  const boards = createBoardsService({ database, clock: fixture.time, timers: fixture.time });
  const leaderboard = createLeaderboardService({ ...fixture, boards, clock: fixture.time });
  const fresh = await leaderboard.board(KEY, competitionId, {});

  await database.close();
  fixture.time.advance(1000);
  const stale = await leaderboard.board(KEY, competitionId, {});
  const page = await leaderboard.board(KEY, competitionId, { page: 1, page_size: 1 });

  assertEquals([fresh.meta, stale.meta], [undefined, { stale: true }]);
  const { nextCursor, ...place } = page.meta!;
  assertEquals(place, { page: 1, pageSize: 1, total: 2, totalPages: 2, stale: true });
  assertEquals(typeof nextCursor, "string");
  assertEquals(stale.board.rows, fresh.board.rows);
  assert(stale.tag !== fresh.tag);
});

Deno.test("BoardsService.listen() hears of commits and of phases that the clock brings", async () => {
  await using fixture = await createBoardFixture();
  const { time, boards } = fixture;
  const competitionId = await fixture.addCompetition({
    startsAt: time.now() + HOUR_MS,
    endsAt: time.now() + 3 * DAY_MS,
  });
  const heard: string[] = [];
  await boards.view(competitionId);
  const stop = boards.listen(competitionId, (view) => heard.push(`${view?.phase} ${view?.offset}`));

  await fixture.addParticipant(competitionId, "Ann");
  time.advance(HOUR_MS);
  time.advance(3 * DAY_MS);
  time.advance(DAY_MS);
  stop();
  await fixture.addParticipant(competitionId, "Bea");

  assertEquals(heard, ["registration 1", "active 1", "grace 1", "provisional 1"]);
  assertEquals(time.pending, 0);
});

Deno.test("BoardsService tells listeners that a competition was removed", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition({ status: "draft" });
  const heard: unknown[] = [];
  await fixture.boards.view(competitionId);
  fixture.boards.listen(competitionId, (view) => heard.push(view?.status ?? "removed"));

  await fixture.database.db.delete(competitions).where(eq(competitions.id, competitionId));
  await fixture.boards.committed(competitionId);
  const error = await assertRejects(() => fixture.boards.view(competitionId), DomainError);

  assertEquals(heard, ["removed"]);
  assertEquals(error.code, "NOT_FOUND");
});

Deno.test("BoardsService.clear() forgets boards but not their listeners", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await setUp(fixture);
  const offsets: number[] = [];
  const stop = fixture.boards.listen(competitionId, (view) => offsets.push(view!.offset));

  fixture.boards.clear();
  await send(ann.userId, 11);
  stop();

  assertEquals(offsets.at(-1), 5);
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Ann 11", "2 Bea 5"]);
});

Deno.test("BoardsService follows a change of the competition that the log does not number", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId } = await setUp(fixture);
  const view = await fixture.boards.view(competitionId);

  await fixture.database.db.update(competitions)
    .set({
      visibility: "unlisted",
      slug: "renamed-cup",
      registrationClosesAt: fixture.time.now(),
      endsAt: fixture.time.now(),
    })
    .where(eq(competitions.id, competitionId));
  await fixture.boards.committed(competitionId);

  assertEquals([view.visibility, view.phase], ["unlisted", "grace"]);
  assertEquals((await fixture.boards.view("renamed-cup")).competitionId, competitionId);
  await assertRejects(() => fixture.boards.view(`cup-${competitionId}`), DomainError);
});

Deno.test("BoardsService loads a board of 10 000 rows and gives any rank of it at once", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition({ rules: { rankMethod: "dense" } });
  await fixture.database.sql`
    with people as (
      insert into users (id, email, name, access_changed_at, created_at, updated_at)
      select gen_random_uuid(), 'p' || n || '@example.org', 'P' || n, now(), now(), now()
      from generate_series(1, 10000) n returning id
    ), joined as (
      insert into participants (id, competition_id, user_id, joined_at, time_zone)
      select id, ${competitionId}::uuid, id, now(), 'UTC' from people returning id
    )
    insert into standings (competition_id, participant_id, score, reached_at, event_count)
    select ${competitionId}::uuid, id, row_number() over () % 5000, now(), 1 from joined`;

  const view = await fixture.boards.view(competitionId);
  const rows = view.rows(9_900, 100);

  assertEquals(view.total, 10_000);
  assertEquals(rows.at(-1)?.rank, 5_000);
  assert(rows.every((row, index) => view.find(row)?.index === 9_900 + index));
});
