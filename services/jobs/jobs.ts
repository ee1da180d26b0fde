/**
 * Background jobs on the application's own database: enqueued in the transaction of the work that
 * causes them, run by any node, each by one. See decision 6.
 *
 * @module
 */

import { z } from "zod";
import type { JobQuery, JobRow } from "@/contracts/jobs.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { Timers } from "@/platform/timers.ts";
import type { AuditService } from "../audit.ts";
import { cancelJob, listJobs, retryJob } from "./job_list.ts";
import { type JobHandler, type JobKind, jobKind, type JobSchedule } from "./job_kinds.ts";
import { createJobNode } from "./job_node.ts";
import { JobRegistry } from "./job_registry.ts";
import { runDueJobs } from "./job_runner.ts";
import { enqueueSchedules } from "./job_schedules.ts";

/** How a job is enqueued. */
export interface EnqueueOptions {
  /** Of jobs that wait under the same key only the newest stands; one that runs is let run. */
  key?: string;
  /** Not before; at once when absent. */
  runAt?: EpochMs;
  /** Tries before it is given up; the kind's when absent. */
  attemptsMax?: number;
}

/** What one call of `runDue` did. */
export interface RunReport {
  /** Names of the jobs that succeeded, in order. */
  done: string[];
  /** Those that threw; they are due again later, or given up. */
  failed: { name: string; error: Error }[];
}

export interface JobsService {
  /** Says who does the jobs of a kind; at wiring, before anything runs. Throws `RangeError` for a second one. */
  handle<P extends object>(kind: JobKind<P>, handler: JobHandler<P>): void;
  /** Says what comes again; at wiring. A turn missed while nothing ran is made up for once. */
  schedule<P extends object>(schedule: JobSchedule<P>): void;
  /** Enqueues in the caller's transaction: the job exists if and only if that commits. Gives its id. */
  enqueue<P extends object>(
    tx: Tx,
    kind: JobKind<P>,
    payload: P,
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Takes back what waits under the key, and further tries of what runs. */
  remove(tx: Tx, key: string): Promise<void>;
  /** Begins to run jobs in this process. */
  start(): Promise<void>;
  /** Lets nothing begin, waits for what runs up to the drain budget, then hands it back to the queue. */
  stop(): Promise<void>;
  /** Runs, one after the other, all that is due by the clock, schedules included: for tests, and for hosts that only wake a process now and then. */
  runDue(): Promise<RunReport>;
  /** Waiting, running and given up; admins only. */
  list(actor: Actor, query: JobQuery): Promise<Page<JobRow>>;
  /** Makes a waiting or given-up job due now, its tries counted anew. Fails with `NOT_FOUND`, `CONFLICT` while it runs. */
  retry(actor: Actor, jobId: string): Promise<JobRow>;
  /** Removes a job. Fails with `NOT_FOUND`, `CONFLICT` while it runs. */
  cancel(actor: Actor, jobId: string): Promise<void>;
}

export interface JobsDeps {
  database: Database;
  clock: Clock;
  timers: Timers;
  audit: AuditService;
  metrics: Pick<Metrics, "jobDuration" | "jobsQueueDepth">;
  /** Longest wait for running jobs at a stop; 30 s when absent. */
  drainMs?: number;
}

/** Tries of a job, over about 3.5 hours: the pauses are e, e², e³ … seconds. */
export const ATTEMPTS_MAX = 10;

export function createJobsService(deps: JobsDeps): JobsService {
  const registry = new JobRegistry();
  registry.handle(tidyJob, () => removeGivenUp(deps));
  registry.schedule({ name: "jobs.tidy", kind: tidyJob, payload: {}, everyMs: DAY_MS });
  const node = createJobNode(deps, registry);
  return {
    handle: (kind, handler) => registry.handle(kind, handler),
    schedule: (schedule) => registry.schedule(schedule),
    enqueue: (tx, kind, payload, options) => enqueue(deps, tx, { kind, payload, options }),
    remove: async (tx, key) => void await tx.sql`select graphile_worker.remove_job(${key})`,
    start: () => node.start(),
    stop: () => node.stop(),
    async runDue() {
      await enqueueSchedules(deps, registry);
      return await runDueJobs(deps, registry);
    },
    list: (actor, query) => listJobs(deps, actor, query),
    retry: (actor, jobId) => retryJob(deps, actor, jobId),
    cancel: (actor, jobId) => cancelJob(deps, actor, jobId),
  };
}

interface Enqueued<P extends object> {
  kind: JobKind<P>;
  payload: P;
  options?: EnqueueOptions | undefined;
}

async function enqueue<P extends object>(
  { clock }: JobsDeps,
  { sql }: Tx,
  { kind, payload, options = {} }: Enqueued<P>,
): Promise<string> {
  const text = JSON.stringify(kind.payload.parse(payload));
  // "At once" by whichever clock is behind, so that neither can make it wait for the other.
  const runAt = options.runAt === undefined
    ? sql`least(${clock.now()}::timestamptz, now())`
    : sql`${options.runAt}::timestamptz`;
  const [row] = await sql<{ id: string }[]>`
    select (graphile_worker.add_job(
      identifier => ${kind.name}, payload => ${text}::text::json, run_at => ${runAt},
      max_attempts => ${options.attemptsMax ?? kind.attemptsMax ?? ATTEMPTS_MAX},
      job_key => ${options.key ?? null})).id::text as id`;
  return row!.id;
}

const tidyJob = jobKind({ name: "jobs.tidy", payload: z.object({}) });

/** Long enough to be seen and tried again by somebody. */
const GIVEN_UP_KEPT_MS = 30 * DAY_MS;

async function removeGivenUp({ database, clock }: JobsDeps): Promise<void> {
  await database.sql`
    delete from graphile_worker._private_jobs
    where attempts >= max_attempts and locked_at is null
      and updated_at < ${clock.now() - GIVEN_UP_KEPT_MS}::timestamptz`;
}
