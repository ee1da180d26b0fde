/**
 * A process that runs jobs: says that it lives, takes up the jobs of nodes that fell silent (the
 * queue itself would leave them for four hours), enqueues schedules, counts the queue.
 *
 * @module
 */

import { getLog } from "@/platform/log.ts";
import type { JobRegistry } from "./job_registry.ts";
import { countJobs } from "./job_list.ts";
import { type StartedRunner, startRunner } from "./job_runner.ts";
import { enqueueSchedules } from "./job_schedules.ts";
import type { JobsDeps } from "./jobs.ts";

export interface JobNode {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Between two signs of life; also how exact schedules are. */
const TICK_MS = 10_000;

/** Five signs missed: dead, or cut off from the database and so unable to note any success. */
const SILENT_MS = 50_000;

/** After the queue's runner broke, e.g. on a database that went away. */
const RESTART_MS = 5_000;

/** The platform ends a process that takes longer. */
const DRAIN_MS = 30_000;

export function createJobNode(deps: JobsDeps, registry: JobRegistry): JobNode {
  return new Node(deps, registry);
}

class Node implements JobNode {
  readonly #active = new Set<string>();
  #runner: StartedRunner | undefined;
  #isStopping = false;
  #cancelTimer = () => {};
  #tick: Promise<void> = Promise.resolve();

  constructor(readonly deps: JobsDeps, readonly registry: JobRegistry) {}

  async start(): Promise<void> {
    this.#isStopping = false;
    await this.#run();
    await this.#live();
    this.#tickLater();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelTimer();
    await this.#tick;
    const runner = this.#runner;
    this.#runner = undefined;
    if (!runner) return;
    await this.#drain(runner);
    await this.deps.database.sql`delete from job_nodes where id = ${runner.poolId}`;
  }

  async #drain(runner: StartedRunner): Promise<void> {
    const cancel = this.deps.timers.after(this.deps.drainMs ?? DRAIN_MS, () => {
      getLog("jobs").warning("Some jobs did not end in time; they will be done again");
      runner.kill();
    });
    try {
      await runner.stop();
    } finally {
      cancel();
    }
  }

  async #run(): Promise<void> {
    const runner = await startRunner(this.deps, this.registry, this.#active);
    this.#runner = runner;
    runner.ended.then((error) => {
      if (this.#isStopping) return;
      getLog("jobs").error("The job runner broke", { error });
      this.#restartLater();
    });
  }

  #restartLater(): void {
    this.deps.timers.after(RESTART_MS, () => {
      if (this.#isStopping) return;
      this.#run().catch((error) => {
        getLog("jobs").error("Cannot start the job runner", { error });
        this.#restartLater();
      });
    });
  }

  #tickLater(): void {
    this.#cancelTimer = this.deps.timers.after(TICK_MS, () => {
      this.#tick = this.#live().catch((error) => {
        getLog("jobs").warning("Cannot look after the job queue", { error });
      }).finally(() => {
        if (!this.#isStopping) this.#tickLater();
      });
    });
  }

  async #live(): Promise<void> {
    if (!this.#runner) return;
    await sayAlive(this.deps, this.#runner.poolId);
    await takeUpOrphans(this.deps, this.#runner.poolId, [...this.#active]);
    await enqueueSchedules(this.deps, this.registry);
    await countQueue(this.deps);
  }
}

/** By the clock of the database, which is the same for all nodes. */
async function sayAlive({ database }: JobsDeps, poolId: string): Promise<void> {
  await database.sql`
    insert into job_nodes (id, seen_at) values (${poolId}, now())
    on conflict (id) do update set seen_at = excluded.seen_at`;
  await database.sql`delete from job_nodes where seen_at < now() - interval '1 day'`;
}

/** Frees jobs that a dead node holds, or this one by mistake: it could not note that they ended. */
async function takeUpOrphans(
  { database }: JobsDeps,
  poolId: string,
  active: readonly string[],
): Promise<void> {
  const silence = `${SILENT_MS} milliseconds`;
  const orphans = await database.sql<{ id: number }[]>`
    update graphile_worker._private_jobs j
    set locked_at = null, locked_by = null, last_error = coalesce(last_error, ${ORPHANED})
    where locked_at < now() - ${silence}::interval
      and case when locked_by = ${poolId} then id <> all(${[...active]}::bigint[])
        else not exists (select 1 from job_nodes n
          where n.id = j.locked_by and n.seen_at > now() - ${silence}::interval) end
    returning id`;
  if (orphans.length === 0) return;
  getLog("jobs").warning("Took up {count} jobs of a node that is gone", { count: orphans.length });
}

const ORPHANED = "The process that ran it ended";

async function countQueue({ database, clock, metrics }: JobsDeps): Promise<void> {
  for (const [state, count] of await countJobs(database, clock.now())) {
    metrics.jobsQueueDepth.set({ state }, count);
  }
}
