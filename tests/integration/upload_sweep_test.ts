/** Files of uploads that a crash left behind go; those that an import waits for stay. */

import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { createManualTime } from "../support/manual_time.ts";
import { openTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const HOUR_MS = 3_600_000;

Deno.test("the hourly sweep removes abandoned uploads, and neither fresh nor awaited nor other files", async () => {
  const uploadsDir = await Deno.makeTempDir();
  await using test = await openTestServices(createManualTime(), { uploadsDir });
  const athlete = userActor(await createUser(test.database));
  const bytes = new TextEncoder().encode("<HealthData></HealthData>");
  const queued = await test.services.fitness.importFile(athlete, { name: "export.xml", bytes }, {});
  const awaited = queued.import.id;
  const [crashed, receiving] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const name of [crashed, receiving, "notes.txt"]) {
    await Deno.writeTextFile(join(uploadsDir, name), "half a file");
  }
  const old = new Date(Date.now() - 7 * HOUR_MS);
  for (const name of [crashed, awaited, "notes.txt"]) {
    await Deno.utime(join(uploadsDir, name), old, old);
  }
  // Its job is for later, as after a failed try.
  await test.database.sql`
    update graphile_worker._private_jobs set run_at = run_at + interval '1 year'
    where payload::text like ${`%${awaited}%`}`;

  await test.services.jobs.runDue();

  const left = await namesIn(uploadsDir);
  assertEquals(new Set(left), new Set([awaited, receiving, "notes.txt", "store_id"]));
  await test.database.sql`update imports set status = 'done' where id = ${awaited}`;
  test.time.advance(HOUR_MS);
  await test.services.jobs.runDue();
  assertEquals((await namesIn(uploadsDir)).includes(awaited), false);
  await Deno.remove(uploadsDir, { recursive: true });
});

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}
