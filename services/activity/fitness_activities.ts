/** An athlete's stored sessions: read, corrected, removed; each change scores anew what used them. */

import type {
  Activity,
  ActivityChange,
  ActivityDetail,
  ActivityEffect,
  ActivityQuery,
} from "@/contracts/activities.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Tx } from "@/db/client.ts";
import type { activities } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import type { ActivityType } from "@/domain/activity.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSelfOrAdmin } from "../accounts/access.ts";
import { ALL_QUANTITIES, QUANTITY_COLUMNS } from "./activity_facts.ts";
import { lockAthlete } from "./activity_scores.ts";
import type { FitnessDeps } from "./fitness.ts";
import { readDoubles } from "./fitness_doubles.ts";
import { ofThisImport } from "./fitness_effects.ts";
import { toValues } from "./fitness_record.ts";

type ActivityRow = typeof activities.$inferSelect;

/** The session as the athlete and admins see it. */
export async function getActivity(
  deps: FitnessDeps,
  actor: Actor,
  activityId: string,
): Promise<ActivityDetail> {
  return await deps.database.transaction(async (tx) => {
    const row = await findActivity(tx, activityId);
    checkSelfOrAdmin(actor, row.userId, "fitness:read");
    const span = { startsAt: row.startedAt, endsAt: row.endedAt };
    const group = (await readDoubles(tx, row.userId, span)).get(row.id) ?? [];
    return {
      ...toActivity(row),
      doubles: await readActivities(tx, group.filter((id) => id !== row.id)),
      competitions: await explain(deps, tx, row),
    };
  }, { name: "fitness.activity" });
}

/** The athlete's sessions, the latest first. */
export async function listActivities(
  { database: { sql } }: FitnessDeps,
  actor: Actor,
  userId: string,
  query: ActivityQuery,
): Promise<Page<Activity>> {
  checkSelfOrAdmin(actor, userId, "fitness:read");
  const { page, page_size: pageSize, type, from, to, provider } = query;
  const where = sql`
    user_id = ${userId} and deleted_at is null
    ${type === undefined ? sql`` : sql`and coalesce(corrected_type, type) = ${type}`}
    ${from === undefined ? sql`` : sql`and ended_at >= ${from}`}
    ${to === undefined ? sql`` : sql`and started_at < ${to}`}
    ${provider === undefined ? sql`` : sql`and provider = ${provider}`}`;
  const [counted] = await sql<{ total: number }[]>`
    select count(*)::integer as total from activities where ${where}`;
  const rows = await sql<{ id: string }[]>`
    select id from activities where ${where}
    order by ended_at desc, id limit ${pageSize} offset ${(page - 1) * pageSize}`;
  const items = await readActivities({ sql }, rows.map(({ id }) => id));
  return { items, page, pageSize, total: counted!.total };
}

/** Takes the athlete's word on the type of a session, or on which of its records counts. */
export async function changeActivity(
  deps: FitnessDeps,
  actor: Actor,
  activityId: string,
  change: ActivityChange,
): Promise<ActivityDetail> {
  await alter(deps, actor, activityId, "activity.change", async (tx, row) => {
    const { type = row.correctedType ?? row.type, isChosen } = change;
    if (isChosen) await letGoOfChoice(tx, row);
    const chosenAt = isChosen === undefined ? row.chosenAt : isChosen ? deps.clock.now() : null;
    await tx.sql`
      update activities set corrected_type = nullif(${type}, type), chosen_at = ${chosenAt}
      where id = ${row.id}`;
  });
  return await getActivity(deps, actor, activityId);
}

/** Of one session one record may be chosen. */
async function letGoOfChoice(tx: Tx, row: ActivityRow): Promise<void> {
  const span = { startsAt: row.startedAt, endsAt: row.endedAt };
  const group = (await readDoubles(tx, row.userId, span)).get(row.id) ?? [];
  await tx.sql`
    update activities set chosen_at = null
    where id = any(${[...group]}::uuid[]) and chosen_at is not null`;
}

/** Removes a session from everything that used it; its identity is free again. */
export async function removeActivity(
  deps: FitnessDeps,
  actor: Actor,
  activityId: string,
): Promise<void> {
  await alter(deps, actor, activityId, "activity.remove", async (tx, row) => {
    await tx.sql`
      update activities set deleted_at = ${deps.clock.now()}, replaced_at = null
      where id = ${row.id}`;
    // Who takes a record back takes back its earlier versions too, also where these still counted.
    await tx.sql`
      update activities set replaced_at = null
      where user_id = ${row.userId} and provider = ${row.provider}
        and identity = ${row.identity} and replaced_at is not null`;
  });
}

