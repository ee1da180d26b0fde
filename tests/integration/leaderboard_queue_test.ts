import { assert, assertEquals } from "@std/assert";
import { type Database, openDatabase } from "@/db/client.ts";
import type { ScoreUpdate, ScoreUpdated } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createLeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import {
  type BoardFixture,
  createBoardFixture,
  DIRECT_RULES,
} from "@/tests/support/board_fixture.ts";
import { addScoredCompetition, KEY, scoring } from "@/tests/support/score_fixture.ts";

type Outcome = ScoreUpdated | DomainError;

/** An update's answer or its failure. */
async function tell(promise: Promise<ScoreUpdated>): Promise<Outcome> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

function codeOf(outcome: Outcome): string {
  return outcome instanceof DomainError ? outcome.code : "stored";
}

/** The keys of the stored events, in the order of their numbers. */
async function storedKeys({ database }: BoardFixture, competitionId: string): Promise<string[]> {
  const rows = await database.sql<{ key: string }[]>`
    select idempotency_key as key from competition_log
    where competition_id = ${competitionId} and kind = 'score' order by seq`;
  return rows.map((row) => row.key);
}

/** Board and stored standings must be what the pure function makes of the log. */
async function assertTrueBoard(fixture: BoardFixture, competitionId: string): Promise<void> {
  const log = await fixture.log.read(competitionId, { after: 0, limit: 10_000 });
  const expected = standings(log.map(({ entry }) => entry), { ...DIRECT_RULES });
  const view = await fixture.boards.view(competitionId);
  const shown = view.rows(0, view.total).map((row) => ({
    ...row,
    division: null,
    reachedAt: row.reachedAt && Date.parse(row.reachedAt),
  }));
  assertEquals(canonicalStandings(shown as never), canonicalStandings(expected));
}

/** How many transactions of updates there were, and their events. */
async function commitsOf({ metrics }: BoardFixture) {
  const { values } = await metrics.leaderboardCommitBatchSize.get();
  const read = (suffix: string) =>
    values.find(({ metricName }) => metricName?.endsWith(suffix))?.value ?? 0;
  return { count: read("_count"), events: read("_sum") };
}

Deno.test("LeaderboardService.update() stores 300 at once and lets faulty ones hurt only themselves", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture);
  const other = await addScoredCompetition(fixture, { operator: "increment" });
  const stranger = await fixture.addUser("Eve");
  const faults: [string, () => Promise<ScoreUpdated>][] = [
    ["NOT_A_PARTICIPANT", () => send(stranger, 1)],
    ["VALIDATION_ERROR", () => send(ann.userId, 0.5)],
    ["VALIDATION_ERROR", () => send(bea.userId, Number.MAX_VALUE)],
    // Only the database refuses this one, and with it the whole transaction.
    ["BAD_REQUEST", () => send(ann.userId, 1, { metadata: { note: "\u0000" } })],
    ["CONFLICT", () => other.send(other.ann.userId, 77, { idempotencyKey: "o-1" })],
    ["NOT_FOUND", () => send(ann.userId, 1, { competitionId: crypto.randomUUID() })],
  ];
  await other.send(other.ann.userId, 1, { idempotencyKey: "o-1" });

  const told = await Promise.all(Array.from({ length: 300 }, async (_, index) => {
    const [code, run] = faults[(index / 20) % faults.length] ?? ["stored", undefined];
    const key = { idempotencyKey: `k-${index}` };
    const good = index % 2
      ? () => other.send(other.bea.userId, 1, key)
      : () => send(index % 4 ? ann.userId : bea.userId, index, key);
    return [code, codeOf(await tell((run ?? good)()))];
  }));

  for (const [expected, actual] of told) assertEquals(actual, expected);
  const keys = await storedKeys(fixture, competitionId);
  assertEquals(keys, keys.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
  assertEquals(
    keys.length,
    150 - told.filter(([code], at) => at % 2 === 0 && code !== "stored").length,
  );
  const { count, events } = await commitsOf(fixture);
  assertEquals(events, 1 + told.filter(([code]) => code === "stored").length);
  assert(count < 60, `${count} transactions`);
  await assertTrueBoard(fixture, competitionId);
  await assertTrueBoard(fixture, other.competitionId);
});

Deno.test("LeaderboardService.update() keeps the order of a participant's updates", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);

  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => {
    const answer = send(ann.userId, index);
    return index % 50 ? answer : fixture.database.sql`select 1`.then(() => answer);
  }));

  const offsets = answers.map(({ offset }) => offset!);
  assertEquals(offsets, offsets.toSorted((a, b) => a - b));
  assertEquals(answers.map(({ score }) => score), answers.map((_, index) => index));
  await assertTrueBoard(fixture, competitionId);
});

