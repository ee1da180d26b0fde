import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { DAY_MS } from "@/domain/time.ts";
import {
  ANONYMOUS,
  boardLines,
  createBoardFixture,
  DIRECT_RULES,
  keyActor,
  userActor,
} from "@/tests/support/board_fixture.ts";
import { addScoredCompetition, assertFails, KEY } from "@/tests/support/score_fixture.ts";

Deno.test("LeaderboardService.updateBatch() answers each update and lets a bad one hurt only itself", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  const other = await fixture.addCompetition();
  const cem = await fixture.addParticipant(other, "Cem");
  const update = (userId: string, score: number, more: Partial<ScoreUpdate> = {}) => ({
    competitionId,
    userId,
    score,
    ...more,
  });

  const result = await fixture.leaderboard.updateBatch(KEY, {
    atomic: false,
    updates: [
      update(ann.userId, 5),
      update(ann.userId, 0.5),
      update(bea.userId, 9, { idempotencyKey: "a" }),
      update(bea.userId, 9, { idempotencyKey: "a" }),
      update(bea.userId, 8, { idempotencyKey: "a" }),
      update(cem.userId, 1),
      update(cem.userId, 3, { competitionId: other }),
      update(cem.userId, 3, { competitionId: crypto.randomUUID() }),
      update(ann.userId, 2),
    ],
  });

  const told = result.results.map(({ update, error }) => error?.code ?? update?.score);
  assertEquals(told, [
    5,
    "VALIDATION_ERROR",
    9,
    9,
    "CONFLICT",
    "NOT_A_PARTICIPANT",
    3,
    "NOT_FOUND",
    7,
  ]);
  assertEquals([result.accepted, result.rejected], [5, 4]);
  assertEquals(result.results[2]?.update?.offset, result.results[3]?.update?.offset);
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Bea 9", "2 Ann 7"]);
  assertEquals(await boardLines(fixture.boards, other), ["1 Cem 3"]);
});

Deno.test("LeaderboardService.updateBatch() records all or nothing when atomic", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await addScoredCompetition(fixture);
  const stranger = await fixture.addUser("Eve");
  const updates = [ann.userId, stranger, bea.userId].map((userId) => ({
    competitionId,
    userId,
    score: 0.5 + (userId === bea.userId ? 0 : 0.5),
  }));

  const error = await assertRejects(
    () => fixture.leaderboard.updateBatch(KEY, { updates, atomic: true }),
    DomainError,
  );

  assertEquals(error.code, "NOT_A_PARTICIPANT");
  assertEquals(error.details?.map((detail) => detail.field), ["updates.1", "updates.2.score"]);
  const lines = await boardLines(fixture.boards, competitionId);
  assertEquals(lines.sort(), ["- Ann null", "- Bea null"]);
  const accepted = await fixture.leaderboard.updateBatch(KEY, {
    updates: [updates[0]!],
    atomic: true,
  });
  assertEquals(accepted.accepted, 1);
});

Deno.test("LeaderboardService.updateBatch() takes 1000 updates of one competition in order", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  const updates = Array.from({ length: 1000 }, (_, index) => ({
    competitionId,
    userId: index % 4 ? ann.userId : bea.userId,
    score: 1,
    occurredAt: new Date(fixture.time.now() - (index % 3) * 1000).toISOString(),
  }));

  const result = await fixture.leaderboard.updateBatch(KEY, { updates, atomic: false });

  assertEquals(result.accepted, 1000);
  assertEquals(result.results.at(-1)?.update?.offset, 1002);
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Ann 750", "2 Bea 250"]);
  const log = await fixture.log.read(competitionId, { after: 0, limit: 2000 });
  const expected = standings(log.map((row) => row.entry), DIRECT_RULES);
  const view = await fixture.boards.view(competitionId);
  const shown = view.rows(0, 10).map((row) => ({
    ...row,
    division: null,
    reachedAt: row.reachedAt && Date.parse(row.reachedAt),
  }));
  assertEquals(canonicalStandings(shown as never), canonicalStandings(expected));
});

