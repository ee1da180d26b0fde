/** Our handlers as tasks of graphile-worker, which is the only thing that knows of the two. */

import { EventEmitter } from "node:events";
import type {
  Logger,
  RunnerOptions,
  Task,
  TaskList,
  WorkerEvents,
  WorkerPool,
} from "graphile-worker";
import { asQueuePool, JOB_SCHEMA } from "@/db/job_schema.ts";
import { type PgPool, pgPoolOn } from "@/db/pg_pool.ts";
import { getLog } from "@/platform/log.ts";
import type { RunningJob } from "./job_kinds.ts";
import type { JobRegistry } from "./job_registry.ts";
import type { JobsDeps, RunReport } from "./jobs.ts";

/** Jobs at once in a process: they wait for the database and others, and share two cores. */
export const CONCURRENCY = 4;

/** New jobs announce themselves; this finds those whose time has come. */
const POLL_INTERVAL_MS = 2_000;

/** Jobs that can stop half-way get a signal so long after the stop began. */
const ABORT_AFTER_MS = 5_000;

/** A runner at work. */
export interface StartedRunner {
  /** Under which name it locks jobs. */
  readonly poolId: string;
  /** Resolves when it stopped, with the error when it broke. */
  readonly ended: Promise<Error | undefined>;
  /** Takes no more and waits for what runs. */
  stop(): Promise<void>;
  /** Hands what runs back to the queue. */
  kill(): void;
}

/** Runs jobs until it is told to stop; `active` holds the ids of those that run. */
export async function startRunner(
  deps: JobsDeps,
  registry: JobRegistry,
  active: Set<string>,
): Promise<StartedRunner> {
  const { run } = await import("graphile-worker");
  const pool = pgPoolOn(deps.database.sql);
  const abort = new AbortController();
  const tasks = taskList(deps, registry, { active, signal: abort.signal });
  const { options, workers } = await optionsOf(pool, tasks);
  const runner = await run({
    ...options,
    concurrency: CONCURRENCY,
    pollInterval: POLL_INTERVAL_MS,
    // Schedules are ours: they must follow the clock of the application.
    parsedCronItems: [],
  });
  return {
    poolId: workers()!.id,
    ended: runner.promise.then(() => undefined, (error: Error) => error),
    async stop() {
      const cancel = deps.timers.after(ABORT_AFTER_MS, () => abort.abort());
      await runner.stop().catch(() => {});
      cancel();
      await settled(pool, workers());
    },
    kill: () => void runner.kill().catch(() => {}),
  };
}

/** Runs what is due by the clock of the application until nothing is. */
export async function runDueJobs(deps: JobsDeps, registry: JobRegistry): Promise<RunReport> {
  const report: RunReport = { done: [], failed: [] };
  const { runOnce } = await import("graphile-worker");
  const pool = pgPoolOn(deps.database.sql, { now: () => deps.clock.now() });
  const { options, workers } = await optionsOf(pool, taskList(deps, registry, { report }));
  await runOnce(options);
  await settled(pool, workers());
  return report;
}

/** Waits for what the queue leaves behind when it stops: notes of success, and a timer. */
async function settled(pool: PgPool, workers: WorkerPool | undefined): Promise<void> {
  await pool.idle();
  await workers?.abortPromise.catch(() => {});
}

async function optionsOf(pool: PgPool, tasks: TaskList) {
  const events: WorkerEvents = new EventEmitter();
  let workers: WorkerPool | undefined;
  events.on("pool:create", ({ workerPool }) => workers = workerPool);
  const options: RunnerOptions = {
    events,
    schema: JOB_SCHEMA,
    pgPool: asQueuePool(pool),
    taskList: tasks,
    logger: await queueLogger(),
    // main.ts hears the signals and stops everything in its order.
    noHandleSignals: true,
    // Its timer outlives a stop, so it is made short; handlers hear of ours.
    gracefulShutdownAbortTimeout: 1,
  };
  return { options, workers: () => workers };
}

/** The queue's own troubles; what jobs do is told by `taskList`. */
async function queueLogger(): Promise<Logger> {
  const { Logger } = await import("graphile-worker");
  const log = getLog("jobs");
  return new Logger(() => (level, message, meta) => {
    if (meta?.failure || level === "debug" || level === "info") return;
    if (level === "error") log.error(message);
    else log.warning(message);
  });
}

/** Who wants to know what runs and how it ended. */
interface Onlookers {
  active?: Set<string>;
  report?: RunReport;
  signal?: AbortSignal;
}

/** Of runs that nobody stops. */
const NEVER = new AbortController().signal;

function taskList(deps: JobsDeps, registry: JobRegistry, onlookers: Onlookers): TaskList {
  const task = (name: string): Task => (payload, { job }) => {
    const running = {
      id: job.id,
      attempt: job.attempts,
      isLastAttempt: job.attempts >= job.max_attempts,
      signal: onlookers.signal ?? NEVER,
    };
    return runOne(deps, registry, { name, payload, running }, onlookers);
  };
  return Object.fromEntries(registry.names.map((name) => [name, task(name)]));
}

interface TakenJob {
  name: string;
  payload: unknown;
  running: RunningJob;
}

async function runOne(
  deps: JobsDeps,
  registry: JobRegistry,
  { name, payload, running }: TakenJob,
  { active, report }: Onlookers,
): Promise<void> {
  const startedAt = performance.now();
  let outcome: "done" | "failed" = "done";
  active?.add(running.id);
  try {
    await registry.run(name, payload, running);
    report?.done.push(name);
  } catch (cause) {
    outcome = "failed";
    const error = cause instanceof Error ? cause : new Error(String(cause));
    tellFailure(name, running, error);
    report?.failed.push({ name, error });
    throw error;
  } finally {
    active?.delete(running.id);
    const seconds = (performance.now() - startedAt) / 1000;
    deps.metrics.jobDuration.observe({ job: name, outcome }, seconds);
  }
}

function tellFailure(
  job: string,
  { id, attempt, isLastAttempt }: RunningJob,
  error: Error,
): void {
  const facts = { job, id, attempt, error };
  const log = getLog("jobs");
  if (isLastAttempt) log.error("Gave up job {job} {id} after {attempt} tries", facts);
  else log.warning("Job {job} {id} failed at try {attempt}, will try again", facts);
}
