import { assert, assertEquals } from "@std/assert";
import type { Database } from "@/db/client.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "@/domain/time.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { SYSTEM } from "@/tests/support/users.ts";
import { athleteActor } from "@/tools/demo/athletes.ts";
import { createChance } from "@/tools/demo/chance.ts";
import { MOVING_SLUG } from "@/tools/demo/competitions.ts";
import { findMovingCompetition, readField } from "@/tools/demo/field.ts";
import { seedDemo } from "@/tools/demo/seed.ts";
import { createSimulation } from "@/tools/demo/simulation.ts";
import { startSimulator } from "@/tools/demo/simulator.ts";

const NOW = Date.UTC(2026, 4, 1, 12);

/** A seeded node with a simulation that the test moves. */
async function createDemoNode(database: Database) {
  const time = createManualTime(NOW);
  const shared = { database, clock: time, timers: time, newId: createIdGenerator(time) };
  const services = createTestServices(database, time);
  await seedDemo({ ...shared, log: getLog("demo") });
  const simulation = createSimulation({ ...shared, services, random: createChance(11) });
  /** Steps as the simulator would make them, each after the pause of the one before. */
  async function run(steps: number): Promise<number[]> {
    const pauses: number[] = [];
    for (let done = 0; done < steps; done++) {
      const pauseMs = await simulation.step();
      pauses.push(pauseMs);
      time.advance(pauseMs);
    }
    return pauses;
  }
  return { time, services, simulation, run };
}

/** Rank and name of the first fifteen. */
async function readTop(node: Awaited<ReturnType<typeof createDemoNode>>): Promise<string[]> {
  const view = await node.services.boards.view(MOVING_SLUG);
  return view.rows(0, 15).map(({ rank, name }) => `${rank} ${name}`);
}

Deno.test("Simulation.step() moves the board with records that could be true, some late and as files", async () => {
  await using test = await openTestDatabase();
  const node = await createDemoNode(test.database);
  const before = await node.services.boards.view(MOVING_SLUG);
  const topBefore = await readTop(node);
  const offsetBefore = before.offset;

  const pauses = await node.run(120);

  assert(pauses.every((pause) => pause >= SECOND_MS && pause <= 4 * SECOND_MS));
  const after = await node.services.boards.view(MOVING_SLUG);
  assert(after.offset - offsetBefore > 100, `${after.offset - offsetBefore} events`);
  const topAfter = await readTop(node);
  const changed = topAfter.filter((line, place) => line !== topBefore[place]).length;
  assert(changed >= 8, `${changed} of the first fifteen rows changed`);
  const faults = await test.database.sql`
    select a.type, a.started_at, a.ended_at, a.arrived_at, a.distance_mm from activities a
    where a.arrived_at > ${NOW} and (a.ended_at > a.arrived_at
      or a.distance_mm > 6000 * extract(epoch from a.ended_at - a.started_at)
      or exists (select 1 from activities b where b.user_id = a.user_id and b.id <> a.id
        and b.started_at < a.ended_at and b.ended_at > a.started_at))`;
  assertEquals(faults.length, 0);
  const files = await test.database.sql<{ format: string; counted: number }[]>`
    select format, jsonb_array_length(effect -> 'counted') as counted
    from imports, jsonb_array_elements(competitions) effect
    where kind = 'file' and effect ->> 'slug' = ${MOVING_SLUG}`;
  assert(files.length >= 2, `${files.length} files`);
  assert(files.every(({ format, counted }) => format === "tcx" && counted === 1));
});

Deno.test("Simulation.step() rests when everybody has gone far enough for a day", async () => {
  await using test = await openTestDatabase();
  const node = await createDemoNode(test.database);
  const competition = (await findMovingCompetition(test.database))!;
  const [start, end] = [NOW - 6 * HOUR_MS, NOW - 1 * HOUR_MS].map((at) =>
    new Date(at).toISOString()
  );
  for (const { userId } of await readField(test.database, competition, NOW)) {
    const workout = { id: "long", type: "walking", start, end, distance: 40_000 };
    await node.services.fitness.sync(athleteActor(userId, NOW + DAY_MS), {
      provider: "other",
      records: [],
      workouts: [workout],
    });
  }
  const { offset } = await node.services.boards.view(MOVING_SLUG);

  const pauses = await node.run(3);

  assert(pauses.every((pause) => pause >= 25 * SECOND_MS), `${pauses}`);
  assertEquals((await node.services.boards.view(MOVING_SLUG)).offset, offset);
  node.time.advance(DAY_MS);
  const [pause] = await node.run(1);
  assert(pause! <= 4 * SECOND_MS);
  assert((await node.services.boards.view(MOVING_SLUG)).offset > offset);
});

Deno.test("Simulation.step() makes the competition longer before it ends", async () => {
  await using test = await openTestDatabase();
  const node = await createDemoNode(test.database);
  node.time.advance(12 * DAY_MS);

  await node.simulation.step();

  const { endsAt } = (await findMovingCompetition(test.database))!;
  assert(endsAt - node.time.now() > 7 * DAY_MS);
  assertEquals((await node.services.boards.view(MOVING_SLUG)).phase, "active");
});

Deno.test("Simulation.step() waits when the demo was removed", async () => {
  await using test = await openTestDatabase();
  const node = await createDemoNode(test.database);
  await node.services.demo.remove(SYSTEM);

  assertEquals(await node.run(2), [30 * SECOND_MS, 30 * SECOND_MS]);
});

Deno.test("startSimulator() goes on after failures, with longer pauses, and stops", async () => {
  const time = createManualTime(NOW);
  const outcomes = [new Error("first"), new Error("second"), 2000, 2000];
  const steps: number[] = [];
  let finish = () => {};
  const simulation = {
    async step() {
      steps.push(time.now() - NOW);
      const outcome = outcomes[steps.length - 1];
      if (outcome === undefined) await new Promise<void>((resolve) => finish = resolve);
      if (outcome instanceof Error) throw outcome;
      return outcome ?? 2000;
    },
  };
  const unused = {} as Parameters<typeof startSimulator>[0];
  const simulator = startSimulator({ ...unused, timers: time, log: getLog("demo") }, simulation);

  for (const wait of [1000, 5000, 10_000, 2000, 2000]) {
    time.advance(wait);
    await settled();
  }

  assertEquals(steps, [1000, 6000, 16_000, 18_000, 20_000]);
  let isStopped = false;
  const stopping = simulator[Symbol.asyncDispose]().then(() => isStopped = true);
  await settled();
  assertEquals(isStopped, false);
  finish();
  await stopping;
  assertEquals(time.pending, 0);
});

/** Lets all promises that are resolved go their way. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
