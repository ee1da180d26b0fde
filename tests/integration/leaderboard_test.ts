import { assert, assertEquals, assertRejects } from "@std/assert";
import { eq } from "drizzle-orm";
import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import { competitions, participants } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import type { DirectScoring } from "@/domain/rules.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import {
  ANONYMOUS,
  type BoardFixture,
  boardLines,
  createBoardFixture,
  DIRECT_RULES,
  keyActor,
  userActor,
} from "@/tests/support/board_fixture.ts";

const KEY = keyActor("scores:write");

function scoring(change: Partial<DirectScoring>): { scoring: DirectScoring } {
  return { scoring: { ...DIRECT_RULES.scoring as DirectScoring, ...change } };
}

async function assertFails(run: () => Promise<unknown>, code: ErrorCode, field?: string) {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  if (field !== undefined) assertEquals(error.details?.[0]?.field, field);
}

/** A competition with Ann and Bea; updates for them by an app's key. */
async function setUp(fixture: BoardFixture, change: Partial<DirectScoring> = {}) {
  const competitionId = await fixture.addCompetition({ rules: scoring(change) });
  const ann = await fixture.addParticipant(competitionId, "Ann");
  const bea = await fixture.addParticipant(competitionId, "Bea");
  const send = (
    userId: string,
    score: number,
    more: Partial<ScoreUpdate> = {},
    actor: Actor = KEY,
  ) => fixture.leaderboard.update(actor, { competitionId, userId, score, ...more });
  return { competitionId, ann, bea, send };
}

Deno.test("LeaderboardService.update() answers score, ranks and offset of a durable event", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture);

  const first = await send(ann.userId, 10);
  fixture.time.advance(1000);
  const second = await send(bea.userId, 20);
  fixture.time.advance(1000);
  const third = await send(ann.userId, 30);

  assertEquals(first, {
    participantId: ann.participantId,
    score: 10,
    rank: 1,
    previousRank: null,
    offset: 3,
  });
  assertEquals([second.rank, second.previousRank, second.offset], [1, null, 4]);
  assertEquals([third.rank, third.previousRank, third.offset], [1, 2, 5]);
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Ann 30", "2 Bea 20"]);
  fixture.time.advance(1000);
  assertEquals(fixture.meter.readings().reduce((sum, reading) => sum + reading.updates, 0), 3);
});

Deno.test("LeaderboardService.update() knows ids in capitals", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann } = await setUp(fixture);
  const update = { score: 1, idempotencyKey: "a" };

  const shouted = await fixture.leaderboard.update(KEY, {
    competitionId: competitionId.toUpperCase(),
    userId: ann.userId.toUpperCase(),
    ...update,
  });
  const said = await fixture.leaderboard.update(KEY, {
    competitionId,
    userId: ann.userId,
    ...update,
  });

  assertEquals([shouted.participantId, said.offset], [ann.participantId, shouted.offset]);
});

Deno.test("LeaderboardService.update() keeps decimals exact and refuses more of them", async () => {
  await using fixture = await createBoardFixture();
  const { ann, send } = await setUp(fixture, { decimals: 2, operator: "increment" });

  await send(ann.userId, 0.1);
  const sum = await send(ann.userId, 0.2);

  assertEquals(sum.score, 0.3);
  await assertFails(() => send(ann.userId, 0.001), "VALIDATION_ERROR", "score");
});

Deno.test("LeaderboardService.update() lets each operator of the rule or the update do its work", async () => {
  await using fixture = await createBoardFixture();
  const { ann, send } = await setUp(fixture, { operator: "best" });

  const scores = [];
  for (
    const [score, operator] of [[5], [3], [4, "increment"], [2, "decrement"], [1, "set"]] as const
  ) {
    scores.push((await send(ann.userId, score, operator ? { operator } : {})).score);
  }

  assertEquals(scores, [5, 5, 9, 7, 1]);
});