async function alter(
  deps: FitnessDeps,
  actor: Actor,
  activityId: string,
  reason: string,
  write: (tx: Tx, row: ActivityRow) => Promise<void>,
): Promise<void> {
  const committed = await deps.database.transaction(async (tx) => {
    const { userId } = await findActivity(tx, activityId);
    checkSelfOrAdmin(actor, userId, "fitness:write");
    await lockAthlete(tx, userId);
    const row = await findActivity(tx, activityId);
    await write(tx, row);
    const span = { startsAt: row.startedAt, endsAt: row.endedAt };
    const scores = await deps.activityScores.rescoreAthlete(
      tx,
      { userId, span, recordIds: [row.id] },
      { actor, reason },
    );
    return scores.flatMap(({ committed }) => committed ? [committed] : []);
  }, { name: "fitness.alter" });
  await Promise.all(committed.map((change) => deps.boards.committed(change.locked.id, change)));
  deps.onScores?.(committed.reduce((sum, change) => sum + change.scores.length, 0));
}

async function findActivity(tx: Tx, activityId: string): Promise<ActivityRow> {
  const [row] = await readRows(tx, [activityId]);
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find activity "${activityId}": there is none`);
}

type Reader = { sql: Tx["sql"] | FitnessDeps["database"]["sql"] };

export async function readActivities(reader: Reader, ids: readonly string[]): Promise<Activity[]> {
  const rows = new Map((await readRows(reader, ids)).map((row) => [row.id, toActivity(row)]));
  return ids.flatMap((id) => rows.get(id) ?? []);
}

async function readRows({ sql }: Reader, ids: readonly string[]): Promise<ActivityRow[]> {
  return await sql<ActivityRow[]>`
    select id, user_id as "userId", import_id as "importId", provider, identity, type,
      corrected_type as "correctedType", chosen_at as "chosenAt", started_at as "startedAt",
      ended_at as "endedAt", zone_offset_minutes as "zoneOffsetMinutes",
      distance_mm as "distanceMm", moving_time_ms as "movingTimeMs",
      active_energy_cal as "activeEnergyCal", elevation_gain_mm as "elevationGainMm", steps,
      floors, recording_method as "recordingMethod", source_app as "sourceApp",
      source_device as "sourceDevice", arrived_at as "arrivedAt"
    from activities where id = any(${[...ids]}::uuid[]) and deleted_at is null`;
}

function toActivity(row: ActivityRow): Activity {
  const values = ALL_QUANTITIES.flatMap((quantity) => {
    const value = row[QUANTITY_COLUMNS[quantity]];
    return value === null ? [] : [[quantity, value] as const];
  });
  return {
    id: row.id,
    userId: row.userId,
    type: (row.correctedType ?? row.type) as ActivityType,
    recordedType: row.type as ActivityType,
    startedAt: new Date(row.startedAt).toISOString(),
    endedAt: new Date(row.endedAt).toISOString(),
    zoneOffsetMinutes: row.zoneOffsetMinutes,
    values: toValues(Object.fromEntries(values)),
    provider: row.provider,
    app: row.sourceApp,
    device: row.sourceDevice,
    recordingMethod: row.recordingMethod,
    importId: row.importId,
    arrivedAt: new Date(row.arrivedAt).toISOString(),
    isChosen: row.chosenAt !== null,
  };
}

/** What counts of the session in each competition that the athlete entered and it touches. */
async function explain(deps: FitnessDeps, tx: Tx, row: ActivityRow): Promise<ActivityEffect[]> {
  const scores = await deps.activityScores.explainAthlete(tx, {
    userId: row.userId,
    span: { startsAt: row.startedAt, endsAt: row.endedAt },
    recordIds: [row.id],
  });
  return scores.map(({ competition: { id, slug, name }, computed }) => {
    const { counted, excluded } = ofThisImport(computed, new Map([[row.id, 0]]));
    return {
      ...{ competitionId: id, slug, name },
      counted: counted.reduce((sum, { amount }) => sum + amount, 0),
      excluded: excluded.map(({ recordIndex: _, ...part }) => part),
    };
  });
}
