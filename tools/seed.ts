/**
 * Fills the database of `DATABASE_URL`, or the embedded one of `DATA_DIR`, with the demo, unless it
 * holds competitions or members already. Not for production.
 * Usage: `deno task seed`.
 *
 * @module
 */

import { openDatabase } from "@/db/client.ts";
import { migrateUp } from "@/db/migrate.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import { seedDemo } from "./demo/seed.ts";
import { databaseUrl } from "./migrate.ts";

async function main(): Promise<number> {
  if (Deno.env.get("APP_ENV") === "production") {
    await write("Cannot seed: demo data does not belong into production\n");
    return 2;
  }
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openDatabase({ url: await databaseUrl(stack), poolMax: 2 }));
  await migrateUp(database);
  const { isNew } = await seedDemo({
    database,
    clock: systemClock,
    newId: createIdGenerator(systemClock),
    log: getLog("demo"),
  });
  await write(isNew ? "made the demo data\n" : "nothing to do: the database is in use\n");
  return 0;
}

async function write(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) Deno.exit(await main());
