/** Turns what comes again into jobs, once for all nodes. */

import { lastDueAt } from "./job_kinds.ts";
import type { JobRegistry } from "./job_registry.ts";
import { ATTEMPTS_MAX, type JobsDeps } from "./jobs.ts";

/**
 * Enqueues each schedule whose newest turn nobody has enqueued. The row of a schedule decides the
 * race of two nodes; a new schedule starts with the turn that is running.
 */
export async function enqueueSchedules(
  { database, clock }: Pick<JobsDeps, "database" | "clock">,
  registry: JobRegistry,
): Promise<void> {
  const now = clock.now();
  const due = registry.schedules.map((schedule) => ({
    name: schedule.name,
    dueAt: new Date(lastDueAt(schedule, now)).toISOString(),
    job: schedule.kind.name,
    payload: schedule.kind.payload.parse(schedule.payload),
    attemptsMax: schedule.kind.attemptsMax ?? ATTEMPTS_MAX,
  }));
  if (due.length === 0) return;
  await database.sql`
    with due as (
      select * from jsonb_to_recordset(${JSON.stringify(due)}::text::jsonb)
        as d(name text, "dueAt" timestamptz, job text, payload json, "attemptsMax" integer)
    ), turns as (
      insert into job_schedules as s (name, due_at) select name, "dueAt" from due order by name
      on conflict (name) do update set due_at = excluded.due_at where s.due_at < excluded.due_at
      returning s.name
    )
    select graphile_worker.add_job(identifier => job, payload => payload, run_at => "dueAt",
      max_attempts => "attemptsMax", job_key => 'schedule:' || name)
    from due join turns using (name)`;
}
