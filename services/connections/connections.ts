/**
 * Clouds of device makers that a person connected: consent by OAuth 2 with PKCE, pulls by jobs, and
 * the end of it. What is pulled takes the way of any sync.
 *
 * @module
 */

import type {
  ConnectedProvider,
  Connection,
  ConnectionCallback,
  ConnectionStart,
  StravaEvent,
} from "@/contracts/connections.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { createSealer, type Sealer } from "@/platform/sealing.ts";
import { createToken, isSameSecret } from "@/platform/token.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { completeConnection, startConnection } from "./connection_consent.ts";
import { eventJob, registerConnectionJobs, sweepJob } from "./connection_jobs.ts";
import { readConnections, toConnection } from "./connection_rows.ts";
import type { FitnessService } from "../activity/fitness.ts";
import type { FitnessProvider } from "./fitness_provider.ts";
import type { JobsService } from "../jobs/jobs.ts";
import type { NoticesService } from "../notices.ts";

export interface ConnectionsService {
  /** Every provider, connected or not, of the signed-in person. */
  list(actor: Actor): Promise<Connection[]>;
  /** Begins a connection. Fails with `NOT_FOUND` where this server is not set up for the provider. */
  connect(actor: Actor, provider: ConnectedProvider): Promise<ConnectionStart>;
  /**
   * Takes what the provider sent the person back with; the actor must be who began. Fails with
   * `VALIDATION_ERROR` for a state that is used, late or another's, for a code that the provider
   * refuses, and where the person declined; with `CONFLICT` where the account there is connected
   * to somebody else here.
   */
  complete(
    actor: Actor,
    provider: ConnectedProvider,
    callback: ConnectionCallback,
  ): Promise<Connection>;
  /** Ends it here at once, at the provider by a job. Fails with `NOT_FOUND`. */
  revoke(actor: Actor, provider: ConnectedProvider): Promise<void>;
  /** Whether the token is the one that Strava was told; null where there is none. */
  isStravaToken(token: string): boolean;
  /** Notes what happened at Strava for a job, which asks Strava whether it is so. */
  onStravaEvent(event: StravaEvent): Promise<void>;
}

/** What the operator set up. */
export interface ConnectionsSetup {
  providers: readonly FitnessProvider[];
  sealer: Sealer;
  /** Scheme and host of this server. */
  publicUrl: string;
  /** What Strava's webhook must prove itself with; undefined: no webhook. */
  stravaVerifyToken?: string | undefined;
}

/** Of a server where nothing is set up. */
export function noProviders(): ConnectionsSetup {
  return { providers: [], sealer: createSealer([createToken()]), publicUrl: "" };
}

export interface ConnectionsDeps extends ConnectionsSetup {
  database: Database;
  fitness: Pick<FitnessService, "sync" | "removeActivity">;
  jobs: Pick<JobsService, "enqueue" | "handle" | "schedule">;
  notices: Pick<NoticesService, "tell">;
  clock: Clock;
  newId: IdGenerator;
}

/** How often what is due is looked for; a pull itself comes again less often. */
const SWEEP_EVERY_MS = 5 * MINUTE_MS;

export function createConnectionsService(deps: ConnectionsDeps): ConnectionsService {
  registerConnectionJobs(deps);
  deps.jobs.schedule({
    name: "connections.sweep",
    kind: sweepJob,
    payload: {},
    everyMs: SWEEP_EVERY_MS,
  });
  return {
    list: (actor) => listConnections(deps, actor),
    connect: (actor, provider) => startConnection(deps, actor, provider),
    complete: (actor, provider, callback) => completeConnection(deps, actor, provider, callback),
    revoke: (actor, provider) => revoke(deps, actor, provider),
    isStravaToken(token) {
      const { stravaVerifyToken: expected } = deps;
      return expected !== undefined && isSameSecret(token, expected);
    },
    onStravaEvent: (event) => noteEvent(deps, event),
  };
}

async function listConnections(deps: ConnectionsDeps, actor: Actor): Promise<Connection[]> {
  const { userId } = checkSignedIn(actor);
  return toConnection(deps, await readConnections(deps.database, userId));
}

async function revoke(deps: ConnectionsDeps, actor: Actor, provider: string): Promise<void> {
  const { userId } = checkSignedIn(actor);
  await deps.database.transaction(async (tx) => {
    const { count: ended } = await tx.sql`
      update connections set status = 'revoking', next_pull_at = ${deps.clock.now()}, failures = 0
      where user_id = ${userId} and provider = ${provider} and status = 'active'`;
    const { count: removed } = await tx.sql`
      delete from connections
      where user_id = ${userId} and provider = ${provider} and status = 'needs_reconnect'`;
    if (ended + removed === 0) {
      throw new DomainError("NOT_FOUND", `Cannot end the connection "${provider}": there is none`);
    }
    if (ended > 0) await deps.jobs.enqueue(tx, sweepJob, {}, { key: "connections.sweep.now" });
  }, { name: "connections.revoke" });
}

/**
 * Strava signs nothing, so an event is a hint and no more: what it says is asked for with the
 * athlete's own token. One of an athlete whom nobody here is, is passed over.
 */
async function noteEvent(deps: ConnectionsDeps, event: StravaEvent): Promise<void> {
  const isActivity = event.object_type === "activity";
  const workoutId = isActivity ? String(event.object_id) : null;
  await deps.database.transaction(async (tx) => {
    const [row] = await tx.sql<{ id: string }[]>`
      select id from connections where provider = 'strava'
        and account_id = ${String(event.owner_id)} and status = 'active'`;
    if (!row) return;
    const key = `connections.event:${row.id}:${workoutId ?? "account"}`;
    await deps.jobs.enqueue(tx, eventJob, { connectionId: row.id, workoutId }, { key });
  }, { name: "connections.event" });
}
