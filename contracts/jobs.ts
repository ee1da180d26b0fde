/** Background jobs, as admins see them. */

import { z } from "zod";
import { Instant, PageQuery } from "./envelope.ts";

/** Ready: due, waits for a node. Scheduled: due later, also for another try. Failed: given up. */
export const JOB_STATES = ["ready", "scheduled", "running", "failed"] as const;
export type JobState = typeof JOB_STATES[number];

const JobStateField = z.enum(JOB_STATES).meta({
  id: "JobState",
  description:
    "ready: due; scheduled: due later, also for another try; running; failed: given up, waits for somebody to look",
});

/** One job of the queue; one that succeeded is gone. */
export const JobRow = z.object({
  id: z.string().meta({ description: "The job's number", example: "4711" }),
  name: z.string().meta({ description: "What it does", example: "competition.finalise" }),
  key: z.string().nullable().meta({
    description: "Under which it can be replaced or taken back",
    example: "competition.finalise:0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
  state: JobStateField,
  runAt: Instant.describe("When it is due"),
  attempts: z.int().meta({ description: "Tries begun", example: 2 }),
  attemptsMax: z.int().meta({ description: "Tries before it is given up", example: 10 }),
  lastError: z.string().nullable().meta({
    description: "What went wrong at the last try",
    example: "Cannot reach the database: no answer in time",
  }),
  createdAt: Instant.describe("When it was enqueued"),
  startedAt: Instant.nullable().describe("When the running try began"),
}).meta({ id: "Job", description: "One background job" });
export type JobRow = z.infer<typeof JobRow>;

export const JobQuery = PageQuery.extend({
  state: JobStateField.optional().describe("Only jobs in this state"),
  name: z.string().max(80).optional().meta({
    description: "Only jobs that do this",
    example: "competition.finalise",
  }),
});
export type JobQuery = z.infer<typeof JobQuery>;

/** A job's number, as PostgreSQL's `bigint` takes it. */
export const JobId = z.string().regex(/^[1-9]\d{0,17}$/, "Not the number of a job").meta({
  description: "The job's number",
  example: "4711",
});