Deno.test("LeaderboardService.update() stores one event when two nodes get a key 100 times", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann } = await addScoredCompetition(fixture, { operator: "increment" });
  const boards = createBoardsService(fixture);
  await using node = createLeaderboardService({ ...fixture, boards });
  const update = { competitionId, userId: ann.userId, score: 5, idempotencyKey: "once" };

  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      (_, index) => (index % 2 ? node : fixture.leaderboard).update(KEY, update),
    ),
  );

  assertEquals(new Set(answers.map(({ score, offset }) => `${score} ${offset}`)), new Set(["5 3"]));
  assertEquals(await storedKeys(fixture, competitionId), ["once"]);
  boards.clear();
});

Deno.test("LeaderboardService.update() adds exactly on two nodes that write at once", async () => {
  await using fixture = await createBoardFixture();
  const first = await addScoredCompetition(fixture, { operator: "increment" });
  const second = await addScoredCompetition(fixture, { operator: "increment" });
  const boards = createBoardsService(fixture);
  await using node = createLeaderboardService({ ...fixture, boards });

  await Promise.all(Array.from({ length: 200 }, async (_, index) => {
    const { competitionId, ann, bea } = index % 3 ? first : second;
    const update = { competitionId, userId: (index % 5 ? ann : bea).userId, score: 1 };
    if (index % 10 === 0) await fixture.database.sql`select 1`;
    return await (index % 2 ? node : fixture.leaderboard).update(KEY, update);
  }));

  const [row] = await fixture.database.sql`select sum(score)::int as sum from standings`;
  assertEquals(row?.sum, 200);
  fixture.time.advance(1000);
  for (const { competitionId } of [first, second]) await assertTrueBoard(fixture, competitionId);
  boards.clear();
});

Deno.test("LeaderboardService.update() goes on for others when a competition is cancelled in the middle", async () => {
  await using fixture = await createBoardFixture();
  const ending = await addScoredCompetition(fixture);
  const going = await addScoredCompetition(fixture);
  const sendAll = (from: number) =>
    Array.from({ length: 100 }, (_, index) => {
      const { ann, send } = index % 2 ? going : ending;
      return tell(send(ann.userId, from + index, { idempotencyKey: `k-${from + index}` }));
    });

  const early = sendAll(0);
  const cancelled = fixture.append(
    ending.competitionId,
    { kind: "status", status: "cancelled" },
    (tx) => tx.sql`update competitions set status = 'cancelled' where id = ${ending.competitionId}`,
  );
  const between = sendAll(100);
  await cancelled;
  const outcomes = await Promise.all([...early, ...between, ...sendAll(200)]);

  assert(outcomes.every((outcome, index) => index % 2 === 0 || codeOf(outcome) === "stored"));
  const late = outcomes.slice(200).filter((_, index) => index % 2 === 0);
  assertEquals(new Set(late.map(codeOf)), new Set(["COMPETITION_CANCELLED"]));
  const acknowledged = outcomes.flatMap((outcome, index) =>
    index % 2 === 0 && codeOf(outcome) === "stored" ? `k-${index}` : []
  );
  assertEquals(await storedKeys(fixture, ending.competitionId), acknowledged);
});

Deno.test("LeaderboardService.update() goes on for others when a competition is removed in the middle", async () => {
  await using fixture = await createBoardFixture();
  const gone = await addScoredCompetition(fixture);
  const going = await addScoredCompetition(fixture);
  await fixture.boards.view(gone.competitionId);
  await fixture.boards.view(going.competitionId);
  await fixture.database.transaction(async ({ sql }) => {
    await sql`update competitions set is_demo = true where id = ${gone.competitionId}`;
    await sql`select set_config('paceboard.remove_demo', 'on', true)`;
    for (const table of ["competition_log", "participants"]) {
      await sql`delete from ${sql(table)} where competition_id = ${gone.competitionId}`;
    }
    await sql`delete from competitions where id = ${gone.competitionId}`;
  });

  const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => {
    const { ann, send } = index % 2 ? going : gone;
    return tell(send(ann.userId, index));
  }));

  assertEquals(
    outcomes.map(codeOf),
    outcomes.map((_, index) => index % 2 ? "stored" : "NOT_FOUND"),
  );
  const { count } = await commitsOf(fixture);
  assert(count <= 4, `${count} transactions`);
});

Deno.test("LeaderboardService.update() does not wait for a competition that somebody else holds", async () => {
  await using fixture = await createBoardFixture();
  const held = await addScoredCompetition(fixture);
  const free = await addScoredCompetition(fixture);
  await fixture.boards.view(held.competitionId);
  await fixture.boards.view(free.competitionId);
  const release = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const holder = fixture.database.transaction(async (tx) => {
    await fixture.log.lock(tx, [held.competitionId]);
    isHeld.resolve();
    await release.promise;
  });
  await isHeld.promise;
  let waiting = 20;

  const late = Array.from(
    { length: 20 },
    (_, index) => held.send(held.ann.userId, index).finally(() => waiting--),
  );
  const freed = await Promise.all(
    Array.from({ length: 20 }, (_, index) => free.send(free.ann.userId, index)),
  );
  const waitingThen = waiting;
  release.resolve();
  await holder;
  const stored = await Promise.all(late);

  assertEquals([freed.at(-1)?.score, waitingThen], [19, 20]);
  assertEquals(stored.map(({ score }) => score), stored.map((_, index) => index));
});

