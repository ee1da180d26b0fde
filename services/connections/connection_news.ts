/** What of a pulled page is new: pulls overlap, and what is known needs no import of its own. */

import { type ImportResult, SyncRequest } from "@/contracts/fitness.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { ConnectionRow } from "./connection_rows.ts";
import type { ConnectionsDeps } from "./connections.ts";
import type { PulledPage } from "./fitness_provider.ts";
import { checkRecord, contentHash, type IncomingRecord } from "../activity/fitness_record.ts";
import { readSync } from "../activity/fitness_sync.ts";

/** Imports what is new of a page as a sync of the athlete; null where nothing is. */
export async function importNews(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  page: Pick<PulledPage, "records" | "workouts">,
): Promise<ImportResult | null> {
  const { provider } = row;
  const { records, workouts } = page;
  const incoming = readSync(SyncRequest.parse({ provider, records, workouts }))
    .map((record) => checkRecord(record, deps.clock.now()));
  const known = await readHashes(deps, row, incoming);
  const isNew = incoming.map((one) => isNews(one, known, row.lastPullAt));
  if (!isNew.includes(true)) return null;
  return await deps.fitness.sync(
    athleteOf(row),
    SyncRequest.parse({
      provider,
      records: records.filter((_, index) => isNew[index]),
      workouts: workouts.filter((_, index) => isNew[records.length + index]),
    }),
  );
}

function isNews(
  { identity, record, read }: IncomingRecord,
  known: ReadonlyMap<string, string>,
  lastPullAt: EpochMs | null,
): boolean {
  if (record.kind !== "rejected") return known.get(identity) !== contentHash(record).toHex();
  // What was rejected is stored nowhere, and was told when it came first.
  return lastPullAt === null || read === undefined
    ? lastPullAt === null
    : read.endedAt > lastPullAt;
}

async function readHashes(
  { database: { sql } }: ConnectionsDeps,
  { userId, provider }: ConnectionRow,
  incoming: readonly IncomingRecord[],
): Promise<Map<string, string>> {
  const identities = incoming.map(({ identity }) => identity);
  const rows = await sql<{ identity: string; hash: Uint8Array }[]>`
    select identity, content_hash as hash from activities
    where user_id = ${userId} and provider = ${provider} and deleted_at is null
      and identity = any(${identities})
    union all
    select identity, content_hash from samples
    where user_id = ${userId} and provider = ${provider} and deleted_at is null
      and identity = any(${identities})`;
  return new Map(rows.map(({ identity, hash }) => [identity, hash.toHex()]));
}

/** The session at the provider is gone, or hidden from us: so is ours. */
export async function removeWorkout(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  workoutId: string,
): Promise<void> {
  const [found] = await deps.database.sql<{ id: string }[]>`
    select id from activities where user_id = ${row.userId} and provider = ${row.provider}
      and identity = ${`workout:${workoutId}`} and deleted_at is null and replaced_at is null`;
  if (found) await deps.fitness.removeActivity(athleteOf(row), found.id);
}

/** The athlete, by what they agreed to when they connected: nothing but their own activity. */
function athleteOf({ id, userId }: ConnectionRow): UserActor {
  return {
    kind: "user",
    userId,
    role: "member",
    sessionId: id,
    via: "api",
    expiresAt: Number.MAX_SAFE_INTEGER,
    requestId: null,
    address: null,
  };
}