Deno.test("LeaderboardService.update() takes scores only from those who may write", async (t) => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture);
  const closed = await fixture.addCompetition({ rules: scoring({ selfReport: false }) });
  const { userId } = await fixture.addParticipant(closed, "Cem");
  const admin = userActor(await fixture.addUser("Ada"), { role: "admin" });
  const organiser = userActor(await fixture.addUser("Olga"), { role: "organiser" });

  await t.step("an app's key, an admin and the participant may", async () => {
    assertEquals((await send(ann.userId, 1)).score, 1);
    assertEquals((await send(ann.userId, 2, {}, admin)).score, 2);
    assertEquals((await send(ann.userId, 3, {}, userActor(ann.userId))).score, 3);
    const own = { competitionId, score: 4 };
    assertEquals((await fixture.leaderboard.update(userActor(ann.userId), own)).score, 4);
  });
  await t.step(
    "nobody, another participant, an organiser and a key for reading may not",
    async () => {
      await assertFails(() => send(ann.userId, 9, {}, ANONYMOUS), "UNAUTHORIZED");
      await assertFails(() => send(ann.userId, 9, {}, userActor(bea.userId)), "FORBIDDEN");
      await assertFails(() => send(ann.userId, 9, {}, organiser), "FORBIDDEN");
      await assertFails(() => send(ann.userId, 9, {}, keyActor("competitions:read")), "FORBIDDEN");
    },
  );
  await t.step("own reports keep to the rule", async () => {
    const cem = userActor(userId);
    const bea9 = { operator: "increment" as const };
    const now = new Date(fixture.time.now()).toISOString();
    const own = userActor(bea.userId);
    const closedUpdate = { competitionId: closed, score: 1 };
    await assertFails(() => fixture.leaderboard.update(cem, closedUpdate), "SELF_REPORT_DISABLED");
    await assertFails(() => send(bea.userId, 9, bea9, own), "VALIDATION_ERROR", "operator");
    await assertFails(
      () => send(bea.userId, 9, { occurredAt: now }, own),
      "VALIDATION_ERROR",
      "occurredAt",
    );
  });
  await t.step("a key must say whose score it is", async () => {
    const update = { competitionId, score: 1 };
    await assertFails(() => fixture.leaderboard.update(KEY, update), "VALIDATION_ERROR", "userId");
  });
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Ann 4", "- Bea null"]);
});

Deno.test("LeaderboardService.update() refuses by the life of the competition", async (t) => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture);
  const startsAt = fixture.time.now() - DAY_MS;
  const iso = (at: number) => new Date(at).toISOString();
  const setStatus = async (status: "draft" | "published" | "final" | "cancelled") => {
    await fixture.database.db.update(competitions).set({ status })
      .where(eq(competitions.id, competitionId));
  };

  await t.step("an event before the start or in the future", async () => {
    const early = { occurredAt: iso(startsAt - 1) };
    const future = { occurredAt: iso(fixture.time.now() + 1) };
    await assertFails(() => send(ann.userId, 1, early), "VALIDATION_ERROR", "occurredAt");
    await assertFails(() => send(ann.userId, 1, future), "VALIDATION_ERROR", "occurredAt");
  });
  await t.step("people who do not take part, left or were disqualified", async () => {
    const stranger = await fixture.addUser("Eve");
    await assertFails(() => send(stranger, 1), "NOT_A_PARTICIPANT");
    for (
      const [status, code] of [
        ["withdrawn", "NOT_A_PARTICIPANT"],
        ["disqualified", "PARTICIPANT_DISQUALIFIED"],
      ] as const
    ) {
      await fixture.database.db.update(participants).set({ status })
        .where(eq(participants.id, bea.participantId));
      await assertFails(() => send(bea.userId, 1), code);
    }
  });
  await t.step("drafts, cancelled and final ones", async () => {
    await setStatus("draft");
    await assertFails(() => send(ann.userId, 1), "NOT_PUBLISHED");
    await setStatus("cancelled");
    await assertFails(() => send(ann.userId, 1), "COMPETITION_CANCELLED");
    await setStatus("final");
    await assertFails(() => send(ann.userId, 1), "ALREADY_FINAL");
    await setStatus("published");
  });
  await t.step("a competition to come, and unknown ones", async () => {
    const later = await fixture.addCompetition({ startsAt: fixture.time.now() + HOUR_MS });
    const { userId } = await fixture.addParticipant(later, "Dag");
    const update = { competitionId: later, userId, score: 1 };
    await assertFails(() => fixture.leaderboard.update(KEY, update), "NOT_STARTED");
    const unknown = { ...update, competitionId: crypto.randomUUID() };
    await assertFails(() => fixture.leaderboard.update(KEY, unknown), "NOT_FOUND");
  });
  await t.step("computed competitions", async () => {
    const computed = await fixture.addCompetition({
      rules: {
        scoring: {
          kind: "activity",
          metric: "steps",
          aggregate: "total",
          direction: "higher",
          manualPolicy: "exclude",
        },
      },
    });
    const update = { competitionId: computed, userId: ann.userId, score: 1 };
    await assertFails(
      () => fixture.leaderboard.update(KEY, update),
      "VALIDATION_ERROR",
      "competitionId",
    );
  });
  await t.step(
    "after the end late data counts by its event time until the grace ends",
    async () => {
      const endsAt = startsAt + 11 * DAY_MS;
      fixture.time.advance(endsAt - fixture.time.now() + HOUR_MS);
      await assertFails(() => send(ann.userId, 1), "ALREADY_ENDED");
      const late = { occurredAt: iso(endsAt - 1) };
      assertEquals((await send(ann.userId, 7, late)).score, 7);
      await assertFails(() => send(ann.userId, 8, { occurredAt: iso(endsAt) }), "ALREADY_ENDED");
      fixture.time.advance(DAY_MS);
      await assertFails(() => send(ann.userId, 9, late), "ALREADY_ENDED");
    },
  );
});