Deno.test("LeaderboardService.updateBatch() keeps atomic batches whole beside other updates", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  const stranger = await fixture.addUser("Eve");
  const batch = (...userIds: string[]) => ({
    atomic: true,
    updates: userIds.map((userId): ScoreUpdate => ({ competitionId, userId, score: 1000 })),
  });
  const codes = (batches: Promise<unknown>[]) =>
    Promise.all(batches.map((each) => each.then(() => "stored", (error) => error.code)));

  const [singles, atomic] = await Promise.all([
    Promise.all(Array.from({ length: 60 }, () => send(ann.userId, 1))),
    codes(Array.from({ length: 10 }, (_, index) =>
      fixture.leaderboard.updateBatch(
        KEY,
        index % 2 ? batch(bea.userId, stranger) : batch(ann.userId, bea.userId),
      ))),
  ]);

  assertEquals(singles.length, 60);
  assertEquals(atomic, atomic.map((_, index) => index % 2 ? "NOT_A_PARTICIPANT" : "stored"));
  const view = await fixture.boards.view(competitionId);
  assertEquals(view.rows(0, 2).map(({ name, score }) => `${name} ${score}`), [
    "Ann 5060",
    "Bea 5000",
  ]);
  await assertTrueBoard(fixture, competitionId);
});

/** Whether some statement of the service waits for a lock. */
async function isWaiting({ sql }: Database): Promise<boolean> {
  const rows = await sql`
    select from pg_stat_activity where datname = current_database()
      and application_name = 'paceboard' and wait_event_type = 'Lock'`;
  return rows.length > 0;
}

Deno.test("LeaderboardService.update() acknowledges nothing that a broken database did not store", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, bea, send } = await addScoredCompetition(fixture, {
    operator: "increment",
  });
  await using killer = await openDatabase({
    url: fixture.test.url,
    poolMax: 2,
    applicationName: "killer",
  });
  const attempt = (index: number) =>
    tell(send((index % 2 ? ann : bea).userId, 1, { idempotencyKey: `k-${index}` }));
  const sendAll = (round: number) =>
    Array.from({ length: 50 }, (_, index) => attempt(round * 50 + index));
  const breakAll = () =>
    killer.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'paceboard'`;
  const outcomes: Outcome[] = [];

  for (let round = 0; round < 8; round++) {
    const sent = sendAll(round);
    // At another moment of the transaction each time, which may be before or after it.
    for (let wait = 0; wait < round; wait++) await killer.sql`select 1`;
    await breakAll();
    outcomes.push(...await Promise.all(sent));
  }
  // And once surely within it: while it waits for the competition.
  await killer.transaction(async (tx) => {
    await tx.sql`select from competitions where id = ${competitionId} for update`;
    const sent = sendAll(8);
    while (!await isWaiting(killer));
    await breakAll();
    outcomes.push(...await Promise.all(sent));
  });

  assert(outcomes.every((outcome) => /^(stored|SERVICE_UNAVAILABLE)$/.test(codeOf(outcome))));
  assert(outcomes.some((outcome) => outcome instanceof DomainError), "no fault was met");
  // By the connection that was spared: the pool may not have noticed all that it lost.
  const stored = new Set(await storedKeys({ ...fixture, database: killer }, competitionId));
  for (const [index, outcome] of outcomes.entries()) {
    if (codeOf(outcome) === "stored") assert(stored.has(`k-${index}`), `k-${index} is missing`);
  }
  const again = await Promise.all(outcomes.map((_, index) => attempt(index)));
  assertEquals(new Set(again.map(codeOf)), new Set(["stored"]));
  assertEquals((await storedKeys(fixture, competitionId)).length, outcomes.length);
  await assertTrueBoard(fixture, competitionId);
});

Deno.test("LeaderboardService stores what is queued before it is disposed", async () => {
  await using fixture = await createBoardFixture();
  const { competitionId, ann, send } = await addScoredCompetition(fixture);
  await fixture.boards.view(competitionId);
  const sent = Array.from({ length: 30 }, (_, index) => tell(send(ann.userId, index)));
  await fixture.database.sql`select 1`;

  await fixture.leaderboard[Symbol.asyncDispose]();

  assertEquals(new Set((await Promise.all(sent)).map(codeOf)), new Set(["stored"]));
  assertEquals(codeOf(await tell(send(ann.userId, 99))), "SERVICE_UNAVAILABLE");
});

Deno.test("LeaderboardService.update() lets a rule of another scoring be read with the batch", async () => {
  await using fixture = await createBoardFixture();
  const lower = await fixture.addCompetition({
    rules: scoring({ direction: "lower", decimals: 3 }),
  });
  const { userId } = await fixture.addParticipant(lower, "Cem");
  const { ann, send } = await addScoredCompetition(fixture);

  const [exact, whole] = await Promise.all([
    fixture.leaderboard.update(KEY, { competitionId: lower, userId, score: 9.125 }),
    send(ann.userId, 9),
  ]);

  assertEquals([exact.score, whole.score], [9.125, 9]);
});
