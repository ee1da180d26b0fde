/** The kinds of jobs that this release knows, with their handlers, and what comes again. */

import type { JobHandler, JobKind, JobSchedule, RunningJob } from "./job_kinds.ts";

export class JobRegistry {
  readonly #handlers = new Map<string, (payload: unknown, job: RunningJob) => Promise<void>>();
  readonly #schedules = new Map<string, JobSchedule<object>>();

  handle<P extends object>(kind: JobKind<P>, handler: JobHandler<P>): void {
    if (this.#handlers.has(kind.name)) {
      throw new RangeError(`Cannot handle job "${kind.name}": it has a handler`);
    }
    this.#handlers.set(kind.name, (payload, job) => handler(kind.payload.parse(payload), job));
  }

  schedule<P extends object>(schedule: JobSchedule<P>): void {
    if (this.#schedules.has(schedule.name)) {
      throw new RangeError(`Cannot schedule "${schedule.name}": it is scheduled`);
    }
    this.#schedules.set(schedule.name, schedule);
  }

  get names(): string[] {
    return [...this.#handlers.keys()];
  }

  get schedules(): JobSchedule<object>[] {
    return [...this.#schedules.values()];
  }

  /** Does a job of the queue. */
  async run(name: string, payload: unknown, job: RunningJob): Promise<void> {
    const run = this.#handlers.get(name);
    if (!run) throw new RangeError(`Cannot run job "${name}": no handler`);
    await run(payload, job);
  }
}
