/** A pull: page by page, each stored before the next is asked for, within the quota of the app. */

import { DomainError } from "@/domain/error.ts";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { type EpochMs, HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import { SealError } from "@/platform/sealing.ts";
import { importNews } from "./connection_news.ts";
import { type ConnectionRow, providerOf, readActive } from "./connection_rows.ts";
import { accessTokens, endUnusable } from "./connection_tokens.ts";
import type { ConnectionsDeps } from "./connections.ts";
import type { PulledPage } from "./fitness_provider.ts";

/** Between pulls of what is up to date; webhooks tell sooner. */
export const PULL_EVERY_MS = HOUR_MS;

/** Pages of one job; a first pull goes on in the next, so that others get their turn. */
const PAGES_MAX = 10;

/** Those who wait for the quota do not all come back in the same second. */
const SPREAD_MS = 2 * MINUTE_MS;

/** While nodes restart one by one with a new key, others lack it; after some hours it is lost. */
const KEY_FAILURES_MAX = 8;

/** The longest pause after failures. */
const BACKOFF_MAX_MS = 6 * HOUR_MS;
const DOUBLINGS_MAX = 10;

/** Pulls until everything is there; true where there is more than one job should do. */
export async function pullConnection(
  deps: ConnectionsDeps,
  connectionId: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    signal.throwIfAborted();
    const row = await readActive(deps.database, connectionId);
    if (row === undefined) return false;
    const step = await pullPage(deps, row, signal);
    if (step !== "more") return false;
  }
  return true;
}

async function pullPage(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  signal: AbortSignal,
): Promise<"more" | "done"> {
  const pausedUntil = await readPause(deps, row.provider);
  if (pausedUntil !== null) return await defer(deps, row, pausedUntil);
  try {
    const page = await askPage(deps, row, signal);
    if (page === null) return "done";
    await importNews(deps, row, page);
    return await advance(deps, row, page);
  } catch (error) {
    if (signal.aborted) throw error;
    return await afterFailure(deps, row, error);
  }
}

/** Asks with a token, and once more with a new one where that was rejected. */
async function askPage(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  signal: AbortSignal,
): Promise<PulledPage | null> {
  const provider = providerOf(deps, row.provider);
  let rejected: string | undefined;
  for (let tries = 0; tries < 2; tries++) {
    const tokens = await accessTokens(deps, row.id, rejected);
    if (tokens === null) return null;
    const { accessToken } = tokens;
    const { cursor, pullFrom: since } = row;
    try {
      const now = deps.clock.now();
      return await provider.pull({ accessToken, cursor, since, now, signal });
    } catch (error) {
      if (!(error instanceof ProviderFault && error.kind === "unauthorised")) throw error;
      rejected = accessToken;
    }
  }
  if (rejected !== undefined) await endUnusable(deps, row.id, "revoked", rejected);
  return null;
}

/** Notes how far it came; what failed after this goes on from here. */
async function advance(
  deps: ConnectionsDeps,
  { id, provider }: ConnectionRow,
  { next, isLast, pauseUntil }: PulledPage,
): Promise<"more" | "done"> {
  const now = deps.clock.now();
  await deps.database.sql`
    update connections set cursor = ${
    JSON.stringify(next)
  }::text::jsonb, failures = 0, fault = null,
      last_pull_at = case when ${isLast} then ${now} else last_pull_at end,
      next_pull_at = ${isLast ? now + PULL_EVERY_MS : now}
    where id = ${id}`;
  if (pauseUntil !== undefined) await pause(deps, provider, pauseUntil);
  return isLast ? "done" : "more";
}

async function afterFailure(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  error: unknown,
): Promise<"done"> {
  if (error instanceof ProviderFault) {
    if (error.until !== undefined) {
      await pause(deps, row.provider, error.until);
      return await defer(deps, row, error.until);
    }
    return await fail(deps, row, error.kind);
  }
  if (error instanceof SealError) {
    if (row.failures + 1 < KEY_FAILURES_MAX) return await fail(deps, row, "key_lost");
    await endUnusable(deps, row.id, "key_lost");
    return "done";
  }
  if (error instanceof DomainError && AWAY.includes(error.code)) {
    return await fail(deps, row, "unavailable");
  }
  throw error;
}

const AWAY: readonly string[] = ["SERVICE_UNAVAILABLE", "CIRCUIT_OPEN"];

async function fail(
  { database: { sql }, clock }: ConnectionsDeps,
  { id, failures }: ConnectionRow,
  fault: string,
): Promise<"done"> {
  await sql`
    update connections set failures = failures + 1, fault = ${fault},
      next_pull_at = ${clock.now() + backoffMs(failures + 1)}
    where id = ${id} and status = 'active'`;
  return "done";
}

/** The pause after so many failures: two minutes, four, eight … up to six hours.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backoffMs } from "@/services/connections/connection_pull.ts";
 *
 * assertEquals([1, 3, 100].map(backoffMs), [120_000, 480_000, 21_600_000]);
 * ```
 */
export function backoffMs(failures: number): number {
  return Math.min(BACKOFF_MAX_MS, 2 ** Math.min(failures, DOUBLINGS_MAX) * MINUTE_MS);
}

/** Waits for the quota, which is nobody's failure. */
async function defer(
  { database: { sql } }: ConnectionsDeps,
  { id }: ConnectionRow,
  until: EpochMs,
): Promise<"done"> {
  await sql`
    update connections set fault = 'quota', next_pull_at = ${until + spreadOf(id)}
    where id = ${id} and status = 'active'`;
  return "done";
}

/** The same for the same connection, even over all. */
function spreadOf(id: string): number {
  return Number.parseInt(id.slice(-6), 16) % SPREAD_MS;
}

async function readPause(
  { database: { sql }, clock }: ConnectionsDeps,
  provider: string,
): Promise<EpochMs | null> {
  const [row] = await sql<{ until: EpochMs }[]>`
    select until from provider_pauses
    where provider = ${provider} and until > ${clock.now()}`;
  return row?.until ?? null;
}

async function pause(
  { database: { sql } }: ConnectionsDeps,
  provider: string,
  until: EpochMs,
): Promise<void> {
  await sql`
    insert into provider_pauses as p (provider, until) values (${provider}, ${until})
    on conflict (provider) do update set until = greatest(p.until, excluded.until)`;
}
