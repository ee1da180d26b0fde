/** What connections have done in the background: pulls, events, and ending them at the provider. */

import { z } from "zod";
import { DomainError } from "@/domain/error.ts";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import { importNews, removeWorkout } from "./connection_news.ts";
import { backoffMs, pullConnection } from "./connection_pull.ts";
import { lockConnection, openTokens, providerOf, readActive } from "./connection_rows.ts";
import { accessTokens } from "./connection_tokens.ts";
import type { ConnectionsDeps } from "./connections.ts";
import { jobKind, type RunningJob } from "../jobs/job_kinds.ts";

const OfConnection = z.object({ connectionId: z.uuid() });
const OfEvent = OfConnection.extend({
  /** The session that changed; null: the access itself may have ended. */
  workoutId: z.string().nullable(),
});

/** Finds what is due. */
export const sweepJob = jobKind({ name: "connections.sweep", payload: z.object({}) });
/** Fetches what is new; what fails is due again by its own reckoning, so that one try suffices. */
export const pullJob = jobKind({
  name: "connections.pull",
  payload: OfConnection,
  attemptsMax: 3,
});
/** Looks at one session that changed. */
export const eventJob = jobKind({ name: "connections.event", payload: OfEvent });
/** Ends an access at the provider. */
export const endJob = jobKind({ name: "connections.end", payload: OfConnection, attemptsMax: 3 });

/** Of pulls that wait for one connection only one stands. */
export function pullKey(connectionId: string): string {
  return `connections.pull:${connectionId}`;
}

/** Jobs of one sweep; the rest is due at the next. */
const SWEEP_MAX = 1000;

/** After so many failures the provider is left alone with a token that ends by itself. */
const END_FAILURES_MAX = 10;

export function registerConnectionJobs(deps: ConnectionsDeps): void {
  const { jobs } = deps;
  jobs.handle(sweepJob, () => sweep(deps));
  jobs.handle(pullJob, async ({ connectionId }, { signal }) => {
    const goesOn = await pullConnection(deps, connectionId, signal);
    if (!goesOn) return;
    await deps.database.transaction(async (tx) => {
      await jobs.enqueue(tx, pullJob, { connectionId }, { key: pullKey(connectionId) });
    }, { name: "connections.pull" });
  });
  jobs.handle(eventJob, (event, job) => onEvent(deps, event, job));
  jobs.handle(endJob, ({ connectionId }) => endConnection(deps, connectionId));
}

async function sweep({ database, jobs, clock }: ConnectionsDeps): Promise<void> {
  const due = await database.sql<{ id: string; isEnding: boolean }[]>`
    select id, status = 'revoking' as "isEnding" from connections
    where status <> 'needs_reconnect' and next_pull_at <= ${clock.now()}
    order by next_pull_at limit ${SWEEP_MAX}`;
  if (due.length === 0) return;
  await database.transaction(async (tx) => {
    for (const { id: connectionId, isEnding } of due) {
      const [kind, key] = isEnding
        ? [endJob, `connections.end:${connectionId}`] as const
        : [pullJob, pullKey(connectionId)] as const;
      await jobs.enqueue(tx, kind, { connectionId }, { key });
    }
  }, { name: "connections.sweep" });
}

async function onEvent(
  deps: ConnectionsDeps,
  { connectionId, workoutId }: z.infer<typeof OfEvent>,
  { signal }: RunningJob,
): Promise<void> {
  const row = await readActive(deps.database, connectionId);
  const tokens = row && await accessTokens(deps, connectionId);
  if (!row || !tokens) return;
  const { accessToken } = tokens;
  // Whether the access ended shows when a new token is asked for.
  if (workoutId === null) return void await accessTokens(deps, connectionId, accessToken);
  const provider = providerOf(deps, row.provider);
  const now = deps.clock.now();
  try {
    const workout = await provider.readWorkout?.({ accessToken, workoutId, now, signal });
    if (workout === undefined) return;
    if (workout === null) return await removeWorkout(deps, row, workoutId);
    await importNews(deps, row, { records: [], workouts: [workout] });
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    await afterFault(deps, { connectionId, workoutId }, accessToken, error);
  }
}

/** The event waits for the quota; a rejected token is tried once more, anew. */
async function afterFault(
  deps: ConnectionsDeps,
  event: z.infer<typeof OfEvent>,
  accessToken: string,
  fault: ProviderFault,
): Promise<void> {
  const { connectionId, workoutId } = event;
  if (fault.kind === "refused") throw fault;
  if (fault.kind === "unauthorised" && !await accessTokens(deps, connectionId, accessToken)) return;
  const runAt = fault.until ?? deps.clock.now() + MINUTE_MS;
  const key = `connections.event:${connectionId}:${workoutId ?? "account"}`;
  await deps.database.transaction(async (tx) => {
    await deps.jobs.enqueue(tx, eventJob, event, { key, runAt });
  }, { name: "connections.event" });
}

/** Tells the provider, then forgets the connection; keeps trying for half a day. */
async function endConnection(deps: ConnectionsDeps, connectionId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const row = await lockConnection(tx, connectionId);
    if (row?.status !== "revoking") return;
    const failure = await failureOf(async () => {
      await providerOf(deps, row.provider).revoke(openTokens(deps, row));
    });
    const isAway = failure instanceof DomainError && failure.code !== "NOT_FOUND" ||
      failure instanceof ProviderFault && failure.kind === "quota";
    if (!isAway || row.failures + 1 >= END_FAILURES_MAX) {
      await tx.sql`delete from connections where id = ${connectionId}`;
      return;
    }
    await tx.sql`
      update connections set failures = failures + 1,
        next_pull_at = ${deps.clock.now() + backoffMs(row.failures + 1)}
      where id = ${connectionId}`;
  }, { name: "connections.end" });
}

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}