Deno.test("LeaderboardService.board() gives the top, a page, or the rows around oneself", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();
  const people = [];
  for (let index = 0; index < 20; index++) {
    people.push(await fixture.addParticipant(competitionId, `P${index}`));
  }
  await fixture.leaderboard.updateBatch(KEY, {
    atomic: true,
    updates: people.map(({ userId }, index) => ({ competitionId, userId, score: 100 - index })),
  });
  const me = userActor(people[8]!.userId);

  const top = await fixture.leaderboard.board(ANONYMOUS, competitionId, { top: 3 });
  const page = await fixture.leaderboard.board(ANONYMOUS, competitionId, { page: 2, page_size: 8 });
  const around = await fixture.leaderboard.board(me, competitionId, { around: "me" });
  const all = await fixture.leaderboard.board(ANONYMOUS, `cup-${competitionId}`, {});

  assertEquals(top.board.rows.map((row) => row.name), ["P0", "P1", "P2"]);
  assertEquals([top.board.offset, top.board.total, top.board.phase], [40, 20, "active"]);
  assertEquals(page.board.rows[0]?.rank, 9);
  const { nextCursor, ...place } = page.meta!;
  assertEquals(place, { page: 2, pageSize: 8, total: 20, totalPages: 3 });
  const next = await fixture.leaderboard.board(ANONYMOUS, competitionId, { cursor: nextCursor! });
  assertEquals(next.board.rows.map((row) => row.rank), [17, 18, 19, 20]);
  assertEquals(next.meta?.nextCursor, null);
  assertEquals(around.board.rows.map((row) => row.rank), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  assertEquals(around.board.rows.filter((row) => row.isMe).map((row) => row.name), ["P8"]);
  assertEquals(around.board.me, { participantId: people[8]!.participantId, rank: 9, score: 92 });
  assertEquals(all.board.rows.length, 20);
  assert(all.board.rows.every((row) => row.isMe === undefined));
  assert(around.tag !== all.tag);
  await assertFails(
    () => fixture.leaderboard.board(ANONYMOUS, competitionId, { around: "me" }),
    "UNAUTHORIZED",
  );
  const stranger = userActor(await fixture.addUser("Eve"));
  const none = await fixture.leaderboard.board(stranger, competitionId, { around: "me" });
  assertEquals([none.board.rows, none.board.me], [[], undefined]);
});

Deno.test("LeaderboardService.board() is shown to whoever may see the competition", async () => {
  await using fixture = await createBoardFixture();
  const owner = await fixture.addUser("Olga", { role: "organiser" });
  const invited = await fixture.addCompetition({
    visibility: "invite",
    inviteCode: "secret-1",
    ownerId: owner,
  });
  const { userId } = await fixture.addParticipant(invited, "Ann");
  const draft = await fixture.addCompetition({ status: "draft", ownerId: owner });
  const unlisted = await fixture.addCompetition({ visibility: "unlisted" });
  const stranger = userActor(await fixture.addUser("Eve"));
  const organiser = userActor(owner, { role: "organiser" });
  const board = (actor: Actor, id: string) => fixture.leaderboard.board(actor, id, {});

  assertEquals((await board(userActor(userId), invited)).board.total, 1);
  assertEquals((await board(organiser, invited)).board.total, 1);
  assertEquals((await board(keyActor("competitions:read"), invited)).board.total, 1);
  await assertFails(() => board(ANONYMOUS, invited), "UNAUTHORIZED");
  await assertFails(() => board(stranger, invited), "FORBIDDEN");
  await assertFails(() => board(keyActor(), invited), "FORBIDDEN");
  assertEquals((await board(organiser, draft)).board.rows, []);
  await assertFails(() => board(stranger, draft), "NOT_FOUND");
  assertEquals((await board(ANONYMOUS, unlisted)).board.total, 0);
  await assertFails(() => board(ANONYMOUS, "no-such-cup"), "NOT_FOUND");
});

Deno.test("LeaderboardService.board() keeps its tag until the answer changes", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);
  const tag = async () => (await fixture.leaderboard.board(ANONYMOUS, competitionId, {})).tag;

  const before = await tag();
  const same = await tag();
  await send(ann.userId, 1);
  const after = await tag();
  fixture.time.advance(11 * DAY_MS);
  const inGrace = await tag();

  assertEquals(before, same);
  assertEquals(new Set([before, after, inGrace]).size, 3);
});
