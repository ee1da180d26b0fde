/**
 * The schema of the job queue, `graphile_worker`: its package brings and numbers its own
 * migrations, so ours only say when they run.
 *
 * @module
 */

import type { SharedOptions } from "graphile-worker";
import type postgres from "postgres";
import { type PgPool, pgPoolOn } from "./pg_pool.ts";

/** Where the queue lives. */
export const JOB_SCHEMA = "graphile_worker";

/** Installs the queue's schema, or brings it to the version of the package, on one connection. */
export async function installJobSchema(sql: postgres.ReservedSql): Promise<void> {
  // Loaded where it is needed: the package looks for configuration files when it is imported.
  const { Logger, runMigrations } = await import("graphile-worker");
  await runMigrations({
    schema: JOB_SCHEMA,
    pgPool: asQueuePool(pgPoolOn(sql)),
    taskList: {},
    logger: new Logger(() => () => {}),
  });
}

/** The pool under the type that the queue wants, of which it uses what `PgPool` names. */
export function asQueuePool(pool: PgPool): NonNullable<SharedOptions["pgPool"]> {
  return pool as unknown as NonNullable<SharedOptions["pgPool"]>;
}
