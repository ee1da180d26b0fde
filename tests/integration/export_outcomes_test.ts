/** Workouts of an export of Health: merged, flagged and counted as those of a sync are. */

import { assertEquals } from "@std/assert";
import { openFitnessWorld, runFile } from "../support/fitness.ts";

const HOUR_MS = 3_600_000;

interface Workout {
  type: string;
  start: string;
  minutes: number;
  km: number;
}

function healthExport(workouts: readonly Workout[]): Uint8Array<ArrayBuffer> {
  const stamp = (at: number) =>
    new Date(at).toISOString().replace("T", " ").slice(0, 19) + " +0000";
  const lines = workouts.map(({ type, start, minutes, km }) => {
    const startedAt = Date.parse(start);
    const [from, to] = [stamp(startedAt), stamp(startedAt + minutes * 60_000)];
    return `<Workout workoutActivityType="HKWorkoutActivityType${type}" duration="${minutes}" ` +
      `durationUnit="min" sourceName="Watch" creationDate="${to}" startDate="${from}" ` +
      `endDate="${to}"><WorkoutStatistics sum="${km}" unit="km" startDate="${from}" ` +
      `endDate="${to}" type="HKQuantityTypeIdentifierDistanceWalkingRunning"/></Workout>`;
  });
  const steps =
    `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" ` +
    `startDate="2026-04-20 10:00:00 +0000" endDate="2026-04-20 10:10:00 +0000" value="700"/>`;
  return new TextEncoder().encode(`<HealthData>${steps}${lines.join("")}</HealthData>`);
}

Deno.test("an export's workouts are merged with those of others and flagged, each counted and told", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const athlete = await world.athlete(cup);
  const start = "2026-04-20T06:00:00Z";
  const known = await world.upload(athlete, runFile({ start, minutes: 30, distanceM: 5000 }));
  const name = "export.xml";
  const bytes = healthExport([
    { type: "Running", start, minutes: 30, km: 5.01 },
    { type: "Running", start: "2026-04-22T06:00:00Z", minutes: 30, km: 6 },
    { type: "Walking", start: "2026-04-23T06:00:00Z", minutes: 30, km: 20 },
    { type: "Running", start: "2026-04-24T06:00:00Z", minutes: 30, km: 12 },
  ]);

  const queued = await world.upload(athlete, { name, bytes });
  await world.services.jobs.runDue();
  const told = await world.services.fitness.getImport(athlete, queued.import.id);

  assertEquals(told.import.counts, {
    imported: 2,
    duplicate: 0,
    merged: 1,
    flagged: 2,
    rejected: 0,
  });
  assertEquals(told.records.map(({ outcome, mergedWith }) => [outcome, mergedWith]), [
    ["merged", known.records[0]!.activityId],
    ["imported", undefined],
    ["flagged", undefined],
    ["flagged", undefined],
  ]);
  const findings = told.records.map((record) => (record.findings ?? []).map(({ rule }) => rule));
  assertEquals(findings, [[], [], ["mean_speed"], ["mean_speed"]]);
  const [effect] = told.competitions;
  assertEquals(effect?.excluded.map(({ recordIndex, reason }) => [recordIndex, reason]), [
    [3, "type_not_counted"],
    [4, "in_review"],
  ]);
  assertEquals((await world.board(cup)).get(athlete.userId), 11_010);
});

Deno.test("an export whose first try broke off tells its workouts as brought, not as known", async () => {
  await using world = await openFitnessWorld();
  const athlete = await world.athlete(await world.compete());
  const bytes = healthExport([
    { type: "Running", start: "2026-04-22T06:00:00Z", minutes: 30, km: 6 },
    { type: "Walking", start: "2026-04-23T06:00:00Z", minutes: 30, km: 20 },
  ]);
  const { import: { id } } = await world.upload(athlete, { name: "export.xml", bytes });
  // As if a try had stored the batches and died before its end.
  const { sql } = world.database;
  await sql`alter table imports rename column ended_at to ended_at_gone`;
  await world.services.jobs.runDue().catch(() => {});
  const [stored] = await sql`select count(*)::int as count from activities`;
  assertEquals(stored, { count: 2 });
  await sql`alter table imports rename column ended_at_gone to ended_at`;
  world.time.advance(HOUR_MS);
  await world.services.jobs.runDue();

  const told = await world.services.fitness.getImport(athlete, id);

  assertEquals(told.import.status, "done");
  assertEquals([told.import.counts.imported, told.import.counts.flagged], [2, 1]);
  assertEquals(told.import.counts.duplicate, 0);
  assertEquals(told.records.map(({ outcome }) => outcome), ["imported", "flagged"]);
});
