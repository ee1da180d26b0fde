/** Averages fall when local days begin: by a job, in each one's zone, until the end. */

import { assertEquals } from "@std/assert";
import { openFitnessWorld, STEPS, steps } from "../support/fitness.ts";

const HOUR_MS = 3_600_000;

Deno.test("an average follows the days that begin, in each athlete's zone, until the end", async () => {
  await using world = await openFitnessWorld({ now: "2026-05-01T06:00:00Z" });
  const { services, database, time } = world;
  const average = { ...STEPS, aggregate: "average_per_day" as const, dayZone: "athlete" as const };
  const startsAt = "2026-05-01T00:00:00Z";
  const cup = await world.compete({ scoring: average, startsAt, endsAt: "2026-05-04T00:00:00Z" });
  const [helsinki, utc] = [await world.athlete(), await world.athlete()];
  await database.sql`
    insert into profiles (user_id, time_zone, updated_at)
    values (${helsinki.userId}, 'Europe/Helsinki', ${time.now()})
    on conflict (user_id) do update set time_zone = excluded.time_zone`;
  for (const actor of [helsinki, utc]) await services.competitions.join(actor, cup, {});
  time.advance(6 * HOUR_MS);
  for (const actor of [helsinki, utc]) await world.sync(actor, { records: [steps("a", 6000)] });
  const scores = async () => {
    const board = await world.board(cup);
    return [board.get(helsinki.userId), board.get(utc.userId)];
  };
  const goTo = async (instant: string) => {
    time.advance(Date.parse(instant) - time.now());
    await services.jobs.runDue();
    return await scores();
  };

  assertEquals(await scores(), [6000, 6000]);
  assertEquals(await goTo("2026-05-01T21:15:00Z"), [3000, 6000]);
  assertEquals(await goTo("2026-05-02T00:15:00Z"), [3000, 3000]);
  assertEquals(await goTo("2026-05-03T23:59:59Z"), [1500, 2000]);
  const events = (await world.scoreEvents(cup)).length;
  assertEquals(await goTo("2026-05-05T00:00:00Z"), [1500, 2000]);
  assertEquals((await world.scoreEvents(cup)).length, events);
  assertEquals((await services.jobs.runDue()).failed, []);
});
