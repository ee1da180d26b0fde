/**
 * Keeps the PostgreSQL of hand-run tests, and stops it when nobody has used it for two minutes.
 * `start` leaves a keeper behind and returns; `keep` is that keeper, and may be run in a terminal.
 *
 * @module
 */

import postgres from "postgres";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { EmbeddedPostgresError } from "@/db/embedded_error.ts";
import { TEST_SETTINGS, withDatabase } from "@/tests/support/test_server.ts";
import { permissionFlags, TEST_DATA_DIR } from "./permissions.ts";

const IDLE_MAX_MS = 120_000;
const IDLE_POLL_MS = 5_000;

async function start(): Promise<void> {
  const flags = await permissionFlags("test", { dataDir: TEST_DATA_DIR, hasDatabaseUrl: false });
  const keeper = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, "tools/test_database.ts", "keep"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  keeper.unref();
}

async function keep(): Promise<void> {
  try {
    await using server = await startEmbeddedPostgres({
      dataDir: TEST_DATA_DIR,
      settings: TEST_SETTINGS,
    });
    const sql = postgres(withDatabase(server.url, "postgres"), { max: 1, onnotice: () => {} });
    await waitUntilIdle(sql);
    await dropLeftovers(sql);
    await sql.end();
  } catch (error) {
    const isKept = error instanceof EmbeddedPostgresError && error.fault === "FOLDER_IN_USE";
    if (!isKept) throw error;
  }
}

/** Databases of test runs that were killed, and templates of schemas gone by. */
async function dropLeftovers(sql: postgres.Sql): Promise<void> {
  const rows = await sql<{ name: string }[]>`
    select datname as name from pg_database where datname ~ '^(test|schema)_'`;
  for (const { name } of rows) await sql.unsafe(`drop database if exists "${name}" with (force)`);
}

async function waitUntilIdle(sql: postgres.Sql): Promise<void> {
  let idleMs = 0;
  while (idleMs < IDLE_MAX_MS) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    idleMs = row!.count > 0 ? 0 : idleMs + IDLE_POLL_MS;
  }
}

if (import.meta.main) await (Deno.args[0] === "start" ? start() : keep());
