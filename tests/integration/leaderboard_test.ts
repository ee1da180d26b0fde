import { assertEquals } from "@std/assert";
import { eq } from "drizzle-orm";
import { competitions, participants } from "@/db/schema.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import {
  ANONYMOUS,
  boardLines,
  createBoardFixture,
  keyActor,
  userActor,
} from "@/tests/support/board_fixture.ts";
import { addScoredCompetition, assertFails, KEY, scoring } from "@/tests/support/score_fixture.ts";

Deno.test("LeaderboardService.update() answers score, ranks and offset of a durable event", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture);

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
  const { competitionId, ann } = await addScoredCompetition(fixture);
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
  const { ann, send } = await addScoredCompetition(fixture, { decimals: 2, operator: "increment" });

  await send(ann.userId, 0.1);
  const sum = await send(ann.userId, 0.2);

  assertEquals(sum.score, 0.3);
  await assertFails(() => send(ann.userId, 0.001), "VALIDATION_ERROR", "score");
});

Deno.test("LeaderboardService.update() lets each operator of the rule or the update do its work", async () => {
  await using fixture = await createBoardFixture();
  const { ann, send } = await addScoredCompetition(fixture, { operator: "best" });

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
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture);
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
  await t.step("an admin who names nobody scores for themselves", async () => {
    const { userId: adminId } = await fixture.addParticipant(closed, "Dora");
    const update = { competitionId: closed, score: 6 };
    const answer = await fixture.leaderboard.update(userActor(adminId, { role: "admin" }), update);
    assertEquals([answer.score, answer.rank], [6, 1]);
  });
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
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture);
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
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
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
  const { ann, send } = await addScoredCompetition(fixture, { operator: "increment" });

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
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  const amounts = Array.from({ length: 50 }, (_, index) => index + 1);

  const answers = await Promise.all(
    amounts.map((amount) => send(amount % 2 ? ann.userId : bea.userId, amount)),
  );

  assertEquals(await boardLines(fixture.boards, competitionId), ["1 Bea 650", "2 Ann 625"]);
  assertEquals(new Set(answers.map((answer) => answer.offset)).size, 50);
  const view = await fixture.boards.view(competitionId);
  assertEquals(view.offset, 52);
});
