/** The queue as admins see it, and what they can do about a job. */

import { JOB_STATES, type JobQuery, type JobRow, type JobState } from "@/contracts/jobs.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkRole } from "../accounts/access.ts";
import type { JobsDeps } from "./jobs.ts";

type ListDeps = Pick<JobsDeps, "database" | "clock" | "audit">;

export async function listJobs(
  { database, clock }: ListDeps,
  actor: Actor,
  query: JobQuery,
): Promise<Page<JobRow>> {
  checkRole(actor, "admin");
  const { page, page_size: pageSize } = query;
  const { sql } = database;
  const state = stateOf(database, clock.now());
  const matches = sql`
    (${query.state ?? null}::text is null or ${state} = ${query.state ?? null})
    and (${query.name ?? null}::text is null or task_identifier = ${query.name ?? null})`;
  const [rows, [count]] = await Promise.all([
    sql<StoredJob[]>`
      select ${columns(database, clock.now())} from graphile_worker.jobs where ${matches}
      order by run_at, id limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`
      select count(*) as total from graphile_worker.jobs where ${matches}`,
  ]);
  return { items: rows.map(toRow), page, pageSize, total: count?.total ?? 0 };
}

export async function retryJob(deps: ListDeps, actor: Actor, jobId: string): Promise<JobRow> {
  checkRole(actor, "admin");
  return await deps.database.transaction(async (tx) => {
    const before = await checkAtRest(deps, tx, jobId);
    await tx.sql`
      select graphile_worker.reschedule_jobs(array[${jobId}::bigint],
        run_at => least(${deps.clock.now()}::timestamptz, now()), attempts => 0)`;
    const after = await getJob(deps, tx, jobId);
    await deps.audit.record(tx, actor, entryOf("job.retry", before, after));
    return after;
  });
}

export async function cancelJob(deps: ListDeps, actor: Actor, jobId: string): Promise<void> {
  checkRole(actor, "admin");
  await deps.database.transaction(async (tx) => {
    const before = await checkAtRest(deps, tx, jobId);
    await tx.sql`select graphile_worker.complete_jobs(array[${jobId}::bigint])`;
    await deps.audit.record(tx, actor, entryOf("job.cancel", before));
  });
}

function entryOf(action: string, before: JobRow, after?: JobRow) {
  return { action, targetKind: "job", targetId: before.id, before, after };
}

/** The job, locked against the nodes until the transaction ends. */
async function checkAtRest(deps: ListDeps, tx: Tx, jobId: string): Promise<JobRow> {
  await tx.sql`select 1 from graphile_worker._private_jobs where id = ${jobId} for update`;
  const job = await getJob(deps, tx, jobId);
  if (job.state !== "running") return job;
  throw new DomainError("CONFLICT", `Cannot change job "${jobId}": it is running`);
}

async function getJob({ clock }: ListDeps, tx: Tx, jobId: string): Promise<JobRow> {
  const [row] = await tx.sql<StoredJob[]>`
    select ${columns(tx, clock.now())} from graphile_worker.jobs where id = ${jobId}`;
  if (!row) throw new DomainError("NOT_FOUND", `Cannot find job "${jobId}": it is done or gone`);
  return toRow(row);
}

type StoredJob = Omit<JobRow, "runAt" | "createdAt" | "startedAt"> & {
  runAt: EpochMs;
  createdAt: EpochMs;
  startedAt: EpochMs | null;
};

function toRow(job: StoredJob): JobRow {
  return {
    ...job,
    runAt: new Date(job.runAt).toISOString(),
    createdAt: new Date(job.createdAt).toISOString(),
    startedAt: job.startedAt === null ? null : new Date(job.startedAt).toISOString(),
  };
}

function columns(on: Database | Tx, now: EpochMs) {
  return on.sql`
    id::text as id, task_identifier as name, key, ${stateOf(on, now)} as state,
    run_at as "runAt", attempts, max_attempts as "attemptsMax", last_error as "lastError",
    created_at as "createdAt", locked_at as "startedAt"`;
}

function stateOf(on: Database | Tx, now: EpochMs) {
  return on.sql`
    case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed'
      when run_at > ${now}::timestamptz then 'scheduled' else 'ready' end`;
}

/** How many jobs there are in each state. */
export async function countJobs(database: Database, now: EpochMs): Promise<Map<JobState, number>> {
  const rows = await database.sql<{ state: JobState; count: number }[]>`
    select state, count(*) from (select ${stateOf(database, now)} as state
      from graphile_worker.jobs) as jobs group by state`;
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  return new Map(JOB_STATES.map((state) => [state, counts.get(state) ?? 0]));
}
