/**
 * Years of readings: scored on a thread of their own, to the same score, while requests get their
 * turns; and what scoring one athlete costs where many take part.
 */

import { cpuUsage } from "node:process";
import { assert, assertEquals } from "@std/assert";
import type { Scoring } from "@/domain/rules.ts";
import { systemTimers } from "@/platform/timers.ts";
import { askHistory, scoreHistory } from "@/services/activity/history_scores.ts";
import { NO_DECISIONS } from "@/services/reviews/review_store.ts";
import { addPeople } from "@/tests/load/people.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { type FitnessWorld, openFitnessWorld, steps } from "@/tests/support/fitness.ts";

const DAY_MS = 86_400_000;
const START = Date.parse("2025-11-01T00:00:00Z");
/** Readings of five minutes for half a year: watch and phone take turns. */
const READINGS = 50_000;
/** What the issue asks for; the machine's own pauses come on top. */
const HELD_MS = 20;

/** A watch that never rests, written straight into the database. */
async function storeReadings(world: FitnessWorld, userId: string, count: number): Promise<void> {
  const { sql } = world.database;
  const importId = crypto.randomUUID();
  await sql`
    insert into imports (id, user_id, kind, provider, size_bytes, status, records, created_at)
    values (${importId}, ${userId}, 'sync', 'apple_health', 0, 'done', '[]'::jsonb, ${START})`;
  await sql`
    insert into samples (id, user_id, import_id, provider, identity, content_hash, quantity, value,
      started_at, ended_at, recording_method, source_device, arrived_at)
    select gen_random_uuid(), ${userId}, ${importId}, 'apple_health', 'r' || n, 'h', 'steps',
      40 + n % 71, to_timestamp(${START / 1000} + n * 300),
      to_timestamp(${START / 1000} + n * 300 + 300), 'automatic',
      case when n % 5 = 0 then 'phone' else 'watch' end, to_timestamp(${
    START / 1000
  } + n * 300 + 600)
    from generate_series(0, ${count - 1}::int) as n`;
}

const EVERY_MS = 5;

/** Runs on a thread of its own, which does nothing else: what is late there is the machine's doing. */
const BESIDE = `
  let [worst, last] = [0, performance.now()];
  setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - ${EVERY_MS});
    last = now;
  }, ${EVERY_MS});
  onmessage = () => { postMessage(worst); worst = 0; last = performance.now(); };
  postMessage(0);`;

class Lateness implements Disposable {
  readonly #beside = new Worker(URL.createObjectURL(new Blob([BESIDE])), { type: "module" });

  /** The greatest lateness of a timer while something is done: here, and on an idle thread. */
  async during(action: () => Promise<unknown>): Promise<{ here: number; beside: number }> {
    await this.#ask();
    let [here, last] = [0, performance.now()];
    let cancel: () => void;
    const tick = () => {
      const now = performance.now();
      here = Math.max(here, now - last - EVERY_MS);
      last = now;
      cancel = systemTimers.after(EVERY_MS, tick);
    };
    cancel = systemTimers.after(EVERY_MS, tick);
    await action();
    cancel();
    return { here, beside: await this.#ask() };
  }

  #ask(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#beside.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    this.#beside.postMessage("how late");
    return promise;
  }

  [Symbol.dispose](): void {
    this.#beside.terminate();
  }
}

const STEPS = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
} as const satisfies Scoring;

function orderOf(scoring: Scoring) {
  const endsAt = START + 200 * DAY_MS;
  const rules = { version: 1, scoring, rankMethod: "standard" as const, tieBreaks: [] };
  return {
    competition: { startsAt: START, endsAt, graceMs: 0, timeZone: "Europe/Helsinki", rules },
    frame: {
      recordIds: [],
      athlete: { joinedAt: START, athleteZone: "UTC" },
      decisions: NO_DECISIONS,
      now: endsAt,
    },
  };
}

