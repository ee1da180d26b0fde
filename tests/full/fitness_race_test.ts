/** Activity from several sides at once: nothing is counted twice, nothing is lost. */

import { assert, assertEquals } from "@std/assert";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { createTestServices } from "../support/services.ts";
import { type FitnessWorld, openFitnessWorld, runFile, STEPS, steps } from "../support/fitness.ts";

/** Enough for each of the orders to come up. */
const ROUNDS = 25;

function counts(outcomes: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, (outcome) => outcome))
      .map(([outcome, all]) => [outcome, all!.length]),
  );
}

/** The board in memory says what a replay of the log says. */
async function assertBoardIsReplay(world: FitnessWorld, competitionId: string): Promise<void> {
  const view = await world.services.boards.view(competitionId);
  const replayed = standings(await world.entries(competitionId), view.rules);
  const shown = view.rows(0, view.total).map((
    { participantId, score, reachedAt, rank, status },
  ) => ({
    ...{ participantId, score, rank, status, division: null },
    reachedAt: reachedAt === null ? null : Date.parse(reachedAt),
  }));
  const visible = replayed.filter(({ status }) => status !== "withdrawn");
  assertEquals(canonicalStandings(shown), canonicalStandings(visible));
}

async function scoreEventsOf(world: FitnessWorld, competitionId: string): Promise<number> {
  return (await world.scoreEvents(competitionId)).length;
}

Deno.test("the same file 20 times at once is one activity, one event and 19 duplicates", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.upload(actor, runFile(), cup)),
  );

  const outcomes = answers.flatMap(({ records }) => records.map(({ outcome }) => outcome));
  assertEquals(counts(outcomes), { imported: 1, duplicate: 19 });
  assertEquals(new Set(answers.map(({ records }) => records[0]?.activityId)).size, 1);
  assertEquals(await scoreEventsOf(world, cup), 1);
  const { activities, imports } = await world.countRows();
  assertEquals([activities, imports], [1, 20]);
  assertEquals(answers.map(({ standing }) => standing?.score), Array(20).fill(5000));
});

/** A file of one's own: the same file in two accounts waits for review. */
function runFileOf(round: number) {
  return runFile({ start: new Date(Date.UTC(2026, 3, 20, 6, 0, round)).toISOString() });
}

Deno.test("joining while a file is imported never loses the file", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  // A second node, so that nothing in memory puts the two in order.
  await using other = createTestServices(world.database, world.time);

  for (let round = 0; round < ROUNDS; round++) {
    const actor = await world.athlete();
    const join = () => other.competitions.join(actor, cup, {});
    const send = () => world.upload(actor, runFileOf(round));
    await Promise.all(round % 2 === 0 ? [join(), send()] : [send(), join()]);
  }

  world.time.advance(1000);
  const scores = [...(await world.board(cup)).values()];
  assertEquals(scores, Array(ROUNDS).fill(5000));
  assertEquals(await scoreEventsOf(world, cup), ROUNDS);
  await assertBoardIsReplay(world, cup);
});

Deno.test("leaving while a file is imported is either before or after it, and joining again has it", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const { competitions } = world.services;

  for (let round = 0; round < ROUNDS; round++) {
    const actor = await world.athlete(cup);
    const [answer] = await Promise.all([
      world.upload(actor, runFileOf(round)),
      competitions.leave(actor, cup),
    ]);
    const effect = answer.competitions[0]!;
    const isRefused = effect.excluded[0]?.reason === "not_participating";
    assertEquals(effect.counted.length, isRefused ? 0 : 1);
    assertEquals((await world.board(cup)).has(actor.userId), false);
    await competitions.join(actor, cup, {});
    assertEquals((await world.board(cup)).get(actor.userId), 5000);
  }

  assertEquals(await scoreEventsOf(world, cup), ROUNDS);
  await assertBoardIsReplay(world, cup);
});

