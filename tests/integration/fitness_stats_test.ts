/** Totals of stored activity. */

import { assertEquals, assertRejects } from "@std/assert";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { openFitnessWorld, steps, workout } from "../support/fitness.ts";

async function assertCode(run: () => Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("stats() sums up in the athlete's zone, for the athlete and admins", async () => {
  await using world = await openFitnessWorld();
  const [mira, odd] = [await world.athlete(), await world.athlete()];
  const { fitness } = world.services;
  await world.database.sql`
    update profiles set time_zone = 'Europe/Helsinki' where user_id = ${mira.userId}`;
  await world.sync(mira, {
    records: [
      steps("night", 900, { start: "2026-04-29T20:00:00Z", end: "2026-04-29T23:00:00Z" }),
      steps("old", 5, { start: "2025-04-29T20:00:00Z", end: "2025-04-29T20:30:00Z" }),
    ],
    workouts: [workout("run", 5000.5, { source: { device: "garmin fr110" } })],
  });

  const stats = await fitness.stats(mira, mira.userId, { bucket: "day" });
  const long = await fitness.stats(mira, mira.userId, { from: "2025-04-01", bucket: "month" });

  assertEquals([stats.from, stats.to, stats.timeZone], [
    "2026-04-02",
    "2026-05-01",
    "Europe/Helsinki",
  ]);
  const active = stats.buckets.filter(({ totals }) => totals.steps + totals.activities > 0);
  assertEquals(active.map(({ start, totals }) => [start, totals.steps, totals.distance]), [
    ["2026-04-29", 300, 0],
    ["2026-04-30", 600, 0],
    ["2026-05-01", 0, 5000.5],
  ]);
  assertEquals([stats.longestStreakDays, stats.currentStreakDays], [3, 3]);
  assertEquals(stats.bestDay, { day: "2026-04-30", steps: 600, distance: 0 });
  assertEquals(
    stats.bySource.map(({ source, activities, samples }) => [source, activities, samples]),
    [
      ["garmin fr110", 1, 0],
      ["health_connect", 0, 1],
    ],
  );
  assertEquals([long.totals.steps, long.buckets.length, long.buckets[0]?.totals.steps], [
    905,
    14,
    5,
  ]);
  await assertCode(() => fitness.stats(odd, mira.userId, { bucket: "day" }), "FORBIDDEN");
  const admin: UserActor = { ...world.organiser, role: "admin" };
  assertEquals(await fitness.stats(admin, mira.userId, { bucket: "day" }), stats);
  await assertCode(() => fitness.stats(admin, crypto.randomUUID(), { bucket: "day" }), "NOT_FOUND");
});

Deno.test("stats() refuses ranges that are reversed or too long", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const stats = (from: string, to: string) =>
    world.services.fitness.stats(actor, actor.userId, { from, to, bucket: "day" });

  const reversed = await assertCode(() => stats("2026-05-02", "2026-05-01"), "VALIDATION_ERROR");
  const long = await assertCode(() => stats("2020-01-01", "2026-05-01"), "VALIDATION_ERROR");

  assertEquals([reversed, long].map(({ details }) => details?.[0]?.field), ["from", "from"]);
  for (const day of ["2000-01-01", "2999-12-31"]) {
    assertEquals((await stats(day, day)).buckets.length, 1);
  }
});