Deno.test("a long history is scored beside the requests, to the score that it has at once", async (t) => {
  await using world = await openFitnessWorld({ now: "2026-05-01T12:00:00Z" });
  const cup = await world.compete({
    startsAt: new Date(START).toISOString(),
    endsAt: "2026-06-01T00:00:00Z",
    scoring: { kind: "activity", metric: "steps", overlap: "interval_union" },
  });
  const athlete = await world.athlete(cup);
  await storeReadings(world, athlete.userId, READINGS);
  const { transaction } = world.database;

  await t.step("both ways give the same scores", async () => {
    const rules: Scoring[] = [
      STEPS,
      { ...STEPS, overlap: "interval_union" },
      { ...STEPS, aggregate: "streak_days", dailyGoal: 9_000 },
      { ...STEPS, aggregate: "best_day", dailyCap: 20_000 },
    ];
    const orders = rules.map(orderOf);
    const whose = { userId: athlete.userId, recordIds: [] };
    const [beside, atOnce] = await transaction(async (tx) => [
      await scoreHistory(tx, orders, whose),
      await scoreHistory(tx, orders, whose, READINGS),
    ]);

    const told = (scores: typeof beside.scores) =>
      scores.map(({ score, reachedAt }) => [score, reachedAt]);
    assertEquals(told(beside.scores), told(atOnce.scores));
    assert(beside.scores[0]!.score! > 1_000_000);
    assertEquals([beside.facts.samples.length, atOnce.facts.samples.length], [0, READINGS]);
  });
  await t.step("what is told of it is the same, too", async () => {
    const streak = { ...STEPS, aggregate: "streak_days", dailyGoal: 9_000 } as const;
    const asked = { order: orderOf(streak), userId: athlete.userId };
    for (const ask of ["progress", "records", "summary"] as const) {
      const [beside, atOnce] = await transaction(async (tx) => [
        await askHistory(tx, ask, asked),
        await askHistory(tx, ask, asked, READINGS),
      ]);

      assertEquals(beside, atOnce);
    }
    using lateness = new Lateness();
    const heldBy = async (inlineMax?: number) => {
      const rounds = [];
      for (let n = 0; n < 3; n++) {
        rounds.push(
          await lateness.during(() =>
            transaction((tx) => askHistory(tx, "records", asked, inlineMax))
          ),
        );
      }
      return Math.min(...rounds.map(({ here, beside }) => here - beside));
    };
    const [beside, atOnce] = [await heldBy(), await heldBy(READINGS)];
    assert(beside < atOnce / 3, `held for ${beside} ms at the least, and ${atOnce} at once`);
  });
  await t.step("a sync scores it while others are served", async () => {
    const sync = (id: string) =>
      world.sync(athlete, { provider: "other", records: [steps(id, 812)] });
    await sync("warm");
    using lateness = new Lateness();
    const rounds = [];
    for (let n = 0; n < 6; n++) rounds.push(await lateness.during(() => sync(`more-${n}`)));
    // deno-lint-ignore no-console -- the figures are what the test is run for
    console.log(
      `ms late, here and on an idle thread: ${
        rounds.map(({ here, beside }) => `${Math.round(here)} ${Math.round(beside)}`).join(", ")
      }`,
    );
    const held = Math.min(...rounds.map(({ here, beside }) => here - beside));
    assert(held < HELD_MS, `held for ${held} ms at the least`);
    const start = "2026-05-01T09:00:00Z";
    const last = steps("last", 812, { start, end: "2026-05-01T10:00:00Z" });
    const answer = await world.sync(athlete, { provider: "other", records: [last] });
    assertEquals(answer.competitions[0]?.counted.length, 1);
  });
});

Deno.test("scoring one athlete's sync costs the same whether 10 or 20 000 take part", async () => {
  await using world = await openFitnessWorld({ now: "2026-05-01T12:00:00Z" });
  const { database, log } = world;
  const newId = createIdGenerator(world.time);
  const costs: number[] = [];
  for (const members of [10, 20_000]) {
    const competitionId = await world.compete({
      startsAt: "2026-04-01T00:00:00Z",
      endsAt: "2026-06-01T00:00:00Z",
      scoring: { kind: "activity", metric: "steps" },
    });
    await addPeople(database, { log, newId, competitionId, members });
    const athlete = await world.athlete(competitionId);
    const days = Array.from({ length: 30 }, (_, day) => day);
    for (const day of days) {
      const from = Date.parse("2026-04-01T00:00:00Z") + day * DAY_MS;
      const at = (hour: number) => new Date(from + hour * 3_600_000).toISOString();
      await world.sync(athlete, {
        records: Array.from(
          { length: 24 },
          (_, hour) => steps(`${day}-${hour}`, 300 + hour, { start: at(hour), end: at(hour + 1) }),
        ),
      });
    }
    costs.push(await rescoreCostMs(world, athlete.userId));
  }

  const [few, many] = costs as [number, number];
  // deno-lint-ignore no-console -- the figures are what the test is run for
  console.log(
    `CPU of scoring a month of hourly steps: ${few.toFixed(2)} and ${many.toFixed(2)} ms`,
  );
  assert(many < 2 * few + 0.5, `${many} ms among many, ${few} ms among few`);
});

/** The processor time of reading and scoring a month, least of several rounds, in ms. */
async function rescoreCostMs({ database }: FitnessWorld, userId: string): Promise<number> {
  const startsAt = Date.parse("2026-04-01T00:00:00Z");
  const { frame, competition } = orderOf(STEPS);
  const orders = [{
    frame,
    competition: { ...competition, startsAt, endsAt: startsAt + 61 * DAY_MS },
  }];
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    const before = cpuUsage();
    const times = 40;
    for (let n = 0; n < times; n++) {
      await database.transaction((tx) => scoreHistory(tx, orders, { userId, recordIds: [] }));
    }
    const { user, system } = cpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / times);
  }
  return least;
}