/** How many statements wait for a lock. */
async function waitersOf({ database }: FitnessWorld): Promise<number> {
  const rows = await database.sql`
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return rows.length;
}

/** Lets two come to a competition's lock in their order, whatever the machine is doing. */
async function inOrder<A, B>(
  world: FitnessWorld,
  cup: string,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const both = await world.database.transaction(async ({ sql }) => {
    await sql`select from competitions where id = ${cup} for update`;
    const one = first();
    while (await waitersOf(world) < 1);
    const two = second();
    while (await waitersOf(world) < 2);
    return { ends: Promise.all([one, two]) };
  });
  return await both.ends;
}

Deno.test("cancelling while a file is imported leaves no score behind the end", async (t) => {
  await using world = await openFitnessWorld();
  const race = async (
    round: number,
    run: (
      cup: string,
      send: () => ReturnType<FitnessWorld["upload"]>,
      cancel: () => Promise<unknown>,
    ) => Promise<Awaited<ReturnType<FitnessWorld["upload"]>>>,
  ) => {
    const cup = await world.compete();
    const actor = await world.athlete(cup);
    const send = () => world.upload(actor, runFileOf(round));
    const cancel = () =>
      world.services.competitions.cancel(world.organiser, cup, { reason: "Rain" });
    const answer = await run(cup, send, cancel);
    const kinds = (await world.entries(cup)).map(({ kind }) => kind);
    assertEquals(kinds.at(-1), "status");
    const isLocked = answer.competitions[0]?.excluded[0]?.reason === "locked";
    return [kinds.includes("score"), isLocked];
  };

  await t.step("the file before the end counts", async () => {
    const told = await race(0, async (cup, send, cancel) => {
      const [answer] = await inOrder(world, cup, send, cancel);
      return answer;
    });
    assertEquals(told, [true, false]);
  });
  await t.step("the file behind the end does not", async () => {
    const told = await race(1, async (cup, send, cancel) => {
      const [, answer] = await inOrder(world, cup, cancel, send);
      return answer;
    });
    assertEquals(told, [false, true]);
  });
  await t.step("both at once is one or the other", async () => {
    for (let round = 2; round < 10; round++) {
      const [hasScore, isLocked] = await race(round, async (_cup, send, cancel) => {
        const [answer] = await Promise.all([send(), cancel()]);
        return answer;
      });
      assertEquals(hasScore, !isLocked);
    }
  });
});

Deno.test("different files of one athlete at once add up exactly", async () => {
  await using world = await openFitnessWorld();
  const [cup, second] = [await world.compete(), await world.compete()];
  const actor = await world.athlete(cup, second);
  const files = Array.from({ length: 20 }, (_, n) =>
    runFile({
      start: `2026-04-${String(n + 1).padStart(2, "0")}T06:00:00Z`,
      distanceM: 1000.17 + n,
    }));

  const answers = await Promise.all(files.map((file) => world.upload(actor, file)));

  assertEquals(answers.map(({ import: { counts } }) => counts.imported), Array(20).fill(1));
  const sum = Math.floor(20 * 1000.17 + 190);
  for (const id of [cup, second]) {
    assertEquals(await world.board(id), new Map([[actor.userId, sum]]));
    await assertBoardIsReplay(world, id);
  }
});

Deno.test("many athletes in the same competitions at once never wait for each other in a circle", async () => {
  await using world = await openFitnessWorld();
  const cups = [];
  for (let n = 0; n < 3; n++) cups.push(await world.compete({ scoring: STEPS }));
  const athletes = [];
  for (let n = 0; n < 12; n++) {
    athletes.push(await world.athlete(...(n % 2 === 0 ? cups : cups.toReversed())));
  }
  await using other = createTestServices(world.database, world.time);

  const answers = await Promise.all(athletes.flatMap((actor, n) =>
    [0, 1, 2].map((hour) => {
      const record = steps(`h${hour}`, 100 + n, {
        start: `2026-05-01T0${hour}:00:00Z`,
        end: `2026-05-01T0${hour + 1}:00:00Z`,
      });
      const request = { provider: "other" as const, records: [record], workouts: [] };
      return (hour === 1 ? other : world.services).fitness.sync(actor, request);
    })
  ));

  assert(answers.every(({ import: { counts } }) => counts.imported === 1));
  world.time.advance(1000);
  for (const cup of cups) {
    const board = await world.board(cup);
    assertEquals(
      athletes.map(({ userId }) => board.get(userId)),
      athletes.map((_, n) => 300 + 3 * n),
    );
    await assertBoardIsReplay(world, cup);
  }
});
