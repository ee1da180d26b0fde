/** Archives with several device files, as services give back what they hold: at once, or as a job. */

import { assertEquals, assertRejects } from "@std/assert";
import type { ImportResult } from "@/contracts/fitness.ts";
import { DomainError } from "@/domain/error.ts";
import { gzip, zip } from "../support/zip_writer.ts";
import { openFitnessWorld, runFile, settingsFile } from "../support/fitness.ts";

function told({ records }: ImportResult) {
  return records.map(({ index, file, outcome, reason }) => [index, file, outcome, reason]);
}

function run(day: number, distanceM = 5000) {
  const start = new Date(Date.UTC(2026, 0, day, 6)).toISOString();
  return runFile({ start, distanceM }).bytes;
}

Deno.test("importFile() reads each file of a short archive, and knows them by themselves again", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const cut = run(5).slice(0, -9);
  const bytes = await zip([
    { name: "activities/1.fit", bytes: run(1) },
    { name: "activities/2.fit.gz", bytes: await gzip(run(2, 3000)) },
    { name: "activities/3.fit", bytes: cut },
    { name: "activities.csv", bytes: new TextEncoder().encode("id") },
    { name: "settings.fit", bytes: settingsFile().bytes },
  ]);

  const answer = await world.upload(actor, { name: "export.zip", bytes }, cup);
  const again = await world.upload(actor, { name: "export.zip", bytes }, cup);
  const alone = await world.upload(actor, { name: "2.fit", bytes: run(2, 3000) }, cup);

  assertEquals(told(answer), [
    [0, "activities/1.fit", "imported", undefined],
    [1, "activities/2.fit.gz", "imported", undefined],
    [2, "activities/3.fit", "rejected", "truncated"],
    [3, "settings.fit", "rejected", "not_activity"],
  ]);
  assertEquals([answer.import.format, answer.standing?.score], ["archive", 8000]);
  assertEquals(again.import.counts, {
    ...{ imported: 0, duplicate: 2, merged: 0, flagged: 0, rejected: 2 },
  });
  assertEquals(alone.records[0]?.outcome, "duplicate");
  assertEquals(await world.services.fitness.getImport(actor, again.import.id), {
    import: again.import,
    records: again.records,
    competitions: again.competitions,
  });
});

Deno.test("importFile() refuses an archive without any usable file, and stores nothing", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const bytes = await zip([
    { name: "a.fit", bytes: run(1).slice(0, -9) },
    { name: "b.fit", bytes: settingsFile().bytes },
  ]);
  const before = await world.countRows();

  const error = await assertRejects(
    () => world.upload(actor, { name: "a.zip", bytes }),
    DomainError,
  );

  assertEquals([error.code, error.details?.[0]?.code], ["IMPORT_REJECTED", "truncated"]);
  assertEquals(await world.countRows(), before);
});

Deno.test("a long archive is read as a job, and what another account brought too waits on both", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const [mira, odd] = [await world.athlete(cup), await world.athlete(cup)];
  await world.upload(odd, { name: "7.fit", bytes: run(7) });
  const members = Array.from({ length: 31 }, (_, day) => {
    return { name: `activities/${day + 1}.fit`, bytes: run(day + 1) };
  });
  const broken = { name: "activities/x.gpx", bytes: new TextEncoder().encode("<gpx><trk>") };
  const bytes = await zip([...members, broken, { ...members[0]!, name: "activities/again.fit" }]);

  const queued = await world.upload(mira, { name: "export.zip", bytes });
  await world.services.jobs.runDue();
  const done = await world.services.fitness.getImport(mira, queued.import.id);

  assertEquals([queued.import.status, done.import.status], ["queued", "done"]);
  assertEquals(done.import.counts, {
    ...{ imported: 30, duplicate: 1, merged: 0, flagged: 1, rejected: 1 },
  });
  assertEquals(done.import.progress?.percent, 100);
  assertEquals([done.records[6]?.outcome, done.records[6]?.findings?.[0]?.rule], [
    ...["flagged", "shared_file"],
  ]);
  assertEquals(told(done).slice(-2), [
    [31, "activities/x.gpx", "rejected", "malformed"],
    [32, "activities/again.fit", "duplicate", undefined],
  ]);
  assertEquals(await world.board(cup), new Map([[mira.userId, 150_000], [odd.userId, null]]));
});
