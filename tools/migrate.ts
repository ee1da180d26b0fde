/**
 * Brings the database of `DATABASE_URL`, or the embedded one of `DATA_DIR`, to a schema.
 * Usage: `deno task migrate [--to NNNN]`, `deno task migrate:down [--to NNNN]`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { migrateDown, migrateUp, MigrationError, migrationStatus } from "@/db/migrate.ts";
import { DEFAULT_DATA_DIR } from "./permissions.ts";

/** Reads `--to 0003`; undefined when it is not given. */
function readTarget(args: string[]): number | undefined {
  const { values } = parseArgs({ args, options: { to: { type: "string" } } });
  if (values.to === undefined) return undefined;
  const number = /^\d{1,4}$/.test(values.to) ? Number(values.to) : NaN;
  if (Number.isNaN(number)) {
    throw new MigrationError(`Cannot migrate to "${values.to}": not a number`);
  }
  return number;
}

async function main([direction, ...args]: string[]): Promise<void> {
  const to = readTarget(args);
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openDatabase({ url: await databaseUrl(stack), poolMax: 1 }));
  const before = await migrationStatus(database);
  const newest = before.filter(({ appliedAt }) => appliedAt !== undefined).length;
  const changed = direction === "down"
    ? await migrateDown(database, { to: to ?? Math.max(0, newest - 1) })
    : await migrateUp(database, to === undefined ? {} : { to });
  for (const number of changed) {
    const label = `${String(number).padStart(4, "0")}_${before[number - 1]!.name}`;
    await write(`${direction === "down" ? "taken back" : "applied"} ${label}\n`);
  }
  if (changed.length === 0) await write("nothing to do\n");
}

/** A running app keeps its server; the command then works beside it. */
export async function databaseUrl(stack: AsyncDisposableStack): Promise<string> {
  const url = Deno.env.get("DATABASE_URL");
  if (url) return url;
  const dataDir = Deno.env.get("DATA_DIR") || DEFAULT_DATA_DIR;
  return stack.use(await startEmbeddedPostgres({ dataDir, whenInUse: "join" })).url;
}

async function write(text: string): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

if (import.meta.main) await main(Deno.args);