Deno.test("LeaderboardService.update() answers a repeated key with the first result", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture, { operator: "increment" });
  const key = { idempotencyKey: "run-1", metadata: { device: "watch", lap: 3 } };

  const first = await send(ann.userId, 5, key);
  await send(ann.userId, 5);
  const again = await send(ann.userId, 5, {
    metadata: { lap: 3, device: "watch" },
    idempotencyKey: "run-1",
  });

  assertEquals([again.score, again.offset], [first.score, first.offset]);
  assertEquals([again.rank, again.previousRank], [1, null]);
  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Ann 10", "- Bea null"]);
  await assertFails(() => send(ann.userId, 6, key), "CONFLICT");
  await assertFails(() => send(bea.userId, 5, key), "CONFLICT");
  await assertFails(() => send(ann.userId, 5, { idempotencyKey: "run-1" }), "CONFLICT");
});

Deno.test("LeaderboardService.update() stores one event when a key comes 100 times at once", async () => {
  await using fixture = await createBoardFixture();
  const { ann, send } = await setUp(fixture, { operator: "increment" });

  const answers = await Promise.all(
    Array.from({ length: 100 }, () => send(ann.userId, 5, { idempotencyKey: "once" })),
  );

  const effects = new Set(
    answers.map(({ participantId, score, offset }) => `${participantId} ${score} ${offset}`),
  );
  assertEquals([...effects], [`${ann.participantId} 5 3`]);
  const [row] = await fixture.database.sql`
    select count(*) from competition_log where kind = 'score'`;
  assertEquals(row?.count, 1);
});

Deno.test("LeaderboardService.update() adds 50 concurrent increments to the exact sum", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await setUp(fixture, { operator: "increment" });
  const amounts = Array.from({ length: 50 }, (_, index) => index + 1);

  const answers = await Promise.all(
    amounts.map((amount) => send(amount % 2 ? ann.userId : bea.userId, amount)),
  );

  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Bea 650", "2 Ann 625"]);
  assertEquals(new Set(answers.map((answer) => answer.offset)).size, 50);
  const view = await fixture.boards.view(competitionId);
  assertEquals(view.offset, 52);
});

Deno.test("LeaderboardService.updateBatch() answers each update and lets a bad one hurt only itself", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea } = await setUp(fixture, { operator: "increment" });
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
  const { competitionId, ann, bea } = await setUp(fixture);
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
  const { competitionId, ann, bea } = await setUp(fixture, { operator: "increment" });
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
  assertEquals(page.meta, { page: 2, pageSize: 8, total: 20, totalPages: 3 });
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
  const { competitionId, ann, send } = await setUp(fixture);
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
