/** What a job is: its name, what it is given, and who does it. */

import type { z } from "zod";

/** A kind of job. Whoever enqueues needs only this; the handler is registered where it is wired. */
export interface JobKind<P extends object> {
  /** Dotted verb, e.g. `competition.finalise`; kept in the queue, so it must outlive releases. */
  readonly name: string;
  /** What a payload holds: ids rather than what they stand for, since it may wait for months. */
  readonly payload: z.ZodType<P>;
  /** Tries before it is given up; `ATTEMPTS_MAX` when absent. */
  readonly attemptsMax?: number;
}

/** Makes a kind, with the type of its payload from the schema. */
export function jobKind<P extends object>(kind: JobKind<P>): JobKind<P> {
  return kind;
}

/** The run of a job. */
export interface RunningJob {
  readonly id: string;
  /** 1 at the first try. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
  /** Aborts some seconds after the node began to stop: end then by throwing, another try follows. */
  readonly signal: AbortSignal;
}

/**
 * Does a job. It may run again after it did its work (the process died before that was noted), so
 * what it does twice must be as done once. Throwing means: again later.
 */
export type JobHandler<P extends object> = (payload: P, job: RunningJob) => Promise<void>;

/** A job that comes again: at `offsetMs` after each multiple of `everyMs` since the epoch (UTC). */
export interface JobSchedule<P extends object> {
  /** Unique, kept in the database. */
  readonly name: string;
  readonly kind: JobKind<P>;
  readonly payload: P;
  readonly everyMs: number;
  readonly offsetMs?: number;
}

/**
 * The newest instant at which a schedule was due.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lastDueAt } from "@/services/jobs/job_kinds.ts";
 *
 * const nightly = { everyMs: 86_400_000, offsetMs: 3 * 3_600_000 };
 * const noon = Date.UTC(2026, 4, 2, 12);
 * assertEquals(lastDueAt(nightly, noon), Date.UTC(2026, 4, 2, 3));
 * assertEquals(lastDueAt(nightly, Date.UTC(2026, 4, 2, 2)), Date.UTC(2026, 4, 1, 3));
 * ```
 */
export function lastDueAt(
  { everyMs, offsetMs = 0 }: Pick<JobSchedule<object>, "everyMs" | "offsetMs">,
  now: number,
): number {
  return Math.floor((now - offsetMs) / everyMs) * everyMs + offsetMs;
}
